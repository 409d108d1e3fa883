<?php
/**
 * Languages.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Loads the extension's texts, and tells the gateway the consumer's language.
 */
final class Language {

	/**
	 * Files by language: a Belgian reads the Dutch ones.
	 */
	const FILES = array(
		'nl' => 'nl_NL',
		'de' => 'de_DE',
		'fr' => 'fr_FR',
		'sv' => 'sv_SE',
		'bg' => 'bg_BG',
	);

	/**
	 * On init, not before (woocommerce.md 3.1), and first of all: gateways are
	 * made there.
	 */
	public static function load() {
		add_filter( 'load_textdomain_mofile', array( self::class, 'nearest' ), 10, 2 );
		load_plugin_textdomain( 'kassette', false, dirname( plugin_basename( KASSETTE_FILE ) ) . '/languages' );
	}

	/**
	 * The file of the same language, where the locale has none of its own.
	 *
	 * @param string $file   The file that WordPress would load.
	 * @param string $domain Whose texts.
	 * @return string
	 */
	public static function nearest( $file, $domain ) {
		if ( 'kassette' !== $domain || is_readable( $file ) || ! preg_match( '/kassette-([a-z]{2})(_\w+)?\.mo$/', $file, $m ) || ! isset( self::FILES[ $m[1] ] ) ) {
			return $file;
		}
		return dirname( KASSETTE_FILE ) . '/languages/kassette-' . self::FILES[ $m[1] ] . '.mo';
	}

	/**
	 * A locale of WordPress as BCP 47: de_DE_formal is de-DE.
	 *
	 * @param string $locale WordPress's.
	 * @return string
	 */
	public static function bcp47( $locale ) {
		return preg_match( '/^([a-z]{2,3})(?:_([A-Z]{2}))?(?:_|$)/', $locale, $m ) ? rtrim( $m[1] . '-' . ( $m[2] ?? '' ), '-' ) : 'en';
	}
}
