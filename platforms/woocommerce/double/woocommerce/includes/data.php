<?php
/**
 * What orders and refunds have in common.
 *
 * @package Kassette\Double
 */

/**
 * Properties and meta data that are read once and written when saved: an
 * object knows nothing of what others write meanwhile.
 */
abstract class WC_Abstract_Order {

	/**
	 * Its id; 0 before the first save.
	 *
	 * @var int
	 */
	protected $id = 0;

	/**
	 * Properties.
	 *
	 * @var array
	 */
	protected $props = array();

	/**
	 * Those that are not saved.
	 *
	 * @var array
	 */
	protected $changes = array();

	/**
	 * Meta data, and those that are not saved.
	 *
	 * @var array
	 */
	protected $meta = array();

	/**
	 * Meta data that are not saved, null for deleted.
	 *
	 * @var array
	 */
	protected $meta_changes = array();

	/**
	 * The order of a refund.
	 *
	 * @var int
	 */
	protected $parent = 0;

	/**
	 * Reads an order.
	 *
	 * @param int $id Its id, 0 for a new one.
	 */
	public function __construct( $id = 0 ) {
		$row = $id ? WC_Double_Store::read( $id ) : null;
		if ( $row ) {
			$this->id     = (int) $id;
			$this->parent = (int) $row['parent'];
			$this->props  = $row['props'];
			$this->meta   = WC_Double_Store::read_meta( $id );
		}
	}

	/**
	 * The type in the store.
	 *
	 * @return string
	 */
	abstract public function get_type();

	/**
	 * A property.
	 *
	 * @param string $name    Its name.
	 * @param mixed  $missing What it is where it was never set.
	 * @return mixed
	 */
	protected function prop( $name, $missing = '' ) {
		return $this->changes[ $name ] ?? $this->props[ $name ] ?? $missing;
	}

	/**
	 * Getters and setters of plain properties: get_currency, set_billing_city.
	 *
	 * @param string $call The method's name.
	 * @param array  $args Its arguments.
	 * @return mixed
	 * @throws BadMethodCallException Where the double has no such method.
	 */
	public function __call( $call, $args ) {
		$known = '/^(get|set)_(currency|total|total_tax|order_key|payment_method|payment_method_title|transaction_id|customer_id|customer_ip_address|customer_note|created_via|date_paid|date_completed|date_created|reason|amount|refunded_payment|(billing|shipping)_(first_name|last_name|company|address_1|address_2|city|state|postcode|country|email|phone))$/';
		if ( ! preg_match( $known, $call, $m ) ) {
			throw new BadMethodCallException( static::class . " of the double has no $call" ); // phpcs:ignore
		}
		if ( 'get' === $m[1] ) {
			return $this->prop( $m[2], 0 === strpos( $m[2], 'date_' ) ? null : '' );
		}
		$this->changes[ $m[2] ] = 'total' === $m[2] || 'amount' === $m[2] ? wc_format_decimal( $args[0], wc_get_price_decimals() ) : $args[0];
	}

	/**
	 * Its id.
	 *
	 * @return int
	 */
	public function get_id() {
		return $this->id;
	}

	/**
	 * Document 1.3: getters give the status without wc-.
	 *
	 * @return string
	 */
	public function get_status() {
		return $this->prop( 'status', 'pending' );
	}

	/**
	 * A meta value, '' where there is none.
	 *
	 * @param string $key Its key.
	 * @return mixed
	 */
	public function get_meta( $key ) {
		return $this->meta[ $key ] ?? '';
	}

	/**
	 * Sets a meta value, to be saved.
	 *
	 * @param string $key   Its key.
	 * @param mixed  $value Its value.
	 */
	public function update_meta_data( $key, $value ) {
		$this->meta[ $key ]         = $value;
		$this->meta_changes[ $key ] = $value;
	}

	/**
	 * Deletes a meta value, to be saved.
	 *
	 * @param string $key Its key.
	 */
	public function delete_meta_data( $key ) {
		unset( $this->meta[ $key ] );
		$this->meta_changes[ $key ] = null;
	}

	/**
	 * Saves meta data alone.
	 */
	public function save_meta_data() {
		foreach ( $this->meta_changes as $key => $value ) {
			WC_Double_Store::write_meta( $this->id, $key, $value );
		}
		$this->meta_changes = array();
	}

	/**
	 * Reads meta data again.
	 */
	public function read_meta_data() {
		$this->meta = WC_Double_Store::read_meta( $this->id );
	}

	/**
	 * Saves what changed.
	 *
	 * @return int Its id.
	 */
	public function save() {
		if ( ! $this->id ) {
			$this->id = WC_Double_Store::insert( $this->get_type(), $this->parent );
		}
		WC_Double_Store::write( $this->id, $this->changes );
		$this->props   = array_merge( $this->props, $this->changes );
		$this->changes = array();
		$this->save_meta_data();
		return $this->id;
	}

	/**
	 * Removes it for ever.
	 */
	public function delete() {
		WC_Double_Store::delete( $this->id );
	}
}
