<?php
/**
 * What tests of the shop share.
 *
 * @package Kassette\Tests
 */

use PHPUnit\Framework\TestCase;

/**
 * A test in the shop: orders, notes and mails.
 */
abstract class Shop_Test extends TestCase {

	/**
	 * An order that waits for its payment.
	 *
	 * @param string $total    A decimal.
	 * @param string $currency ISO 4217.
	 * @return WC_Order
	 */
	protected function order( $total = '12.50', $currency = 'EUR' ) {
		$order = wc_create_order();
		$order->set_currency( $currency );
		$order->set_total( $total );
		$order->set_created_via( 'checkout' );
		$order->set_billing_email( 'jan@example.org' );
		$order->save();
		return $order;
	}

	/**
	 * The order as the database has it.
	 *
	 * @param WC_Order $order The order.
	 * @return WC_Order
	 */
	protected function again( WC_Order $order ) {
		clean_post_cache( $order->get_id() );
		WC_Data_Store::load( 'order' )->clear_cached_data( array( $order->get_id() ) );
		return wc_get_order( $order->get_id() );
	}

	/**
	 * Notes of an order that contain a text.
	 *
	 * @param WC_Order $order The order.
	 * @param string   $part  The text.
	 * @return string[]
	 */
	protected function notes( WC_Order $order, $part = '' ) {
		global $wpdb;
		$all = $wpdb->get_col( $wpdb->prepare( "SELECT comment_content FROM {$wpdb->comments} WHERE comment_type = 'order_note' AND comment_post_ID = %d ORDER BY comment_ID", $order->get_id() ) );
		return array_values(
			array_filter(
				$all,
				static function ( $note ) use ( $part ) {
					return '' === $part || false !== strpos( $note, $part );
				}
			)
		);
	}

	/**
	 * Subjects of mails about an order that contain a text.
	 *
	 * @param WC_Order $order The order.
	 * @param string   $part  The text.
	 * @return string[]
	 */
	protected function mails( WC_Order $order, $part ) {
		global $wpdb;
		return $wpdb->get_col( $wpdb->prepare( 'SELECT subject FROM mails WHERE subject LIKE %s', '%' . $wpdb->esc_like( $part ) . '% ' . $order->get_id() ) );
	}
}
