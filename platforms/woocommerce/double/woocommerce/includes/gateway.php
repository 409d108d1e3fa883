<?php
/**
 * Gateways (document 3.2).
 *
 * @package Kassette\Double
 */

/**
 * Settings of a gateway.
 */
abstract class WC_Settings_API {

	/**
	 * Its id.
	 *
	 * @var string
	 */
	public $id = '';

	/**
	 * Fields by key.
	 *
	 * @var array
	 */
	public $form_fields = array();

	/**
	 * Values by key.
	 *
	 * @var array
	 */
	public $settings = array();

	/**
	 * The option's name (document 3.2).
	 *
	 * @return string
	 */
	public function get_option_key() {
		return "woocommerce_{$this->id}_settings";
	}

	/**
	 * Reads the values; defaults where there are none.
	 */
	public function init_settings() {
		$kept = get_option( $this->get_option_key(), array() );
		foreach ( $this->form_fields as $key => $field ) {
			$this->settings[ $key ] = $kept[ $key ] ?? $field['default'] ?? '';
		}
	}

	/**
	 * A value.
	 *
	 * @param string $key   Its key.
	 * @param mixed  $empty What it is where it was never set.
	 * @return mixed
	 */
	public function get_option( $key, $empty = null ) {
		return $this->settings[ $key ] ?? $empty ?? '';
	}

	/**
	 * Sets a value.
	 *
	 * @param string $key   Its key.
	 * @param mixed  $value Its value.
	 */
	public function update_option( $key, $value ) {
		$this->settings[ $key ] = $value;
		update_option( $this->get_option_key(), $this->settings );
	}

	/**
	 * The fields.
	 *
	 * @return array
	 */
	public function get_form_fields() {
		return $this->form_fields;
	}

	/**
	 * Saves what the settings page sent.
	 */
	public function process_admin_options() {
		foreach ( $this->form_fields as $key => $field ) {
			$name                   = "woocommerce_{$this->id}_$key";
			$this->settings[ $key ] = 'checkbox' === $field['type'] ? ( isset( $_POST[ $name ] ) ? 'yes' : 'no' ) : sanitize_text_field( wp_unslash( $_POST[ $name ] ?? '' ) ); // phpcs:ignore
		}
		return update_option( $this->get_option_key(), $this->settings );
	}
}

/**
 * What gateways extend.
 */
abstract class WC_Payment_Gateway extends WC_Settings_API {

	public $title              = ''; // phpcs:ignore
	public $description        = ''; // phpcs:ignore
	public $icon               = ''; // phpcs:ignore
	public $enabled            = 'yes'; // phpcs:ignore
	public $has_fields         = false; // phpcs:ignore
	public $method_title       = ''; // phpcs:ignore
	public $method_description = ''; // phpcs:ignore
	public $supports           = array( 'products' ); // phpcs:ignore
	public $max_amount         = 0; // phpcs:ignore
	public $order_button_text; // phpcs:ignore
	public $view_transaction_url = ''; // phpcs:ignore

	/**
	 * Its title.
	 *
	 * @return string
	 */
	public function get_title() {
		return apply_filters( 'woocommerce_gateway_title', $this->title, $this->id );
	}

	/**
	 * Its description.
	 *
	 * @return string
	 */
	public function get_description() {
		return apply_filters( 'woocommerce_gateway_description', $this->description, $this->id );
	}

	/**
	 * Its icon as HTML.
	 *
	 * @return string
	 */
	public function get_icon() {
		return apply_filters( 'woocommerce_gateway_icon', $this->icon ? '<img src="' . esc_url( $this->icon ) . '" alt="" />' : '', $this->id );
	}

	/**
	 * The title in the admin.
	 *
	 * @return string
	 */
	public function get_method_title() {
		return $this->method_title;
	}

	/**
	 * Switched on.
	 *
	 * @return bool
	 */
	public function is_available() {
		return 'yes' === $this->enabled;
	}

	/**
	 * Whether it can do a thing.
	 *
	 * @param string $feature products, refunds.
	 * @return bool
	 */
	public function supports( $feature ) {
		return in_array( $feature, $this->supports, true );
	}

	/**
	 * The condition of the refund button.
	 *
	 * @param WC_Order $order The order.
	 * @return bool
	 */
	public function can_refund_order( $order ) {
		return $order && $this->supports( 'refunds' );
	}

	/**
	 * Parts of the classic form.
	 */
	public function payment_fields() {
		echo wp_kses_post( wpautop( $this->get_description() ) );
	}

	/**
	 * Judges the parts of the form.
	 *
	 * @return bool
	 */
	public function validate_fields() {
		return true;
	}

	/**
	 * Without a word from the gateway nothing was refunded.
	 *
	 * @param int         $order_id The order's id.
	 * @param string|null $amount   How much.
	 * @param string      $reason   Why.
	 * @return bool|WP_Error
	 */
	public function process_refund( $order_id, $amount = null, $reason = '' ) {
		return false;
	}

	/**
	 * The order-received page.
	 *
	 * @param WC_Order $order The order.
	 * @return string
	 */
	public function get_return_url( $order = null ) {
		return apply_filters( 'woocommerce_get_return_url', $order->get_checkout_order_received_url(), $order );
	}

	/**
	 * Whether switching on leads to the settings.
	 *
	 * @return bool
	 */
	public function needs_setup() {
		return false;
	}
}

/**
 * The shop's gateways (document 3.1): class names or instances, by a filter.
 */
class WC_Payment_Gateways {

	/**
	 * Gateways by id.
	 *
	 * @var WC_Payment_Gateway[]
	 */
	private $all = array();

	/**
	 * Makes them, and puts them in the places that the merchant gave them; those
	 * without one come last. Both checkouts go by this.
	 */
	public function __construct() {
		$gateways = apply_filters( 'woocommerce_payment_gateways', array() );
		$places   = (array) get_option( 'woocommerce_gateway_order' );
		$placed   = array();
		$end      = 999;
		foreach ( $gateways as $gateway ) {
			$gateway = is_string( $gateway ) ? new $gateway() : $gateway;
			$place   = isset( $places[ $gateway->id ] ) && is_numeric( $places[ $gateway->id ] ) ? $places[ $gateway->id ] : $end++;

			$placed[ $place ] = $gateway;
		}
		ksort( $placed );
		foreach ( $placed as $gateway ) {
			$this->all[ $gateway->id ] = $gateway;
		}
	}

	/**
	 * All of them.
	 *
	 * @return WC_Payment_Gateway[]
	 */
	public function payment_gateways() {
		return $this->all;
	}

	/**
	 * Those that can be chosen.
	 *
	 * @return WC_Payment_Gateway[]
	 */
	public function get_available_payment_gateways() {
		$some = array_filter(
			$this->all,
			static function ( $gateway ) {
				return $gateway->is_available();
			}
		);
		return apply_filters( 'woocommerce_available_payment_gateways', $some );
	}
}
