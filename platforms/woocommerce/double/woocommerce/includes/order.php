<?php
/**
 * Orders.
 *
 * @package Kassette\Double
 */

/**
 * An order, with what the document says of its statuses.
 */
class WC_Order extends WC_Abstract_Order {

	/**
	 * A change of status that is not saved: from, to, note.
	 *
	 * @var array|null
	 */
	private $transition;

	/**
	 * The type in the store.
	 *
	 * @return string
	 */
	public function get_type() {
		return 'shop_order';
	}

	/**
	 * Document 1.3: no state machine; any status is taken.
	 *
	 * @param string $to   The status.
	 * @param string $note For the note that goes with it.
	 */
	public function set_status( $to, $note = '' ) {
		$to   = preg_replace( '/^wc-/', '', $to );
		$from = $this->get_status();
		if ( $from !== $to ) {
			$this->transition = array( $from, $to, $note );
		}
		$this->changes['status'] = $to;
		if ( ! $this->get_date_paid() && $this->has_status( array( 'processing', 'completed' ) ) ) {
			$this->set_date_paid( time() );
		}
	}

	/**
	 * Sets and saves a status.
	 *
	 * @param string $to   The status.
	 * @param string $note For the note that goes with it.
	 * @return bool
	 */
	public function update_status( $to, $note = '' ) {
		$this->set_status( $to, $note );
		$this->save();
		return true;
	}

	/**
	 * Saves, and tells of a change of status (document 3.5).
	 *
	 * @return int
	 */
	public function save() {
		parent::save();
		if ( $this->transition ) {
			list( $from, $to, $note ) = $this->transition;
			$this->transition         = null;
			$this->add_order_note( trim( "$note Order status changed from $from to $to." ) );
			do_action( "woocommerce_order_status_$to", $this->id, $this );
			do_action( "woocommerce_order_status_{$from}_to_$to", $this->id, $this );
			do_action( 'woocommerce_order_status_changed', $this->id, $from, $to, $this );
		}
		return $this->id;
	}

	/**
	 * Document 3.3: acts on four statuses, cancelled among them, by what this
	 * object knows; true even where it did nothing.
	 *
	 * @param string $tx The transaction's id.
	 * @return bool
	 */
	public function payment_complete( $tx = '' ) {
		if ( $this->has_status( apply_filters( 'woocommerce_valid_order_statuses_for_payment_complete', array( 'on-hold', 'pending', 'failed', 'cancelled' ), $this ) ) ) {
			if ( '' !== $tx ) {
				$this->set_transaction_id( $tx );
			}
			$this->set_status( apply_filters( 'woocommerce_payment_complete_order_status', $this->needs_processing() ? 'processing' : 'completed', $this->id, $this ), 'Payment complete.' );
			$this->save();
			do_action( 'woocommerce_payment_complete', $this->id, $tx );
		}
		return true;
	}

	/**
	 * Document 1.4: false where all is virtual and downloadable.
	 *
	 * @return bool
	 */
	public function needs_processing() {
		foreach ( $this->get_items() as $item ) {
			if ( ! $item->get_product()->is_virtual() || ! $item->get_product()->is_downloadable() ) {
				return true;
			}
		}
		return array() === $this->get_items();
	}

	/**
	 * Document 1.4: pending or failed, and something to pay.
	 *
	 * @return bool
	 */
	public function needs_payment() {
		return $this->has_status( array( 'pending', 'failed' ) ) && 1 === preg_match( '/[1-9]/', $this->get_total() );
	}

	/**
	 * Whether the status is one of those of paid orders.
	 *
	 * @return bool
	 */
	public function is_paid() {
		return $this->has_status( wc_get_is_paid_statuses() );
	}

	/**
	 * Whether it has a status.
	 *
	 * @param string|string[] $status One or several.
	 * @return bool
	 */
	public function has_status( $status ) {
		return in_array( $this->get_status(), (array) $status, true );
	}

	/**
	 * Document 1.2: what the shopper sees; a numbering plugin may change it.
	 *
	 * @return string
	 */
	public function get_order_number() {
		return (string) apply_filters( 'woocommerce_order_number', $this->id, $this );
	}

	/**
	 * Compares a key.
	 *
	 * @param string $key The key.
	 * @return bool
	 */
	public function key_is_valid( $key ) {
		return hash_equals( $this->get_order_key(), $key );
	}

	/**
	 * Adds lines.
	 *
	 * @param WC_Order_Item $item A line.
	 */
	public function add_item( $item ) {
		$this->changes['items'] = array_merge( $this->prop( 'items', array() ), array( $item ) );
	}

	/**
	 * Its lines of a kind.
	 *
	 * @param string|string[] $types line_item, shipping, fee.
	 * @return WC_Order_Item[]
	 */
	public function get_items( $types = 'line_item' ) {
		return array_values(
			array_filter(
				$this->prop( 'items', array() ),
				static function ( $item ) use ( $types ) {
					return in_array( $item->get_type(), (array) $types, true );
				}
			)
		);
	}

	/**
	 * Adds a note.
	 *
	 * @param string $text         Its text.
	 * @param int    $for_customer Whether it is mailed.
	 * @return int
	 */
	public function add_order_note( $text, $for_customer = 0 ) {
		return wp_insert_comment(
			array(
				'comment_post_ID'  => $this->id,
				'comment_author'   => 'WooCommerce',
				'comment_content'  => $text,
				'comment_type'     => 'order_note',
				'comment_agent'    => 'WooCommerce',
				'comment_approved' => 1,
			)
		);
	}

	/**
	 * Its refunds, the newest first.
	 *
	 * @return WC_Order_Refund[]
	 */
	public function get_refunds() {
		return array_map( 'wc_get_order', WC_Double_Store::children( $this->id ) );
	}

	/**
	 * What is left to refund, as a decimal string.
	 *
	 * @return string
	 */
	public function get_remaining_refund_amount() {
		$left = wc_double_units( $this->get_total() );
		foreach ( $this->get_refunds() as $refund ) {
			$left -= wc_double_units( $refund->get_amount() );
		}
		return wc_double_decimal( $left );
	}

	/**
	 * The shop's pay page for it (document 1.2).
	 *
	 * @return string
	 */
	public function get_checkout_payment_url() {
		return home_url( '/checkout/order-pay/' . $this->id . '/?pay_for_order=true&key=' . $this->get_order_key() );
	}

	/**
	 * The order-received page.
	 *
	 * @return string
	 */
	public function get_checkout_order_received_url() {
		return home_url( '/checkout/order-received/' . $this->id . '/?key=' . $this->get_order_key() );
	}

	/**
	 * The order screen.
	 *
	 * @return string
	 */
	public function get_edit_order_url() {
		return admin_url( 'admin.php?page=wc-orders&action=edit&id=' . $this->id );
	}
}
