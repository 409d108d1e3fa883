<?php
/**
 * The block checkout.
 *
 * @package Kassette
 */

namespace Kassette;

use Automattic\WooCommerce\Blocks\Payments\Integrations\AbstractPaymentMethodType;

defined( 'ABSPATH' ) || exit;

/**
 * Tells the block checkout of one gateway (woocommerce.md 3.4). Without this a
 * gateway is simply missing there. One script serves all of ours.
 */
final class Blocks extends AbstractPaymentMethodType {

	const SCRIPT = 'kassette-blocks';

	/**
	 * The gateway.
	 *
	 * @var Gateway
	 */
	private $gateway;

	/**
	 * Called on woocommerce_blocks_loaded.
	 */
	public static function start() {
		add_action(
			'woocommerce_blocks_payment_method_type_registration',
			static function ( $registry ) {
				self::script();
				foreach ( WC()->payment_gateways()->payment_gateways() as $gateway ) {
					if ( $gateway instanceof Gateway ) {
						$registry->register( new self( $gateway ) );
					}
				}
			}
		);
	}

	/**
	 * Makes one.
	 *
	 * @param Gateway $gateway The gateway.
	 */
	public function __construct( Gateway $gateway ) {
		$this->gateway = $gateway;
		$this->name    = $gateway->id;
	}

	/**
	 * Registers the script, with what 3.4 wants it to depend on, and the names
	 * that it is for, in the gateway's order.
	 */
	private static function script() {
		wp_register_script( self::SCRIPT, plugins_url( 'assets/blocks.js', KASSETTE_FILE ), array( 'wc-blocks-registry', 'wc-settings', 'wp-element', 'wp-html-entities', 'wp-i18n' ), KASSETTE_VERSION, true );
		$ours = array_filter(
			WC()->payment_gateways()->payment_gateways(),
			static function ( $gateway ) {
				return $gateway instanceof Gateway;
			}
		);
		wp_add_inline_script( self::SCRIPT, 'window.kassetteGateways = ' . wp_json_encode( array_keys( Methods::sort( $ours ) ) ) . ';', 'before' );
	}

	/**
	 * The gateway has read its settings.
	 */
	public function initialize() {
		$this->settings = $this->gateway->settings;
	}

	/**
	 * Whether it can be chosen: as in the classic checkout.
	 *
	 * @return bool
	 */
	public function is_active() {
		return $this->gateway->is_available();
	}

	/**
	 * Its script.
	 *
	 * @return string[]
	 */
	public function get_payment_method_script_handles() {
		return array( self::SCRIPT );
	}

	/**
	 * What the script shows. It has no text of its own: all of them are here, in
	 * the language of the page.
	 *
	 * @return array
	 */
	public function get_payment_method_data() {
		return array(
			'title'       => $this->gateway->get_title(),
			'description' => $this->gateway->get_description(),
			'logo'        => $this->gateway->logo(),
			'field'       => Gateway::FIELD,
			'options'     => array_map(
				static function ( $option ) {
					return array(
						'id'    => (string) $option['id'],
						'title' => (string) $option['title'],
					);
				},
				array_values( $this->gateway->options() )
			),
			'choose'      => __( 'Choose one', 'kassette' ),
			'unchosen'    => __( 'Please choose one of the options of this way to pay.', 'kassette' ),
			'supports'    => $this->get_supported_features(),
		);
	}

	/**
	 * What it can do.
	 *
	 * @return string[]
	 */
	public function get_supported_features() {
		return array( 'products' );
	}
}
