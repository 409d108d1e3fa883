<?php
/**
 * Tests of catching up.
 *
 * @package Kassette\Tests
 */

use Kassette\Catch_Up;

/**
 * What no notice could bring is asked for.
 */
final class Catch_Up_Test extends Paying_Test {

	protected function setUp(): void {
		parent::setUp();
		$this->gateway->lay( 'GET /v1/methods', 200, array( 'items' => array() ) );
	}

	public function test_lost_notices_are_made_good() {
		$paid = $this->begun();
		$late = $this->begun();
		$seen = $this->begun();
		$this->tell( $this->whole( $seen, 'paid' ) );
		$this->gateway->lay( 'GET /v1/orders', 200, array( 'items' => array( $this->whole( $paid, 'paid' ), $this->whole( $seen, 'paid' ) ), 'next_cursor' => 'next' ) ); // phpcs:ignore
		$this->gateway->lay( 'GET /v1/orders', 200, array( 'items' => array( $this->whole( $late, 'expired' ), array( 'id' => 'ord_x', 'version' => 1, 'metadata' => array() ) ), 'next_cursor' => null ) ); // phpcs:ignore
		$this->assertSame( 2, Catch_Up::run() );
		$this->assertOrder( 'processing', $paid );
		$this->assertOrder( 'cancelled', $late );
		list( $first, $second ) = $this->gateway->all( 'GET /v1/orders' );
		$this->assertArrayNotHasKey( 'cursor', $first['query'] );
		$this->assertSame( 'next', $second['query']['cursor'] );
		$this->assertLessThan( 120, abs( strtotime( $first['query']['created_from'] ) - ( time() - Catch_Up::ONCE_A_DAY ) ), 'far back once a day' );
		$this->gateway->requests = array();
		$this->assertSame( 0, Catch_Up::run() );
		$this->assertLessThan( 120, abs( strtotime( $this->gateway->all( 'GET /v1/orders' )[0]['query']['created_from'] ) - ( time() - Catch_Up::EACH_TIME ) ) );
	}

	public function test_a_notice_with_an_order_from_before_its_event_hides_nothing() {
		$order = $this->begun();
		$this->assertSame( array( 200, 'taken' ), $this->tell( $this->whole( $order, 'pending', array( 'version' => 6 ) ), 9 ) );
		$this->gateway->lay( 'GET /v1/orders', 200, array( 'items' => array( $this->whole( $order, 'paid', array( 'version' => 9 ) ) ) ) ); // phpcs:ignore
		$this->assertSame( 1, Catch_Up::run() );
		$this->assertOrder( 'processing', $order );
	}

	public function test_an_order_whose_total_its_currency_cannot_express_stops_no_other() {
		$odd   = $this->begun();
		$paid  = $this->begun();
		$wrong = $this->whole( $odd, 'paid' );
		$odd->set_currency( 'JPY' );
		$odd->save();
		$this->gateway->lay( 'GET /v1/orders', 200, array( 'items' => array( $wrong, $this->whole( $paid, 'paid' ) ) ) ); // phpcs:ignore
		$this->assertSame( 1, Catch_Up::run() );
		$this->assertOrder( 'pending', $odd );
		$this->assertOrder( 'processing', $paid );
		$this->gateway->lay( 'POST /v1/orders/' . $wrong['id'] . '/sync', 200, $wrong );
		$this->assertInstanceOf( WP_Error::class, Catch_Up::ask( $odd->get_id() ) );
	}

	public function test_an_answer_that_makes_no_sense_is_logged() {
		$this->gateway->lay( 'GET /v1/orders', 200, array( 'items' => array( 'none' ) ) );
		$this->assertSame( 0, Catch_Up::run() );
		$this->assertStringContainsString( 'catching up (test)', wp_json_encode( get_option( 'kassette_log' ) ) );
	}

	public function test_a_gateway_that_does_not_answer_is_asked_far_back_the_next_time() {
		Catch_Up::run();
		$this->assertFalse( get_option( Catch_Up::LOOKED ) );
		$this->assertCount( 1, $this->gateway->all( 'GET /v1/orders' ) );
	}

	public function test_a_shop_that_is_not_connected_asks_nobody() {
		update_option( 'kassette_settings', array() );
		$this->assertSame( 0, Catch_Up::run() );
		$this->assertSame( array(), $this->gateway->requests );
	}

	public function test_it_is_scheduled_every_quarter_of_an_hour() {
		$this->assertNotFalse( wp_next_scheduled( Catch_Up::HOOK ) );
		$this->assertSame( 900, wp_get_schedules()[ wp_get_schedule( Catch_Up::HOOK ) ]['interval'] );
	}

	public function test_switching_off_leaves_nothing_scheduled() {
		do_action( 'deactivate_kassette/kassette.php' );
		$this->assertFalse( wp_next_scheduled( Catch_Up::HOOK ) );
		wp_schedule_event( time() + 60, 'kassette', Catch_Up::HOOK );
	}

	public function test_asking_about_one_order() {
		$order = $this->begun();
		$this->gateway->lay( 'POST /v1/orders/ord_' . $order->get_id() . '/sync', 200, $this->whole( $order, 'paid' ) );
		Kassette\Order_Screen::ask( $order );
		$this->assertOrder( 'processing', $order );
	}

	public function test_asking_about_one_order_without_an_answer_is_noted() {
		$order = $this->begun();
		Kassette\Order_Screen::ask( $order );
		$this->assertCount( 1, $this->notes( $order, 'The gateway did not answer' ) );
	}
}
