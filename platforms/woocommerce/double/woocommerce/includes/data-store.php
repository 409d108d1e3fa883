<?php
/**
 * The stores behind orders.
 *
 * @package Kassette\Double
 */

/**
 * Hands calls on to the store, and takes those that it does not know.
 */
final class WC_Data_Store {

	/**
	 * Gives the store of a type.
	 *
	 * @param string $type order.
	 * @return WC_Data_Store
	 * @throws Exception Where there is none.
	 */
	public static function load( $type ) {
		if ( 'order' !== $type ) {
			throw new Exception( 'Invalid data store.' );
		}
		return new self();
	}

	/**
	 * The store of HPOS has clear_cached_data, that of posts has not.
	 *
	 * @param string $name      The method's name.
	 * @param array  $arguments Its arguments.
	 * @return mixed
	 */
	public function __call( $name, $arguments ) {
		if ( 'clear_cached_data' === $name && WC_Double_Store::hpos() ) {
			WC_Double_Store::clear( $arguments[0] );
			return array_fill_keys( $arguments[0], true );
		}
		return null;
	}
}
