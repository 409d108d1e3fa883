<?php
/**
 * The double of orders against the document, by section.
 *
 * @package Kassette\Tests
 */

/**
 * Sections 1.2 to 1.4, 3.3 and 3.5.
 */
final class Double_Order_Test extends Shop_Test {

	public function test_1_2_money_is_a_decimal_string_in_the_shops_decimals() {
		$this->assertSame( '12.50', $this->again( $this->order( '12.5' ) )->get_total() );
	}

	public function test_1_2_the_number_may_differ_from_the_id() {
		$order  = $this->order();
		$number = static function ( $number ) {
			return 'A-' . $number;
		};
		add_filter( 'woocommerce_order_number', $number );
		$this->assertSame( 'A-' . $order->get_id(), $order->get_order_number() );
		remove_filter( 'woocommerce_order_number', $number );
	}

	public function test_1_2_meta_of_one_key_is_updated_and_not_doubled() {
		$order = $this->order();
		foreach ( array( 'a', 'b' ) as $value ) {
			$order->update_meta_data( '_key', $value );
			$order->save();
		}
		$this->assertSame( 'b', $this->again( $order )->get_meta( '_key' ) );
	}

	public function test_1_3_there_is_no_state_machine_and_date_paid_stays() {
		$order = $this->order();
		$order->payment_complete( 'tx' );
		$order->update_status( 'pending' );
		$order = $this->again( $order );
		$this->assertSame( 'pending', $order->get_status() );
		$this->assertNotEmpty( $order->get_date_paid() );
	}

	public function test_1_3_a_status_has_its_prefix_in_the_database_alone() {
		$order = $this->order();
		$this->assertSame( 'pending', $this->again( $order )->get_status() );
		if ( ! WC_Double_Store::hpos() ) {
			$this->assertSame( 'wc-pending', get_post_status( $order->get_id() ) );
		}
	}

	/**
	 * @dataProvider needs
	 */
	public function test_1_4_needs_payment( $status, $total, $needs ) {
		$order = $this->order( $total );
		$order->update_status( $status );
		$this->assertSame( $needs, $order->needs_payment() );
	}

	public function needs() {
		return array(
			'pending'    => array( 'pending', '1.00', true ),
			'failed'     => array( 'failed', '1.00', true ),
			'on-hold'    => array( 'on-hold', '1.00', false ),
			'cancelled'  => array( 'cancelled', '1.00', false ),
			'processing' => array( 'processing', '1.00', false ),
			'nothing'    => array( 'pending', '0.00', false ),
		);
	}

	public function test_3_1_rows_of_hpos_are_kept_until_they_are_cleared() {
		global $wpdb;
		if ( ! WC_Double_Store::hpos() ) {
			$this->assertNull( WC_Data_Store::load( 'order' )->clear_cached_data( array( 1 ) ) );
			return;
		}
		$order = $this->order();
		wc_get_order( $order->get_id() );
		$wpdb->update( $wpdb->prefix . 'wc_orders_props', array( 'value' => 'failed' ), array( 'order_id' => $order->get_id(), 'name' => 'status' ) ); // phpcs:ignore
		$this->assertSame( 'pending', wc_get_order( $order->get_id() )->get_status() );
		WC_Data_Store::load( 'order' )->clear_cached_data( array( $order->get_id() ) );
		$this->assertSame( 'failed', wc_get_order( $order->get_id() )->get_status() );
	}

	public function test_1_4_on_hold_to_processing_sets_date_paid() {
		$order = $this->order();
		$order->update_status( 'on-hold' );
		$order->update_status( 'processing' );
		$this->assertNotEmpty( $this->again( $order )->get_date_paid() );
	}

	public function test_1_4_completed_where_all_is_virtual_and_downloadable() {
		$order = $this->order();
		$order->add_item( new WC_Order_Item( array( 'name' => 'Song', 'total' => '12.50', 'virtual' => true, 'downloadable' => true ) ) ); // phpcs:ignore
		$order->payment_complete( 'tx' );
		$this->assertSame( 'completed', $this->again( $order )->get_status() );
	}

	/**
	 * @dataProvider completes
	 */
	public function test_3_3_payment_complete_acts_on_four_statuses( $before, $after ) {
		$order = $this->order();
		$order->update_status( $before );
		$this->assertTrue( $order->payment_complete( 'tx' ) );
		$this->assertSame( $after, $this->again( $order )->get_status() );
	}

	public function completes() {
		return array(
			'pending'   => array( 'pending', 'processing' ),
			'failed'    => array( 'failed', 'processing' ),
			'on-hold'   => array( 'on-hold', 'processing' ),
			'cancelled' => array( 'cancelled', 'processing' ),
			'refunded'  => array( 'refunded', 'refunded' ),
		);
	}

	public function test_3_3_a_second_payment_complete_does_not_change_the_transaction() {
		$order = $this->order();
		$order->payment_complete( 'first' );
		$this->assertTrue( $this->again( $order )->payment_complete( 'second' ) );
		$this->assertSame( 'first', $this->again( $order )->get_transaction_id() );
	}

	public function test_3_3_payment_complete_is_not_safe_under_concurrency() {
		$order  = $this->order();
		$copies = array( $this->again( $order ), $this->again( $order ), $this->again( $order ), $this->again( $order ) );
		foreach ( $copies as $n => $copy ) {
			$copy->payment_complete( "tx-$n" );
		}
		$this->assertCount( 4, $this->notes( $order, 'Payment complete.' ) );
		$this->assertCount( 4, $this->mails( $order, 'New order' ) );
		$this->assertSame( 'tx-3', $this->again( $order )->get_transaction_id() );
	}

	public function test_3_5_a_change_of_status_is_told_with_from_and_to() {
		$told = array();
		$hear = static function ( $id, $from, $to, $order ) use ( &$told ) {
			$told[] = array( $id, $from, $to, get_class( $order ) );
		};
		add_action( 'woocommerce_order_status_changed', $hear, 10, 4 );
		$order = $this->order();
		$order->update_status( 'on-hold' );
		$order->update_status( 'on-hold' );
		remove_action( 'woocommerce_order_status_changed', $hear );
		$this->assertSame( array( array( $order->get_id(), 'pending', 'on-hold', 'WC_Order' ) ), $told );
	}

	public function test_3_5_unpaid_orders_are_cancelled_unless_a_filter_keeps_one() {
		$kept  = $this->order();
		$goes  = $this->order();
		$other = $this->order();
		$other->set_created_via( 'admin' );
		$other->save();
		$keep = static function ( $cancels, $order ) use ( $kept ) {
			return $cancels && $order->get_id() !== $kept->get_id();
		};
		add_filter( 'woocommerce_cancel_unpaid_order', $keep, 20, 2 );
		wc_cancel_unpaid_orders();
		remove_filter( 'woocommerce_cancel_unpaid_order', $keep, 20 );
		$this->assertSame( array( 'pending', 'cancelled', 'pending' ), array( $this->again( $kept )->get_status(), $this->again( $goes )->get_status(), $this->again( $other )->get_status() ) );
	}
}
