<?php
/**
 * Settings.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * What the merchant set, in an option of our own: the settings of gateways can
 * be read by any REST key, secrets included (woocommerce.md 1.5).
 */
final class Settings {

	const OPTION = 'kassette_settings';

	/**
	 * Values where the merchant set none. Secrets are notice secrets, several while they are rotated.
	 */
	const DEFAULTS = array(
		'url'         => '',
		'mode'        => 'test',
		'test_key'    => '',
		'live_key'    => '',
		'secrets'     => '',
		'capture'     => 'automatic',
		'reopen'      => 'no',
		'remove_data' => 'no',
	);

	/**
	 * Those that are never shown.
	 */
	const SECRET = array( 'test_key', 'live_key', 'secrets' );

	/**
	 * A value.
	 *
	 * @param string $name Its name.
	 * @return string
	 */
	public static function get( $name ) {
		$kept = get_option( self::OPTION, array() );
		return (string) ( $kept[ $name ] ?? self::DEFAULTS[ $name ] );
	}

	/**
	 * Keeps values. A secret that is empty stays what it was.
	 *
	 * @param array $values Values by name; names that do not exist are left out.
	 */
	public static function save( array $values ) {
		$kept = array();
		foreach ( array_keys( self::DEFAULTS ) as $name ) {
			$value         = trim( (string) ( $values[ $name ] ?? '' ) );
			$kept[ $name ] = '' === $value && ( in_array( $name, self::SECRET, true ) || ! isset( $values[ $name ] ) ) ? self::get( $name ) : $value;
		}
		$kept['url'] = untrailingslashit( $kept['url'] );
		update_option( self::OPTION, $kept, false );
	}

	/**
	 * Whether orders are tests now.
	 *
	 * @return bool
	 */
	public static function test() {
		return 'live' !== self::get( 'mode' );
	}

	/**
	 * The API key of a mode.
	 *
	 * @param string $mode test or live.
	 * @return string
	 */
	public static function key( $mode ) {
		return self::get( 'live' === $mode ? 'live_key' : 'test_key' );
	}

	/**
	 * Whether there is what a payment needs.
	 *
	 * @return bool
	 */
	public static function ready() {
		return '' !== self::get( 'url' ) && '' !== self::key( self::get( 'mode' ) ) && array() !== self::notice_secrets();
	}

	/**
	 * The notice secrets, decoded, the newest first.
	 *
	 * @return string[]
	 */
	public static function notice_secrets() {
		$secrets = array();
		foreach ( preg_split( '/\s+/', self::get( 'secrets' ), -1, PREG_SPLIT_NO_EMPTY ) as $text ) {
			$secret = Signature::secret( $text );
			if ( null !== $secret ) {
				$secrets[] = $secret;
			}
		}
		return $secrets;
	}

	/**
	 * Whether a host is on the merchant's own machine or network, where tests may
	 * do without TLS.
	 *
	 * @param string $host Its name or address.
	 * @return bool
	 */
	private static function near( $host ) {
		$host = trim( $host, '[]' );
		if ( filter_var( $host, FILTER_VALIDATE_IP ) ) {
			return false === filter_var( $host, FILTER_VALIDATE_IP, FILTER_FLAG_NO_PRIV_RANGE | FILTER_FLAG_NO_RES_RANGE );
		}
		return 1 === preg_match( '/(^|\.)(localhost|local|internal|test)$/', $host );
	}

	/**
	 * What is wrong with values, in the merchant's language.
	 *
	 * @param array $values Values by name, with '' for a secret that stays.
	 * @return string[]
	 */
	public static function problems( array $values ) {
		$wrong = array();
		$url   = wp_parse_url( $values['url'] ?? '' );
		$host  = $url['host'] ?? '';
		$plain = 'http' === ( $url['scheme'] ?? '' ) && 'live' !== ( $values['mode'] ?? '' ) && self::near( $host );
		if ( '' === $host || isset( $url['query'] ) || ( 'https' !== ( $url['scheme'] ?? '' ) && ! $plain ) ) {
			$wrong[] = __( 'The address of the gateway must begin with https://.', 'kassette' );
		}
		foreach ( array( 'test_key', 'live_key' ) as $name ) {
			if ( ! preg_match( '/^[\x21-\x7e]*$/', $values[ $name ] ?? '' ) ) {
				$wrong[] = __( 'An API key has no spaces in it: copy it once more.', 'kassette' );
			}
		}
		foreach ( preg_split( '/\s+/', $values['secrets'] ?? '', -1, PREG_SPLIT_NO_EMPTY ) as $text ) {
			if ( null === Signature::secret( $text ) ) {
				$wrong[] = __( 'A notice secret begins with whsec_ and is 24 to 64 bytes in base64: copy it once more.', 'kassette' );
			}
		}
		return array_values( array_unique( $wrong ) );
	}
}
