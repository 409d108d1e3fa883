<?php
/**
 * The order screen.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Shows what is known of a payment and what can be done with it, the same with
 * HPOS and without: through WooCommerce's own hooks. It asks nobody.
 */
final class Order_Screen {

	/**
	 * Fields of a part capture.
	 */
	const AMOUNT = 'kassette_capture_amount';
	const LAST   = 'kassette_capture_last';

	/**
	 * Hangs on to the screen. WooCommerce verifies the nonce and the right to
	 * edit before it runs an order action.
	 */
	public static function start() {
		add_action( 'woocommerce_admin_order_data_after_order_details', array( self::class, 'show' ) );
		add_filter( 'woocommerce_order_actions', array( self::class, 'actions' ), 10, 2 );
		add_action( 'woocommerce_order_action_kassette_capture', array( self::class, 'capture' ) );
		add_action( 'woocommerce_order_action_kassette_ask', array( self::class, 'ask' ) );
		add_action( 'woocommerce_order_action_kassette_seen', array( self::class, 'seen' ) );
		add_action( 'admin_notices', array( Attention::class, 'show' ) );
	}

	/**
	 * The payment, its flags, and why something is not possible.
	 *
	 * @param \WC_Order $order The order.
	 */
	public static function show( $order ) {
		$state = State::of( $order );
		if ( '' === $state->id() ) {
			return;
		}
		echo '<div class="form-field form-field-wide kassette"><h3>Kassette' . ( 'test' === $state->mode() ? ' (TEST)' : '' ) . '</h3><p>';
		echo esc_html( $state->id() . ' · ' . $state->said( 'method' ) . ' · ' . $state->said( 'status' ) );
		foreach ( array( 'captured' => __( 'captured', 'kassette' ), 'refunded' => __( 'refunded', 'kassette' ) ) as $name => $title ) { // phpcs:ignore WordPress.Arrays
			$money = $state->said( $name, null );
			if ( is_array( $money ) ) {
				echo '<br />' . esc_html( $title . ': ' . Money::text( $money ) );
			}
		}
		echo '</p>';
		foreach ( $state->attention() as $text ) {
			echo '<p class="kassette-attention"><strong>' . esc_html( mb_strtoupper( mb_substr( $text, 0, 1 ) ) . mb_substr( $text, 1 ) ) . '</strong></p>';
		}
		self::possible( $state );
		echo '</div>';
	}

	/**
	 * What is possible, or why not.
	 *
	 * @param State $state What the order remembers.
	 */
	private static function possible( State $state ) {
		if ( $state->most( 'capture' ) ) {
			/* translators: %s: an amount */
			echo '<p><label>' . esc_html( sprintf( __( 'Capture (empty: all of %s)', 'kassette' ), Money::text( $state->most( 'capture' ) ) ) ) . ' <input type="text" inputmode="decimal" name="' . esc_attr( self::AMOUNT ) . '" /></label>';
			echo '<label><input type="checkbox" name="' . esc_attr( self::LAST ) . '" value="1" /> ' . esc_html__( 'Give the rest of the authorization back', 'kassette' ) . '</label></p>';
		}
		$titles = array(
			/* translators: %s: why not */
			'capture' => __( 'No capture: %s', 'kassette' ),
			/* translators: %s: why not */
			'refund'  => __( 'No refund: %s', 'kassette' ),
		);
		foreach ( $titles as $action => $title ) {
			if ( '' !== $state->refusal( $action ) ) {
				echo '<p class="description">' . esc_html( sprintf( $title, $state->refusal( $action ) ) ) . '</p>';
			}
		}
	}

	/**
	 * The list of actions.
	 *
	 * @param array          $actions Title by action.
	 * @param \WC_Order|null $order   The order.
	 * @return array
	 */
	public static function actions( $actions, $order = null ) {
		if ( ! $order instanceof \WC_Order || '' === State::of( $order )->id() ) {
			return $actions;
		}
		if ( State::of( $order )->most( 'capture' ) ) {
			$actions['kassette_capture'] = __( 'Kassette: capture the payment', 'kassette' );
		}
		$actions['kassette_ask'] = __( 'Kassette: ask the provider now', 'kassette' );
		if ( State::of( $order )->attention() ) {
			$actions['kassette_seen'] = __( 'Kassette: I have looked at it', 'kassette' );
		}
		return $actions;
	}

	/**
	 * Captures what the form says.
	 *
	 * @param \WC_Order $order The order.
	 */
	public static function capture( $order ) {
		// phpcs:disable WordPress.Security.NonceVerification -- WooCommerce verified its own before this action.
		$amount = str_replace( ',', '.', sanitize_text_field( wp_unslash( $_POST[ self::AMOUNT ] ?? '' ) ) );
		Captures::take( $order->get_id(), $amount, ! empty( $_POST[ self::LAST ] ) );
		// phpcs:enable
	}

	/**
	 * Asks the gateway and its providers.
	 *
	 * @param \WC_Order $order The order.
	 */
	public static function ask( $order ) {
		Catch_Up::ask( $order->get_id() );
	}

	/**
	 * Lowers the flags.
	 *
	 * @param \WC_Order $order The order.
	 */
	public static function seen( $order ) {
		State::of( $order )->lower();
		$order->save_meta_data();
		$order->add_order_note( 'Kassette: ' . __( 'somebody has looked at it.', 'kassette' ), 0, true );
	}
}
