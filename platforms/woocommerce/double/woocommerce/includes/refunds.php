<?php
/**
 * Making refunds (document 1.5).
 *
 * @package Kassette\Double
 */

/**
 * Makes a refund. With refund_payment the order's gateway is asked to pay it
 * out; where it does not, there is no refund.
 *
 * @param array $args order_id, amount, reason, refund_payment.
 * @return WC_Order_Refund|WP_Error
 */
function wc_create_refund( $args ) {
	$order = wc_get_order( $args['order_id'] );
	if ( ! $order ) {
		return new WP_Error( 'error', 'Invalid order ID.' );
	}
	$left = wc_double_units( $order->get_remaining_refund_amount() );
	$asks = wc_double_units( $args['amount'] );
	if ( $asks < 0 || $asks > $left ) {
		return new WP_Error( 'error', 'Invalid refund amount.' );
	}
	$refund = new WC_Order_Refund();
	$refund->set_parent_id( $order->get_id() );
	$refund->set_amount( $args['amount'] );
	$refund->set_reason( $args['reason'] ?? '' );
	do_action( 'woocommerce_create_refund', $refund, $args );
	$refund->save();
	if ( ! empty( $args['refund_payment'] ) ) {
		$done = wc_refund_payment( $order, $refund->get_amount(), $refund->get_reason() );
		if ( is_wp_error( $done ) ) {
			$refund->delete();
			return $done;
		}
		$refund->set_refunded_payment( true );
		$refund->save();
	}
	$fully = $asks === $left;
	do_action( $fully ? 'woocommerce_order_fully_refunded' : 'woocommerce_order_partially_refunded', $order->get_id(), $refund->get_id() );
	if ( $fully ) {
		wc_get_order( $order->get_id() )->update_status( 'refunded' );
	}
	do_action( 'woocommerce_order_refunded', $order->get_id(), $refund->get_id() );
	return $refund;
}

/**
 * Has the order's gateway pay a refund out.
 *
 * @param WC_Order $order  The order.
 * @param string   $amount How much.
 * @param string   $reason Why.
 * @return true|WP_Error
 */
function wc_refund_payment( $order, $amount, $reason ) {
	$gateway = wc_get_payment_gateway_by_order( $order );
	if ( ! $gateway ) {
		return new WP_Error( 'error', 'The payment gateway for this order does not exist.' );
	}
	if ( ! $gateway->supports( 'refunds' ) ) {
		return new WP_Error( 'error', 'The payment gateway for this order does not support automatic refunds.' );
	}
	$result = $gateway->process_refund( $order->get_id(), $amount, $reason );
	if ( ! $result ) {
		return new WP_Error( 'error', 'An error occurred while attempting to create the refund using the payment gateway API.' );
	}
	return $result;
}
