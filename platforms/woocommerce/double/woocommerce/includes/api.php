<?php
/**
 * Being called back (document 3.3).
 *
 * @package Kassette\Double
 */

add_filter(
	'query_vars',
	static function ( $vars ) {
		$vars[] = 'wc-api';
		return $vars;
	}
);
add_action(
	'init',
	static function () {
		add_rewrite_endpoint( 'wc-api', EP_ALL );
	},
	0
);
add_action(
	'parse_request',
	static function ( $wp ) {
		if ( ! empty( $_GET['wc-api'] ) ) { // phpcs:ignore
			$wp->query_vars['wc-api'] = sanitize_key( wp_unslash( $_GET['wc-api'] ) ); // phpcs:ignore
		}
		if ( empty( $wp->query_vars['wc-api'] ) ) {
			return;
		}
		ob_start();
		nocache_headers();
		$name = strtolower( $wp->query_vars['wc-api'] );
		do_action( 'woocommerce_api_request', $name );
		status_header( has_action( 'woocommerce_api_' . $name ) ? 200 : 400 );
		WC()->payment_gateways();
		do_action( 'woocommerce_api_' . $name );
		ob_end_clean();
		die( '-1' );
	},
	0
);
