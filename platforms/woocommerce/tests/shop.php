<?php
/**
 * The shop's side of a payment at a real gateway, a step a run: what a
 * merchant and a shopper do, and what came of it, as JSON.
 *
 *   php shop.php order GATEWAY TOTAL CURRENCY
 *   php shop.php show ID | refund ID AMOUNT | capture ID AMOUNT | status ID STATUS
 *   php shop.php capturing automatic|manual
 *   php shop.php catch-up
 *
 * @package Kassette\Tests
 */

require getenv( 'KASSETTE_SITE' ) . '/wp-load.php';

/**
 * Places an order.
 *
 * @param string $gateway  The gateway's id in the shop.
 * @param string $total    A decimal.
 * @param string $currency ISO 4217.
 * @return array
 */
function shop_order( $gateway, $total, $currency ) {
	update_option( 'woocommerce_kassette_settings', array( 'enabled' => 'yes' ) );
	WC()->payment_gateways( true );
	$order = wc_create_order();
	$order->set_currency( $currency );
	$order->set_total( $total );
	$order->set_created_via( 'checkout' );
	foreach ( array( 'first_name' => 'Jan', 'last_name' => 'Jansen', 'address_1' => 'Dorpsstraat 1', 'postcode' => '1234 AB', 'city' => 'Utrecht', 'country' => 'NL', 'email' => 'jan@example.org' ) as $name => $value ) { // phpcs:ignore
		$order->{"set_billing_$name"}( $value );
	}
	$order->add_item( new WC_Order_Item( array( 'name' => 'Lamp', 'sku' => 'L-7', 'quantity' => 2, 'total' => $total ) ) ); // phpcs:ignore
	$order->save();
	return array( 'id' => $order->get_id() ) + wc_double_classic_checkout( $order, $gateway );
}

/**
 * What became of an order.
 *
 * @param string $id Its id.
 * @return array
 */
function shop_show( $id ) {
	global $wpdb;
	$order   = wc_get_order( (int) $id );
	$refunds = array();
	foreach ( $order->get_refunds() as $refund ) {
		$refunds[] = $refund->get_amount();
	}
	return array(
		'status'      => $order->get_status(),
		'transaction' => $order->get_transaction_id(),
		'gateway'     => Kassette\State::of( $order )->id(),
		'said'        => Kassette\State::of( $order )->said( 'status' ),
		'attention'   => array_keys( Kassette\State::of( $order )->attention() ),
		'refunds'     => $refunds,
		'refundable'  => wc_get_payment_gateway_by_order( $order )->can_refund_order( $order ),
		'notes'       => $wpdb->get_col( $wpdb->prepare( "SELECT comment_content FROM {$wpdb->comments} WHERE comment_post_ID = %d ORDER BY comment_ID", $id ) ),
		'mails'       => $wpdb->get_col( $wpdb->prepare( 'SELECT subject FROM mails WHERE subject LIKE %s', '% ' . (int) $id ) ),
	);
}

/**
 * Refunds from the order screen.
 *
 * @param string $id     The order's id.
 * @param string $amount A decimal.
 * @return array
 */
function shop_refund( $id, $amount ) {
	$refund = wc_create_refund( array( 'order_id' => (int) $id, 'amount' => $amount, 'reason' => 'came back', 'refund_payment' => true ) ); // phpcs:ignore
	return array( 'error' => is_wp_error( $refund ) ? $refund->get_error_message() : '' );
}

/**
 * Captures a part from the order screen, and gives the rest back.
 *
 * @param string $id     The order's id.
 * @param string $amount A decimal.
 * @return array
 */
function shop_capture( $id, $amount ) {
	$result = Kassette\Captures::take( (int) $id, $amount, true );
	return array( 'error' => is_wp_error( $result ) ? $result->get_error_message() : '' );
}

/**
 * Says when money is taken.
 *
 * @param string $when automatic or manual.
 * @return array
 */
function shop_capturing( $when ) {
	Kassette\Settings::save( array( 'capture' => $when ) );
	return array( 'when' => Kassette\Settings::get( 'capture' ) );
}

/**
 * Sets a status, as a merchant does.
 *
 * @param string $id     The order's id.
 * @param string $status The status.
 * @return array
 */
function shop_status( $id, $status ) {
	return array( 'set' => wc_get_order( (int) $id )->update_status( $status ) );
}

/**
 * Runs what is scheduled.
 *
 * @return array
 */
function shop_catch_up() {
	return array( 'news' => Kassette\Catch_Up::run() );
}

echo wp_json_encode( call_user_func_array( 'shop_' . str_replace( '-', '_', $argv[1] ), array_slice( $argv, 2 ) ) );
