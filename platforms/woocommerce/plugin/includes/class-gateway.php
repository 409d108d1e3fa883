<?php
/**
 * WooCommerce's gateways.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * One method of the gateway, or the gateway's own page of choice
 * (woocommerce.md 3.2).
 */
final class Gateway extends \WC_Payment_Gateway {

	/**
	 * The field of the form with the way within the method.
	 */
	const FIELD = 'kassette_option';

	/**
	 * The method as Methods keeps it; null for the page of choice.
	 *
	 * @var array|null
	 */
	private $offer;

	/**
	 * Makes a gateway, in the order that 3.2 gives.
	 *
	 * @param array|null $offer The method; null for the page of choice.
	 */
	public function __construct( ?array $offer = null ) {
		$this->offer    = $offer;
		$this->id       = $offer ? 'kassette_' . $offer['id'] : 'kassette';
		$this->supports = array( 'products', 'refunds' );
		$name           = $this->own_title();
		/* translators: %s: a way to pay, such as iDEAL */
		$this->method_title       = $offer ? sprintf( __( 'Kassette: %s', 'kassette' ), $name ) : __( 'Kassette: choice of method', 'kassette' );
		$this->method_description = $offer ? __( 'A method of your Kassette gateway. Title, logo and order come from there.', 'kassette' ) : __( 'Sends the shopper to the page of your Kassette gateway, where they choose how to pay.', 'kassette' );
		$this->has_fields         = array() !== $this->options();
		$this->init_form_fields();
		$this->init_settings();
		$this->enabled     = $this->get_option( 'enabled' );
		$this->title       = ( '' === $this->get_option( 'title' ) ? $name : $this->get_option( 'title' ) ) . ( Settings::test() ? ' (TEST)' : '' );
		$this->description = trim( $this->get_option( 'description' ) . ( Settings::test() ? ' ' . __( 'This is a test: no money moves.', 'kassette' ) : '' ) );
		add_action( 'woocommerce_update_options_payment_gateways_' . $this->id, array( $this, 'process_admin_options' ) );
	}

	/**
	 * The settings of one gateway; none of them is a secret (1.5).
	 */
	public function init_form_fields() {
		$this->form_fields = array(
			'enabled'     => array(
				'title'   => __( 'Offer it', 'kassette' ),
				'type'    => 'checkbox',
				'label'   => __( 'Show at the checkout', 'kassette' ),
				'default' => $this->offer ? 'yes' : 'no',
			),
			'title'       => array(
				'title'       => __( 'Title', 'kassette' ),
				'type'        => 'safe_text',
				'description' => __( 'Empty: as your gateway calls it, in the shopper\'s language.', 'kassette' ),
				'placeholder' => $this->own_title(),
				'default'     => '',
			),
			'description' => array(
				'title'   => __( 'Description', 'kassette' ),
				'type'    => 'textarea',
				'default' => '',
			),
		);
	}

	/**
	 * The method's id at the gateway, '' for the page of choice.
	 *
	 * @return string
	 */
	public function method_id() {
		return $this->offer['id'] ?? '';
	}

	/**
	 * The ways within the method: id, title, group.
	 *
	 * @return array
	 */
	public function options() {
		return $this->offer['options'] ?? array();
	}

	/**
	 * The logo as a data URI, '' for none.
	 *
	 * @return string
	 */
	public function logo() {
		return $this->offer['logo'] ?? '';
	}

	/**
	 * Whether it can be chosen, by what is kept: no network call (3.2).
	 *
	 * @return bool
	 */
	public function is_available() {
		if ( ! parent::is_available() || ! Settings::ready() ) {
			return false;
		}
		return ! $this->offer || ( $this->offer['current'] && $this->offer['available'] && in_array( get_woocommerce_currency(), $this->offer['currencies'], true ) );
	}

	/**
	 * Sends the merchant to our settings when switched on too early.
	 *
	 * @return bool
	 */
	public function needs_setup() {
		return ! Settings::ready();
	}

	/**
	 * The logo: full colour, all one box, nothing in or over it.
	 *
	 * @return string
	 */
	public function get_icon() {
		$icon = '' === $this->logo() ? '' : '<img class="kassette-logo" src="' . esc_url( $this->logo(), array( 'data' ) ) . '" alt="" width="64" height="40" />';
		return apply_filters( 'woocommerce_gateway_icon', $icon, $this->id );
	}

	/**
	 * The classic checkout's part: a list of the ways within the method.
	 */
	public function payment_fields() {
		parent::payment_fields();
		if ( array() === $this->options() ) {
			return;
		}
		$name = self::FIELD . '[' . $this->id . ']';
		echo '<p class="form-row form-row-wide"><label for="' . esc_attr( $name ) . '">' . esc_html__( 'Choose one', 'kassette' ) . '</label><select id="' . esc_attr( $name ) . '" name="' . esc_attr( $name ) . '"><option value=""></option>';
		foreach ( $this->options() as $option ) {
			echo '<option value="' . esc_attr( $option['id'] ) . '">' . esc_html( $option['title'] ) . '</option>';
		}
		echo '</select></p>';
	}

	/**
	 * Wants one of the ways where there are any.
	 *
	 * @return bool
	 */
	public function validate_fields() {
		if ( array() === $this->options() || '' !== $this->chosen() ) {
			return true;
		}
		wc_add_notice( __( 'Please choose one of the options of this way to pay.', 'kassette' ), 'error' );
		return false;
	}

	/**
	 * Starts a payment at the gateway and sends the shopper there. The order
	 * stays pending; cart and stock are WooCommerce's (3.2).
	 *
	 * @param int $order_id The order's id.
	 * @return array
	 */
	public function process_payment( $order_id ) {
		$order = wc_get_order( $order_id );
		try {
			return array(
				'result'   => 'success',
				'redirect' => Checkout::start( $order, $this->method_id(), $this->chosen(), $this->get_return_url( $order ) ),
			);
		} catch ( Problem $problem ) {
			$text = $problem->for_consumer();
			$text = '' === $text ? __( 'The payment could not be started. Nothing was charged. Please try again or choose another way to pay.', 'kassette' ) : $text;
			if ( ! WC()->is_rest_api_request() ) { // the block checkout shows the message, and a notice would wait for the next page.
				wc_add_notice( $text, 'error' );
			}
			return array(
				'result'  => 'failure',
				'message' => $text,
			);
		}
	}

	/**
	 * Gives money back through the gateway.
	 *
	 * @param int         $order_id The order's id.
	 * @param string|null $amount   A decimal; null for all that is left.
	 * @param string      $reason   Why.
	 * @return true|\WP_Error
	 */
	public function process_refund( $order_id, $amount = null, $reason = '' ) {
		return Refunds::pay( (int) $order_id, null === $amount ? null : (string) $amount, (string) $reason );
	}

	/**
	 * Whether the refund button is of use: not before anything was paid, and not
	 * where the gateway said that this method cannot.
	 *
	 * @param \WC_Order $order The order.
	 * @return bool
	 */
	public function can_refund_order( $order ) {
		return parent::can_refund_order( $order ) && '' !== State::of( $order )->id() && '' === State::of( $order )->refusal( 'refund' );
	}

	/**
	 * The gateway's title in the language of the page.
	 *
	 * @return string
	 */
	private function own_title() {
		if ( ! $this->offer ) {
			return __( 'Choose how to pay', 'kassette' );
		}
		return Methods::title( $this->offer );
	}

	/**
	 * The way that the shopper chose, '' for none: one that the method has. The
	 * block checkout's payment_data arrive in $_POST too (1.6). WooCommerce has
	 * verified its nonce.
	 *
	 * @return string
	 */
	private function chosen() {
		$sent = wp_unslash( $_POST[ self::FIELD ] ?? '' ); // phpcs:ignore WordPress.Security
		$sent = is_array( $sent ) ? ( $sent[ $this->id ] ?? '' ) : $sent;
		return in_array( $sent, wp_list_pluck( $this->options(), 'id' ), true ) ? $sent : '';
	}
}
