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
	 * Called on woocommerce_blocks_loaded.
	 */
	public static function start() {
		add_action(
			'woocommerce_blocks_payment_method_type_registration',
			static function ( $registry ) {
				self::script();
				foreach ( Methods::gateway_ids() as $id ) {
					$registry->register( new self( $id ) );
				}
			}
		);
	}

	/**
	 * Makes one. Gateways are not made yet: registration is early.
	 *
	 * @param string $id The gateway's id.
	 */
	public function __construct( $id ) {
		$this->name = $id;
	}

	/**
	 * The gateway; null where another extension took it out.
	 *
	 * @return Gateway|null
	 */
	private function gateway() {
		return WC()->payment_gateways()->payment_gateways()[ $this->name ] ?? null;
	}

	/**
	 * Registers the script, with what 3.4 wants it to depend on, and the names
	 * that it is for, in the gateway's order.
	 */
	private static function script() {
		wp_register_script( self::SCRIPT, plugins_url( 'assets/blocks.js', KASSETTE_FILE ), array( 'wc-blocks-registry', 'wc-settings', 'wp-element', 'wp-html-entities', 'wp-i18n' ), KASSETTE_VERSION, true );
		wp_add_inline_script( self::SCRIPT, 'window.kassetteGateways = ' . wp_json_encode( Methods::gateway_ids() ) . ';', 'before' );
	}

	/**
	 * Reads the gateway's settings.
	 */
	public function initialize() {
		$this->settings = (array) get_option( 'woocommerce_' . $this->name . '_settings', array() );
	}

	/**
	 * Whether it can be chosen: as in the classic checkout.
	 *
	 * @return bool
	 */
	public function is_active() {
		return $this->gateway() && $this->gateway()->is_available();
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
		$gateway = $this->gateway();
		return array(
			'title'       => $gateway->get_title(),
			'description' => $gateway->get_description(),
			'logo'        => $gateway->logo(),
			'field'       => Gateway::FIELD,
			'options'     => array_map(
				static function ( $option ) {
					return array(
						'id'    => (string) $option['id'],
						'title' => (string) $option['title'],
					);
				},
				array_values( $gateway->options() )
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
