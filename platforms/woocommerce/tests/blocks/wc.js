'use strict';
// A fake window.wc with what woocommerce.md 3.4 says of the registry, and of
// wp.element what the script uses. It renders to plain objects.
const fs = require( 'node:fs' );
const path = require( 'node:path' );
const vm = require( 'node:vm' );

const isElement = ( v ) => v !== null && typeof v === 'object' && v.$$element === true;

// registerPaymentMethod refuses what the real one refuses.
function check( options ) {
	for ( const key of [ 'name', 'label', 'ariaLabel', 'content', 'edit', 'canMakePayment' ] ) {
		if ( options[ key ] === undefined ) {
			throw new TypeError( `${ key } is required` );
		}
	}
	if ( ! isElement( options.content ) || ! isElement( options.edit ) ) {
		throw new TypeError( 'content and edit are React elements, not functions' );
	}
	if ( typeof options.canMakePayment !== 'function' ) {
		throw new TypeError( 'canMakePayment is a function' );
	}
	if ( typeof options.ariaLabel !== 'string' || ! options.ariaLabel ) {
		throw new TypeError( 'ariaLabel is a text' );
	}
}

// page makes a window with settings and gateways and runs a script in it.
function page( settings, gateways, script ) {
	const registered = [];
	const window = {
		kassetteGateways: gateways,
		wp: {
			element: { createElement: ( type, props, ...children ) => ( { $$element: true, type, props: props || {}, children } ) },
			htmlEntities: { decodeEntities: ( s ) => s.replace( /&amp;/g, '&' ).replace( /&#8217;/g, '’' ) },
		},
		wc: {
			wcBlocksRegistry: {
				registerPaymentMethod( options ) {
					check( options );
					registered.push( { paymentMethodId: options.name, ...options } );
				},
			},
			wcSettings: { getSetting: ( name, missing ) => ( name in settings ? settings[ name ] : missing ) },
		},
	};
	vm.runInNewContext( script || fs.readFileSync( path.join( __dirname, '../../plugin/assets/blocks.js' ), 'utf8' ), { window } );
	return { window, registered };
}

// mounted renders an element with hooks; set state and it renders again.
function mounted( window, element, more ) {
	const states = [];
	let effects = [];
	const m = { tree: null, calls: 0 };
	const render = () => {
		let n = 0;
		effects.forEach( ( undo ) => undo && undo() );
		const due = [];
		window.wp.element.useState = ( first ) => {
			const at = n++;
			if ( ! ( at in states ) ) {
				states[ at ] = first;
			}
			return [ states[ at ], ( v ) => { states[ at ] = v; render(); } ];
		};
		window.wp.element.useEffect = ( run ) => due.push( run );
		const expand = ( e ) => {
			if ( Array.isArray( e ) ) {
				return e.flatMap( expand );
			}
			if ( ! isElement( e ) ) {
				return e === null || e === undefined ? [] : [ String( e ) ];
			}
			if ( typeof e.type === 'function' ) {
				return expand( e.type( { ...e.props, ...more } ) );
			}
			return [ { ...e, children: e.children.flatMap( expand ) } ];
		};
		m.tree = expand( element )[ 0 ];
		effects = due.map( ( run ) => run() );
	};
	render();
	return m;
}

// find lists the nodes of a kind.
function find( tree, type ) {
	if ( typeof tree !== 'object' ) {
		return [];
	}
	return ( tree.type === type ? [ tree ] : [] ).concat( tree.children.flatMap( ( c ) => find( c, type ) ) );
}

module.exports = { page, mounted, find };
