<?php
/**
 * Clean removal: what is scheduled always, options if the merchant chose so,
 * what orders need for refunds never (woocommerce.md 3.6).
 *
 * @package Kassette
 */

defined( 'WP_UNINSTALL_PLUGIN' ) || exit;

wp_clear_scheduled_hook( 'kassette_catch_up' );

$kassette_settings = get_option( 'kassette_settings', array() );
if ( 'yes' === ( $kassette_settings['remove_data'] ?? 'no' ) ) {
	foreach ( array_keys( (array) get_option( 'kassette_methods', array() ) ) as $kassette_method ) {
		delete_option( 'woocommerce_kassette_' . $kassette_method . '_settings' );
	}
	foreach ( array( 'kassette_settings', 'kassette_methods', 'kassette_log', 'kassette_attention', 'kassette_owed', 'kassette_looked_back', 'woocommerce_kassette_settings' ) as $kassette_option ) {
		delete_option( $kassette_option );
	}
}
