<?php
/**
 * From the shop's checkout to the gateway.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Creates the gateway's order of a shop's order and says where the shopper goes.
 */
final class Checkout {

	/**
	 * Problems of a payment where the gateway's own page knows best how to go on.
	 */
	const GO_ON = array( 'attempt-under-way', 'order-closed', 'too-many-attempts' );

	/**
	 * Creates or finds the gateway's order and gives the address for the shopper.
	 *
	 * @param \WC_Order $order    The order.
	 * @param string    $method   The method's id; '' for the page of choice.
	 * @param string    $option   The way within it; '' for none.
	 * @param string    $received The order-received page.
	 * @return string
	 * @throws Problem Where there is no payment to be had.
	 */
	public static function start( \WC_Order $order, $method, $option, $received ) {
		$mode = Settings::get( 'mode' );
		try {
			$made = self::create( new Client( $mode ), Order_Request::of( $order, $method, $option ) );
		} catch ( Problem $problem ) {
			return self::after( $problem, $order, $mode, $received );
		} catch ( \InvalidArgumentException $wrong ) {
			Log::write( 'error', 'order ' . $order->get_id() . ': its total ' . $order->get_total() . ' ' . $order->get_currency() . ' cannot be sent. ' . $wrong->getMessage() );
			throw new Problem( __( 'The order\'s total cannot be paid in its currency.', 'kassette' ), 422, array( 'attempted' => 'no' ) ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		self::note( $order->get_id(), $made, $mode );
		return self::address( $made, $method );
	}

	/**
	 * Creates an order. A method that cannot wait for its capture takes the money
	 * at once; where an order is open that was to wait, a new one takes its place.
	 *
	 * @param Client $client The gateway.
	 * @param array  $body   The order.
	 * @return array
	 * @throws Problem As start.
	 */
	private static function create( Client $client, array $body ) {
		try {
			return self::send( $client, $body );
		} catch ( Problem $problem ) {
			if ( ! self::cannot_wait( $problem ) ) {
				throw $problem;
			}
		}
		$body['capture'] = 'automatic';
		try {
			return self::send( $client, $body );
		} catch ( Problem $problem ) {
			$open = self::cannot_wait( $problem ) ? self::find( $client, $body['reference'] ) : null;
			if ( ! $open ) {
				throw $problem;
			}
			$client->post( '/v1/orders/' . rawurlencode( $open['id'] ) . '/cancel' );
			return self::send( $client, $body );
		}
	}

	/**
	 * Whether a refusal says that the method takes the money at once or not at all.
	 *
	 * @param Problem $problem The refusal.
	 * @return bool
	 */
	private static function cannot_wait( Problem $problem ) {
		return 'method-not-possible' === $problem->kind() && 'capture_mode' === ( $problem->members['reason'] ?? '' );
	}

	/**
	 * Sends an order. The same one again finds the same one by its reference, so
	 * where no answer came it is asked once more.
	 *
	 * @param Client $client The gateway.
	 * @param array  $body   The order.
	 * @return array
	 * @throws Problem As start.
	 */
	private static function send( Client $client, array $body ) {
		try {
			return $client->post( '/v1/orders', $body );
		} catch ( Problem $problem ) {
			if ( 0 !== $problem->status || 'no' === ( $problem->members['attempted'] ?? '' ) ) {
				throw $problem;
			}
			return $client->post( '/v1/orders', $body );
		}
	}

	/**
	 * The latest order of a reference; null where there is none.
	 *
	 * @param Client $client    The gateway.
	 * @param string $reference The reference.
	 * @return array|null
	 * @throws Problem Where the gateway does not answer.
	 */
	private static function find( Client $client, $reference ) {
		return $client->get( '/v1/orders', array( 'reference' => $reference ) )['items'][0] ?? null;
	}

	/**
	 * Where the shopper goes after a refusal.
	 *
	 * @param Problem   $problem  The refusal.
	 * @param \WC_Order $order    The order.
	 * @param string    $mode     test or live.
	 * @param string    $received The order-received page.
	 * @return string
	 * @throws Problem Where there is no way on.
	 */
	private static function after( Problem $problem, \WC_Order $order, $mode, $received ) {
		if ( 'reference-taken' === $problem->kind() && 'already_paid' === ( $problem->members['reason'] ?? '' ) && null !== $problem->order() ) {
			News::take( $order->get_id(), $problem->order(), $mode );
			return $received;
		}
		if ( ! in_array( $problem->kind(), self::GO_ON, true ) ) {
			throw $problem;
		}
		$found = self::find( new Client( $mode ), Order_Request::reference( $order ) );
		if ( ! $found ) {
			throw $problem;
		}
		self::note( $order->get_id(), $found, $mode );
		return (string) $found['checkout_url'];
	}

	/**
	 * Keeps the gateway's order id with the order (woocommerce.md 4).
	 *
	 * @param int    $id   The order's id.
	 * @param array  $made The gateway's order.
	 * @param string $mode test or live.
	 */
	private static function note( $id, array $made, $mode ) {
		Lock::with(
			$id,
			static function ( \WC_Order $order ) use ( $made, $mode ) {
				if ( $made['version'] < State::of( $order )->taken( $made['id'] ) ) {
					return; // a notice was faster, and knows more.
				}
				$order->update_meta_data( State::CHECKOUT, $made['id'] );
				State::of( $order )->keep( $made, $mode );
				$order->save_meta_data();
			}
		);
	}

	/**
	 * Where the shopper goes: straight to the provider where its payment has an
	 * address, else to the gateway's page, which goes on with the payment.
	 *
	 * @param array  $made   The gateway's order.
	 * @param string $method The method's id; '' for the page of choice.
	 * @return string
	 */
	private static function address( array $made, $method ) {
		foreach ( '' === $method ? array() : array_reverse( $made['payments'] ?? array() ) as $payment ) {
			$action = $payment['action'] ?? null;
			if ( $payment['method'] !== $method || ! is_array( $action ) ) {
				continue;
			}
			if ( 'redirect' === $action['type'] ) {
				return (string) $action['url'];
			}
			return add_query_arg(
				array(
					'wait'  => $payment['id'],
					'start' => '1',
				),
				$made['checkout_url']
			);
		}
		return (string) $made['checkout_url'];
	}
}
