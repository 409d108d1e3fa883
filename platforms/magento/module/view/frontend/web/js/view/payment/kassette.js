define([
    'uiComponent',
    'Magento_Checkout/js/model/payment/renderer-list'
], function (Component, rendererList) {
    'use strict';

    rendererList.push({
        type: 'kassette',
        component: 'Kassette_Payment/js/view/payment/method-renderer/redirect'
    });

    return Component.extend({});
});
