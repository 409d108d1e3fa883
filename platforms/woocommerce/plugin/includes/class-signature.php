<?php
/**
 * Signatures of the gateway.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Verifies notices, signed after the Standard Webhooks specification, and the
 * consumer's way back.
 */
final class Signature {

	/**
	 * Seconds by which a notice's time may be off.
	 */
	const TOLERANCE = 300;

	/**
	 * Seconds for which a way back is good.
	 */
	const RETURN_AGE = 86400;

	/**
	 * The bytes of whsec_…; null where it is no secret of 24 to 64 bytes.
	 *
	 * @param string $text The secret, as the gateway shows it.
	 * @return string|null
	 */
	public static function secret( $text ) {
		if ( 0 !== strpos( $text, 'whsec_' ) ) {
			return null;
		}
		$bytes = base64_decode( substr( $text, 6 ), true ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
		return false !== $bytes && strlen( $bytes ) >= 24 && strlen( $bytes ) <= 64 ? $bytes : null;
	}

	/**
	 * Whether a notice is the gateway's.
	 *
	 * @param string[] $secrets   Notice secrets, decoded.
	 * @param string   $id        webhook-id.
	 * @param string   $time      webhook-timestamp.
	 * @param string   $signature webhook-signature: several, with spaces between them, while secrets are rotated.
	 * @param string   $body      The body, byte for byte.
	 * @param int      $now       Unix time.
	 * @return bool
	 */
	public static function notice( array $secrets, $id, $time, $signature, $body, $now ) {
		if ( '' === $id || ! preg_match( '/^\d{1,12}$/', $time ) || abs( $now - (int) $time ) > self::TOLERANCE ) {
			return false;
		}
		foreach ( $secrets as $secret ) {
			$want = 'v1,' . base64_encode( hash_hmac( 'sha256', "$id.$time.$body", $secret, true ) ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
			foreach ( explode( ' ', $signature ) as $one ) {
				if ( hash_equals( $want, $one ) ) {
					return true;
				}
			}
		}
		return false;
	}

	/**
	 * Whether the gateway sent a consumer back: hex HMAC-SHA256 over return.v1,
	 * order, status, reference and timestamp, joined by line feeds.
	 *
	 * @param string[] $secrets Notice secrets, decoded.
	 * @param array    $query   order, status, reference, timestamp, signature.
	 * @param int      $now     Unix time.
	 * @return bool
	 */
	public static function way_back( array $secrets, array $query, $now ) {
		$parts = array( 'return.v1' );
		foreach ( array( 'order', 'status', 'reference', 'timestamp' ) as $name ) {
			if ( ! isset( $query[ $name ] ) || ! is_string( $query[ $name ] ) || '' === $query[ $name ] ) {
				return false;
			}
			$parts[] = $query[ $name ];
		}
		$given = is_string( $query['signature'] ?? null ) ? $query['signature'] : '';
		$at    = strtotime( $query['timestamp'] );
		if ( false === $at || $now - $at > self::RETURN_AGE || $at - $now > self::TOLERANCE ) {
			return false;
		}
		foreach ( $secrets as $secret ) {
			if ( hash_equals( hash_hmac( 'sha256', implode( "\n", $parts ), $secret ), $given ) ) {
				return true;
			}
		}
		return false;
	}
}
