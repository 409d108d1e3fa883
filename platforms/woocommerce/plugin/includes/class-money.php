<?php
/**
 * Amounts.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Turns the shop's decimal strings into minor units and back, digit by digit:
 * never by float (woocommerce.md 1.2).
 */
final class Money {

	/**
	 * Currencies of ISO 4217 that do not have two decimals.
	 */
	const DECIMALS = array(
		0 => 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
		3 => 'BHD IQD JOD KWD LYD OMR TND',
		4 => 'CLF UYW',
	);

	/**
	 * Decimals in which lines are added up; what is beyond them counts for nothing:
	 * those of the shop's own rounding are fewer, but REST and extensions write more.
	 */
	const FINE = 8;

	/**
	 * The decimals of a currency.
	 *
	 * @param string $currency ISO 4217.
	 * @return int
	 */
	public static function decimals( $currency ) {
		foreach ( self::DECIMALS as $decimals => $codes ) {
			if ( in_array( $currency, explode( ' ', $codes ), true ) ) {
				return $decimals;
			}
		}
		return 2;
	}

	/**
	 * Minor units of a decimal: "12.50" EUR is 1250, "12" JPY is 12.
	 *
	 * @param string $decimal  A decimal, as the shop writes it.
	 * @param string $currency ISO 4217.
	 * @return int
	 * @throws \InvalidArgumentException Where it is no decimal, is too large, or has a part that the currency cannot express.
	 */
	public static function minor( $decimal, $currency ) {
		return self::units( $decimal, self::decimals( $currency ) );
	}

	/**
	 * Minor units of the sum of decimals, half a unit rounded away from zero. A
	 * part that an extension left empty is none.
	 *
	 * @param string[] $decimals Decimals.
	 * @param string   $currency ISO 4217.
	 * @return int
	 * @throws \InvalidArgumentException Where one is no decimal.
	 */
	public static function sum( array $decimals, $currency ) {
		$fine = 0;
		foreach ( $decimals as $decimal ) {
			$fine += '' === (string) $decimal ? 0 : self::units( preg_replace( '/(\.\d{' . self::FINE . '})\d+$/', '$1', (string) $decimal ), self::FINE );
		}
		$unit = 10 ** ( self::FINE - self::decimals( $currency ) );
		$half = intdiv( $unit, 2 );
		return intdiv( $fine < 0 ? $fine - $half : $fine + $half, $unit );
	}

	/**
	 * The shop's decimal of minor units: 1250 EUR is "12.50".
	 *
	 * @param int    $minor    Minor units.
	 * @param string $currency ISO 4217.
	 * @return string
	 */
	public static function decimal( $minor, $currency ) {
		$places = self::decimals( $currency );
		$digits = str_pad( ltrim( (string) $minor, '-' ), $places + 1, '0', STR_PAD_LEFT );
		$whole  = substr( $digits, 0, strlen( $digits ) - $places );
		return ( $minor < 0 ? '-' : '' ) . $whole . ( $places ? '.' . substr( $digits, -$places ) : '' );
	}

	/**
	 * Money as the gateway writes it.
	 *
	 * @param int    $minor    Minor units.
	 * @param string $currency ISO 4217.
	 * @return array
	 */
	public static function sent( $minor, $currency ) {
		return array(
			'value'    => $minor,
			'currency' => $currency,
		);
	}

	/**
	 * For people: "12.50 EUR".
	 *
	 * @param array $money value and currency.
	 * @return string
	 */
	public static function text( array $money ) {
		return self::decimal( (int) $money['value'], $money['currency'] ) . ' ' . $money['currency'];
	}

	/**
	 * A decimal in units of 10^-places.
	 *
	 * @param string $decimal The decimal.
	 * @param int    $places  Decimals that it may have.
	 * @return int
	 * @throws \InvalidArgumentException As minor.
	 */
	private static function units( $decimal, $places ) {
		if ( ! preg_match( '/^(-?)(\d{1,9})(?:\.(\d*))?$/', (string) $decimal, $m ) ) {
			throw new \InvalidArgumentException( 'This is no amount.' );
		}
		$part = $m[3] ?? '';
		if ( '' !== trim( substr( $part, $places ), '0' ) ) {
			throw new \InvalidArgumentException( 'The amount has more decimals than its currency.' );
		}
		$units = (int) ( $m[2] . str_pad( substr( $part, 0, $places ), $places, '0' ) );
		return '-' === $m[1] ? -$units : $units;
	}
}
