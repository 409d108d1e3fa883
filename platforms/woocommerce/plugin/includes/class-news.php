<?php
/**
 * What the gateway says becomes what the shop's order is.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Takes the gateway's order, from a notice or an answer, into the shop's: the
 * table of woocommerce.md 4. WooCommerce has no state machine (1.3), so the
 * guard is here.
 */
final class News {

	const TAKEN   = 'taken';
	const OLD     = 'old';
	const FOREIGN = 'foreign';

	/**
	 * Statuses of a shop's order from which it may still move by itself.
	 */
	const MOVES = array( 'pending', 'on-hold', 'failed' );

	/**
	 * What is done for each status of the gateway's order.
	 */
	const BY_STATUS = array(
		'open'       => 'open',
		'pending'    => 'pending',
		'authorized' => 'authorized',
		'paid'       => 'paid',
		'cancelled'  => 'cancelled',
		'expired'    => 'expired',
	);

	/**
	 * The shop's order, as the lock gave it.
	 *
	 * @var \WC_Order
	 */
	private $order;

	/**
	 * What it remembers.
	 *
	 * @var State
	 */
	private $state;

	/**
	 * The gateway's order.
	 *
	 * @var array
	 */
	private $whole;

	/**
	 * Whether the shopper is back from the provider.
	 *
	 * @var bool
	 */
	private $back;

	/**
	 * Takes the gateway's order.
	 *
	 * @param int    $id    The shop's order.
	 * @param array  $whole The gateway's order, the newest that is known.
	 * @param string $mode  test or live; '' for that in which it was begun.
	 * @param bool   $back  Whether the shopper is back from the provider.
	 * @return string taken, old, or foreign where it is no order of this shop.
	 * @throws Problem Where the shop's order is held by another, or did not become what it must.
	 */
	public static function take( $id, array $whole, $mode = '', $back = false ) {
		return Lock::with(
			$id,
			static function ( \WC_Order $order ) use ( $whole, $mode, $back ) {
				$news        = new self();
				$news->order = $order;
				$news->state = State::of( $order );
				$news->whole = $whole;
				$news->back  = $back;
				return $news->apply( $mode );
			}
		);
	}

	/**
	 * Applies what is news: old news is known by its number. It is noted at the
	 * end, so that what broke off is done again.
	 *
	 * @param string $mode test or live, or ''.
	 * @return string
	 */
	private function apply( $mode ) {
		$id      = (string) $this->whole['id'];
		$version = (int) $this->whole['version'];
		if ( Order_Request::reference( $this->order ) !== $this->whole['reference'] ) {
			return self::FOREIGN;
		}
		$taken = $this->state->taken( $id );
		if ( $version < $taken || ( $version === $taken && ! $this->back ) ) {
			return self::OLD;
		}
		if ( '' === $this->state->id() || ( $this->pays() && ! $this->order->is_paid() ) ) {
			$this->order->update_meta_data( State::CHECKOUT, $id ); // a notice may be faster than the answer to the create.
		}
		if ( $this->current() ) {
			$this->state->keep( $this->whole, '' === $mode ? $this->state->mode() : $mode );
		}
		$this->order->save_meta_data();
		$step = self::BY_STATUS[ $this->whole['status'] ] ?? null;
		if ( null !== $step ) {
			$this->$step();
		}
		$this->flags();
		Refunds::record( $this->order, $this->whole );
		$this->state->take( $id, $version );
		$this->order->save_meta_data();
		return self::TAKEN;
	}

	/**
	 * Whether the gateway has, or may take, the money.
	 *
	 * @return bool
	 */
	private function pays() {
		return in_array( $this->whole['status'], array( 'paid', 'authorized' ), true );
	}

	/**
	 * Whether it is the gateway's order that the shop's waits for.
	 *
	 * @return bool
	 */
	private function current() {
		return $this->state->id() === $this->whole['id'];
	}

	/**
	 * Open: the shopper may try again. A failed attempt shows as failed, from
	 * pending and on-hold alone; one that was given up leaves pending.
	 */
	private function open() {
		$last   = Whole::paying( $this->whole );
		$status = $last['status'] ?? '';
		if ( ! $this->current() ) {
			return;
		}
		if ( 'failed' === $status && $this->order->has_status( array( 'pending', 'on-hold' ) ) ) {
			/* translators: %s: a way to pay */
			$this->order->update_status( 'failed', $this->said( sprintf( __( 'the payment by %s failed; the shopper may try again.', 'kassette' ), $last['method'] ) ) );
		} elseif ( in_array( $status, array( 'cancelled', 'expired' ), true ) && $this->order->has_status( 'on-hold' ) && ! $this->order->get_date_paid() ) {
			$this->order->update_status( 'pending', $this->said( __( 'the payment was given up; the shopper may try again.', 'kassette' ) ) );
		}
	}

	/**
	 * Pending: while the shopper is on the way the order stays pending; where
	 * the provider is waited for it is on hold.
	 */
	private function pending() {
		$action = Whole::paying( $this->whole )['action'] ?? null;
		$on_way = is_array( $action ) && 'none' !== $action['type'];
		if ( $this->current() && $this->order->has_status( array( 'pending', 'failed' ) ) && ( $this->back || ! $on_way ) ) {
			$this->order->update_status( 'on-hold', $this->said( __( 'the payment is under way; the provider has not decided yet.', 'kassette' ) ) );
		}
	}

	/**
	 * Authorized: on hold until it is captured.
	 */
	private function authorized() {
		if ( ! $this->fits() ) {
			return;
		}
		if ( $this->order->has_status( self::MOVES ) ) {
			if ( ! $this->order->has_status( 'on-hold' ) ) {
				$this->order->update_status( 'on-hold', $this->said( __( 'the payment is authorized. Capture it from the order actions, or by completing the order.', 'kassette' ) ) );
			}
		} elseif ( ! $this->order->is_paid() ) {
			$this->state->raise( 'paid_after_cancel', __( 'a payment was authorized after the order had ended. Cancel the payment, or set the order to on hold and capture.', 'kassette' ) );
		}
	}

	/**
	 * Paid: once, and never what the shop cancelled, unless the merchant chose so.
	 */
	private function paid() {
		$payment = Whole::paying( $this->whole );
		$tx      = (string) ( $payment['provider_reference'] ?? $payment['id'] ?? $this->whole['id'] );
		if ( ! $this->fits() ) {
			return;
		}
		if ( $this->order->get_date_paid() || $this->order->is_paid() ) {
			$this->paid_before( $tx );
			return;
		}
		$reopens = 'yes' === Settings::get( 'reopen' ) && $this->order->has_status( 'cancelled' );
		if ( ! $this->order->has_status( self::MOVES ) && ! $reopens ) {
			$this->state->raise( 'paid_after_cancel', __( 'the order was paid after it had ended in the shop. Nothing was reopened: refund it, or set it to processing and deliver.', 'kassette' ) );
			return;
		}
		/* translators: 1: an amount 2: a way to pay 3: the provider's number */
		$this->order->add_order_note( $this->said( sprintf( __( '%1$s paid by %2$s (%3$s).', 'kassette' ), Money::text( $this->whole['captured'] ), $payment['method'] ?? '', $tx ) ) );
		$this->order->update_meta_data( State::PAID_BY, $this->whole['id'] );
		$this->name_method( (string) ( $payment['method'] ?? '' ) );
		if ( ! $this->order->payment_complete( $tx ) || ! $this->order->is_paid() ) { // it says true even where it did nothing (3.3).
			throw new Problem( 'The order did not become paid in the shop.', 503 );
		}
	}

	/**
	 * Has the order say by what it was paid: on the gateway's page the shopper may
	 * have chosen another method. To be saved by the caller.
	 *
	 * @param string $id The method's id.
	 */
	private function name_method( $id ) {
		$method = Methods::all()[ $id ] ?? null;
		$chosen = $this->order->get_payment_method();
		if ( $method && 'kassette_' . $id !== $chosen && 0 === strpos( $chosen, 'kassette' ) ) {
			$this->order->set_payment_method_title( Methods::title( $method ) );
		}
	}

	/**
	 * A paid order: the same payment again, one that was completed by hand before
	 * its capture, or a second payment. Its transaction stays what it is (1.4).
	 *
	 * @param string $tx The payment's transaction.
	 */
	private function paid_before( $tx ) {
		if ( $this->order->get_meta( State::PAID_BY ) === $this->whole['id'] ) {
			return;
		}
		if ( '' === (string) $this->order->get_transaction_id() ) {
			$this->order->update_meta_data( State::PAID_BY, $this->whole['id'] );
			$this->order->set_transaction_id( $tx );
			$this->order->save();
			return;
		}
		/* translators: %s: the gateway's order */
		$this->state->raise( 'paid_twice', sprintf( __( 'the order was paid before, and now again by the gateway\'s order %s. Refund one of them.', 'kassette' ), $this->whole['id'] ) );
	}

	/**
	 * Cancelled at the gateway, by the shop or in its console: a shopper who gave
	 * up may still try again, so the shop's order stays. Money that came all the
	 * same is money.
	 */
	private function cancelled() {
		if ( (int) $this->whole['captured']['value'] > 0 ) {
			$this->paid();
		} elseif ( $this->current() && $this->order->has_status( self::MOVES ) ) {
			$this->order->add_order_note( $this->said( __( 'the payment was cancelled at the gateway.', 'kassette' ) ) );
		}
	}

	/**
	 * Expired: cancelled if it is still unpaid.
	 */
	private function expired() {
		if ( $this->current() && $this->order->has_status( self::MOVES ) && ! $this->order->get_date_paid() ) {
			$this->order->update_status( 'cancelled', $this->said( __( 'it was not paid in time.', 'kassette' ) ) );
		}
	}

	/**
	 * Whether what is paid is the order's total in its currency, and all of it.
	 * Where it is not the order is held, never processing.
	 *
	 * @return bool
	 */
	private function fits() {
		$currency = $this->order->get_currency();
		if ( Whole::pays_all( $this->whole, Money::sent( Money::minor( $this->order->get_total(), $currency ), $currency ) ) ) {
			return true;
		}
		/* translators: 1: an amount 2: an amount */
		$this->state->raise( 'amount_mismatch', sprintf( __( 'the payment is of %1$s, the order of %2$s. It is held: look before you deliver.', 'kassette' ), Money::text( $this->whole['amount'] ), $this->order->get_total() . ' ' . $currency ) );
		if ( $this->order->has_status( array( 'pending', 'failed' ) ) ) {
			$this->order->update_status( 'on-hold' );
		}
		return false;
	}

	/**
	 * What the gateway wants somebody to look at, but for what the shop has just
	 * judged by its own order.
	 */
	private function flags() {
		foreach ( $this->whole['attention'] ?? array() as $flag ) {
			if ( 'paid_after_cancel' === $flag['code'] ) {
				continue;
			}
			$this->state->raise( trim( $flag['code'] . ' ' . ( $flag['payment'] ?? '' ) ), (string) $flag['message'] );
		}
	}

	/**
	 * A note of ours.
	 *
	 * @param string $text Its text.
	 * @return string
	 */
	private function said( $text ) {
		return 'Kassette: ' . $text;
	}
}
