<?php
/**
 * Plugin Name: WooCommerce (double)
 * Description: A double of WooCommerce for tests: what ../../../shared/protocols/woocommerce.md says of it, and no more.
 * Version: 10.5.0
 * License: Apache-2.0
 *
 * Numbers after "Document" are sections of that document. A shop's tables are
 * real (WordPress and MariaDB), so that what happens at once really does.
 *
 * @package Kassette\Double
 */

defined( 'ABSPATH' ) || exit;

define( 'WC_VERSION', '10.5.0' );
define( 'WC_PLUGIN_FILE', __FILE__ );

foreach ( array( 'store', 'data-store', 'data', 'order', 'order-refund', 'order-items', 'gateway', 'functions', 'refunds', 'emails', 'api', 'blocks', 'rest', 'features', 'admin', 'pages' ) as $kassette_double_file ) {
	require __DIR__ . '/includes/' . $kassette_double_file . '.php';
}

/**
 * What WC() gives.
 */
final class WooCommerce {

	/**
	 * The one object.
	 *
	 * @var WooCommerce|null
	 */
	private static $one;

	/**
	 * The gateways, once asked for.
	 *
	 * @var WC_Payment_Gateways|null
	 */
	private $gateways;

	/**
	 * The one object.
	 *
	 * @return WooCommerce
	 */
	public static function instance() {
		if ( ! self::$one ) {
			self::$one = new self();
		}
		return self::$one;
	}

	/**
	 * The gateways; made anew after a test changed what they are of.
	 *
	 * @param bool $anew Forget those that were made.
	 * @return WC_Payment_Gateways
	 */
	public function payment_gateways( $anew = false ) {
		if ( $anew || ! $this->gateways ) {
			$this->gateways = new WC_Payment_Gateways();
		}
		return $this->gateways;
	}

	/**
	 * Whether a REST request is answered, the block checkout's among them.
	 *
	 * @return bool
	 */
	public function is_rest_api_request() {
		return ! empty( $GLOBALS['wc_double_rest'] );
	}

	/**
	 * Document 3.3: where a handler is called back.
	 *
	 * @param string $name The handler's name.
	 * @return string
	 */
	public function api_request_url( $name ) {
		return '' === get_option( 'permalink_structure' ) ? add_query_arg( 'wc-api', $name, home_url( '/' ) ) : home_url( '/wc-api/' . $name . '/' );
	}
}

/**
 * The shop.
 *
 * @return WooCommerce
 */
function WC() { // phpcs:ignore
	return WooCommerce::instance();
}

add_action(
	'plugins_loaded',
	static function () {
		do_action( 'woocommerce_blocks_loaded' );
		do_action( 'woocommerce_loaded' );
	},
	10
);
add_action(
	'init',
	static function () {
		do_action( 'before_woocommerce_init' );
		do_action( 'woocommerce_init' );
	},
	0
);
register_activation_hook( __FILE__, array( 'WC_Double_Store', 'install' ) );
