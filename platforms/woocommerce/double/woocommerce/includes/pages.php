<?php
/**
 * The classic checkout page, as far as gateways show on it.
 *
 * @package Kassette\Double
 */

/**
 * Places an order as the classic checkout does.
 *
 * @param WC_Order $order   The order that the checkout made.
 * @param string   $gateway The gateway's id.
 * @return array result and redirect, or result and messages.
 */
function wc_double_classic_checkout( $order, $gateway ) {
	$GLOBALS['wc_double_notices'] = array();
	$chosen                       = WC()->payment_gateways()->get_available_payment_gateways()[ $gateway ] ?? null;
	if ( ! $chosen ) {
		return array(
			'result'   => 'failure',
			'messages' => array( 'Invalid payment method.' ),
		);
	}
	$chosen->validate_fields();
	if ( array() === $GLOBALS['wc_double_notices'] ) {
		$order->set_payment_method( $gateway );
		$order->set_payment_method_title( $chosen->get_title() );
		$order->save();
		$result = $chosen->process_payment( $order->get_id() );
		if ( 'success' === ( $result['result'] ?? '' ) ) {
			return $result;
		}
	}
	return array(
		'result'   => 'failure',
		'messages' => wp_list_pluck( $GLOBALS['wc_double_notices'], 'notice' ),
	);
}

/**
 * What the classic checkout shows of the gateways.
 *
 * @return string HTML
 */
function wc_double_payment_methods() {
	ob_start();
	foreach ( WC()->payment_gateways()->get_available_payment_gateways() as $gateway ) {
		echo '<li class="payment_method_' . esc_attr( $gateway->id ) . '"><label>' . wp_kses_post( $gateway->get_title() ) . ' ' . $gateway->get_icon() . '</label>'; // phpcs:ignore
		if ( $gateway->has_fields || $gateway->get_description() ) {
			$gateway->payment_fields();
		}
		echo '</li>';
	}
	return ob_get_clean();
}
