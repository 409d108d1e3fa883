<?php
/**
 * Plugin Name: Kassette for WooCommerce
 * Plugin URI: https://github.com/kassette-pay/kassette
 * Description: Takes payments through your Kassette gateway: every method that it has, refunds and captures from the order screen.
 * Version: 1.0.0
 * Author: Kassette
 * Author URI: https://github.com/kassette-pay/kassette
 * License: Apache-2.0
 * License URI: https://www.apache.org/licenses/LICENSE-2.0
 * Text Domain: kassette
 * Domain Path: /languages
 * Requires at least: 6.6
 * Requires PHP: 8.1
 * Requires Plugins: woocommerce
 * WC requires at least: 9.9
 * WC tested up to: 11.0
 *
 * @package Kassette
 */

defined( 'ABSPATH' ) || exit;

define( 'KASSETTE_VERSION', '1.0.0' );
define( 'KASSETTE_FILE', __FILE__ );

spl_autoload_register(
	static function ( $name ) {
		if ( 0 === strpos( $name, 'Kassette\\' ) ) {
			require __DIR__ . '/includes/class-' . strtolower( str_replace( '_', '-', substr( $name, 9 ) ) ) . '.php';
		}
	}
);

Kassette\Plugin::start();
