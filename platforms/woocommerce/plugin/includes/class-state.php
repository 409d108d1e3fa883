<?php
/**
 * What an order remembers of the gateway.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * An order's meta data of ours, through WooCommerce's own calls alone, so that
 * it is the same with HPOS and without (woocommerce.md 3.1). No secrets: REST
 * shows them all (1.2).
 */
final class State {

	/**
	 * The gateway's order; what it last said; the version that was last taken of
	 * each of its orders; refunds that are recorded; flags, and those that
	 * somebody looked at; a counter of operations; which order paid.
	 */
	const CHECKOUT  = '_kassette_checkout_id';
	const SAID      = '_kassette_order';
	const TAKEN     = '_kassette_taken';
	const REFUNDS   = '_kassette_refunds';
	const ATTENTION = '_kassette_attention';
	const LOOKED_AT = '_kassette_looked_at';
	const COUNTER   = '_kassette_operations';
	const PAID_BY   = '_kassette_paid_by';

	/**
	 * The order.
	 *
	 * @var \WC_Order
	 */
	private $order;

	/**
	 * State of an order.
	 *
	 * @param \WC_Order $order The order.
	 * @return State
	 */
	public static function of( \WC_Order $order ) {
		$state        = new self();
		$state->order = $order;
		return $state;
	}

	/**
	 * The gateway's order, '' where there is none.
	 *
	 * @return string
	 */
	public function id() {
		return (string) $this->order->get_meta( self::CHECKOUT );
	}

	/**
	 * What the gateway last said of it: id, mode, status, amounts, actions.
	 *
	 * @param string $name    Which.
	 * @param mixed  $missing What it is where nothing was said.
	 * @return mixed
	 */
	public function said( $name, $missing = '' ) {
		$said = $this->order->get_meta( self::SAID );
		return is_array( $said ) ? ( $said[ $name ] ?? $missing ) : $missing;
	}

	/**
	 * The mode in which its payment was begun, whatever the shop's is now.
	 *
	 * @return string test or live.
	 */
	public function mode() {
		return $this->said( 'mode', Settings::get( 'mode' ) );
	}

	/**
	 * Keeps what the gateway says. To be saved by the caller.
	 *
	 * @param array  $whole The gateway's order.
	 * @param string $mode  test or live.
	 */
	public function keep( array $whole, $mode ) {
		$said = array( 'mode' => $mode );
		foreach ( array( 'id', 'status', 'amount', 'captured', 'refunded', 'refund_status', 'available_actions', 'expires_at' ) as $name ) {
			$said[ $name ] = $whole[ $name ] ?? '';
		}
		$paying         = Whole::paying( $whole );
		$said['method'] = $paying['method'] ?? '';
		$this->order->update_meta_data( self::SAID, $said );
	}

	/**
	 * The version that was last taken of one of the gateway's orders.
	 *
	 * @param string $id The gateway's order.
	 * @return int
	 */
	public function taken( $id ) {
		$taken = $this->order->get_meta( self::TAKEN );
		return is_array( $taken ) ? (int) ( $taken[ $id ] ?? 0 ) : 0;
	}

	/**
	 * Notes that a version was taken. To be saved by the caller.
	 *
	 * @param string $id      The gateway's order.
	 * @param int    $version Its version.
	 */
	public function take( $id, $version ) {
		$taken = $this->order->get_meta( self::TAKEN );
		$this->order->update_meta_data( self::TAKEN, array( $id => $version ) + ( is_array( $taken ) ? $taken : array() ) );
	}

	/**
	 * Why an action is not possible, '' where it is or nobody knows.
	 *
	 * @param string $action refund, capture, cancel.
	 * @return string
	 */
	public function refusal( $action ) {
		$why = '';
		foreach ( (array) $this->said( 'available_actions', array() ) as $offer ) {
			if ( $action !== ( $offer['action'] ?? '' ) ) {
				continue;
			}
			if ( ! isset( $offer['reason'] ) ) {
				return '';
			}
			$why = (string) ( $offer['detail'] ?? $offer['reason'] );
		}
		return $why;
	}

	/**
	 * What an action may move: the most of one payment; null where it is not possible.
	 *
	 * @param string $action refund, capture.
	 * @return array|null Money.
	 */
	public function most( $action ) {
		$most = null;
		foreach ( (array) $this->said( 'available_actions', array() ) as $offer ) {
			if ( $action === ( $offer['action'] ?? '' ) && ! isset( $offer['reason'] ) && is_array( $offer['amount'] ?? null ) && ( null === $most || $offer['amount']['value'] > $most['value'] ) ) {
				$most = $offer['amount'];
			}
		}
		return $most;
	}

	/**
	 * Ids of the gateway's refunds that the shop has.
	 *
	 * @return string[]
	 */
	public function refunds() {
		$ids = $this->order->get_meta( self::REFUNDS );
		$ids = is_array( $ids ) ? $ids : array();
		foreach ( $this->order->get_refunds() as $refund ) {
			$ids[] = (string) $refund->get_meta( Refunds::MARKER );
		}
		return array_values( array_filter( array_unique( $ids ) ) );
	}

	/**
	 * Notes a refund that the shop has. To be saved by the caller.
	 *
	 * @param string $id The gateway's refund.
	 */
	public function add_refund( $id ) {
		$ids = $this->order->get_meta( self::REFUNDS );
		$this->order->update_meta_data( self::REFUNDS, array_merge( is_array( $ids ) ? $ids : array(), array( $id ) ) );
	}

	/**
	 * Names an operation, the same until it ended one way or the other: asked
	 * again after a lost answer, the gateway does it once.
	 *
	 * @param string $what refund or capture, and its amount.
	 * @return string
	 */
	public function operation( $what ) {
		return Order_Request::reference( $this->order ) . '-' . $what . '-' . (int) $this->order->get_meta( self::COUNTER );
	}

	/**
	 * Notes that an operation ended. To be saved by the caller.
	 */
	public function operation_ended() {
		$this->order->update_meta_data( self::COUNTER, (int) $this->order->get_meta( self::COUNTER ) + 1 );
	}

	/**
	 * What somebody should look at: text by code.
	 *
	 * @return array
	 */
	public function attention() {
		$flags = $this->order->get_meta( self::ATTENTION );
		return is_array( $flags ) ? $flags : array();
	}

	/**
	 * Raises a flag, with a note, once for each code: not again after somebody
	 * looked at it. To be saved by the caller.
	 *
	 * @param string $code Its code.
	 * @param string $text What happened and what to do.
	 */
	public function raise( $code, $text ) {
		if ( isset( $this->attention()[ $code ] ) || in_array( $code, $this->looked_at(), true ) ) {
			return;
		}
		$this->order->update_meta_data( self::ATTENTION, $this->attention() + array( $code => $text ) );
		$this->order->add_order_note( 'Kassette: ' . $text );
		Attention::add( $this->order->get_id() );
	}

	/**
	 * Lowers all flags. To be saved by the caller.
	 */
	public function lower() {
		$this->order->update_meta_data( self::LOOKED_AT, array_merge( $this->looked_at(), array_keys( $this->attention() ) ) );
		$this->order->delete_meta_data( self::ATTENTION );
		Attention::remove( $this->order->get_id() );
	}

	/**
	 * Codes of flags that somebody looked at.
	 *
	 * @return string[]
	 */
	private function looked_at() {
		$codes = $this->order->get_meta( self::LOOKED_AT );
		return is_array( $codes ) ? $codes : array();
	}
}
