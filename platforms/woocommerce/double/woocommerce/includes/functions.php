<?php
/**
 * Functions of the shop.
 *
 * @package Kassette\Double
 */

/**
 * An order or a refund; false where there is none.
 *
 * @param int|WC_Abstract_Order $id Its id.
 * @return WC_Order|WC_Order_Refund|false
 */
function wc_get_order( $id ) {
	if ( $id instanceof WC_Abstract_Order ) {
		return $id;
	}
	$row = WC_Double_Store::read( (int) $id );
	if ( ! $row ) {
		return false;
	}
	return 'shop_order' === $row['type'] ? new WC_Order( $id ) : new WC_Order_Refund( $id );
}

/**
 * Makes an order.
 *
 * @return WC_Order
 */
function wc_create_order() {
	$order = new WC_Order();
	$order->set_currency( get_woocommerce_currency() );
	$order->set_order_key( 'wc_order_' . wp_generate_password( 13, false ) );
	$order->set_status( 'pending' );
	$order->save();
	return $order;
}

/**
 * The shop's currency.
 *
 * @return string
 */
function get_woocommerce_currency() {
	return apply_filters( 'woocommerce_currency', get_option( 'woocommerce_currency', 'EUR' ) );
}

/**
 * How many decimals the shop writes, whatever its currency has.
 *
 * @return int
 */
function wc_get_price_decimals() {
	return absint( apply_filters( 'wc_get_price_decimals', get_option( 'woocommerce_price_num_decimals', 2 ) ) );
}

/**
 * Rounds a decimal to the shop's decimals, as text (document 1.2).
 *
 * @param string|float $number The number.
 * @param int          $places Decimals.
 * @return string
 */
function wc_format_decimal( $number, $places ) {
	return number_format( (float) $number, $places, '.', '' );
}

/**
 * A shop's decimal in units of 0.0001.
 *
 * @param string $decimal The decimal.
 * @return int
 */
function wc_double_units( $decimal ) {
	return (int) round( 10000 * (float) $decimal );
}

/**
 * The opposite of wc_double_units.
 *
 * @param int $units Units of 0.0001.
 * @return string
 */
function wc_double_decimal( $units ) {
	return wc_format_decimal( $units / 10000, wc_get_price_decimals() );
}

/**
 * Statuses of paid orders.
 *
 * @return string[]
 */
function wc_get_is_paid_statuses() {
	return apply_filters( 'woocommerce_order_is_paid_statuses', array( 'processing', 'completed' ) );
}

/**
 * The gateway of an order; false where it is none of the shop's.
 *
 * @param WC_Order $order The order.
 * @return WC_Payment_Gateway|false
 */
function wc_get_payment_gateway_by_order( $order ) {
	return WC()->payment_gateways()->payment_gateways()[ $order->get_payment_method() ] ?? false;
}

/**
 * Keeps a notice for the shopper's next page.
 *
 * @param string $text Its text.
 * @param string $type error, notice, success.
 */
function wc_add_notice( $text, $type = 'success' ) {
	$GLOBALS['wc_double_notices'][] = array(
		'notice' => $text,
		'type'   => $type,
	);
}

/**
 * The pay page, cart and checkout.
 *
 * @return string
 */
function wc_get_checkout_url() {
	return home_url( '/checkout/' );
}

/**
 * Whether this is the checkout's page, or one below it.
 *
 * @return bool
 */
function is_checkout() {
	return 0 === strpos( sanitize_text_field( wp_unslash( $_SERVER['REQUEST_URI'] ?? '' ) ), '/checkout/' );
}

/**
 * A price as HTML.
 *
 * @param string $amount The amount.
 * @param array  $args   currency.
 * @return string
 */
function wc_price( $amount, $args = array() ) {
	return '<span class="amount">' . esc_html( ( $args['currency'] ?? get_woocommerce_currency() ) . ' ' . $amount ) . '</span>';
}

/**
 * The shop's log.
 *
 * @return WC_Double_Logger
 */
function wc_get_logger() {
	return new WC_Double_Logger();
}

/**
 * Keeps what was logged for tests.
 */
class WC_Double_Logger {

	/**
	 * Logs a line.
	 *
	 * @param string $level   Its level.
	 * @param string $text    Its text.
	 * @param array  $context source.
	 */
	public function log( $level, $text, $context = array() ) {
		$GLOBALS['wc_double_log'][] = array( $level, $text, $context['source'] ?? '' );
	}
}

/**
 * Document 3.5: cancels orders that were not paid, unless a filter keeps one.
 * (The real one looks for those older than woocommerce_hold_stock_minutes.)
 */
function wc_cancel_unpaid_orders() {
	foreach ( WC_Double_Store::orders() as $id ) {
		$order = wc_get_order( $id );
		if ( $order->has_status( 'pending' ) && apply_filters( 'woocommerce_cancel_unpaid_order', 'checkout' === $order->get_created_via(), $order ) ) {
			$order->update_status( 'cancelled', 'Unpaid order cancelled - time limit reached.' );
		}
	}
}
