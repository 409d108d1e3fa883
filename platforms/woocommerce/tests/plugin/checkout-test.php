<?php
/**
 * Tests of the way from the checkout to the gateway.
 *
 * @package Kassette\Tests
 */

use Kassette\Order_Request;
use Kassette\State;

/**
 * Classic checkout and block checkout; the order as the gateway wants it.
 */
final class Checkout_Test extends Paying_Test {

	const CREATE = 'POST /v1/orders';

	private function made( WC_Order $order, array $over = array() ) {
		return $this->whole( $order, 'pending', $over + array( 'payment' => array( 'action' => array( 'type' => 'redirect', 'url' => 'https://bank.example/start', 'fields' => array(), 'text' => null ) ) ) ); // phpcs:ignore
	}

	public function test_a_method_leads_straight_to_the_provider() {
		$order = $this->order();
		$this->gateway->lay( self::CREATE, 201, $this->made( $order ) );
		$result = wc_double_classic_checkout( $order, 'kassette_ideal' );
		$this->assertSame( array( 'result' => 'success', 'redirect' => 'https://bank.example/start' ), $result ); // phpcs:ignore
		$sent = $this->gateway->latest( self::CREATE );
		$this->assertSame( 'ideal', $sent['body']['method'] );
		$this->assertSame( 'Bearer ' . Fake_Gateway::KEY, $sent['headers']['Authorization'] );
		$this->assertSame( 'ord_' . $order->get_id(), State::of( $this->again( $order ) )->id() );
		$this->assertSame( 'test', State::of( $this->again( $order ) )->mode() );
		$this->assertOrder( 'pending', $order );
		$this->assertSame( array(), $this->mails( $order, '' ) );
	}

	public function test_the_choice_leads_to_the_gateways_page() {
		$order = $this->order();
		update_option( 'woocommerce_kassette_settings', array( 'enabled' => 'yes' ) );
		WC()->payment_gateways( true );
		$this->gateway->lay( self::CREATE, 201, $this->whole( $order, 'open' ) );
		$this->assertSame( Fake_Gateway::URL . '/pay/token', wc_double_classic_checkout( $order, 'kassette' )['redirect'] );
		$this->assertArrayNotHasKey( 'method', $this->gateway->latest( self::CREATE )['body'] );
		delete_option( 'woocommerce_kassette_settings' );
	}

	public function test_a_form_is_handed_over_by_the_gateways_page() {
		$order = $this->order();
		$this->gateway->lay( self::CREATE, 201, $this->whole( $order, 'pending', array( 'payment' => array( 'method' => 'card', 'action' => array( 'type' => 'form', 'url' => 'https://psp.example' ) ) ) ) ); // phpcs:ignore
		$this->assertSame( Fake_Gateway::URL . '/pay/token?wait=pay_1&start=1', wc_double_classic_checkout( $order, 'kassette_card' )['redirect'] );
	}

	public function test_the_block_checkout_goes_the_same_way_with_its_option() {
		$order = $this->order();
		$this->gateway->lay( self::CREATE, 201, $this->made( $order, array( 'payment' => array( 'method' => 'bank', 'action' => array( 'type' => 'redirect', 'url' => 'https://bank.example/first' ) ) ) ) ); // phpcs:ignore
		$request = new WP_REST_Request( 'POST', '/wc/store/v1/checkout' );
		$request->set_body_params( array( 'order_id' => $order->get_id(), 'payment_method' => 'kassette_bank', 'payment_data' => array( array( 'key' => 'kassette_option', 'value' => 'first' ) ) ) ); // phpcs:ignore
		$got = rest_do_request( $request );
		$this->assertSame( 'https://bank.example/first', $got->get_data()['payment_result']['redirect_url'] );
		$this->assertSame( array( 'option' => 'first' ), $this->gateway->latest( self::CREATE )['body']['method_options'] );
	}

	/**
	 * @dataProvider unchosen
	 */
	public function test_a_method_with_options_wants_one( $sent ) {
		$order = $this->order();
		$_POST = wp_slash( $sent );
		$got   = wc_double_classic_checkout( $order, 'kassette_bank' );
		$this->assertSame( array( 'Please choose one of the options of this way to pay.' ), $got['messages'] );
		$this->assertSame( array(), $this->gateway->requests );
	}

	public function unchosen() {
		return array(
			'none'              => array( array() ),
			'empty'             => array( array( 'kassette_option' => array( 'kassette_bank' => '' ) ) ),
			'of another method' => array( array( 'kassette_option' => array( 'kassette_ideal' => 'first' ) ) ),
			'unknown'           => array( array( 'kassette_option' => array( 'kassette_bank' => 'third' ) ) ),
		);
	}

	public function test_the_block_checkout_is_refused_by_a_message_and_no_notice_waits_for_another_page() {
		$this->gateway->refuse( self::CREATE, 402, 'declined', array( 'failure' => array( 'code' => 'declined', 'user_message' => 'Your bank said no.' ) ) ); // phpcs:ignore
		$request = new WP_REST_Request( 'POST', '/wc/store/v1/checkout' );
		$request->set_body_params( array( 'order_id' => $this->order()->get_id(), 'payment_method' => 'kassette_ideal' ) ); // phpcs:ignore
		$got = rest_do_request( $request );
		$this->assertSame( array( 400, 'Your bank said no.' ), array( $got->get_status(), $got->get_data()['message'] ) );
		$this->assertSame( array(), $GLOBALS['wc_double_notices'] );
	}

	/**
	 * @dataProvider pages
	 */
	public function test_the_logos_style_is_where_logos_are( $path, $want ) {
		wp_dequeue_style( 'kassette' );
		$_SERVER['REQUEST_URI'] = $path;
		Kassette\Plugin::style();
		unset( $_SERVER['REQUEST_URI'] );
		$this->assertSame( $want, wp_style_is( 'kassette' ) );
	}

	public function pages() {
		return array(
			'the front page' => array( '/', false ),
			'the checkout'   => array( '/checkout/', true ),
			'the pay page'   => array( '/checkout/order-pay/7/?pay_for_order=true', true ),
		);
	}

	/**
	 * @dataProvider refusals
	 */
	public function test_a_refusal_is_told_in_kind_words( $status, $kind, array $members, $text ) {
		$order = $this->order();
		$this->gateway->refuse( self::CREATE, $status, $kind, $members );
		$got = wc_double_classic_checkout( $order, 'kassette_ideal' );
		$this->assertSame( 'failure', $got['result'] );
		$this->assertStringContainsString( $text, $got['messages'][0] );
		$this->assertStringNotContainsString( 'Detail', $got['messages'][0] );
		$this->assertOrder( 'pending', $order );
	}

	public function refusals() {
		return array(
			'declined'      => array( 402, 'declined', array( 'failure' => array( 'code' => 'declined', 'user_message' => 'Your bank said no.' ) ), 'Your bank said no.' ), // phpcs:ignore
			'wrong key'     => array( 401, 'unauthorized', array(), 'Nothing was charged' ),
			'not possible'  => array( 422, 'method-not-possible', array(), 'Nothing was charged' ),
			'old cart'      => array( 409, 'reference-taken', array( 'reason' => 'conflict' ), 'Nothing was charged' ),
			'provider down' => array( 503, 'method-unavailable', array(), 'Nothing was charged' ),
		);
	}

	public function test_a_lost_answer_is_asked_for_once_more() {
		$order = $this->order();
		$this->gateway->lay( self::CREATE, 0, new WP_Error( 'http_request_failed', 'timed out' ) );
		$this->gateway->lay( self::CREATE, 200, $this->made( $order ) );
		$this->assertSame( 'success', wc_double_classic_checkout( $order, 'kassette_ideal' )['result'] );
		list( $first, $second ) = $this->gateway->all( self::CREATE );
		$this->assertSame( $first['raw'], $second['raw'] );
	}

	/**
	 * @dataProvider waits
	 */
	public function test_a_method_that_cannot_wait_takes_the_money_at_once( $refusals, array $captures ) {
		update_option( 'kassette_settings', array( 'capture' => 'manual' ) + get_option( 'kassette_settings' ), false );
		$order = $this->order();
		for ( $n = 0; $n < $refusals; $n++ ) {
			$this->gateway->refuse( self::CREATE, 422, 'method-not-possible', array( 'reason' => 'capture_mode' ) );
		}
		$this->gateway->lay( self::CREATE, 201, $this->made( $order ) );
		$this->gateway->lay( 'GET /v1/orders', 200, array( 'items' => array( $this->whole( $order, 'open' ) ) ) );
		$this->gateway->lay( 'POST /v1/orders/ord_' . $order->get_id() . '/cancel', 200, $this->whole( $order, 'cancelled' ) );
		$this->assertSame( 'success', wc_double_classic_checkout( $order, 'kassette_ideal' )['result'] );
		$this->assertSame( $captures, wp_list_pluck( wp_list_pluck( $this->gateway->all( self::CREATE ), 'body' ), 'capture' ) );
		$this->assertCount( $refusals > 1 ? 1 : 0, $this->gateway->all( 'POST /v1/orders/ord_' . $order->get_id() . '/cancel' ) );
	}

	public function waits() {
		return array(
			'it can wait'                        => array( 0, array( 'manual' ) ),
			'it cannot'                          => array( 1, array( 'manual', 'automatic' ) ),
			'and an order is open that is to wait' => array( 2, array( 'manual', 'automatic', 'automatic' ) ),
		);
	}

	public function test_an_order_that_is_paid_already_is_not_charged_again() {
		$order = $this->order();
		$this->gateway->refuse( self::CREATE, 409, 'reference-taken', array( 'reason' => 'already_paid', 'order' => $this->whole( $order, 'paid' ) ) ); // phpcs:ignore
		$got = wc_double_classic_checkout( $order, 'kassette_ideal' );
		$this->assertSame( $order->get_checkout_order_received_url(), $got['redirect'] );
		$this->assertOrder( 'processing', $order );
	}

	public function test_an_attempt_under_way_is_gone_on_with() {
		$order = $this->order();
		$this->gateway->refuse( self::CREATE, 409, 'attempt-under-way' );
		$this->gateway->lay( 'GET /v1/orders', 200, array( 'items' => array( $this->whole( $order, 'pending' ) ) ) );
		$this->assertSame( Fake_Gateway::URL . '/pay/token', wc_double_classic_checkout( $order, 'kassette_ideal' )['redirect'] );
		$this->assertSame( Order_Request::reference( $order ), $this->gateway->latest( 'GET /v1/orders' )['query']['reference'] );
	}

	public function test_a_total_that_its_currency_cannot_express_is_not_sent() {
		$order = $this->order( '12.50', 'JPY' );
		$got   = wc_double_classic_checkout( $order, 'kassette_ideal' );
		$this->assertSame( 'failure', $got['result'] );
		$this->assertSame( array(), $this->gateway->requests );
	}

	public function test_the_order_as_the_gateway_wants_it() {
		$order = $this->order( '72.60' );
		$order->add_item( new WC_Order_Item( array( 'name' => 'Lamp <b>L7</b>', 'sku' => 'L-7', 'quantity' => 2, 'total' => '50.41', 'total_tax' => '10.5861' ) ) ); // phpcs:ignore
		$order->add_item( new WC_Order_Item( array( 'name' => 'Song', 'total' => '5', 'virtual' => true, 'downloadable' => true ) ) ); // phpcs:ignore
		$order->add_item( new WC_Order_Item( array( 'name' => 'Advice', 'total' => '3', 'virtual' => true ) ) ); // phpcs:ignore
		$order->add_item( new WC_Order_Item( array( 'type' => 'shipping', 'name' => 'Parcel', 'total' => '3.3', 'total_tax' => '0.693' ) ) ); // phpcs:ignore
		$order->add_item( new WC_Order_Item( array( 'type' => 'fee', 'name' => 'Loyal', 'total' => '-0.40' ) ) ); // phpcs:ignore
		foreach ( array( 'first_name' => 'Jan', 'last_name' => 'Jansen', 'address_1' => 'Dorpsstraat 1', 'address_2' => 'II', 'postcode' => '1234 AB', 'city' => 'Utrecht', 'country' => 'NL' ) as $name => $value ) { // phpcs:ignore
			$order->{"set_billing_$name"}( $value );
		}
		$order->set_customer_ip_address( '192.0.2.7' );
		$order->set_customer_id( 12 );
		$body = Order_Request::of( $order, 'ideal', '' );
		$sum  = 0;
		foreach ( $body['lines'] as $line ) {
			$sum += $line['amount']['value'];
		}
		$this->assertSame( 7260, $body['amount']['value'] );
		$this->assertSame( 7260, $sum, 'the lines add up' );
		$this->assertSame( array( 'physical', 'digital', 'service', 'shipping', 'discount', 'fee' ), wp_list_pluck( $body['lines'], 'kind' ) );
		$this->assertSame( array( 'sku' => 'L-7', 'name' => 'Lamp L7', 'kind' => 'physical', 'quantity' => '2', 'amount' => array( 'value' => 6100, 'currency' => 'EUR' ), 'tax_amount' => array( 'value' => 1059, 'currency' => 'EUR' ) ), $body['lines'][0] ); // phpcs:ignore
		$this->assertSame( array( 'first_name' => 'Jan', 'last_name' => 'Jansen', 'street' => 'Dorpsstraat 1 II', 'postal_code' => '1234 AB', 'city' => 'Utrecht', 'country' => 'NL' ), $body['billing_address'] ); // phpcs:ignore
		$this->assertSame( array( 'id' => '12', 'name' => 'Jan Jansen', 'email' => 'jan@example.org', 'ip' => '192.0.2.7' ), $body['customer'] ); // phpcs:ignore
		$this->assertArrayNotHasKey( 'shipping_address', $body, 'what is empty is left out' );
		$this->assertSame( home_url( '/wc-api/kassette/' ), $body['notify_url'] );
		$this->assertSame( 'en-US', $body['locale'] );
		$this->assertSame( (string) $order->get_id(), $body['metadata']['order_id'] );
		$this->assertStringNotContainsString( substr( $order->get_order_key(), 9 ), $body['reference'], 'the key itself goes to no provider' );
		foreach ( new RecursiveIteratorIterator( new RecursiveArrayIterator( $body ) ) as $value ) {
			$this->assertNotNull( $value );
			$this->assertIsNotFloat( $value );
		}
	}

	/**
	 * @dataProvider amounts
	 */
	public function test_amounts_are_minor_units( $total, $currency, $decimals, $minor ) {
		update_option( 'woocommerce_price_num_decimals', $decimals );
		$body = Order_Request::of( $this->order( $total, $currency ), '', '' );
		update_option( 'woocommerce_price_num_decimals', 2 );
		$this->assertSame( array( 'value' => $minor, 'currency' => $currency ), $body['amount'] ); // phpcs:ignore
	}

	public function amounts() {
		return array(
			'EUR'             => array( '49.99', 'EUR', 2, 4999 ),
			'JPY'             => array( '4999', 'JPY', 0, 4999 ),
			'JPY as it comes' => array( '4999', 'JPY', 2, 4999 ),
			'TND'             => array( '4.999', 'TND', 3, 4999 ),
		);
	}

	public function test_what_the_order_remembers_is_no_secret() {
		$order = $this->order();
		$this->gateway->lay( self::CREATE, 201, $this->made( $order ) );
		wc_double_classic_checkout( $order, 'kassette_ideal' );
		$meta = wp_json_encode( WC_Double_Store::read_meta( $order->get_id() ) );
		$this->assertStringNotContainsString( '/pay/token', $meta );
		$this->assertStringNotContainsString( Fake_Gateway::KEY, $meta );
	}

	/**
	 * @dataProvider back
	 */
	public function test_the_way_back( $status, array $over, $is, $goes ) {
		$order = $this->begun();
		$whole = $this->whole( $order, $status, $over );
		$this->gateway->lay( 'GET /v1/orders/' . $whole['id'], 200, $whole );
		$to = Kassette\Way_Back::onward( $order, $this->signed_back( $whole ) );
		$this->assertOrder( $is, $order );
		$this->assertSame( 'received' === $goes ? $order->get_checkout_order_received_url() : $order->get_checkout_payment_url(), $to );
	}

	public function back() {
		$way = array( 'payment' => array( 'action' => array( 'type' => 'redirect', 'url' => 'https://bank.example' ) ) ); // phpcs:ignore
		return array(
			'paid'             => array( 'paid', array(), 'processing', 'received' ),
			'authorized'       => array( 'authorized', array(), 'on-hold', 'received' ),
			'not decided yet'  => array( 'pending', $way, 'on-hold', 'received' ),
			'gave up'          => array( 'open', array( 'payment' => array( 'status' => 'cancelled' ) ), 'pending', 'pay' ), // phpcs:ignore
			'gave up at once'  => array( 'open', array(), 'pending', 'pay' ),
			'failed'           => array( 'open', array( 'payment' => array( 'status' => 'failed' ) ), 'failed', 'pay' ), // phpcs:ignore
			'came back late'   => array( 'expired', array(), 'cancelled', 'received' ),
		);
	}

	public function test_the_way_back_to_an_order_that_cannot_be_changed() {
		$order = $this->begun();
		$whole = $this->whole( $order, 'paid' );
		$order->set_currency( 'JPY' );
		$order->save();
		$this->gateway->lay( 'GET /v1/orders/' . $whole['id'], 200, $whole );
		$this->assertNotSame( '', Kassette\Way_Back::onward( $order, $this->signed_back( $whole ) ) );
		$this->assertOrder( 'pending', $order );
	}

	/**
	 * Parameters with which the gateway sends a shopper back.
	 *
	 * @param array $whole The gateway's order.
	 * @return array
	 */
	private function signed_back( array $whole ) {
		$query = array( 'order' => $whole['id'], 'status' => $whole['status'], 'reference' => $whole['reference'], 'timestamp' => gmdate( 'Y-m-d\TH:i:s\Z' ) ); // phpcs:ignore
		return $query + array( 'signature' => hash_hmac( 'sha256', "return.v1\n" . implode( "\n", $query ), Kassette\Signature::secret( Fake_Gateway::SECRET ) ) );
	}

	/**
	 * @dataProvider taxes
	 */
	public function test_a_tax_that_is_no_part_of_its_line_is_left_out( $total, $tax, $sent ) {
		$order = $this->order();
		$order->add_item( new WC_Order_Item( array( 'name' => 'Lamp', 'total' => $total, 'total_tax' => $tax ) ) ); // phpcs:ignore
		$this->assertSame( $sent, Order_Request::of( $order, '', '' )['lines'][0]['tax_amount']['value'] ?? null );
	}

	public function taxes() {
		return array(
			'above the line'              => array( '-1.00', '3.00', null ),
			'below zero'                  => array( '3.00', '-1.00', null ),
			'above zero, in a discount'   => array( '-3.00', '1.00', null ),
			'all of a discount and more'  => array( '1.00', '-3.00', null ),
			'none'                        => array( '3.00', '', 0 ),
			'all of it'                   => array( '0.00', '1.00', 100 ),
			'part of it'                  => array( '3.00', '0.63', 63 ),
			'part of a discount'          => array( '-3.00', '-0.63', -63 ),
		);
	}

	public function test_an_answer_to_the_create_that_a_notice_overtook_hides_nothing() {
		$order = $this->order();
		$this->tell( $this->whole( $order, 'paid' ) );
		$this->gateway->lay( self::CREATE, 200, $this->made( $order, array( 'version' => 2 ) ) );
		wc_double_classic_checkout( $this->again( $order ), 'kassette_ideal' );
		$this->assertSame( 'paid', State::of( $this->again( $order ) )->said( 'status' ) );
	}

	public function test_an_answer_that_is_older_than_the_last_notice_changes_nothing() {
		$order = $this->begun();
		$this->tell( $this->whole( $order, 'open', array( 'version' => 7, 'payment' => array( 'status' => 'failed' ) ) ) ); // phpcs:ignore
		$this->assertSame( 'old', Kassette\News::take( $order->get_id(), $this->whole( $order, 'pending', array( 'version' => 6 ) ), '', true ) );
		$this->assertOrder( 'failed', $order );
	}

	public function test_a_shopper_who_comes_back_after_the_notice_still_waits_for_the_provider() {
		$order = $this->begun();
		$whole = $this->whole( $order, 'pending', array( 'payment' => array( 'action' => array( 'type' => 'redirect', 'url' => 'https://bank.example' ) ) ) ); // phpcs:ignore
		$this->tell( $whole );
		$this->assertOrder( 'pending', $order );
		$this->assertSame( 'taken', Kassette\News::take( $order->get_id(), $whole, '', true ) );
		$this->assertOrder( 'on-hold', $order );
	}

	public function test_a_way_back_that_is_not_signed_asks_nobody() {
		$order = $this->begun();
		Kassette\Way_Back::onward( $order, array( 'order' => 'ord_1', 'status' => 'paid', 'signature' => 'x' ) ); // phpcs:ignore
		$this->assertSame( array(), $this->gateway->requests );
		$this->assertOrder( 'pending', $order );
	}

	public function test_the_way_back_when_the_gateway_does_not_answer() {
		$order              = $this->begun();
		$query              = array( 'order' => 'ord_1', 'status' => 'paid', 'reference' => Order_Request::reference( $order ), 'timestamp' => gmdate( 'Y-m-d\TH:i:s\Z' ) ); // phpcs:ignore
		$query['signature'] = hash_hmac( 'sha256', "return.v1\n" . implode( "\n", $query ), Kassette\Signature::secret( Fake_Gateway::SECRET ) );
		$this->assertNotSame( '', Kassette\Way_Back::onward( $order, $query ) );
		$this->assertOrder( 'pending', $order );
	}

	public function test_the_way_back_over_http_wants_the_orders_key() {
		$order = $this->begun();
		$this->gateway->stop();
		$ask = static function ( $url ) {
			return wp_remote_retrieve_header( wp_remote_get( $url, array( 'redirection' => 0, 'timeout' => 20 ) ), 'location' ); // phpcs:ignore
		};
		$this->assertSame( home_url( '/checkout/' ), $ask( add_query_arg( 'key', 'wrong', Kassette\Way_Back::url( $order ) ) ) );
		$this->assertSame( $order->get_checkout_payment_url(), $ask( Kassette\Way_Back::url( $order ) ) );
	}
}
