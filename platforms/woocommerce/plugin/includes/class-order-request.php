<?php
/**
 * An order as the gateway wants it.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Writes the body of POST /v1/orders of a shop's order. Members without a
 * value are left out: null is an error there.
 */
final class Order_Request {

	/**
	 * Longest text of most members, and of a description.
	 */
	const TEXT        = 255;
	const DESCRIPTION = 1000;

	/**
	 * The reference: the order's id, which is its identity together with its key
	 * (woocommerce.md 1.2), and eight digits of that key's hash. The number that
	 * the shopper sees may be another one and goes into the description.
	 *
	 * @param \WC_Order $order The order.
	 * @return string
	 */
	public static function reference( \WC_Order $order ) {
		return $order->get_id() . '-' . substr( hash( 'sha256', $order->get_order_key() ), 0, 8 );
	}

	/**
	 * The body.
	 *
	 * @param \WC_Order $order  The order.
	 * @param string    $method The method's id; '' for the page of choice.
	 * @param string    $option The way within it; '' for none.
	 * @return array
	 * @throws \InvalidArgumentException Where the total is none in its currency.
	 */
	public static function of( \WC_Order $order, $method, $option ) {
		$currency = $order->get_currency();
		$back     = Way_Back::url( $order );
		$body     = array(
			'reference'        => self::reference( $order ),
			'amount'           => Money::sent( Money::minor( $order->get_total(), $currency ), $currency ),
			/* translators: 1: the shop's name 2: the order's number */
			'description'      => self::text( sprintf( __( '%1$s, order %2$s', 'kassette' ), wp_specialchars_decode( get_bloginfo( 'name' ), ENT_QUOTES ), $order->get_order_number() ), self::DESCRIPTION ),
			'lines'            => self::lines( $order ),
			'customer'         => self::customer( $order ),
			'billing_address'  => self::address( $order, 'billing' ),
			'shipping_address' => self::address( $order, 'shipping' ),
			'locale'           => Language::bcp47( determine_locale() ),
			'country'          => $order->get_billing_country(),
			'method'           => $method,
			'method_options'   => '' === $option ? array() : array( 'option' => $option ),
			'capture'          => 'manual' === Settings::get( 'capture' ) ? 'manual' : 'automatic',
			'return_url'       => $back,
			'cancel_url'       => $back,
			'notify_url'       => WC()->api_request_url( 'kassette' ),
			'metadata'         => array(
				'platform'     => 'woocommerce',
				'order_id'     => (string) $order->get_id(),
				'order_number' => self::text( $order->get_order_number(), self::TEXT ),
			),
		);
		return self::filled( $body );
	}

	/**
	 * The lines, tax included. Where the shop's rounding makes them miss the
	 * total, a line says by how much.
	 *
	 * @param \WC_Order $order The order.
	 * @return array
	 */
	private static function lines( \WC_Order $order ) {
		$currency = $order->get_currency();
		$lines    = array();
		$sum      = 0;
		foreach ( $order->get_items( array( 'line_item', 'shipping', 'fee' ) ) as $item ) {
			$amount  = Money::sum( array( $item->get_total(), $item->get_total_tax() ), $currency );
			$sum    += $amount;
			$lines[] = self::filled(
				array(
					'sku'        => 'line_item' === $item->get_type() && $item->get_product() ? self::text( $item->get_product()->get_sku(), self::TEXT ) : '',
					'name'       => self::text( $item->get_name(), self::TEXT, '-' ),
					'kind'       => self::kind( $item, $amount ),
					'quantity'   => self::quantity( $item ),
					'amount'     => Money::sent( $amount, $currency ),
					'tax_amount' => self::tax( $item, $amount, $currency ),
				)
			);
		}
		$rest = Money::minor( $order->get_total(), $currency ) - $sum;
		if ( 0 !== $rest && array() !== $lines ) {
			$lines[] = array(
				'name'     => __( 'Rounding', 'kassette' ),
				'kind'     => $rest < 0 ? 'discount' : 'fee',
				'quantity' => '1',
				'amount'   => Money::sent( $rest, $currency ),
			);
		}
		return count( $lines ) > 500 ? array() : $lines;
	}

	/**
	 * The tax in a line; empty where the shop's is no part of the amount, which
	 * the gateway would refuse.
	 *
	 * @param \WC_Order_Item $item     The line.
	 * @param int            $amount   Its amount.
	 * @param string         $currency ISO 4217.
	 * @return array
	 */
	private static function tax( $item, $amount, $currency ) {
		$tax  = Money::sum( array( $item->get_total_tax() ), $currency );
		$part = $amount < 0 ? $tax <= 0 && $tax >= $amount : $tax >= 0 && $tax <= $amount;
		return $part ? Money::sent( $tax, $currency ) : array();
	}

	/**
	 * What a line is.
	 *
	 * @param \WC_Order_Item $item   The line.
	 * @param int            $amount Its amount.
	 * @return string
	 */
	private static function kind( $item, $amount ) {
		if ( $amount < 0 ) {
			return 'discount';
		}
		if ( 'line_item' !== $item->get_type() ) {
			return $item->get_type();
		}
		$product = $item->get_product();
		if ( ! $product || ! $product->is_virtual() ) {
			return 'physical';
		}
		return $product->is_downloadable() ? 'digital' : 'service';
	}

	/**
	 * A line's quantity as decimal text above zero; shipping has none of its own.
	 *
	 * @param \WC_Order_Item $item The line.
	 * @return string
	 */
	private static function quantity( $item ) {
		$quantity = 'line_item' === $item->get_type() ? (string) $item->get_quantity() : '1';
		return preg_match( '/^\d{1,9}(\.\d{1,6})?$/', $quantity ) && '' !== trim( $quantity, '0.' ) ? $quantity : '1';
	}

	/**
	 * Who pays.
	 *
	 * @param \WC_Order $order The order.
	 * @return array
	 */
	private static function customer( \WC_Order $order ) {
		$ip = filter_var( $order->get_customer_ip_address(), FILTER_VALIDATE_IP );
		return self::filled(
			array(
				'id'    => $order->get_customer_id() ? (string) $order->get_customer_id() : '',
				'name'  => self::text( trim( $order->get_billing_first_name() . ' ' . $order->get_billing_last_name() ), self::TEXT ),
				'email' => self::text( $order->get_billing_email(), self::TEXT ),
				'phone' => self::text( $order->get_billing_phone(), self::TEXT ),
				'ip'    => false === $ip ? '' : $ip,
			)
		);
	}

	/**
	 * An address.
	 *
	 * @param \WC_Order $order The order.
	 * @param string    $which billing or shipping.
	 * @return array
	 */
	private static function address( \WC_Order $order, $which ) {
		$get = static function ( $name ) use ( $order, $which ) {
			return self::text( (string) $order->{"get_{$which}_$name"}(), self::TEXT );
		};
		return self::filled(
			array(
				'first_name'  => $get( 'first_name' ),
				'last_name'   => $get( 'last_name' ),
				'company'     => $get( 'company' ),
				'street'      => self::text( trim( $get( 'address_1' ) . ' ' . $get( 'address_2' ) ), self::TEXT ),
				'postal_code' => $get( 'postcode' ),
				'city'        => $get( 'city' ),
				'region'      => $get( 'state' ),
				'country'     => preg_match( '/^[A-Z]{2}$/', $get( 'country' ) ) ? $get( 'country' ) : '',
			)
		);
	}

	/**
	 * A text that fits.
	 *
	 * @param string $text  The text.
	 * @param int    $limit Longest, in characters.
	 * @param string $none  What stands for nothing.
	 * @return string
	 */
	private static function text( $text, $limit, $none = '' ) {
		$text = mb_substr( trim( preg_replace( '/[[:cntrl:]]+/', ' ', wp_strip_all_tags( (string) $text ) ) ), 0, $limit );
		return '' === $text ? $none : $text;
	}

	/**
	 * Members that have a value.
	 *
	 * @param array $members Members.
	 * @return array
	 */
	private static function filled( array $members ) {
		return array_filter(
			$members,
			static function ( $value ) {
				return '' !== $value && array() !== $value;
			}
		);
	}
}
