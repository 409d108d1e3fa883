'use strict';
// A Magento storefront as far as the renderer meets it: RequireJS and Knockout are the real ones.
const path = require('node:path');

const modules = path.join(__dirname, '../../../../build/tools/node_modules');
const requirejs = require(path.join(modules, 'requirejs'));
const web = path.join(__dirname, '../../module/view/frontend/web');

// extend makes components as Magento's uiClass does: methods call those they replace by _super, defaults are merged.
function extend(base, members) {
    const { defaults = {}, ...methods } = members;

    function Component(...args) {
        if (!(this instanceof Component)) {
            return new Component(...args);
        }
        Object.assign(this, Component.defaults, ...args);
        this.initialize();
    }
    Component.defaults = { ...base.defaults, ...defaults };
    Component.prototype = Object.create(base.prototype);
    for (const [name, method] of Object.entries(methods)) {
        Component.prototype[name] = function (...args) {
            const before = this._super;
            this._super = (...more) => base.prototype[name].apply(this, more);
            try {
                return method.apply(this, args);
            } finally {
                this._super = before;
            }
        };
    }
    Component.extend = (more) => extend(Component, more);
    return Component;
}

const root = Object.assign(function () {}, { defaults: {} });
root.prototype.initialize = function () { return this; };

// storefront gives a page with our settings: its window, the list of renderers, and a way to load what RequireJS names.
function storefront(settings) {
    const gone = [];
    const list = [];
    const window = {
        checkoutConfig: { payment: settings === undefined ? {} : { kassette: settings } },
        location: { replace: (to) => gone.push(to) }
    };
    globalThis.window = window; // RequireJS runs what it loads in Node's own global scope.
    const context = 'page' + storefront.count++;
    const theirs = new Map([
        ['ko', require(path.join(modules, 'knockout'))],
        ['uiComponent', extend(root, {})],
        ['mage/url', { build: (to) => 'https://shop.example/' + to }],
        ['Magento_Checkout/js/model/payment/renderer-list', { push: (one) => list.push(one) }],
        ['Magento_Checkout/js/view/payment/default', extend(root, {
            // What Magento's own component does: one order for each press, then on to the success page, or where we say.
            defaults: { redirectAfterPlaceOrder: true },
            getCode() { return this.item.method; },
            getData() { return { method: this.item.method, additional_data: null }; },
            afterPlaceOrder() {},
            placeOrder() {
                this.placed = this.getData();
                this.afterPlaceOrder();
                if (this.redirectAfterPlaceOrder) {
                    gone.push('success');
                }
            }
        })]
    ]);
    const load = requirejs.config({ context, baseUrl: web, paths: { 'Kassette_Payment': '.' } });
    for (const [name, module] of theirs) {
        requirejs.define(name, [], () => module);
    }
    load([...theirs.keys()], () => {});
    return { window, gone, list, load };
}
storefront.count = 0;

module.exports = { storefront, modules, web };
