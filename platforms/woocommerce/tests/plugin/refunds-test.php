<?php
/**
 * Tests of refunds and captures.
 *
 * @package Kassette\Tests
 */

use Kassette\Captures;
use Kassette\State;

/**
 * From the order screen to the gateway and back.
 */
final class Refunds_Test extends Paying_Test {

	/**
	 * The order.
	 *
	 * @var WC_Order
	 */
	private $order;

	protected function setUp(): void {
		parent::setUp();
		$this->order = $this->begun();
		$this->tell( $this->whole( $this->order, 'paid' ) );
	}

	private function path( $end ) {
		return '/v1/orders/ord_' . $this->order->get_id() . '/' . $end;
	}

	private function done( $id, $minor, $status = 'succeeded' ) {
		return array( 'id' => $id, 'status' => $status, 'amount' => array( 'value' => $minor, 'currency' => 'EUR' ), 'reason' => null, 'origin' => 'shop' ); // phpcs:ignore
	}

	private function refund( $amount, $reason = '' ) {
		return wc_create_refund( array( 'order_id' => $this->order->get_id(), 'amount' => $amount, 'reason' => $reason, 'refund_payment' => true ) ); // phpcs:ignore
	}

	/**
	 * Tells the shop of a paid order with refunds.
	 *
	 * @param int   $version Its version.
	 * @param array $refunds The refunds.
	 */
	private function refunds_are( $version, array $refunds ) {
		$this->assertSame( 200, $this->tell( $this->whole( $this->order, 'paid', array( 'version' => $version, 'payment' => array( 'refunds' => $refunds ) ) ) )[0] ); // phpcs:ignore
	}

	public function test_a_refund_goes_through_the_gateway_once() {
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 201, $this->done( 'ref_1', 250 ) );
		$this->assertInstanceOf( WC_Order_Refund::class, $this->refund( '2.50', 'one came back' ) );
		$sent = $this->gateway->latest( 'POST ' . $this->path( 'refunds' ) );
		$this->assertSame( array( 'reason' => 'one came back', 'amount' => array( 'value' => 250, 'currency' => 'EUR' ) ), $sent['body'] ); // phpcs:ignore
		$this->assertNotEmpty( $sent['headers']['Idempotency-Key'] );
		$this->refunds_are( 6, array( $this->done( 'ref_1', 250 ) ) );
		$this->assertCount( 1, $this->again( $this->order )->get_refunds(), 'its notice records nothing more' );
		$this->assertCount( 1, $this->notes( $this->order, 'refunded 2.50 EUR (ref_1)' ) );
	}

	public function test_a_refund_by_rest_is_paid_out_and_one_that_is_only_recorded_is_not() {
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 201, $this->done( 'ref_1', 250 ) );
		wp_set_current_user( 1 );
		foreach ( array( array( 'amount' => '2.50' ), array( 'amount' => '1.00', 'api_refund' => false ) ) as $members ) { // phpcs:ignore
			$request = new WP_REST_Request( 'POST', '/wc/v3/orders/' . $this->order->get_id() . '/refunds' );
			$request->set_body_params( $members );
			$this->assertSame( 201, rest_do_request( $request )->get_status() );
		}
		$this->assertCount( 1, $this->gateway->requests );
		$this->assertSame( '9.00', $this->again( $this->order )->get_remaining_refund_amount() );
	}

	public function test_two_refunds_of_the_same_amount_are_two() {
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 201, $this->done( 'ref_1', 250 ) );
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 201, $this->done( 'ref_2', 250 ) );
		$this->refund( '2.50' );
		$this->refund( '2.50' );
		list( $first, $second ) = $this->gateway->all( 'POST ' . $this->path( 'refunds' ) );
		$this->assertNotSame( $first['headers']['Idempotency-Key'], $second['headers']['Idempotency-Key'] );
		$this->assertSame( '7.50', $this->again( $this->order )->get_remaining_refund_amount() );
	}

	/**
	 * @dataProvider refusals
	 */
	public function test_a_refusal_says_why_and_refunds_nothing( $status, $kind, array $members, $text, $same ) {
		$this->gateway->refuse( 'POST ' . $this->path( 'refunds' ), $status, $kind, $members );
		$got = $this->refund( '2.50' );
		$this->assertInstanceOf( WP_Error::class, $got );
		$this->assertStringContainsString( $text, $got->get_error_message() );
		$this->assertSame( array(), $this->again( $this->order )->get_refunds() );
		$this->refund( '2.50' );
		$keys = array();
		foreach ( $this->gateway->all( 'POST ' . $this->path( 'refunds' ) ) as $sent ) {
			$keys[] = $sent['headers']['Idempotency-Key'];
		}
		$this->assertCount( $same ? 1 : 2, array_unique( $keys ) );
	}

	public function refusals() {
		return array(
			'the method cannot'  => array( 409, 'refused', array( 'detail' => 'Bancontact is refunded by bank: ask the customer for an IBAN.' ), 'ask the customer for an IBAN', false ), // phpcs:ignore
			'declined'           => array( 402, 'declined', array(), 'Detail of declined', false ),
			'no right to refund' => array( 403, 'scope-missing', array( 'detail' => 'The key lacks refunds:write.' ), 'refunds:write', false ), // phpcs:ignore
			'busy'               => array( 409, 'busy', array(), 'Detail of busy', true ),
			'nobody knows'       => array( 504, 'outcome-unknown', array( 'attempted' => 'unknown' ), 'never paid twice', true ),
		);
	}

	public function test_a_lost_answer_is_one_refund_however_often_it_is_asked_for() {
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 0, new WP_Error( 'http_request_failed', 'timed out' ) );
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 201, $this->done( 'ref_1', 250 ) );
		$this->assertInstanceOf( WP_Error::class, $this->refund( '2.50' ) );
		$this->refunds_are( 6, array( $this->done( 'ref_1', 250 ) ) );
		$this->assertCount( 1, $this->again( $this->order )->get_refunds(), 'its notice records it' );
		$got = $this->refund( '2.50' );
		$this->assertStringContainsString( 'paid before', $got->get_error_message() );
		$this->assertCount( 1, $this->again( $this->order )->get_refunds() );
		list( $first, $second ) = $this->gateway->all( 'POST ' . $this->path( 'refunds' ) );
		$this->assertSame( $first['headers']['Idempotency-Key'], $second['headers']['Idempotency-Key'] );
	}

	public function test_a_refund_that_began_at_the_gateway_is_recorded_and_not_paid_again() {
		$this->refunds_are( 6, array( array( 'reason' => 'by phone' ) + $this->done( 'ref_9', 1250 ) ) );
		$this->refunds_are( 7, array( $this->done( 'ref_9', 1250 ) ) );
		$refunds = $this->again( $this->order )->get_refunds();
		$this->assertCount( 1, $refunds );
		$this->assertSame( array( '12.50', 'ref_9' ), array( $refunds[0]->get_amount(), $refunds[0]->get_meta( '_kassette_refund_id' ) ) );
		$this->assertStringContainsString( 'by phone', $refunds[0]->get_reason() );
		$this->assertSame( array(), $this->gateway->requests );
		$this->assertOrder( 'refunded', $this->order );
	}

	public function test_one_under_way_at_the_gateway_is_recorded_when_it_succeeded() {
		$this->refunds_are( 6, array( $this->done( 'ref_9', 250, 'pending' ) ) );
		$this->assertSame( array(), $this->again( $this->order )->get_refunds() );
		$this->refunds_are( 7, array( $this->done( 'ref_9', 250 ) ) );
		$this->assertCount( 1, $this->again( $this->order )->get_refunds() );
	}

	public function test_more_than_the_shop_can_record_raises_a_flag_once() {
		$this->refunds_are( 6, array( $this->done( 'ref_9', 1251 ) ) );
		$this->refunds_are( 7, array( $this->done( 'ref_9', 1251 ) ) );
		$this->assertOrder( 'processing', $this->order, array( 'refund_not_recorded_ref_9' ) );
	}

	public function test_a_refund_that_fails_afterwards_raises_a_flag() {
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 201, $this->done( 'ref_1', 250, 'pending' ) );
		$this->refund( '2.50' );
		$this->refunds_are( 6, array( $this->done( 'ref_1', 250, 'failed' ) ) );
		$this->assertOrder( 'processing', $this->order, array( 'refund_failed_ref_1' ) );
	}

	public function test_a_refund_that_fails_at_once_is_none() {
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 201, $this->done( 'ref_1', 250, 'failed' ) );
		$this->assertInstanceOf( WP_Error::class, $this->refund( '2.50' ) );
	}

	public function test_it_uses_the_key_of_the_mode_in_which_the_order_was_paid() {
		update_option( 'kassette_settings', array( 'mode' => 'live', 'live_key' => 'live-key' ) + get_option( 'kassette_settings' ) ); // phpcs:ignore
		$this->gateway->lay( 'POST ' . $this->path( 'refunds' ), 201, $this->done( 'ref_1', 250 ) );
		$this->refund( '2.50' );
		$this->assertSame( 'Bearer ' . Fake_Gateway::KEY, $this->gateway->latest( 'POST ' . $this->path( 'refunds' ) )['headers']['Authorization'] );
	}

	public function test_the_button_is_not_shown_where_the_method_cannot() {
		$gateway = WC()->payment_gateways()->payment_gateways()['kassette_ideal'];
		$this->assertTrue( $gateway->can_refund_order( $this->again( $this->order ) ) );
		$this->assertFalse( $gateway->can_refund_order( $this->order() ) );
		$offer = array( 'action' => 'refund', 'payment' => 'pay_1', 'amount' => null, 'reason' => 'elsewhere', 'detail' => 'Refund it in your PayPal account.' ); // phpcs:ignore
		$this->tell( $this->whole( $this->order, 'paid', array( 'version' => 6, 'available_actions' => array( $offer ) ) ) ); // phpcs:ignore
		$this->assertFalse( $gateway->can_refund_order( $this->again( $this->order ) ) );
		$this->expectOutputRegex( '/No refund: Refund it in your PayPal account\./' );
		Kassette\Order_Screen::show( $this->again( $this->order ) );
	}

	private function authorize() {
		$this->order = $this->begun();
		$offer       = array( 'action' => 'capture', 'payment' => 'pay_1', 'amount' => array( 'value' => 1250, 'currency' => 'EUR' ), 'reason' => null, 'detail' => null ); // phpcs:ignore
		$this->tell( $this->whole( $this->order, 'authorized', array( 'available_actions' => array( $offer ) ) ) );
	}

	public function test_completing_captures() {
		$this->authorize();
		$this->gateway->lay( 'POST ' . $this->path( 'captures' ), 201, $this->done( 'cap_1', 1250 ) );
		$this->gateway->lay( 'GET ' . substr( $this->path( '' ), 0, -1 ), 200, $this->whole( $this->order, 'paid', array( 'version' => 8 ) ) );
		$this->again( $this->order )->update_status( 'completed' );
		$this->assertSame( '{}', $this->gateway->latest( 'POST ' . $this->path( 'captures' ) )['raw'] );
		$this->assertSame( 'T-1', $this->again( $this->order )->get_transaction_id() );
		$this->assertOrder( 'completed', $this->order );
	}

	public function test_completing_what_cannot_be_captured_holds_it() {
		$this->authorize();
		$this->gateway->refuse( 'POST ' . $this->path( 'captures' ), 409, 'refused', array( 'detail' => 'The authorization has run out.' ) );
		$this->again( $this->order )->update_status( 'completed' );
		$this->assertOrder( 'on-hold', $this->order );
		$this->assertCount( 1, $this->notes( $this->order, 'The authorization has run out.' ) );
		$this->assertSame( array(), $this->mails( $this->order, 'Your order is complete' ) );
		$this->tell( $this->whole( $this->order, 'paid', array( 'version' => 9 ) ) );
		$this->assertOrder( 'processing', $this->order );
		$this->assertCount( 1, $this->notes( $this->order, 'paid by ideal' ) );
	}

	public function test_completing_a_paid_order_captures_nothing() {
		$this->again( $this->order )->update_status( 'completed' );
		$this->assertSame( array(), $this->gateway->requests );
	}

	public function test_a_part_is_captured_from_the_order_screen() {
		$this->authorize();
		$this->gateway->lay( 'POST ' . $this->path( 'captures' ), 201, $this->done( 'cap_1', 1000 ) );
		ob_start();
		Kassette\Order_Screen::show( $this->again( $this->order ) );
		$this->assertStringContainsString( 'all of 12.50 EUR', ob_get_clean() );
		$this->assertArrayHasKey( 'kassette_capture', Kassette\Order_Screen::actions( array(), $this->again( $this->order ) ) );
		wp_set_current_user( 1 );
		Kassette\Order_Screen::start();
		$_POST = array( 'wc_order_action' => 'kassette_capture', 'kassette_capture_amount' => '10,00', 'kassette_capture_last' => '1', 'woocommerce_meta_nonce' => wp_create_nonce( 'woocommerce_save_data' ) ); // phpcs:ignore
		wc_double_save_order( $this->order->get_id() );
		$this->assertSame( array( 'final' => true, 'amount' => array( 'value' => 1000, 'currency' => 'EUR' ) ), $this->gateway->latest( 'POST ' . $this->path( 'captures' ) )['body'] ); // phpcs:ignore
		$this->assertCount( 1, $this->notes( $this->order, 'captured 10.00 EUR (cap_1)' ) );
	}

	/**
	 * @dataProvider amounts
	 */
	public function test_an_amount_that_is_none_is_not_captured( $amount ) {
		$this->authorize();
		$this->assertInstanceOf( WP_Error::class, Captures::take( $this->order->get_id(), $amount, false ) );
		$this->assertSame( array(), $this->gateway->requests );
		$this->assertCount( 1, $this->notes( $this->order, 'not captured' ) );
	}

	public function amounts() {
		return array( 'a word' => array( 'all' ), 'too fine' => array( '1.005' ), 'two dots' => array( '1.0.0' ) ); // phpcs:ignore
	}

	public function test_a_lost_capture_is_asked_for_under_the_same_name() {
		$this->authorize();
		$this->gateway->lay( 'POST ' . $this->path( 'captures' ), 0, new WP_Error( 'http_request_failed', 'timed out' ) );
		$this->gateway->lay( 'POST ' . $this->path( 'captures' ), 201, $this->done( 'cap_1', 1250 ) );
		$this->assertInstanceOf( WP_Error::class, Captures::take( $this->order->get_id(), '', false ) );
		$this->assertTrue( Captures::take( $this->order->get_id(), '', false ) );
		list( $first, $second ) = $this->gateway->all( 'POST ' . $this->path( 'captures' ) );
		$this->assertSame( $first['headers']['Idempotency-Key'], $second['headers']['Idempotency-Key'] );
	}

	public function test_what_the_shop_cancels_nobody_can_pay_any_more() {
		$this->authorize();
		$this->gateway->lay( 'POST ' . $this->path( 'cancel' ), 200, $this->whole( $this->order, 'cancelled' ) );
		$this->again( $this->order )->update_status( 'cancelled' );
		$this->assertCount( 1, $this->gateway->all( 'POST ' . $this->path( 'cancel' ) ) );
	}

	public function test_a_cancellation_that_the_gateway_did_not_hear_is_told_later() {
		$this->authorize();
		$this->again( $this->order )->update_status( 'cancelled' );
		$this->assertCount( 1, $this->notes( $this->order, 'is told again later' ) );
		$this->gateway->lay( 'POST ' . $this->path( 'cancel' ), 200, $this->whole( $this->order, 'cancelled' ) );
		Captures::pay_debts();
		Captures::pay_debts();
		$this->assertCount( 2, $this->gateway->all( 'POST ' . $this->path( 'cancel' ) ) );
	}

	public function test_an_order_that_expired_at_the_gateway_is_not_cancelled_there() {
		$this->order = $this->begun();
		$this->tell( $this->whole( $this->order, 'expired' ) );
		$this->assertOrder( 'cancelled', $this->order );
		$this->assertSame( array(), $this->gateway->requests );
	}

	public function test_an_order_under_way_is_not_cancelled_by_the_stock_timer() {
		$slow = $this->begun();
		$way  = array( 'payment' => array( 'action' => array( 'type' => 'redirect', 'url' => 'https://bank.example' ) ) ); // phpcs:ignore
		$this->tell( $this->whole( $slow, 'pending', $way ) );
		$idle = $this->order();
		wc_cancel_unpaid_orders();
		$this->assertOrder( 'pending', $slow );
		$this->assertOrder( 'cancelled', $idle );
	}
}
