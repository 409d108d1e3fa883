<?php
/**
 * Tests of notices and of what becomes of an order.
 *
 * @package Kassette\Tests
 */

use Kassette\Notices;
use Kassette\Settings;
use Kassette\State;

/**
 * The table of woocommerce.md 4, and the notices that are none.
 */
final class Notices_Test extends Paying_Test {

	/**
	 * @dataProvider none
	 */
	public function test_what_is_no_notice( $status, callable $spoil ) {
		$order                           = $this->begun();
		list( $body, $time, $signature ) = $spoil( $this->body( $this->whole( $order, 'paid' ) ), $this );
		$got                             = Notices::receive( $body, 'msg', $time ?? (string) time(), $signature ?? $this->sign( 'msg', (int) ( $time ?? time() ), $body ), time() );
		$this->assertSame( $status, $got[0], $got[1] );
		$this->assertOrder( 'pending', $order );
	}

	public function none() {
		$signed = static function ( $body ) {
			return static function () use ( $body ) {
				return array( $body, null, null );
			};
		};
		return array(
			'a forged signature' => array(
				401,
				static function ( $body ) {
					return array( $body, null, 'v1,' . base64_encode( str_repeat( 'x', 32 ) ) );
				},
			),
			'an old one sent again' => array(
				401,
				static function ( $body, $test ) {
					return array( $body, (string) ( time() - 400 ), null );
				},
			),
			'too long'           => array( 413, $signed( str_repeat( ' ', Notices::MAX + 1 ) ) ),
			'no JSON'            => array( 400, $signed( '{' ) ),
			'no object'          => array( 400, $signed( '"paid"' ) ),
			'a forged ping'      => array(
				401,
				static function () {
					return array( '{"type":"ping","data":{}}', null, 'v1,' . base64_encode( str_repeat( 'x', 32 ) ) );
				},
			),
			'another type'       => array( 400, $signed( '{"type":"pings","data":{}}' ) ),
			'a list of types'    => array( 400, $signed( '{"type":["ping"],"data":{}}' ) ),
			'no order'           => array( 400, $signed( '{"data":{"event":{"number":1}}}' ) ),
			'no number'          => array( 400, $signed( '{"data":{"order":{"id":"o","reference":"r","version":1,"status":"paid"}}}' ) ),
			'a number as text'   => array( 400, $signed( '{"data":{"event":{"number":"1"},"order":{"id":"o","reference":"r","version":1,"status":"paid"}}}' ) ),
			'an unknown order'   => array( 200, $signed( '{"data":{"event":{"number":1},"order":{"id":"o","reference":"r","version":1,"status":"paid","metadata":{"platform":"woocommerce","order_id":"99999999"}}}}' ) ),
			'of another program' => array( 200, $signed( '{"data":{"event":{"number":1},"order":{"id":"o","reference":"r","version":1,"status":"paid","metadata":{}}}}' ) ),
		);
	}

	public function test_a_ping_is_answered_well_and_changes_nothing() {
		$order  = $this->begun();
		$before = array( $this->notes( $order ), get_option( 'kassette_log' ) );
		$body   = wp_json_encode( array( 'type' => 'ping', 'data' => array( 'event' => array( 'number' => 9 ), 'order' => $this->whole( $order, 'paid' ) ) ) ); // phpcs:ignore
		$this->assertSame( array( 200, 'The signature fits.' ), Notices::receive( $body, 'ping_1', (string) time(), $this->sign( 'ping_1', time(), $body ), time() ) );
		$this->assertOrder( 'pending', $order );
		$this->assertSame( $before, array( $this->notes( $order ), get_option( 'kassette_log' ) ) );
		update_option( 'kassette_settings', array( 'secrets' => '' ) + get_option( 'kassette_settings' ) );
		$this->assertSame( 503, Notices::receive( $body, 'ping_1', (string) time(), $this->sign( 'ping_1', time(), $body ), time() )[0] );
	}

	public function test_without_a_secret_the_gateway_is_asked_to_come_again() {
		$order = $this->begun();
		update_option( 'kassette_settings', array( 'secrets' => '' ) + get_option( 'kassette_settings' ) );
		$this->assertSame( 503, $this->tell( $this->whole( $order, 'paid' ) )[0] );
	}

	public function test_an_order_of_the_same_id_in_a_shop_that_was_there_before_is_not_paid() {
		$order = $this->begun();
		$this->assertSame( array( 200, 'foreign' ), $this->tell( $this->whole( $order, 'paid', array( 'reference' => $order->get_id() . '-00000000' ) ) ) );
		$this->assertOrder( 'pending', $order );
	}

	/**
	 * @dataProvider becomes
	 */
	public function test_what_an_order_becomes( $before, $status, array $over, $after, array $flags = array() ) {
		$order = $this->begun();
		if ( 'pending' !== $before ) {
			$order->update_status( $before );
		}
		$this->assertSame( array( 200, 'taken' ), $this->tell( $this->whole( $order, $status, $over ) ) );
		$this->assertOrder( $after, $order, $flags );
	}

	public function becomes() {
		$way    = array( 'payment' => array( 'action' => array( 'type' => 'redirect', 'url' => 'https://bank.example' ) ) ); // phpcs:ignore
		$failed     = array( 'payment' => array( 'status' => 'failed' ) );
		$gave       = array( 'payment' => array( 'status' => 'cancelled' ) );
		$short  = array( 'captured' => array( 'value' => 1249, 'currency' => 'EUR' ) ); // phpcs:ignore
		$other  = array( 'amount' => array( 'value' => 1250, 'currency' => 'USD' ) ); // phpcs:ignore
		$less   = array( 'amount' => array( 'value' => 1000, 'currency' => 'EUR' ), 'captured' => array( 'value' => 1000, 'currency' => 'EUR' ) ); // phpcs:ignore
		$part   = array( 'captured' => array( 'value' => 1000, 'currency' => 'EUR' ), 'released' => array( 'value' => 250, 'currency' => 'EUR' ) ); // phpcs:ignore
		$tip    = array( 'captured' => array( 'value' => 1400, 'currency' => 'EUR' ), 'tip' => array( 'value' => 150, 'currency' => 'EUR' ) ); // phpcs:ignore
		$all_is_tip = array( 'tip' => array( 'value' => 150, 'currency' => 'EUR' ) ); // phpcs:ignore
		$charge = array( 'attention' => array( array( 'code' => 'charged_back', 'payment' => 'pay_1', 'message' => 'The bank took it back.' ) ) ); // phpcs:ignore
		$late       = array( 'captured' => array( 'value' => 1250, 'currency' => 'EUR' ), 'attention' => array( array( 'code' => 'paid_after_cancel', 'payment' => 'pay_1', 'message' => 'It was cancelled.' ) ), 'payment' => array( 'status' => 'captured' ) ); // phpcs:ignore
		return array(
			'created'                                 => array( 'pending', 'open', array(), 'pending' ),
			'on the way to the provider'              => array( 'pending', 'pending', $way, 'pending' ),
			'pending at the provider'                 => array( 'pending', 'pending', array(), 'on-hold' ),
			'pending after it failed'                 => array( 'failed', 'pending', array(), 'on-hold' ),
			'authorized'                              => array( 'pending', 'authorized', array(), 'on-hold' ),
			'authorized while on hold'                => array( 'on-hold', 'authorized', array(), 'on-hold' ),
			'authorized after the shop cancelled'     => array( 'cancelled', 'authorized', array(), 'cancelled', array( 'paid_after_cancel' ) ),
			'authorized, and completed by hand'       => array( 'completed', 'authorized', array(), 'completed' ),
			'paid'                                    => array( 'pending', 'paid', array(), 'processing' ),
			'paid after it failed'                    => array( 'failed', 'paid', array(), 'processing' ),
			'paid while on hold'                      => array( 'on-hold', 'paid', array(), 'processing' ),
			'paid, and completed by hand'             => array( 'completed', 'paid', array(), 'completed' ),
			'paid in part, the rest given back'       => array( 'on-hold', 'paid', $part, 'processing' ),
			'paid with a tip'                         => array( 'pending', 'paid', $tip, 'processing' ),
			'a tip is no payment'                     => array( 'pending', 'paid', $all_is_tip, 'on-hold', array( 'amount_mismatch' ) ),
			'paid after the shop cancelled'           => array( 'cancelled', 'paid', array(), 'cancelled', array( 'paid_after_cancel' ) ),
			'paid after the shop refunded'            => array( 'refunded', 'paid', array(), 'refunded', array( 'paid_after_cancel' ) ),
			'paid, of another amount'                 => array( 'pending', 'paid', $less, 'on-hold', array( 'amount_mismatch' ) ),
			'paid, of another currency'               => array( 'pending', 'paid', $other, 'on-hold', array( 'amount_mismatch' ) ),
			'called paid, and short'                  => array( 'pending', 'paid', $short, 'on-hold', array( 'amount_mismatch' ) ),
			'authorized, of another amount'           => array( 'failed', 'authorized', $other, 'on-hold', array( 'amount_mismatch' ) ),
			'an attempt failed'                       => array( 'pending', 'open', $failed, 'failed' ),
			'an attempt failed while on hold'         => array( 'on-hold', 'open', $failed, 'failed' ),
			'an attempt failed, and the shop is done' => array( 'processing', 'open', $failed, 'processing' ),
			'the shopper gave up'                     => array( 'pending', 'open', $gave, 'pending' ),
			'the shopper gave up while on hold'       => array( 'on-hold', 'open', $gave, 'pending' ),
			'cancelled on both sides, and paid'       => array( 'cancelled', 'cancelled', $late, 'cancelled', array( 'paid_after_cancel' ) ),
			'cancelled there, paid, and waited for'   => array( 'pending', 'cancelled', $late, 'processing' ),
			'cancelled there, and paid in part'       => array( 'pending', 'cancelled', $short, 'on-hold', array( 'amount_mismatch' ) ),
			'cancelled at the gateway'                => array( 'pending', 'cancelled', array(), 'pending' ),
			'expired'                                 => array( 'pending', 'expired', array(), 'cancelled' ),
			'expired while on hold'                   => array( 'on-hold', 'expired', array(), 'cancelled' ),
			'expired, and paid some other way'        => array( 'processing', 'expired', array(), 'processing' ),
			'charged back'                            => array( 'processing', 'paid', $charge, 'processing', array( 'charged_back pay_1' ) ),
			'a status of a newer gateway'             => array( 'pending', 'dreaming', array(), 'pending' ),
		);
	}

	/**
	 * @dataProvider currencies
	 */
	public function test_currencies( $total, $currency, $minor ) {
		update_option( 'woocommerce_price_num_decimals', 'TND' === $currency ? 3 : 2 );
		$order = $this->begun( $total, $currency );
		$whole = $this->whole( $order, 'paid' );
		update_option( 'woocommerce_price_num_decimals', 2 );
		$this->assertSame( $minor, $whole['amount']['value'] );
		$this->tell( $whole );
		$this->assertOrder( 'processing', $order );
	}

	public function currencies() {
		return array(
			'EUR' => array( '49.99', 'EUR', 4999 ),
			'JPY' => array( '4999', 'JPY', 4999 ),
			'TND' => array( '4.999', 'TND', 4999 ),
		);
	}

	public function test_paid_keeps_the_transaction_and_tells_once() {
		$order = $this->begun();
		$whole = $this->whole( $order, 'paid' );
		$this->tell( $whole );
		$this->assertSame( array( 200, 'old' ), $this->tell( $whole ), 'a repeat' );
		$this->assertSame( array( 200, 'taken' ), $this->tell( array( 'version' => 6 ) + $this->whole( $order, 'paid', array( 'payment' => array( 'provider_reference' => 'T-2' ) ) ) ), 'news' );
		$this->assertSame( 'T-1', $this->again( $order )->get_transaction_id() );
		$this->assertCount( 1, $this->notes( $order, 'Payment complete.' ) );
		$this->assertCount( 1, $this->mails( $order, 'New order' ) );
		$this->assertOrder( 'processing', $order );
	}

	/**
	 * @dataProvider chosen
	 */
	public function test_the_order_says_by_what_it_was_paid( $chosen, $title ) {
		$order = $this->begun();
		$order->set_payment_method( $chosen );
		$order->set_payment_method_title( 'As chosen' );
		$order->save();
		$this->tell( $this->whole( $order, 'paid' ) );
		$this->assertSame( $title, $this->again( $order )->get_payment_method_title() );
	}

	public function chosen() {
		return array(
			'by what was chosen'     => array( 'kassette_ideal', 'As chosen' ),
			'on the page of choice'  => array( 'kassette', 'Ideal' ),
			'another was chosen'     => array( 'kassette_card', 'Ideal' ),
			'not one of ours at all' => array( 'bacs', 'As chosen' ),
		);
	}

	public function test_old_news_changes_nothing() {
		$order = $this->begun();
		$this->tell( $this->whole( $order, 'paid', array( 'version' => 7 ) ) );
		foreach ( array( 'expired', 'pending', 'authorized', 'open' ) as $status ) {
			$this->assertSame( array( 200, 'old' ), $this->tell( $this->whole( $order, $status, array( 'version' => 6 ) ) ) );
		}
		$this->assertOrder( 'processing', $order );
	}

	public function test_an_admin_who_moved_a_paid_order_back_is_not_overruled() {
		$order = $this->begun();
		$this->tell( $this->whole( $order, 'paid' ) );
		$this->again( $order )->update_status( 'pending' );
		$this->tell( $this->whole( $order, 'paid', array( 'version' => 9 ) ) );
		$this->assertOrder( 'pending', $order );
		$this->assertCount( 1, $this->mails( $order, 'New order' ) );
	}

	public function test_paid_a_second_time_by_another_order_of_the_gateway() {
		$order = $this->begun();
		$this->tell( $this->whole( $order, 'paid' ) );
		$this->tell( $this->whole( $order, 'paid', array( 'id' => 'ord_second', 'version' => 2 ) ) ); // phpcs:ignore
		$this->assertOrder( 'processing', $order, array( 'paid_twice' ) );
	}

	public function test_paid_here_after_another_gateway_of_the_shop_took_it() {
		$order = $this->begun();
		$order->payment_complete( 'elsewhere' );
		$this->tell( $this->whole( $order, 'paid' ) );
		$this->assertOrder( 'processing', $order, array( 'paid_twice' ) );
		$this->assertSame( 'elsewhere', $this->again( $order )->get_transaction_id() );
	}

	public function test_an_order_of_the_gateway_that_expired_does_not_cancel_the_one_after_it() {
		$order = $this->begun( '12.50', 'EUR', 'ord_second' );
		$this->tell( $this->whole( $order, 'expired', array( 'id' => 'ord_first' ) ) );
		$this->assertOrder( 'pending', $order );
		$this->tell( $this->whole( $order, 'paid', array( 'id' => 'ord_first', 'version' => 9 ) ) ); // phpcs:ignore
		$this->assertOrder( 'processing', $order );
		$this->assertSame( 'ord_first', State::of( $this->again( $order ) )->id(), 'refunds go to the one that was paid' );
	}

	public function test_a_notice_that_is_faster_than_the_answer_to_the_create() {
		$order = $this->order();
		$this->tell( $this->whole( $order, 'paid' ) );
		$this->assertOrder( 'processing', $order );
		$this->assertSame( 'ord_' . $order->get_id(), State::of( $this->again( $order ) )->id() );
	}

	/**
	 * @dataProvider late
	 */
	public function test_the_merchant_may_choose_to_reopen( $status ) {
		Settings::save( array( 'url' => Fake_Gateway::URL, 'reopen' => 'yes' ) ); // phpcs:ignore
		$order = $this->begun();
		$this->tell( $this->whole( $order, 'expired', array( 'version' => 4 ) ) );
		$this->assertOrder( 'cancelled', $order );
		$this->tell( $this->whole( $order, $status, array( 'captured' => array( 'value' => 1250, 'currency' => 'EUR' ) ) ) ); // phpcs:ignore
		$this->assertOrder( 'processing', $order );
	}

	public function late() {
		return array(
			'paid'             => array( 'paid' ),
			'cancelled there'  => array( 'cancelled' ),
		);
	}

	public function test_a_flag_is_mailed_once_and_listed_until_it_is_lowered() {
		$order = $this->begun();
		$order->update_status( 'cancelled' );
		$this->tell( $this->whole( $order, 'paid' ) );
		$this->tell( $this->whole( $order, 'paid', array( 'version' => 6 ) ) );
		$this->assertCount( 1, $this->mails( $order, 'Please look at order' ) );
		$this->assertCount( 1, $this->notes( $order, 'paid after it had ended' ) );
		wp_set_current_user( 1 );
		$this->expectOutputRegex( '/href="[^"]*' . $order->get_id() . '/' );
		Kassette\Attention::show();
		Kassette\Order_Screen::seen( $this->again( $order ) );
		$this->assertSame( array(), Kassette\Attention::orders() );
		$this->assertOrder( 'cancelled', $order );
		$this->tell( $this->whole( $order, 'paid', array( 'version' => 7 ) ) );
		$this->assertOrder( 'cancelled', $order );
		$this->assertSame( array(), Kassette\Attention::orders(), 'what somebody looked at is not raised again' );
	}

	public function test_what_broke_off_is_done_again() {
		$order = $this->begun();
		$break = static function () {
			throw new RuntimeException( 'another extension' );
		};
		add_action( 'woocommerce_order_status_processing', $break );
		$this->assertSame( 503, $this->tell( $this->whole( $order, 'paid' ) )[0] );
		remove_action( 'woocommerce_order_status_processing', $break );
		$this->assertSame( array( 200, 'taken' ), $this->tell( $this->whole( $order, 'paid' ) ) );
		$this->assertOrder( 'processing', $order );
		$this->assertSame( 'T-1', $this->again( $order )->get_transaction_id() );
	}

	public function test_an_order_that_another_holds_too_long_comes_again() {
		global $wpdb;
		$order = $this->begun();
		$other = new wpdb( DB_USER, DB_PASSWORD, DB_NAME, DB_HOST );
		$name  = 'kassette_' . md5( DB_NAME . $wpdb->prefix . $order->get_id() );
		$this->assertSame( '1', $other->get_var( $other->prepare( 'SELECT GET_LOCK(%s, 0)', $name ) ) );
		$short = static function ( $sql ) {
			return preg_replace( "/(GET_LOCK\('[^']*'), 10\)/", '$1, 0)', $sql );
		};
		add_filter( 'query', $short );
		$this->assertSame( 503, $this->tell( $this->whole( $order, 'paid' ) )[0] );
		remove_filter( 'query', $short );
		$other->close();
		$this->assertOrder( 'pending', $order );
	}
}
