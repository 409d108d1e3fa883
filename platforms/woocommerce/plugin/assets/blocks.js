/* Kassette in the block checkout: woocommerce.md 3.4. No build step, no text of its own. */
( function () {
	'use strict';

	var element = window.wp.element;
	var el = element.createElement;
	var decode = window.wp.htmlEntities.decodeEntities;
	var register = window.wc.wcBlocksRegistry.registerPaymentMethod;
	var getSetting = window.wc.wcSettings.getSetting;

	function Label( props ) {
		return el(
			'span',
			{ className: 'kassette-label' },
			props.data.logo ? el( 'img', { className: 'kassette-logo', src: props.data.logo, alt: '', width: 64, height: 40 } ) : null,
			el( 'span', null, decode( props.data.title ) )
		);
	}

	function Content( props ) {
		var data = props.data;
		var state = element.useState( '' );
		var chosen = state[ 0 ];
		var choose = state[ 1 ];
		var onPaymentSetup = props.eventRegistration && props.eventRegistration.onPaymentSetup;
		element.useEffect(
			function () {
				if ( ! onPaymentSetup ) {
					return undefined;
				}
				return onPaymentSetup( function () {
					var sent = {};
					if ( data.options.length && ! chosen ) {
						return { type: 'error', message: data.unchosen };
					}
					sent[ data.field ] = chosen;
					return { type: 'success', meta: { paymentMethodData: sent } };
				} );
			},
			[ onPaymentSetup, chosen ]
		);
		return el(
			'div',
			null,
			data.description ? el( 'p', null, decode( data.description ) ) : null,
			data.options.length
				? el(
					'label',
					null,
					decode( data.choose ) + ' ',
					el(
						'select',
						{
							value: chosen,
							onChange: function ( event ) {
								choose( event.target.value );
							}
						},
						[ el( 'option', { key: '', value: '' } ) ].concat(
							data.options.map( function ( option ) {
								return el( 'option', { key: option.id, value: option.id }, decode( option.title ) );
							} )
						)
					)
				)
				: null
		);
	}

	( window.kassetteGateways || [] ).forEach( function ( name ) {
		var data = getSetting( name + '_data', null );
		if ( ! data ) {
			return; // it cannot be chosen now
		}
		register( {
			name: name,
			label: el( Label, { data: data } ),
			ariaLabel: decode( data.title ),
			content: el( Content, { data: data } ),
			edit: el( Content, { data: data } ),
			canMakePayment: function () {
				return true;
			},
			supports: { features: data.supports }
		} );
	} );
}() );
