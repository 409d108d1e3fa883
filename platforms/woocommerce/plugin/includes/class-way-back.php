<?php
/**
 * The shopper comes back.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Takes the shopper from the gateway to the page of the shop that fits. What
 * the address says is not believed: the gateway is asked.
 */
final class Way_Back {

	/**
	 * Seconds that the shopper waits for the gateway's answer.
	 */
	const TIMEOUT = 5;

	/**
	 * The address for return_url and cancel_url.
	 *
	 * @param \WC_Order $order The order.
	 * @return string
	 */
	public static function url( \WC_Order $order ) {
		return add_query_arg(
			array(
				'shop_order' => $order->get_id(),
				'key'        => $order->get_order_key(),
			),
			WC()->api_request_url( 'kassette_return' )
		);
	}

	/**
	 * Answers a request, and exits (woocommerce.md 3.3).
	 */
	public static function answer() {
		// The order's key and the gateway's signature stand for a nonce here.
		$query = array_map( 'sanitize_text_field', array_filter( wp_unslash( $_GET ), 'is_string' ) ); // phpcs:ignore WordPress.Security.NonceVerification
		$order = wc_get_order( absint( $query['shop_order'] ?? 0 ) );
		if ( ! $order instanceof \WC_Order || ! hash_equals( $order->get_order_key(), $query['key'] ?? '' ) ) {
			wp_safe_redirect( wc_get_checkout_url() );
			exit;
		}
		wp_safe_redirect( self::onward( $order, $query ) );
		exit;
	}

	/**
	 * Where the shopper goes on to: the order-received page, or the pay page
	 * where it is still to be paid.
	 *
	 * @param \WC_Order $order The order.
	 * @param array     $query The address's parameters.
	 * @return string
	 */
	public static function onward( \WC_Order $order, array $query ) {
		$signed = Signature::way_back( Settings::notice_secrets(), $query, time() );
		if ( $signed && Order_Request::reference( $order ) === $query['reference'] && ! $order->is_paid() ) {
			self::ask( $order, $query['order'] );
			$order = wc_get_order( $order->get_id() );
		}
		$tries_again = in_array( State::of( $order )->said( 'status' ), array( 'open', 'cancelled', 'expired' ), true );
		if ( ! $order->needs_payment() || ! $tries_again ) {
			return $order->get_checkout_order_received_url();
		}
		wc_add_notice( __( 'The order is not paid yet. You can try again here.', 'kassette' ), 'notice' );
		return $order->get_checkout_payment_url();
	}

	/**
	 * Asks the gateway about an order. Where it does not answer, or its answer
	 * cannot be taken now, its notice comes later.
	 *
	 * @param \WC_Order $order The order.
	 * @param string    $id    The gateway's order.
	 */
	private static function ask( \WC_Order $order, $id ) {
		try {
			$whole = ( new Client( State::of( $order )->mode(), self::TIMEOUT ) )->get( '/v1/orders/' . rawurlencode( $id ) );
			News::take( $order->get_id(), $whole, '', true );
		} catch ( \Throwable $problem ) {
			Log::write( 'warning', 'way back of order ' . $order->get_id() . ': ' . $problem->getMessage() );
		}
	}
}
