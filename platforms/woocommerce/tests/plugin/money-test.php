<?php
/**
 * Tests of amounts.
 *
 * @package Kassette\Tests
 */

use Kassette\Money;
use PHPUnit\Framework\TestCase;

/**
 * Decimal strings and minor units, in currencies of 0, 2, 3 and 4 decimals.
 */
final class Money_Test extends TestCase {

	/**
	 * @dataProvider bad
	 */
	public function test_bad_decimals( $decimal, $currency ) {
		$this->expectException( InvalidArgumentException::class );
		Money::minor( $decimal, $currency );
	}

	public function bad() {
		return array(
			'nothing'                => array( '', 'EUR' ),
			'a word'                 => array( 'ten', 'EUR' ),
			'an exponent'            => array( '1.0E+25', 'EUR' ),
			'a comma'                => array( '12,50', 'EUR' ),
			'a third decimal'        => array( '1.005', 'EUR' ),
			'part of a yen'          => array( '12.50', 'JPY' ),
			'a fourth decimal'       => array( '1.0005', 'TND' ),
			'more digits than allow' => array( '1234567890', 'EUR' ),
			'white space'            => array( ' 1', 'EUR' ),
			'hexadecimal'            => array( '0x1A', 'EUR' ),
		);
	}

	/**
	 * @dataProvider bad_parts
	 */
	public function test_sums_of_what_is_no_decimal( $decimal ) {
		$this->expectException( InvalidArgumentException::class );
		Money::sum( array( '1', $decimal ), 'EUR' );
	}

	public function bad_parts() {
		return array(
			'a word'           => array( 'ten' ),
			'two points'       => array( '1.2.3333333333' ),
			'a word at its end' => array( '3.3333333333x' ),
		);
	}

	/**
	 * @dataProvider good
	 */
	public function test_there_and_back( $decimal, $currency, $minor, $back ) {
		$this->assertSame( $minor, Money::minor( $decimal, $currency ) );
		$this->assertSame( $back, Money::decimal( $minor, $currency ) );
	}

	public function good() {
		return array(
			'euro'            => array( '49.99', 'EUR', 4999, '49.99' ),
			'cents'           => array( '0.07', 'EUR', 7, '0.07' ),
			'short'           => array( '12.5', 'EUR', 1250, '12.50' ),
			'whole'           => array( '12', 'EUR', 1200, '12.00' ),
			'long but zero'   => array( '12.5000', 'EUR', 1250, '12.50' ),
			'ends in a dot'   => array( '3.', 'EUR', 300, '3.00' ),
			'yen'             => array( '4999', 'JPY', 4999, '4999' ),
			'yen as shops do' => array( '4999.00', 'JPY', 4999, '4999' ),
			'dinar'           => array( '4.999', 'TND', 4999, '4.999' ),
			'UF'              => array( '1.0001', 'CLF', 10001, '1.0001' ),
			'below zero'      => array( '-2.50', 'EUR', -250, '-2.50' ),
			'not a float'     => array( '999999999.99', 'EUR', 99999999999, '999999999.99' ),
		);
	}

	/**
	 * @dataProvider sums
	 */
	public function test_sums_round_half_away_from_zero( array $decimals, $currency, $minor ) {
		$this->assertSame( $minor, Money::sum( $decimals, $currency ) );
	}

	public function sums() {
		return array(
			'net and tax'      => array( array( '10.3306', '2.1694' ), 'EUR', 1250 ),
			'nothing'          => array( array( '5', '', null ), 'EUR', 500 ),
			'thirds'           => array( array( '3.3333333333', '0.7000000000' ), 'EUR', 403 ),
			'below zero'       => array( array( '-3.3333333333' ), 'EUR', -333 ),
			'beyond the last'  => array( array( '0.0049999999' ), 'EUR', 0 ),
			'half up'          => array( array( '0.005' ), 'EUR', 1 ),
			'below half'       => array( array( '0.00499999' ), 'EUR', 0 ),
			'half, below zero' => array( array( '-0.005' ), 'EUR', -1 ),
			'yen'              => array( array( '99.4', '0.1' ), 'JPY', 100 ),
			'nothing'          => array( array(), 'EUR', 0 ),
		);
	}
}
