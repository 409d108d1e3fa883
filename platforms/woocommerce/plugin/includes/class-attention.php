<?php
/**
 * Orders that somebody should look at.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Lists flagged orders on every page of the admin until they were looked at,
 * and mails the merchant when the first flag of an order goes up.
 */
final class Attention {

	const OPTION = 'kassette_attention';

	/**
	 * Adds an order.
	 *
	 * @param int $id The order's id.
	 */
	public static function add( $id ) {
		if ( in_array( $id, self::orders(), true ) ) {
			return;
		}
		update_option( self::OPTION, array_merge( self::orders(), array( $id ) ), false );
		/* translators: %s: the order's id */
		wp_mail( get_option( 'admin_email' ), sprintf( __( 'Please look at order %s', 'kassette' ), $id ), __( 'Something happened to its payment that the shop does not settle by itself. The order\'s notes say what.', 'kassette' ) . "\n\n" . self::link( $id ) );
	}

	/**
	 * Removes an order.
	 *
	 * @param int $id The order's id.
	 */
	public static function remove( $id ) {
		update_option( self::OPTION, array_values( array_diff( self::orders(), array( $id ) ) ), false );
	}

	/**
	 * Ids of the orders.
	 *
	 * @return int[]
	 */
	public static function orders() {
		return array_map( 'intval', (array) get_option( self::OPTION, array() ) );
	}

	/**
	 * The notice in the admin.
	 */
	public static function show() {
		if ( array() === self::orders() || ! current_user_can( 'manage_woocommerce' ) ) {
			return;
		}
		echo '<div class="notice notice-warning"><p>' . esc_html__( 'Kassette: please look at the payments of these orders:', 'kassette' );
		foreach ( self::orders() as $id ) {
			echo ' <a href="' . esc_url( self::link( $id ) ) . '">' . esc_html( (string) $id ) . '</a>';
		}
		echo '</p></div>';
	}

	/**
	 * The order screen.
	 *
	 * @param int $id The order's id.
	 * @return string
	 */
	private static function link( $id ) {
		$order = wc_get_order( $id );
		return $order ? $order->get_edit_order_url() : admin_url();
	}
}
