<?php
/**
 * Notices at once, over HTTP.
 *
 * @package Kassette\Tests
 */

/**
 * The web server has four workers: what is sent at once is taken at once.
 */
final class At_Once_Test extends Paying_Test {

	/**
	 * Sends requests at once.
	 *
	 * @param string   $url    Where to.
	 * @param string[] $bodies Bodies of notices.
	 * @return array Status and body of each answer.
	 */
	private function send( $url, array $bodies ) {
		$multi   = curl_multi_init();
		$handles = array();
		foreach ( $bodies as $n => $body ) {
			$time   = time();
			$handle = curl_init( $url );
			curl_setopt_array(
				$handle,
				array(
					CURLOPT_POSTFIELDS     => $body,
					CURLOPT_RETURNTRANSFER => true,
					CURLOPT_TIMEOUT        => 30,
					CURLOPT_HTTPHEADER     => array( 'Content-Type: application/json', "webhook-id: msg.$n", "webhook-timestamp: $time", 'webhook-signature: ' . $this->sign( "msg.$n", $time, $body ) ),
				)
			);
			curl_multi_add_handle( $multi, $handle );
			$handles[] = $handle;
		}
		do {
			curl_multi_exec( $multi, $running );
			curl_multi_select( $multi, 1 );
		} while ( $running );
		return array_map(
			static function ( $handle ) {
				return array( curl_getinfo( $handle, CURLINFO_RESPONSE_CODE ), curl_multi_getcontent( $handle ) );
			},
			$handles
		);
	}

	/**
	 * @dataProvider addresses
	 */
	public function test_four_notices_at_once_leave_one_payment_and_one_mail( $path ) {
		for ( $round = 0; $round < 3; $round++ ) {
			$order  = $this->begun();
			$bodies = array();
			foreach ( array( 5, 5, 6, 7 ) as $n => $version ) {
				$bodies[] = $this->body( $this->whole( $order, 'paid', array( 'version' => $version, 'payment' => array( 'provider_reference' => "T-$n" ) ) ) ); // phpcs:ignore
			}
			foreach ( $this->send( home_url( $path ), $bodies ) as $answer ) {
				$this->assertSame( 200, $answer[0], $answer[1] );
				$this->assertContains( $answer[1], array( 'taken', 'old' ) );
			}
			wp_cache_flush();
			$this->assertOrder( 'processing', $order );
			$this->assertCount( 1, $this->notes( $order, 'Payment complete.' ) );
			$this->assertCount( 1, $this->mails( $order, 'New order' ) );
			$this->assertCount( 1, $this->notes( $order, 'paid by ideal' ) );
		}
	}

	public function addresses() {
		return array(
			'permalinks' => array( '/wc-api/kassette/' ),
			'plain'      => array( '/?wc-api=kassette' ),
		);
	}

	public function test_refunds_that_began_at_the_gateway_are_recorded_once() {
		$order = $this->begun();
		$this->tell( $this->whole( $order, 'paid' ) );
		$refund = array( 'id' => 'ref_1', 'status' => 'succeeded', 'amount' => array( 'value' => 250, 'currency' => 'EUR' ), 'reason' => null, 'origin' => 'provider' ); // phpcs:ignore
		$bodies = array();
		foreach ( array( 6, 6, 7, 8 ) as $version ) {
			$bodies[] = $this->body( $this->whole( $order, 'paid', array( 'version' => $version, 'payment' => array( 'refunds' => array( $refund ) ) ) ) ); // phpcs:ignore
		}
		$this->send( home_url( '/wc-api/kassette/' ), $bodies );
		wp_cache_flush();
		$this->assertCount( 1, $this->again( $order )->get_refunds() );
		$this->assertSame( '10.00', $this->again( $order )->get_remaining_refund_amount() );
	}

	public function test_it_wants_a_post_and_a_signature() {
		$this->assertSame( 405, wp_remote_retrieve_response_code( $this->plain( 'GET', '' ) ) );
		$this->assertSame( 401, wp_remote_retrieve_response_code( $this->plain( 'POST', '{}' ) ) );
	}

	private function plain( $method, $body ) {
		$this->gateway->stop();
		return wp_remote_request( home_url( '/wc-api/kassette/' ), array( 'method' => $method, 'body' => $body, 'timeout' => 20 ) ); // phpcs:ignore
	}
}
