<?php
/**
 * One at a time.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * A lock per order. WooCommerce's payment_complete is not safe under
 * concurrency (woocommerce.md 3.3), so whoever changes an order holds it. The
 * database frees it when the request ends, however it ends.
 */
final class Lock {

	/**
	 * Seconds to wait for it: the gateway gives a notice fifteen.
	 */
	const WAIT = 10;

	/**
	 * Runs a step that changes an order, with the order as it is by then.
	 *
	 * @param int      $id   The order's id.
	 * @param callable $step Takes the order; its result is the result.
	 * @return mixed
	 * @throws Problem Where another holds the order too long, or there is no such order.
	 */
	public static function with( $id, callable $step ) {
		global $wpdb;
		$name = 'kassette_' . md5( DB_NAME . $wpdb->prefix . $id );
		if ( '1' !== (string) $wpdb->get_var( $wpdb->prepare( 'SELECT GET_LOCK(%s, %d)', $name, self::WAIT ) ) ) { // phpcs:ignore WordPress.DB.DirectDatabaseQuery
			throw new Problem( __( 'The order is being changed by somebody else: try again.', 'kassette' ), 503, array( 'attempted' => 'no' ) ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		try {
			return $step( self::fresh( $id ) );
		} finally {
			$wpdb->query( $wpdb->prepare( 'SELECT RELEASE_LOCK(%s)', $name ) ); // phpcs:ignore WordPress.DB.DirectDatabaseQuery
		}
	}

	/**
	 * The order as the database has it: what was read before the lock is old.
	 *
	 * @param int $id The order's id.
	 * @return \WC_Order
	 * @throws Problem Where there is no such order.
	 */
	private static function fresh( $id ) {
		clean_post_cache( $id );
		if ( class_exists( \Automattic\WooCommerce\Caches\OrderCache::class ) ) {
			wc_get_container()->get( \Automattic\WooCommerce\Caches\OrderCache::class )->remove( $id );
		}
		\WC_Data_Store::load( 'order' )->clear_cached_data( array( $id ) ); // HPOS may keep rows; the store of posts takes the call and does nothing.
		$order = wc_get_order( $id );
		if ( ! $order instanceof \WC_Order ) {
			throw new Problem( __( 'There is no such order in the shop.', 'kassette' ), 404, array( 'attempted' => 'no' ) ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		$order->read_meta_data( true );
		return $order;
	}
}
