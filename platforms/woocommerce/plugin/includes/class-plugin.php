<?php
/**
 * Start of the extension.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Hangs everything on to WordPress and WooCommerce.
 */
final class Plugin {

	/**
	 * Called once, when WordPress loads the extension.
	 */
	public static function start() {
		add_action( 'before_woocommerce_init', array( self::class, 'declare_features' ) );
		add_action( 'woocommerce_blocks_loaded', array( Blocks::class, 'start' ) );
		add_action( 'plugins_loaded', array( self::class, 'with_woocommerce' ), 20 );
		add_action( 'init', array( Language::class, 'load' ), 0 );
		register_deactivation_hook( KASSETTE_FILE, array( Catch_Up::class, 'stop' ) );
	}

	/**
	 * HPOS and the block checkout are supported (woocommerce.md 3.1).
	 */
	public static function declare_features() {
		if ( class_exists( \Automattic\WooCommerce\Utilities\FeaturesUtil::class ) ) {
			\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'custom_order_tables', KASSETTE_FILE, true );
			\Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'cart_checkout_blocks', KASSETTE_FILE, true );
		}
	}

	/**
	 * Does nothing without WooCommerce (3.1).
	 */
	public static function with_woocommerce() {
		if ( ! class_exists( 'WC_Payment_Gateway' ) ) {
			return;
		}
		add_filter( 'woocommerce_payment_gateways', array( Methods::class, 'add_gateways' ) );
		add_filter( 'option_woocommerce_gateway_order', array( Methods::class, 'order' ) );
		add_action( 'woocommerce_api_kassette', array( Notices::class, 'answer' ) );
		add_action( 'woocommerce_api_kassette_return', array( Way_Back::class, 'answer' ) );
		add_action( 'wp_enqueue_scripts', array( self::class, 'style' ) );
		Captures::start();
		Refunds::start();
		Catch_Up::start();
		if ( is_admin() ) {
			Order_Screen::start();
			Settings_Page::start();
		}
	}

	/**
	 * The box of the logos, where they show.
	 */
	public static function style() {
		if ( ! is_checkout() ) {
			return;
		}
		wp_enqueue_style( 'kassette', plugins_url( 'assets/checkout.css', KASSETTE_FILE ), array(), KASSETTE_VERSION );
	}
}
