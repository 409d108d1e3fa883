<?php
/**
 * Mails that a change of status sends.
 *
 * @package Kassette\Double
 */

add_action(
	'woocommerce_order_status_changed',
	static function ( $id, $from, $to, $order ) {
		// The mail to the merchant is sent once per object: copies that were read before do not know of it (document 3.3).
		$waits = array( 'pending', 'failed', 'cancelled' );
		if ( in_array( $from, $waits, true ) && in_array( $to, array( 'processing', 'completed', 'on-hold' ), true ) && '' === $order->get_meta( '_new_order_email_sent' ) ) {
			wp_mail( get_option( 'admin_email' ), "New order $id", 'There is a new order.' );
			$order->update_meta_data( '_new_order_email_sent', 'true' );
			$order->save_meta_data();
		}
		$to_customer = array(
			'processing' => 'Your order is being processed',
			'completed'  => 'Your order is complete',
			'on-hold'    => 'Your order is on hold',
			'refunded'   => 'Your order was refunded',
		);
		$enabled     = apply_filters( 'woocommerce_email_enabled_customer_' . ( 'on-hold' === $to ? 'on_hold' : $to ) . '_order', true, $order );
		if ( $enabled && isset( $to_customer[ $to ] ) && '' !== $order->get_billing_email() ) {
			wp_mail( $order->get_billing_email(), "{$to_customer[ $to ]} $id", 'Thank you.' );
		}
	},
	10,
	4
);
