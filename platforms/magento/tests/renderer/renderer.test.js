'use strict';
const test = require('node:test');
const assert = require('node:assert');
const { storefront } = require('./magento.js');

const methods = [
    { id: 'ideal', title: 'iDEAL', logo: 'data:image/svg+xml;base64,PHN2Zy8+', options: [{ id: 'b1', title: 'First Bank' }] },
    { id: 'card', title: 'Card', logo: '', options: [] }
];
const settings = (over) => ({ redirectPath: 'kassette/redirect', test: true, methods, ...over });

function renderer(over) {
    const page = storefront(over);
    page.load('Kassette_Payment/js/view/payment/kassette');
    const Component = page.load(page.list[0].component);
    return { ...page, Component, one: new Component({ item: { method: 'kassette' } }) };
}

test('3.4 double: without redirectAfterPlaceOrder false Magento goes to the success page by itself', () => {
    const { load, gone } = storefront({});
    const Plain = load('Magento_Checkout/js/view/payment/default').extend({});
    new Plain({ item: { method: 'x' } }).placeOrder();
    assert.deepEqual(gone, ['success']);
});

test('3.4: the list component registers the renderer for our code', () => {
    const { list, one } = renderer(settings());
    assert.deepEqual(list.map((r) => ({ ...r })), [{ type: 'kassette', component: 'Kassette_Payment/js/view/payment/method-renderer/redirect' }]);
    assert.equal(one.template, 'Kassette_Payment/payment/redirect');
});

test('3.4: after the order is placed the shopper is sent to our controller, once', () => {
    const { one, gone } = renderer(settings());
    assert.equal(one.leaving(), false);
    one.placeOrder();
    assert.deepEqual(gone, ['https://shop.example/kassette/redirect']);
    assert.equal(one.leaving(), true);
});

test('without a choice the gateway offers the methods', () => {
    const { one } = renderer(settings());
    one.placeOrder();
    assert.deepEqual(JSON.parse(JSON.stringify(one.placed)), { method: 'kassette', additional_data: { kassette_method: '', kassette_option: '' } });
});

test('the choice is sent with the order', () => {
    const { one } = renderer(settings());
    one.chosen('ideal');
    assert.deepEqual(one.options().map((o) => o.id), ['b1']);
    one.option('b1');
    one.placeOrder();
    assert.deepEqual({ ...one.placed.additional_data }, { kassette_method: 'ideal', kassette_option: 'b1' });
});

test('a way within a method is forgotten with the method', () => {
    const { one } = renderer(settings());
    one.chosen('ideal');
    one.option('b1');
    one.chosen('card');
    assert.equal(one.options().length, 0);
    assert.equal(one.getData().additional_data.kassette_option, '');
    one.option(undefined); // Knockout's word for the empty caption.
    assert.equal(one.getData().additional_data.kassette_option, '');
});

test('two renderers on a page know nothing of each other', () => {
    const { Component, one } = renderer(settings());
    const other = new Component({ item: { method: 'kassette' } });
    one.chosen('ideal');
    assert.equal(other.chosen(), '');
});

test('test payments are said to be tests, and live ones not', () => {
    assert.equal(renderer(settings()).one.isTest(), true);
    assert.equal(renderer(settings({ test: false })).one.isTest(), false);
});

test('a page without our settings shows no methods and breaks nothing', () => {
    const { one } = renderer(undefined);
    assert.deepEqual([...one.methods()], []);
    assert.equal(one.options().length, 0);
    assert.equal(one.isTest(), false);
});
