<?php
/**
 * Captures and cancellations.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Takes authorized money, and tells the gateway that the shop cancelled
 * (woocommerce.md 3.5).
 */
final class Captures {

	/**
	 * Orders whose cancellation the gateway has not heard.
	 */
	const OWED = 'kassette_owed';

	/**
	 * Statuses of the gateway's order in which it can be cancelled.
	 */
	const CANCELS = array( 'open', 'pending', 'authorized' );

	/**
	 * Hears what happens to orders.
	 */
	public static function start() {
		add_action( 'woocommerce_order_status_completed', array( self::class, 'completed' ), 1 ); // before the shopper's mail.
		add_action( 'woocommerce_order_status_cancelled', array( self::class, 'cancelled' ) );
		add_filter( 'woocommerce_cancel_unpaid_order', array( self::class, 'keep_waiting' ), 10, 2 );
	}

	/**
	 * A slow payment does not meet an order that the shop cancelled by itself: the
	 * gateway says when it is over (3.5).
	 *
	 * @param bool      $cancels Whether WooCommerce would cancel it.
	 * @param \WC_Order $order   The order.
	 * @return bool
	 */
	public static function keep_waiting( $cancels, $order ) {
		return $cancels && 'pending' !== State::of( $order )->said( 'status' );
	}

	/**
	 * Completing an authorized order captures it. Where that fails it is not
	 * completed, no longer has the date of its payment that WooCommerce gave it,
	 * and the shopper gets no mail that it is complete.
	 *
	 * @param int $id The order's id.
	 */
	public static function completed( $id ) {
		$order = wc_get_order( $id );
		if ( 'authorized' !== State::of( $order )->said( 'status' ) ) {
			return;
		}
		$result = self::take( $id, '', false );
		if ( is_wp_error( $result ) ) {
			add_filter(
				'woocommerce_email_enabled_customer_completed_order',
				static function ( $enabled, $about ) use ( $id ) {
					return $about instanceof \WC_Order && $about->get_id() === (int) $id ? false : $enabled;
				},
				10,
				2
			);
			$order = wc_get_order( $id );
			$order->set_date_paid( null );
			$order->update_status( 'on-hold', 'Kassette: ' . __( 'not completed, since the payment was not captured.', 'kassette' ) );
		}
	}

	/**
	 * Captures a payment, and notes how it went.
	 *
	 * @param int    $id     The order's id.
	 * @param string $amount A decimal; '' for all that is authorized.
	 * @param bool   $last   Gives the rest of the authorization back.
	 * @return true|\WP_Error
	 */
	public static function take( $id, $amount, $last ) {
		try {
			Lock::with(
				$id,
				static function ( \WC_Order $order ) use ( $amount, $last ) {
					self::ask( $order, $amount, $last );
				}
			);
			Catch_Up::read( $id );
			return true;
		} catch ( \InvalidArgumentException $wrong ) {
			$text = __( 'This amount cannot be captured in the order\'s currency.', 'kassette' );
		} catch ( Problem $problem ) {
			$text = $problem->unsure() ? __( 'No answer came. Capture again: it is never taken twice.', 'kassette' ) : (string) ( $problem->members['detail'] ?? $problem->getMessage() );
		}
		/* translators: %s: why not */
		wc_get_order( $id )->add_order_note( 'Kassette: ' . sprintf( __( 'not captured. %s', 'kassette' ), $text ) );
		return new \WP_Error( 'kassette_capture', $text );
	}

	/**
	 * Asks the gateway for a capture.
	 *
	 * @param \WC_Order $order  The order.
	 * @param string    $amount A decimal, or ''.
	 * @param bool      $last   Gives the rest back.
	 * @throws Problem Where it was not captured, or nobody knows.
	 */
	private static function ask( \WC_Order $order, $amount, $last ) {
		$state = State::of( $order );
		$body  = $last ? array( 'final' => true ) : array();
		$name  = 'capture-all';
		if ( '' !== $amount ) {
			$minor          = Money::minor( $amount, $order->get_currency() );
			$body['amount'] = Money::sent( $minor, $order->get_currency() );
			$name           = "capture-$minor" . ( $last ? '-last' : '' );
		}
		$client = new Client( $state->mode() );
		try {
			$capture = $client->post( '/v1/orders/' . $state->id() . '/captures', $body, $state->operation( $name ) );
		} catch ( Problem $problem ) {
			if ( ! $problem->unsure() && ! $problem->passing() ) {
				$state->operation_ended();
				$order->save_meta_data();
			}
			throw $problem;
		}
		$state->operation_ended();
		$order->save_meta_data();
		if ( 'failed' === $capture['status'] ) {
			throw new Problem( __( 'The provider did not take the money.', 'kassette' ), 422, array( 'attempted' => 'yes' ) ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		/* translators: 1: an amount 2: the gateway's number of the capture */
		$text = 'pending' === $capture['status'] ? __( 'capture of %1$s is under way (%2$s).', 'kassette' ) : __( 'captured %1$s (%2$s).', 'kassette' );
		$order->add_order_note( 'Kassette: ' . sprintf( $text, Money::text( $capture['amount'] ), $capture['id'] ) );
	}

	/**
	 * The shop cancelled: nobody shall pay any more, and an authorization is
	 * given back. Where the gateway does not hear it, it is told later.
	 *
	 * @param int $id The order's id.
	 */
	public static function cancelled( $id ) {
		$state = State::of( wc_get_order( $id ) );
		if ( '' === $state->id() || ! in_array( $state->said( 'status' ), self::CANCELS, true ) ) {
			return;
		}
		try {
			( new Client( $state->mode(), 5 ) )->post( '/v1/orders/' . $state->id() . '/cancel' );
			self::owe( $id, false );
		} catch ( Problem $problem ) {
			self::owe( $id, $problem->passing() );
			/* translators: %s: why not */
			wc_get_order( $id )->add_order_note( 'Kassette: ' . sprintf( __( 'the payment is not cancelled. %s', 'kassette' ), $problem->passing() ? __( 'The gateway is told again later.', 'kassette' ) : $problem->getMessage() ) );
		}
	}

	/**
	 * Tells the gateway what it has not heard.
	 */
	public static function pay_debts() {
		foreach ( (array) get_option( self::OWED, array() ) as $id ) {
			$order = wc_get_order( $id );
			if ( ! $order instanceof \WC_Order || ! $order->has_status( 'cancelled' ) ) {
				self::owe( $id, false );
				continue;
			}
			try {
				( new Client( State::of( $order )->mode() ) )->post( '/v1/orders/' . State::of( $order )->id() . '/cancel' );
				self::owe( $id, false );
			} catch ( Problem $problem ) {
				self::owe( $id, $problem->passing() );
			}
		}
	}

	/**
	 * Notes whether a cancellation is still to be told.
	 *
	 * @param int  $id   The order's id.
	 * @param bool $owed Whether it is.
	 */
	private static function owe( $id, $owed ) {
		$ids = array_values( array_diff( (array) get_option( self::OWED, array() ), array( $id ) ) );
		update_option( self::OWED, $owed ? array_merge( $ids, array( $id ) ) : $ids, false );
	}
}
