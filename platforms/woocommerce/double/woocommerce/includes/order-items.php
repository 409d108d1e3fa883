<?php
/**
 * What an order is made of.
 *
 * @package Kassette\Double
 */

/**
 * A line of an order: an article, a way of shipping or a fee.
 */
class WC_Order_Item {

	/**
	 * Its data.
	 *
	 * @var array
	 */
	private $data;

	/**
	 * Makes a line.
	 *
	 * @param array $data type, name, quantity, total and total_tax (decimal strings without tax, as the shop keeps them), sku, virtual, downloadable.
	 */
	public function __construct( array $data ) {
		$this->data = $data + array(
			'type'         => 'line_item',
			'id'           => 0,
			'quantity'     => 1,
			'total_tax'    => '0',
			'sku'          => '',
			'virtual'      => false,
			'downloadable' => false,
			'taxes'        => array( 'total' => array() ),
		);
	}

	/**
	 * Getters.
	 *
	 * @param string $call The method's name.
	 * @param array  $args Its arguments.
	 * @return mixed
	 * @throws BadMethodCallException Where the double has no such method.
	 */
	public function __call( $call, $args ) {
		if ( ! preg_match( '/^get_(id|type|name|quantity|total|total_tax|taxes)$/', $call, $m ) ) {
			throw new BadMethodCallException( "a line of the double has no $call" ); // phpcs:ignore
		}
		return $this->data[ $m[1] ];
	}

	/**
	 * The article.
	 *
	 * @return WC_Product
	 */
	public function get_product() {
		return new WC_Product( $this->data );
	}
}

/**
 * An article.
 */
class WC_Product {

	/**
	 * Its data.
	 *
	 * @var array
	 */
	private $data;

	/**
	 * Makes an article.
	 *
	 * @param array $data sku, virtual, downloadable.
	 */
	public function __construct( array $data ) {
		$this->data = $data;
	}

	/**
	 * The shop's number of it.
	 *
	 * @return string
	 */
	public function get_sku() {
		return $this->data['sku'];
	}

	/**
	 * Whether it needs no shipping.
	 *
	 * @return bool
	 */
	public function is_virtual() {
		return $this->data['virtual'];
	}

	/**
	 * Whether it is downloaded.
	 *
	 * @return bool
	 */
	public function is_downloadable() {
		return $this->data['downloadable'];
	}
}
