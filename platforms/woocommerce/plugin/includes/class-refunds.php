<?php
/**
 * Refunds.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Pays refunds of the shop out through the gateway, and records those that
 * began at the gateway without paying them a second time (woocommerce.md 1.5).
 */
final class Refunds {

	/**
	 * Meta data of a refund: the gateway's own id of it.
	 */
	const MARKER = '_kassette_refund_id';

	/**
	 * Marks refunds that are recorded, in the same write that makes them.
	 */
	public static function start() {
		add_action(
			'woocommerce_create_refund',
			static function ( $refund, $args ) {
				if ( isset( $args['kassette_refund'] ) ) {
					$refund->update_meta_data( self::MARKER, $args['kassette_refund'] );
				}
			},
			10,
			2
		);
	}

	/**
	 * Pays a refund out. While the gateway answers nobody else changes the order,
	 * so its notice of this refund comes after we know its id.
	 *
	 * @param int         $id     The shop's order.
	 * @param string|null $amount A decimal; null for all that is left.
	 * @param string      $reason Why.
	 * @return true|\WP_Error The text is shown to the merchant (3.2).
	 */
	public static function pay( $id, $amount, $reason ) {
		try {
			return Lock::with(
				$id,
				static function ( \WC_Order $order ) use ( $amount, $reason ) {
					return self::ask( $order, $amount, $reason );
				}
			);
		} catch ( Problem $problem ) {
			return new \WP_Error( 'kassette_refund', $problem->getMessage() );
		} catch ( \InvalidArgumentException $wrong ) {
			return new \WP_Error( 'kassette_refund', __( 'This amount cannot be refunded in the order\'s currency.', 'kassette' ) );
		}
	}

	/**
	 * Asks the gateway for a refund. Under a name that stays the same until it
	 * ended: after a lost answer, asking again asks for the same refund.
	 *
	 * @param \WC_Order   $order  The order.
	 * @param string|null $amount A decimal, or null.
	 * @param string      $reason Why.
	 * @return true
	 * @throws Problem Where it was not refunded, or nobody knows.
	 */
	private static function ask( \WC_Order $order, $amount, $reason ) {
		$state = State::of( $order );
		if ( '' === $state->id() ) {
			throw new Problem( __( 'This order was not paid through Kassette.', 'kassette' ), 422 ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		$body = array_filter( array( 'reason' => mb_substr( $reason, 0, 1000 ) ) );
		$name = 'all';
		if ( null !== $amount ) {
			$minor          = Money::minor( $amount, $order->get_currency() );
			$body['amount'] = Money::sent( $minor, $order->get_currency() );
			$name           = (string) $minor;
		}
		try {
			$refund = ( new Client( $state->mode() ) )->post( '/v1/orders/' . $state->id() . '/refunds', $body, $state->operation( 'refund-' . $name ) );
		} catch ( Problem $problem ) {
			throw self::refused( $order, $problem ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		$recorded = in_array( $refund['id'], $state->refunds(), true );
		$state->operation_ended();
		$state->add_refund( (string) $refund['id'] );
		$order->save_meta_data();
		if ( $recorded ) {
			throw new Problem( __( 'This refund was paid before, and the shop has it already. To give back the same amount once more, ask again.', 'kassette' ), 409 ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		if ( 'failed' === $refund['status'] ) {
			throw new Problem( __( 'The provider did not refund. Nothing was given back.', 'kassette' ), 422 ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		/* translators: 1: an amount 2: the gateway's number of the refund */
		$text = 'pending' === $refund['status'] ? __( 'refund of %1$s is under way (%2$s).', 'kassette' ) : __( 'refunded %1$s (%2$s).', 'kassette' );
		$order->add_order_note( 'Kassette: ' . sprintf( $text, Money::text( $refund['amount'] ), $refund['id'] ) );
		return true;
	}

	/**
	 * A refusal as the merchant reads it. Where nobody knows what came of it, the
	 * operation keeps its name.
	 *
	 * @param \WC_Order $order   The order.
	 * @param Problem   $problem The refusal.
	 * @return Problem
	 */
	private static function refused( \WC_Order $order, Problem $problem ) {
		if ( $problem->unsure() ) {
			return new Problem( __( 'No answer came, so the money may be on its way back. Wait for the order\'s note; or ask for the same refund again: it is never paid twice.', 'kassette' ), $problem->status );
		}
		if ( ! $problem->passing() ) {
			State::of( $order )->operation_ended();
			$order->save_meta_data();
		}
		$said = (string) ( $problem->members['detail'] ?? '' );
		return new Problem( '' === $said ? $problem->getMessage() : $said, $problem->status, $problem->members );
	}

	/**
	 * Records the refunds that the shop does not have, and flags those that
	 * failed after it had them. The order is locked.
	 *
	 * @param \WC_Order $order The order.
	 * @param array     $whole The gateway's order.
	 */
	public static function record( \WC_Order $order, array $whole ) {
		$state = State::of( $order );
		foreach ( $whole['payments'] ?? array() as $payment ) {
			foreach ( $payment['refunds'] ?? array() as $refund ) {
				$known = in_array( $refund['id'], $state->refunds(), true );
				if ( ! $known && 'succeeded' === $refund['status'] ) {
					self::add( $order, $refund );
				} elseif ( $known && 'failed' === $refund['status'] ) {
					/* translators: 1: an amount 2: the gateway's number of the refund */
					$state->raise( 'refund_failed_' . $refund['id'], sprintf( __( 'the refund of %1$s (%2$s) failed at the provider: the money is still here. Delete the refund in the shop, and give it back another way.', 'kassette' ), Money::text( $refund['amount'] ), $refund['id'] ) );
				}
			}
		}
	}

	/**
	 * Records a refund that began at the gateway: refund_payment is false, or the
	 * money would go back twice (1.5).
	 *
	 * @param \WC_Order $order  The order.
	 * @param array     $refund The gateway's refund.
	 */
	private static function add( \WC_Order $order, array $refund ) {
		$result = wc_create_refund(
			array(
				'order_id'        => $order->get_id(),
				'amount'          => Money::decimal( (int) $refund['amount']['value'], $refund['amount']['currency'] ),
				/* translators: %s: why money was given back */
				'reason'          => sprintf( __( 'Refunded at the gateway. %s', 'kassette' ), (string) ( $refund['reason'] ?? '' ) ),
				'refund_payment'  => false,
				'restock_items'   => false,
				'kassette_refund' => $refund['id'],
			)
		);
		if ( is_wp_error( $result ) ) {
			/* translators: 1: an amount 2: what the shop said */
			State::of( $order )->raise( 'refund_not_recorded_' . $refund['id'], sprintf( __( '%1$s was refunded at the gateway, and the shop could not record it: %2$s', 'kassette' ), Money::text( $refund['amount'] ), $result->get_error_message() ) );
			return;
		}
		/* translators: 1: an amount 2: the gateway's number of the refund */
		$order->add_order_note( 'Kassette: ' . sprintf( __( '%1$s was refunded at the gateway (%2$s).', 'kassette' ), Money::text( $refund['amount'] ), $refund['id'] ) );
	}
}
