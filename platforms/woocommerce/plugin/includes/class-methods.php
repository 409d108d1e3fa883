<?php
/**
 * The gateway's methods.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Keeps what /v1/methods says, logos included, so that nobody is asked while a
 * checkout renders (woocommerce.md 3.2, is_available). A method that is gone
 * is kept too: its orders can still be refunded.
 */
final class Methods {

	const OPTION = 'kassette_methods';

	/**
	 * The amount that is asked about, in the currency's main unit.
	 */
	const AMOUNT = '50';

	/**
	 * Largest logo, in bytes.
	 */
	const MAX_LOGO = 65536;

	/**
	 * All methods that were ever seen, by id, in the gateway's order: id, titles
	 * (by locale), logo (a data URI), flow, options, currencies; those of now have current.
	 *
	 * @return array
	 */
	public static function all() {
		return (array) get_option( self::OPTION, array() );
	}

	/**
	 * Our gateways: one for each method, and the one with the gateway's own page
	 * of choice. Instances are as good as class names (3.1).
	 *
	 * @param array $gateways Others' gateways.
	 * @return array
	 */
	public static function add_gateways( $gateways ) {
		foreach ( self::all() as $method ) {
			$gateways[] = new Gateway( $method );
		}
		$gateways[] = new Gateway();
		return $gateways;
	}

	/**
	 * A method's title in the language of the page.
	 *
	 * @param array $method The method.
	 * @return string
	 */
	public static function title( array $method ) {
		$titles = $method['titles'];
		return $titles[ determine_locale() ] ?? $titles[ get_locale() ] ?? ( $titles ? reset( $titles ) : $method['id'] );
	}

	/**
	 * Ids of our gateways, in the gateway's order.
	 *
	 * @return string[]
	 */
	public static function gateway_ids() {
		$ids = array();
		foreach ( array_keys( self::all() ) as $id ) {
			$ids[] = 'kassette_' . $id;
		}
		return array_merge( $ids, array( 'kassette' ) );
	}

	/**
	 * Puts our gateways into the order of /v1/methods, in the places that they
	 * have among the others': where WooCommerce keeps places, which both
	 * checkouts go by. Those that came later follow the last of ours.
	 *
	 * @param mixed $places Places by gateway id.
	 * @return mixed
	 */
	public static function order( $places ) {
		$ours = self::gateway_ids();
		$left = is_array( $places ) ? count( array_intersect_key( $places, array_flip( $ours ) ) ) : 0;
		if ( 0 === $left ) {
			return $places;
		}
		asort( $places, SORT_NUMERIC );
		$known = $ours;
		$ids   = array();
		foreach ( array_keys( $places ) as $id ) {
			if ( ! in_array( $id, $known, true ) ) {
				$ids[] = $id;
				continue;
			}
			$ids[] = array_shift( $ours );
			--$left;
			if ( 0 === $left ) {
				$ids = array_merge( $ids, $ours );
			}
		}
		return array_flip( $ids );
	}

	/**
	 * Asks the gateway for its methods: in each language and currency of the shop.
	 *
	 * @return int How many there are.
	 * @throws Problem Where it cannot be asked; what was known stays.
	 */
	public static function refresh() {
		$client = new Client( Settings::get( 'mode' ) );
		$known  = self::all();
		$fresh  = array();
		foreach ( self::currencies() as $currency ) {
			foreach ( self::locales() as $locale ) {
				$query = array(
					'amount'   => Money::minor( self::AMOUNT, $currency ),
					'currency' => $currency,
					'locale'   => Language::bcp47( $locale ),
				);
				foreach ( $client->get( '/v1/methods', $query )['items'] ?? array() as $item ) {
					$fresh = self::noted( $fresh, $known, $item, $locale, $currency );
				}
			}
		}
		$count = count( $fresh );
		foreach ( $known as $id => $method ) {
			$fresh += array( $id => array( 'current' => false ) + $method );
		}
		update_option( self::OPTION, $fresh, false );
		return $count;
	}

	/**
	 * Notes an item of /v1/methods.
	 *
	 * @param array  $fresh    What is noted.
	 * @param array  $known    What was known before.
	 * @param array  $item     The item.
	 * @param string $locale   In which language it was asked for.
	 * @param string $currency In which currency.
	 * @return array
	 */
	private static function noted( array $fresh, array $known, array $item, $locale, $currency ) {
		$id = (string) ( $item['id'] ?? '' );
		if ( ! preg_match( '/^[a-z][a-z0-9_-]{1,31}$/', $id ) ) {
			return $fresh;
		}
		$fresh[ $id ] = ( $fresh[ $id ] ?? array() ) + array(
			'id'         => $id,
			'titles'     => array(),
			'logo_url'   => (string) ( $item['logo_url'] ?? '' ),
			'logo'       => self::logo( (string) ( $item['logo_url'] ?? '' ), $known[ $id ] ?? array() ),
			'flow'       => (string) ( $item['flow'] ?? '' ),
			'options'    => is_array( $item['options'] ?? null ) ? $item['options'] : null,
			'available'  => ! empty( $item['available'] ),
			'currencies' => array(),
			'current'    => true,
		);

		$fresh[ $id ]['titles'][ $locale ] = sanitize_text_field( (string) ( $item['title'] ?? $id ) );
		$fresh[ $id ]['currencies']        = array_values( array_unique( array_merge( $fresh[ $id ]['currencies'], array( $currency ) ) ) );
		return $fresh;
	}

	/**
	 * A logo as a data URI: no shopper's browser asks the gateway for it. Its
	 * address changes when the logo does.
	 *
	 * @param string $url    Where it is.
	 * @param array  $before The method as it was known.
	 * @return string '' for none.
	 */
	private static function logo( $url, array $before ) {
		if ( '' === $url || ( ( $before['logo_url'] ?? '' ) === $url && '' !== ( $before['logo'] ?? '' ) ) ) {
			return '' === $url ? '' : $before['logo'];
		}
		$response = wp_remote_get(
			$url,
			array(
				'timeout'             => 10,
				'redirection'         => 0,
				'limit_response_size' => self::MAX_LOGO,
			)
		);
		$body     = is_wp_error( $response ) ? '' : wp_remote_retrieve_body( $response );
		if ( '' === $body || 200 !== (int) wp_remote_retrieve_response_code( $response ) || 0 !== strpos( (string) wp_remote_retrieve_header( $response, 'content-type' ), 'image/svg+xml' ) ) {
			return '';
		}
		return 'data:image/svg+xml;base64,' . base64_encode( $body ); // phpcs:ignore WordPress.PHP.DiscouragedPHPFunctions
	}

	/**
	 * The shop's currencies. A plugin for several adds its own by the filter.
	 *
	 * @return string[]
	 */
	private static function currencies() {
		return array_unique( (array) apply_filters( 'kassette_currencies', array( get_woocommerce_currency() ) ) );
	}

	/**
	 * The site's languages, its own first.
	 *
	 * @return string[]
	 */
	private static function locales() {
		return array_slice( array_unique( array_merge( array( get_locale() ), get_available_languages() ) ), 0, 8 );
	}
}
