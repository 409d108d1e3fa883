<?php
/**
 * The gateway's order.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Reads the gateway's order, as answers and notices hold it.
 */
final class Whole {

	/**
	 * The shop's order that it is of; 0 where it names none.
	 *
	 * @param array $whole The gateway's order.
	 * @return int
	 */
	public static function order_id( array $whole ) {
		return 'woocommerce' === ( $whole['metadata']['platform'] ?? '' ) ? absint( $whole['metadata']['order_id'] ?? 0 ) : 0;
	}

	/**
	 * The payment that pays: captured or authorized, else the latest.
	 *
	 * @param array $whole The gateway's order.
	 * @return array|null
	 */
	public static function paying( array $whole ) {
		$payments = $whole['payments'] ?? array();
		foreach ( array( 'captured', 'authorized' ) as $status ) {
			foreach ( $payments as $payment ) {
				if ( $status === $payment['status'] ) {
					return $payment;
				}
			}
		}
		return $payments ? end( $payments ) : null;
	}

	/**
	 * Whether it is of an amount, and all of that was taken where it is not only
	 * authorized: tips and surcharges do not count, what a final part capture gave
	 * back does.
	 *
	 * @param array $whole The gateway's order.
	 * @param array $money The shop's total.
	 * @return bool
	 */
	public static function pays_all( array $whole, array $money ) {
		$counts = (int) $whole['captured']['value'] - (int) $whole['tip']['value'] - (int) $whole['surcharge']['value'] + (int) $whole['released']['value'];
		return $money === Money::sent( (int) $whole['amount']['value'], $whole['amount']['currency'] ) && ( 'authorized' === $whole['status'] || $counts >= $money['value'] );
	}
}
