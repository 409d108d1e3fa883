<?php
/**
 * Tests of methods, gateways and the block checkout.
 *
 * @package Kassette\Tests
 */

use Kassette\Methods;

/**
 * What /v1/methods says is what the checkouts show.
 */
final class Methods_Test extends Paying_Test {

	private function item( $id, array $over = array() ) {
		return $over + array(
			'id'        => $id,
			'title'     => "Title of $id",
			'logo_url'  => Fake_Gateway::URL . "/v1/methods/$id/logo.svg?v=1",
			'flow'      => 'redirect',
			'options'   => null,
			'available' => true,
		);
	}

	private function refresh( array $items ) {
		$this->gateway->lay( 'GET /v1/methods', 200, array( 'items' => $items ) );
		foreach ( $items as $item ) {
			$this->gateway->lay( "GET /v1/methods/{$item['id']}/logo.svg", 200, '<svg xmlns="http://www.w3.org/2000/svg"/>' );
		}
		Methods::refresh();
		WC()->payment_gateways( true );
	}

	private function offered() {
		return array_values(
			array_filter(
				array_keys( WC()->payment_gateways()->get_available_payment_gateways() ),
				static function ( $id ) {
					return 0 === strpos( $id, 'kassette' );
				}
			)
		);
	}

	public function test_titles_logos_and_order_are_the_gateways() {
		$this->refresh( array( $this->item( 'wallet' ), $this->item( 'ideal' ) ) );
		$this->assertSame( array( 'kassette_wallet', 'kassette_ideal' ), $this->offered() );
		$gateway = WC()->payment_gateways()->payment_gateways()['kassette_wallet'];
		$this->assertSame( 'Title of wallet (TEST)', $gateway->get_title() );
		$this->assertStringContainsString( 'src="data:image/svg+xml;base64,' . base64_encode( '<svg xmlns="http://www.w3.org/2000/svg"/>' ), $gateway->get_icon() );
		$query = $this->gateway->latest( 'GET /v1/methods' )['query'];
		$this->assertSame( array( '5000', 'EUR', 'en-US' ), array( $query['amount'], $query['currency'], $query['locale'] ) );
	}

	public function test_no_call_while_a_checkout_renders() {
		$this->refresh( array( $this->item( 'ideal' ), $this->item( 'bank', array( 'options' => array( array( 'id' => 'first', 'title' => 'First Bank' ) ) ) ) ) ); // phpcs:ignore
		$before = count( $this->gateway->requests );
		$html   = wc_double_payment_methods();
		wc_double_registry()->script_data();
		$this->assertCount( $before, $this->gateway->requests );
		$this->assertStringContainsString( 'Title of ideal (TEST)', $html );
		$this->assertStringContainsString( '<option value="first">First Bank</option>', $html );
		$this->assertStringNotContainsString( Fake_Gateway::URL, $html );
	}

	public function test_a_logo_is_read_once() {
		$this->refresh( array( $this->item( 'ideal' ) ) );
		$this->refresh( array( $this->item( 'ideal' ) ) );
		$this->assertCount( 1, $this->gateway->all( 'GET /v1/methods/ideal/logo.svg' ) );
	}

	public function test_a_method_that_is_gone_is_not_offered_and_its_orders_can_be_refunded() {
		$this->refresh( array( $this->item( 'ideal' ), $this->item( 'card' ) ) );
		$this->gateway->stop();
		$this->gateway = new Fake_Gateway();
		$this->refresh( array( $this->item( 'card' ) ) );
		$this->assertSame( array( 'kassette_card' ), $this->offered() );
		$order = $this->order();
		$order->set_payment_method( 'kassette_ideal' );
		$this->assertTrue( wc_get_payment_gateway_by_order( $order )->supports( 'refunds' ) );
	}

	public function test_a_gateway_that_does_not_answer_leaves_what_was_known() {
		$this->refresh( array( $this->item( 'ideal' ) ) );
		$this->gateway->stop();
		$this->gateway = new Fake_Gateway();
		try {
			Methods::refresh();
			$this->fail( 'it says so' );
		} catch ( Kassette\Problem $problem ) {
			$this->assertSame( 0, $problem->status );
		}
		$this->assertSame( array( 'kassette_ideal' ), $this->offered() );
	}

	/**
	 * @dataProvider hidden
	 */
	public function test_what_cannot_be_chosen_is_not_offered( array $over, $currency, array $settings ) {
		$this->refresh( array( $this->item( 'ideal', $over ) ) );
		update_option( 'woocommerce_currency', $currency );
		update_option( 'kassette_settings', $settings + get_option( 'kassette_settings' ) );
		update_option( 'woocommerce_kassette_settings', array( 'enabled' => 'no' ) );
		WC()->payment_gateways( true );
		$this->assertSame( array(), $this->offered() );
		list( $data ) = wc_double_registry()->script_data();
		$this->assertArrayNotHasKey( 'kassette_ideal_data', $data, 'nor in the block checkout' );
		delete_option( 'woocommerce_kassette_settings' );
	}

	public function hidden() {
		return array(
			'its provider is down' => array( array( 'available' => false ), 'EUR', array() ),
			'another currency'     => array( array(), 'SEK', array() ),
			'no notice secret'     => array( array(), 'EUR', array( 'secrets' => '' ) ),
			'no key of the mode'   => array( array(), 'EUR', array( 'mode' => 'live' ) ),
		);
	}

	/**
	 * @dataProvider places
	 */
	public function test_both_checkouts_have_the_gateways_order_in_our_places( $places, array $want ) {
		$this->known( array( 'ideal', 'card', 'bank' ) );
		update_option( 'woocommerce_kassette_settings', array( 'enabled' => 'yes' ) );
		$other = static function ( $gateways ) {
			return array_merge( array( new Kassette_Other_Gateway() ), $gateways );
		};
		add_filter( 'woocommerce_payment_gateways', $other );
		if ( null !== $places ) {
			update_option( 'woocommerce_gateway_order', $places );
		}
		WC()->payment_gateways( true );
		$classic = array_keys( WC()->payment_gateways()->get_available_payment_gateways() );
		$blocks  = array_keys( WC()->payment_gateways()->payment_gateways() ); // it goes by the places of all.
		remove_filter( 'woocommerce_payment_gateways', $other );
		delete_option( 'woocommerce_gateway_order' );
		delete_option( 'woocommerce_kassette_settings' );
		$this->assertSame( $want, $classic );
		$this->assertSame( $want, $blocks );
	}

	public function places() {
		$plain = array( 'other', 'kassette_ideal', 'kassette_card', 'kassette_bank', 'kassette' );
		return array(
			'none kept'          => array( null, $plain ),
			'not a list'         => array( '', $plain ),
			'of others alone'    => array( array( 'other' => 3 ), $plain ),
			'another among ours' => array( array( 'kassette_card' => '0', 'other' => '1', 'kassette_ideal' => '2', 'kassette_bank' => '3', 'kassette' => '4' ), array( 'kassette_ideal', 'other', 'kassette_card', 'kassette_bank', 'kassette' ) ), // phpcs:ignore
			'ours came later'    => array( array( 'kassette_card' => 0, 'gone' => 1, 'other' => 2 ), array( 'kassette_ideal', 'kassette_card', 'kassette_bank', 'kassette', 'other' ) ), // phpcs:ignore
		);
	}

	public function test_the_block_checkout_has_every_gateway_in_order() {
		$this->known( array( 'card', 'bank' ) );
		update_option( 'woocommerce_kassette_settings', array( 'enabled' => 'yes' ) );
		WC()->payment_gateways( true );
		list( $data, $scripts ) = wc_double_registry()->script_data();
		delete_option( 'woocommerce_kassette_settings' );
		$this->assertSame( array( 'kassette-blocks' ), $scripts );
		$this->assertSame( array( 'kassette_card_data', 'kassette_bank_data', 'kassette_data' ), array_keys( $data ) );
		$this->assertSame( 'Bank (TEST)', $data['kassette_bank_data']['title'] );
		$this->assertSame( array( 'id' => 'first', 'title' => 'First Bank' ), $data['kassette_bank_data']['options'][0] ); // phpcs:ignore
		$script = wp_scripts()->registered['kassette-blocks'];
		$this->assertSame( array( 'wc-blocks-registry', 'wc-settings', 'wp-element', 'wp-html-entities', 'wp-i18n' ), $script->deps );
		$this->assertStringContainsString( '["kassette_card","kassette_bank","kassette"]', implode( '', $script->extra['before'] ) );
	}

	public function test_no_secret_in_what_rest_shows_of_a_gateway() {
		wp_set_current_user( 1 );
		$got = rest_do_request( new WP_REST_Request( 'GET', '/wc/v3/payment_gateways/kassette_ideal' ) )->get_data();
		$this->assertSame( array( 'enabled', 'title', 'description' ), array_keys( $got['settings'] ) );
		$this->assertContains( 'refunds', $got['method_supports'] );
		$this->assertFalse( $got['needs_setup'] );
	}

	public function test_a_title_of_the_merchants_own() {
		update_option( 'woocommerce_kassette_ideal_settings', array( 'title' => 'My bank' ) );
		WC()->payment_gateways( true );
		$this->assertSame( 'My bank (TEST)', WC()->payment_gateways()->payment_gateways()['kassette_ideal']->get_title() );
		delete_option( 'woocommerce_kassette_ideal_settings' );
	}
}

/**
 * A gateway of another extension.
 */
final class Kassette_Other_Gateway extends WC_Payment_Gateway {

	/**
	 * Its id.
	 *
	 * @var string
	 */
	public $id = 'other';
}
