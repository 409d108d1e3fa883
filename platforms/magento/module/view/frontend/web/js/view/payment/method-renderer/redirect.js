define([
    'ko',
    'Magento_Checkout/js/view/payment/default',
    'mage/url'
], function (ko, Component, url) {
    'use strict';

    return Component.extend({
        defaults: {
            template: 'Kassette_Payment/payment/redirect',
            redirectAfterPlaceOrder: false
        },

        /**
         * Chooses nothing yet: without a choice the gateway's own page offers the methods.
         */
        initialize: function () {
            this._super();
            this.chosen = ko.observable('');
            this.option = ko.observable('');
            this.leaving = ko.observable(false);
            this.options = ko.computed(function () {
                var method = this.methods().filter(function (one) {
                    return one.id === this.chosen();
                }, this)[0];

                return method ? method.options : [];
            }, this);
            this.chosen.subscribe(function () {
                this.option('');
            }, this);

            return this;
        },

        /**
         * What the shop knows of us.
         */
        config: function () {
            return window.checkoutConfig.payment[this.getCode()] || {};
        },

        /**
         * The methods that are shown in the checkout, in the gateway's order.
         */
        methods: function () {
            return this.config().methods || [];
        },

        /**
         * Whether payments are tests.
         */
        isTest: function () {
            return this.config().test === true;
        },

        /**
         * What is sent with the order.
         */
        getData: function () {
            return {
                'method': this.item.method,
                'additional_data': {
                    'kassette_method': this.chosen(),
                    'kassette_option': this.option() || ''
                }
            };
        },

        /**
         * The order is placed: on to pay it. The button stays dead, since a second order is none.
         */
        afterPlaceOrder: function () {
            this.leaving(true);
            window.location.replace(url.build(this.config().redirectPath));
        }
    });
});
