'use strict';
// The checkout's step in a browser: what Magento brings is as small as can be, Knockout and RequireJS are the real ones.
(function () {
    const body = document.body;
    const say = (name, value) => body.setAttribute('data-' + name, value);
    const gone = [];
    let violations = 0;

    document.addEventListener('securitypolicyviolation', () => { violations++; });
    window.checkoutConfig = body.dataset.config ? JSON.parse(body.dataset.config) : { payment: { kassette: {
        redirectPath: 'kassette/redirect',
        test: true,
        methods: [
            { id: 'ideal', title: 'iDEAL', options: [{ id: 'b1', title: 'First Bank' }, { id: 'b2', title: 'Second Bank' }], logo: 'data:image/svg+xml;base64,' + btoa('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="40"/>') },
            { id: 'card', title: 'Card', logo: '', options: [] }
        ]
    } } };
    window.requirejs.config({ baseUrl: body.dataset.web, paths: { 'Kassette_Payment': '.', 'ko': body.dataset.knockout } });

    // theirs is Magento's own component: what the template and ours ask of it.
    function theirs(ko, members) {
        const base = {
            initialize() { return this; },
            item: { method: 'kassette' },
            getCode: () => 'kassette',
            getTitle: () => 'Pay online',
            isChecked: ko.observable('kassette'),
            isRadioButtonVisible: () => true,
            selectPaymentMethod: () => true,
            isPlaceOrderActionAllowed: ko.observable(true),
            getRegion: () => [],
            getBillingAddressFormName: () => 'billing-address-form-kassette',
            placeOrder() {
                say('sent', JSON.stringify(this.getData().additional_data));
                this.afterPlaceOrder();
            }
        };
        const one = Object.assign(Object.create(base), members.defaults, members, { _super() {} });
        one.afterPlaceOrder = members.afterPlaceOrder.bind(one);
        one.placeOrder = base.placeOrder.bind(one);
        return one.initialize();
    }

    window.define('mage/url', [], () => ({ build: (path) => {
        gone.push('https://shop.example/' + path);
        return '#gone';
    } }));
    window.define('Magento_Checkout/js/view/payment/default', ['ko'], (ko) => ({ extend: (members) => () => theirs(ko, members) }));
    window.requirejs(['ko', 'Kassette_Payment/js/view/payment/method-renderer/redirect'], (ko, Renderer) => {
        ko.bindingHandlers.i18n = { init: (element, value) => { element.textContent = value(); } };
        const find = (selector) => Array.from(document.querySelectorAll(selector));
        const renderer = Renderer();
        renderer.$t = (text) => text;
        const page = { renderer, getRegion: () => [] };
        ko.applyBindings(Object.assign(page, { $t: renderer.$t }), document.getElementById('step'));

        say('seen', find('strong, legend span, .payment-method-content .choice .label span, button span').map((one) => one.textContent).join('|'));
        const logos = find('img');
        document.getElementById('kassette_ideal').click();
        if (location.hash === '#look') {
            return; // for a picture: nothing is pressed
        }
        const select = document.getElementById('kassette_option');
        say('options', Array.from(select.options).map((one) => one.textContent).join('|'));
        select.value = 'b2';
        select.dispatchEvent(new Event('change'));
        say('labelled', find('input, select').every((one) => one.labels.length === 1) ? 'yes' : 'no');
        find('button')[0].click();
        say('gone', gone.join('|'));
        say('button', find('button')[0].disabled ? 'disabled' : 'enabled');
        Promise.allSettled(logos.map((one) => one.decode())).then((all) => {
            say('logos', all.filter((one) => one.status === 'fulfilled').length + ' of ' + logos.length);
            say('violations', String(violations));
        });
    });
}());
