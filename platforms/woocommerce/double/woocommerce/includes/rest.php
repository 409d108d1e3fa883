<?php
/**
 * The parts of the REST interface that reach a gateway.
 *
 * @package Kassette\Double
 */

add_action(
	'rest_api_init',
	static function () {
		$may = static function () {
			return current_user_can( 'manage_woocommerce' );
		};
		register_rest_route( 'wc/v3', '/payment_gateways/(?P<id>[\w-]+)', array( 'methods' => 'GET', 'callback' => 'wc_double_rest_gateway', 'permission_callback' => $may ) ); // phpcs:ignore
		register_rest_route( 'wc/v3', '/orders/(?P<id>\d+)/refunds', array( 'methods' => 'POST', 'callback' => 'wc_double_rest_refund', 'permission_callback' => $may ) ); // phpcs:ignore
		register_rest_route( 'wc/store/v1', '/checkout', array( 'methods' => 'POST', 'callback' => 'wc_double_rest_checkout', 'permission_callback' => '__return_true' ) ); // phpcs:ignore
	}
);

/**
 * Document 1.5: shows the value of every setting that has a title and a type.
 *
 * @param WP_REST_Request $request The request.
 * @return array|WP_Error
 */
function wc_double_rest_gateway( $request ) {
	$gateway = WC()->payment_gateways()->payment_gateways()[ $request['id'] ] ?? null;
	if ( ! $gateway ) {
		return new WP_Error( 'woocommerce_rest_payment_gateway_invalid', 'Resource does not exist.', array( 'status' => 404 ) );
	}
	$settings = array();
	foreach ( $gateway->get_form_fields() as $key => $field ) {
		if ( ! empty( $field['title'] ) && ! empty( $field['type'] ) ) {
			$settings[ $key ] = array( 'id' => $key, 'type' => $field['type'], 'value' => $gateway->settings[ $key ] ); // phpcs:ignore
		}
	}
	return array(
		'id'              => $gateway->id,
		'title'           => $gateway->get_title(),
		'enabled'         => 'yes' === $gateway->enabled,
		'method_supports' => $gateway->supports,
		'settings'        => $settings,
		'needs_setup'     => $gateway->needs_setup(),
	);
}

/**
 * Document 1.5: api_refund is true where it is missing, and each error is a 500.
 *
 * @param WP_REST_Request $request The request.
 * @return WP_REST_Response|WP_Error
 */
function wc_double_rest_refund( $request ) {
	if ( ! wc_get_order( $request['id'] ) ) {
		return new WP_Error( 'woocommerce_rest_shop_order_invalid_id', 'Invalid ID.', array( 'status' => 404 ) );
	}
	$pay    = null === $request['api_refund'] ? true : rest_sanitize_boolean( $request['api_refund'] );
	$refund = wc_create_refund(
		array(
			'order_id'       => $request['id'],
			'amount'         => $request['amount'],
			'reason'         => $request['reason'],
			'refund_payment' => $pay,
		)
	);
	if ( is_wp_error( $refund ) ) {
		return new WP_Error( 'woocommerce_rest_cannot_create_order_refund', $refund->get_error_message(), array( 'status' => 500 ) );
	}
	return new WP_REST_Response( array( 'id' => $refund->get_id(), 'amount' => $refund->get_amount(), 'refunded_payment' => (bool) $refund->get_refunded_payment() ), 201 ); // phpcs:ignore
}

/**
 * Document 1.6 and 3.2: payment_data arrives as $_POST; a failure is a 400
 * with the gateway's text. The cart of the double is order_id.
 *
 * @param WP_REST_Request $request The request.
 * @return array|WP_Error
 */
function wc_double_rest_checkout( $request ) {
	$order   = wc_get_order( $request['order_id'] );
	$gateway = WC()->payment_gateways()->get_available_payment_gateways()[ $request['payment_method'] ] ?? null;
	if ( ! $gateway ) {
		return new WP_Error( 'woocommerce_rest_checkout_payment_method_disabled', 'This payment method is not available.', array( 'status' => 400 ) );
	}
	$order->set_payment_method( $gateway->id );
	$order->save();
	$_POST = wp_slash( wp_list_pluck( (array) $request['payment_data'], 'value', 'key' ) );

	$GLOBALS['wc_double_notices'] = array();
	$GLOBALS['wc_double_rest']    = true;
	$gateway->validate_fields();
	$result = array() === $GLOBALS['wc_double_notices'] ? $gateway->process_payment( $order->get_id() ) : array( 'result' => 'failure' );
	$_POST  = array();

	$GLOBALS['wc_double_rest'] = false;
	if ( 'success' !== ( $result['result'] ?? '' ) ) {
		$text = $result['message'] ?? ( $GLOBALS['wc_double_notices'][0]['notice'] ?? 'The payment failed.' );
		return new WP_Error( 'woocommerce_rest_checkout_process_payment_error', $text, array( 'status' => 400 ) );
	}
	return array(
		'order_id'       => $order->get_id(),
		'order_key'      => $order->get_order_key(),
		'status'         => wc_get_order( $order->get_id() )->get_status(),
		'payment_result' => array( 'payment_status' => 'success', 'payment_details' => array(), 'redirect_url' => $result['redirect'] ), // phpcs:ignore
	);
}
