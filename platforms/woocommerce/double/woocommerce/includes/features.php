<?php
/**
 * Compatibility with features (document 3.1).
 *
 * @package Kassette\Double
 */

namespace Automattic\WooCommerce\Utilities;

/**
 * Notes what plugins say of themselves.
 */
final class FeaturesUtil {

	/**
	 * Whether each plugin gets on with each feature.
	 *
	 * @var array
	 */
	public static $declared = array();

	/**
	 * Takes a declaration. It counts within before_woocommerce_init alone.
	 *
	 * @param string $feature The feature.
	 * @param string $file    The plugin's main file.
	 * @param bool   $yes     Whether it gets on with it.
	 * @return bool
	 */
	public static function declare_compatibility( $feature, $file, $yes = true ) {
		if ( ! doing_action( 'before_woocommerce_init' ) ) {
			_doing_it_wrong( __METHOD__, 'only within before_woocommerce_init', '10.5.0' );
			return false;
		}
		self::$declared[ plugin_basename( $file ) ][ $feature ] = $yes;
		return true;
	}
}
