<?php
/**
 * Tests of signatures.
 *
 * @package Kassette\Tests
 */

use Kassette\Signature;
use PHPUnit\Framework\TestCase;

/**
 * Standard Webhooks, and the consumer's way back.
 */
final class Signature_Test extends TestCase {

	// The vector that the Standard Webhooks specification's libraries share.
	const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
	const ID     = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
	const TIME   = 1614265330;
	const BODY   = '{"test": 2432232314}';
	const SIGNED = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

	private function verify( array $over = array() ) {
		$of = $over + array( 'secrets' => array( Signature::secret( self::SECRET ) ), 'id' => self::ID, 'time' => (string) self::TIME, 'signature' => self::SIGNED, 'body' => self::BODY, 'now' => self::TIME ); // phpcs:ignore
		return Signature::notice( $of['secrets'], $of['id'], $of['time'], $of['signature'], $of['body'], $of['now'] );
	}

	/**
	 * @dataProvider bad
	 */
	public function test_bad_notices( array $over ) {
		$this->assertFalse( $this->verify( $over ) );
	}

	public function bad() {
		return array(
			'no secret'       => array( array( 'secrets' => array() ) ),
			'another secret'  => array( array( 'secrets' => array( str_repeat( 'x', 24 ) ) ) ),
			'no id'           => array( array( 'id' => '' ) ),
			'another id'      => array( array( 'id' => 'msg_other' ) ),
			'no signature'    => array( array( 'signature' => '' ) ),
			'another version' => array( array( 'signature' => 'v2' . substr( self::SIGNED, 2 ) ) ),
			'another body'    => array( array( 'body' => self::BODY . ' ' ) ),
			'no time'         => array( array( 'time' => '' ) ),
			'a word for time' => array( array( 'time' => 'now' ) ),
			'too old'         => array( array( 'now' => self::TIME + 301 ) ),
			'too new'         => array( array( 'now' => self::TIME - 301 ) ),
		);
	}

	public function test_good_notices() {
		$this->assertTrue( $this->verify() );
		$this->assertTrue( $this->verify( array( 'signature' => 'v1,AAAA ' . self::SIGNED ) ), 'one of several' );
		$this->assertTrue( $this->verify( array( 'secrets' => array( str_repeat( 'x', 24 ), Signature::secret( self::SECRET ) ) ) ), 'while rotated' );
		$this->assertTrue( $this->verify( array( 'now' => self::TIME + 300 ) ), 'a slow one' );
	}

	/**
	 * @dataProvider no_secrets
	 */
	public function test_what_is_no_secret( $text ) {
		$this->assertNull( Signature::secret( $text ) );
	}

	public function no_secrets() {
		return array(
			'nothing'   => array( '' ),
			'no prefix' => array( 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw' ),
			'no base64' => array( 'whsec_!!!!' ),
			'too short' => array( 'whsec_' . base64_encode( str_repeat( 'x', 23 ) ) ),
			'too long'  => array( 'whsec_' . base64_encode( str_repeat( 'x', 65 ) ) ),
		);
	}

	/**
	 * @dataProvider ways
	 */
	public function test_way_back( array $over, $good ) {
		$query              = array( 'order' => 'ord_1', 'status' => 'paid', 'reference' => '7-abc', 'timestamp' => '2026-11-22T14:30:00Z' ); // phpcs:ignore
		$query['signature'] = hash_hmac( 'sha256', "return.v1\nord_1\npaid\n7-abc\n2026-11-22T14:30:00Z", 'secret' );
		$this->assertSame( $good, Signature::way_back( array( 'secret' ), $over + $query, strtotime( '2026-11-22T14:31:00Z' ) ) );
	}

	public function ways() {
		return array(
			'good'            => array( array(), true ),
			'another status'  => array( array( 'status' => 'open' ), false ),
			'no order'        => array( array( 'order' => '' ), false ),
			'a list'          => array( array( 'reference' => array( '7-abc' ) ), false ),
			'no signature'    => array( array( 'signature' => '' ), false ),
			'another time'    => array( array( 'timestamp' => '2026-11-22T14:30:01Z' ), false ),
			'a word for time' => array( array( 'timestamp' => 'yesterday-ish' ), false ),
		);
	}
}
