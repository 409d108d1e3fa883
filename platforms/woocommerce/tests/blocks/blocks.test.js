'use strict';
const test = require( 'node:test' );
const assert = require( 'node:assert' );
const { page, mounted, find } = require( './wc.js' );

const data = ( over ) => ( { title: 'iDEAL &amp; co', description: '', logo: 'data:image/svg+xml;base64,PHN2Zy8+', field: 'kassette_option', options: [], choose: 'Choose one', unchosen: 'Please choose.', supports: [ 'products' ], ...over } );
const banks = [ { id: 'first', title: 'First Bank' }, { id: 'second', title: 'Second Bank' } ];

// setup gives what the checkout hears when the order is placed.
function setup( window, method ) {
	const hears = new Set();
	const m = mounted( window, method.content, { eventRegistration: { onPaymentSetup( f ) { hears.add( f ); return () => hears.delete( f ); } } } );
	return { m, place: () => { assert.equal( hears.size, 1 ); return [ ...hears ][ 0 ](); } };
}

test( '3.4 double: the registry refuses functions for elements and what lacks a key', () => {
	const register = ( options ) => () => page( {}, [], `window.wc.wcBlocksRegistry.registerPaymentMethod( ${ options } )` );
	const el = 'window.wp.element.createElement( "p" )';
	assert.throws( register( `{ name: 'a', label: 'A', ariaLabel: 'A', content: () => null, edit: ${ el }, canMakePayment: () => true }` ), /React elements/ );
	assert.throws( register( `{ name: 'a', label: 'A', ariaLabel: 'A', content: ${ el }, edit: ${ el }, canMakePayment: true }` ), /function/ );
	assert.throws( register( `{ name: 'a', label: 'A', content: ${ el }, edit: ${ el }, canMakePayment: () => true }` ), /ariaLabel/ );
	assert.doesNotThrow( register( `{ name: 'a', label: 'A', ariaLabel: 'A', content: ${ el }, edit: ${ el }, canMakePayment: () => true }` ) );
} );

test( '3.4 double: paymentMethodId is the name where it is missing, and settings arrive by name', () => {
	const { registered, window } = page( { a_data: data() }, [ 'a' ] );
	assert.equal( registered[ 0 ].paymentMethodId, 'a' );
	assert.equal( window.wc.wcSettings.getSetting( 'b_data', 'none' ), 'none' );
} );

test( 'each gateway that can be chosen is registered, in order', () => {
	const { registered } = page( { kassette_ideal_data: data(), kassette_data: data( { title: 'Choose' } ) }, [ 'kassette_ideal', 'kassette_card', 'kassette' ] );
	assert.deepEqual( registered.map( ( r ) => r.name ), [ 'kassette_ideal', 'kassette' ] );
	assert.equal( registered[ 0 ].ariaLabel, 'iDEAL & co' );
	assert.equal( registered[ 0 ].canMakePayment( {} ), true );
	assert.deepEqual( [ ...registered[ 0 ].supports.features ], [ 'products' ] );
} );

test( 'a page without our gateways registers nothing', () => {
	assert.deepEqual( page( {}, undefined ).registered, [] );
} );

test( 'the label is logo and title, side by side', () => {
	const { registered, window } = page( { kassette_ideal_data: data() }, [ 'kassette_ideal' ] );
	const { tree } = mounted( window, registered[ 0 ].label );
	const [ img ] = find( tree, 'img' );
	assert.equal( img.props.src, 'data:image/svg+xml;base64,PHN2Zy8+' );
	assert.deepEqual( [ img.props.width, img.props.height, img.props.alt ], [ 64, 40, '' ] );
	assert.deepEqual( find( tree, 'span' ).at( -1 ).children, [ 'iDEAL & co' ] );
} );

test( 'a method without a logo has none', () => {
	const { registered, window } = page( { kassette_data: data( { logo: '' } ) }, [ 'kassette' ] );
	assert.equal( find( mounted( window, registered[ 0 ].label ).tree, 'img' ).length, 0 );
} );

test( 'a method without options is placed as it is', () => {
	const { registered, window } = page( { kassette_ideal_data: data( { description: 'This is a test.' } ) }, [ 'kassette_ideal' ] );
	const { m, place } = setup( window, registered[ 0 ] );
	assert.deepEqual( find( m.tree, 'p' )[ 0 ].children, [ 'This is a test.' ] );
	assert.equal( find( m.tree, 'select' ).length, 0 );
	assert.equal( place().type, 'success' );
} );

test( 'a method with options wants one, and sends it', () => {
	const { registered, window } = page( { kassette_bank_data: data( { options: banks } ) }, [ 'kassette_bank' ] );
	const { m, place } = setup( window, registered[ 0 ] );
	assert.deepEqual( { ...place() }, { type: 'error', message: 'Please choose.' } );
	const [ select ] = find( m.tree, 'select' );
	assert.deepEqual( find( select, 'option' ).map( ( o ) => o.props.value ), [ '', 'first', 'second' ] );
	select.props.onChange( { target: { value: 'second' } } );
	const got = place();
	assert.equal( got.type, 'success' );
	assert.deepEqual( { ...got.meta.paymentMethodData }, { kassette_option: 'second' } );
	assert.equal( find( m.tree, 'select' )[ 0 ].props.value, 'second' );
} );

test( 'the editor shows it without a checkout around it', () => {
	const { registered, window } = page( { kassette_bank_data: data( { options: banks } ) }, [ 'kassette_bank' ] );
	assert.equal( find( mounted( window, registered[ 0 ].edit ).tree, 'select' ).length, 1 );
} );
