<?php
/**
 * The log.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Writes to WooCommerce's log, and keeps the latest lines for the merchant to
 * read under WooCommerce, Kassette. No line holds a secret or a person.
 */
final class Log {

	const OPTION = 'kassette_log';

	/**
	 * Lines that are kept.
	 */
	const LINES = 200;

	/**
	 * Longest line.
	 */
	const LENGTH = 1000;

	/**
	 * Below this many characters a setting is no secret, but a part of many words.
	 */
	const SHORT = 8;

	/**
	 * Writes a line.
	 *
	 * @param string $level debug, info, warning, error.
	 * @param string $text  The line, in English.
	 */
	public static function write( $level, $text ) {
		$text = self::scrub( $text );
		wc_get_logger()->log( $level, $text, array( 'source' => 'kassette' ) );
		if ( 'debug' === $level ) {
			return;
		}
		$lines   = self::lines();
		$lines[] = array( gmdate( 'Y-m-d H:i:s' ), $level, $text );
		update_option( self::OPTION, array_slice( $lines, -self::LINES ), false );
	}

	/**
	 * The latest lines, the oldest first: time, level, text.
	 *
	 * @return array
	 */
	public static function lines() {
		return (array) get_option( self::OPTION, array() );
	}

	/**
	 * A text without secrets, tokens and mail addresses, on one line.
	 *
	 * @param string $text A text.
	 * @return string
	 */
	public static function scrub( $text ) {
		foreach ( Settings::SECRET as $name ) {
			foreach ( preg_split( '/\s+/', Settings::get( $name ), -1, PREG_SPLIT_NO_EMPTY ) as $secret ) {
				$text = strlen( $secret ) < self::SHORT ? $text : str_replace( $secret, '***', $text );
			}
		}
		$text = preg_replace(
			array( '/whsec_[A-Za-z0-9+\/=_-]+/', '/(Bearer\s+)\S+/i', '/\bwc_order_\w+/', '/(\bord_[0-9A-Za-z]+\.)[a-z2-7]{16,}/', '/[^\s@]+@[^\s@]+\.[^\s@]+/', '/[[:cntrl:]]+/' ),
			array( '***', '$1***', 'wc_order_***', '$1***', '***', ' ' ),
			$text
		);
		return substr( $text, 0, self::LENGTH );
	}
}
