<?php
/**
 * What tests of payments share.
 *
 * @package Kassette\Tests
 */

use Kassette\Methods;
use Kassette\Notices;
use Kassette\Order_Request;

/**
 * A test with a shop that is connected to a fake gateway.
 */
abstract class Paying_Test extends Shop_Test {

	/**
	 * The gateway.
	 *
	 * @var Fake_Gateway
	 */
	protected $gateway;

	protected function setUp(): void {
		foreach ( array( 'kassette_methods', 'kassette_log', 'kassette_attention', 'kassette_owed', 'kassette_looked_back' ) as $option ) {
			delete_option( $option );
		}
		$this->gateway = new Fake_Gateway();
		$this->known( array( 'ideal', 'card', 'bank' ) );
	}

	protected function tearDown(): void {
		$this->gateway->stop();
		$_POST = array();
		wp_set_current_user( 0 );
		update_option( 'woocommerce_currency', 'EUR' );
	}

	/**
	 * Has the shop know methods; bank has two ways within it.
	 *
	 * @param string[] $ids Their ids.
	 */
	protected function known( array $ids ) {
		$known = array();
		foreach ( $ids as $id ) {
			$known[ $id ] = array(
				'id'         => $id,
				'titles'     => array( 'en_US' => ucfirst( $id ) ),
				'logo_url'   => '',
				'logo'       => 'data:image/svg+xml;base64,PHN2Zy8+',
				'flow'       => 'redirect',
				'options'    => 'bank' === $id ? array( array( 'id' => 'first', 'title' => 'First Bank' ), array( 'id' => 'second', 'title' => 'Second Bank' ) ) : null, // phpcs:ignore
				'available'  => true,
				'currencies' => array( 'EUR', 'JPY', 'TND' ),
				'current'    => true,
			);
		}
		update_option( Methods::OPTION, $known, false );
		WC()->payment_gateways( true );
	}

	/**
	 * An order that went to the gateway.
	 *
	 * @param string $total    A decimal.
	 * @param string $currency ISO 4217.
	 * @param string $id       The gateway's order.
	 * @return WC_Order
	 */
	protected function begun( $total = '12.50', $currency = 'EUR', $id = '' ) {
		$order = $this->order( $total, $currency );
		$order->set_payment_method( 'kassette_ideal' );
		$whole = $this->whole( $order, 'open', array( 'id' => '' === $id ? 'ord_' . $order->get_id() : $id ) );
		$order->update_meta_data( Kassette\State::CHECKOUT, $whole['id'] );
		Kassette\State::of( $order )->keep( $whole, 'test' );
		$order->save();
		return $order;
	}

	/**
	 * The gateway's order of a shop's order.
	 *
	 * @param WC_Order $order  The shop's order.
	 * @param string   $status Its status.
	 * @param array    $over   Members that differ; payment: those of its payment.
	 * @return array
	 */
	protected function whole( WC_Order $order, $status, array $over = array() ) {
		$minor = Kassette\Money::minor( $order->get_total(), $order->get_currency() );
		$money = static function ( $value ) use ( $order ) {
			return array(
				'value'    => $value,
				'currency' => $order->get_currency(),
			);
		};
		$of    = array( 'paid' => 'captured', 'authorized' => 'authorized', 'pending' => 'pending', 'expired' => 'expired', 'cancelled' => 'cancelled' ); // phpcs:ignore
		$pays  = $over['payment'] ?? array();
		unset( $over['payment'] );
		return $over + array(
			'id'                => 'ord_' . $order->get_id(),
			'reference'         => Order_Request::reference( $order ),
			'status'            => $status,
			'amount'            => $money( $minor ),
			'due'               => $money( 'paid' === $status ? 0 : $minor ),
			'captured'          => $money( 'paid' === $status ? $minor : 0 ),
			'refunded'          => $money( 0 ),
			'released'          => $money( 0 ),
			'charged_back'      => $money( 0 ),
			'tip'               => $money( 0 ),
			'surcharge'         => $money( 0 ),
			'refund_status'     => 'none',
			'attention'         => array(),
			'available_actions' => array(),
			'payments'          => 'open' === $status && array() === $pays ? array() : array(
				$pays + array(
					'id'                 => 'pay_1',
					'method'             => 'ideal',
					'status'             => $of[ $status ] ?? 'pending',
					'provider_reference' => 'T-1',
					'action'             => null,
					'failure'            => null,
					'captures'           => array(),
					'refunds'            => array(),
				),
			),
			'checkout_url'      => Fake_Gateway::URL . '/pay/token',
			'expires_at'        => '2030-01-01T00:00:00Z',
			'version'           => 5,
			'metadata'          => array(
				'platform' => 'woocommerce',
				'order_id' => (string) $order->get_id(),
			),
		);
	}

	/**
	 * A notice's body.
	 *
	 * @param array    $whole  The gateway's order.
	 * @param int|null $number The event's number, by default the version.
	 * @return string
	 */
	protected function body( array $whole, $number = null ) {
		return wp_json_encode(
			array(
				'type'      => 'order.' . $whole['status'],
				'timestamp' => gmdate( 'c' ),
				'data'      => array(
					'event' => array( 'number' => $number ?? $whole['version'] ),
					'order' => $whole,
				),
			)
		);
	}

	/**
	 * A notice's signature.
	 *
	 * @param string $id   webhook-id.
	 * @param int    $time Unix time.
	 * @param string $body The body.
	 * @return string
	 */
	protected function sign( $id, $time, $body ) {
		return 'v1,' . base64_encode( hash_hmac( 'sha256', "$id.$time.$body", base64_decode( substr( Fake_Gateway::SECRET, 6 ), true ), true ) );
	}

	/**
	 * Tells the shop.
	 *
	 * @param array    $whole  The gateway's order.
	 * @param int|null $number The event's number, by default the version.
	 * @return array HTTP status and text.
	 */
	protected function tell( array $whole, $number = null ) {
		$body = $this->body( $whole, $number );
		return Notices::receive( $body, 'msg', (string) time(), $this->sign( 'msg', time(), $body ), time() );
	}

	/**
	 * Asserts an order's status and flags as the database has them.
	 *
	 * @param string   $status The status.
	 * @param WC_Order $order  The order.
	 * @param string[] $flags  Codes of its flags.
	 */
	protected function assertOrder( $status, WC_Order $order, array $flags = array() ) {
		$again = $this->again( $order );
		$this->assertSame( $status, $again->get_status() );
		$this->assertSame( $flags, array_keys( Kassette\State::of( $again )->attention() ) );
	}
}
