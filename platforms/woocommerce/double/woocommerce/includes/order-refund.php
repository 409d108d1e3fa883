<?php
/**
 * Refunds.
 *
 * @package Kassette\Double
 */

/**
 * A refund of an order.
 */
class WC_Order_Refund extends WC_Abstract_Order {

	/**
	 * The type in the store.
	 *
	 * @return string
	 */
	public function get_type() {
		return 'shop_order_refund';
	}

	/**
	 * Sets the order that it is of.
	 *
	 * @param int $id The order's id.
	 */
	public function set_parent_id( $id ) {
		$this->parent = $id;
	}

	/**
	 * The order that it is of.
	 *
	 * @return int
	 */
	public function get_parent_id() {
		return $this->parent;
	}
}
