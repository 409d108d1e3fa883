<?php
/**
 * The double of refunds against the document, by section.
 *
 * @package Kassette\Tests
 */

/**
 * A gateway that pays refunds out, or cannot.
 */
final class Double_Test_Gateway extends WC_Payment_Gateway {

	/**
	 * Refunds that it was asked for.
	 *
	 * @var array
	 */
	public $asked = array();

	/**
	 * What it answers.
	 *
	 * @var mixed
	 */
	public $answer = true;

	public function __construct( $id, array $supports ) {
		$this->id       = $id;
		$this->title    = 'Test';
		$this->supports = $supports;
		$this->init_settings();
	}

	public function process_payment( $order_id ) {
		if ( isset( $_POST['refuse'] ) ) { // phpcs:ignore
			return array(
				'result'  => 'failure',
				'message' => 'Refused: ' . $_POST['refuse'], // phpcs:ignore
			);
		}
		return array(
			'result'   => 'success',
			'redirect' => 'https://pay.example/' . $order_id,
		);
	}

	public function process_refund( $order_id, $amount = null, $reason = '' ) {
		$this->asked[] = array( $order_id, $amount, $reason );
		return $this->answer;
	}
}

/**
 * Sections 1.5, 1.6, 3.1 and 3.2.
 */
final class Double_Refund_Test extends Shop_Test {

	/**
	 * The gateway that can, and the one that cannot.
	 *
	 * @var Double_Test_Gateway
	 */
	private $can;

	protected function setUp(): void {
		$this->can = new Double_Test_Gateway( 'can', array( 'products', 'refunds' ) );
		add_filter( 'woocommerce_payment_gateways', array( $this, 'gateways' ) );
		WC()->payment_gateways( true );
		wp_set_current_user( 1 );
	}

	protected function tearDown(): void {
		remove_filter( 'woocommerce_payment_gateways', array( $this, 'gateways' ) );
		WC()->payment_gateways( true );
		wp_set_current_user( 0 );
	}

	public function gateways( $others ) {
		return array_merge( $others, array( $this->can, new Double_Test_Gateway( 'cannot', array( 'products' ) ) ) );
	}

	private function paid( $gateway = 'can' ) {
		$order = $this->order();
		$order->set_payment_method( $gateway );
		$order->payment_complete( 'tx' );
		return $order;
	}

	private function rest( $path, array $members ) {
		$request = new WP_REST_Request( 'POST', $path );
		$request->set_body_params( $members );
		return rest_do_request( $request );
	}

	public function test_1_5_a_refund_by_rest_calls_the_gateway_by_default() {
		$order = $this->paid();
		$got   = $this->rest( '/wc/v3/orders/' . $order->get_id() . '/refunds', array( 'amount' => '2.50', 'reason' => 'broken' ) ); // phpcs:ignore
		$this->assertSame( 201, $got->get_status() );
		$this->assertTrue( $got->get_data()['refunded_payment'] );
		$this->assertSame( array( array( $order->get_id(), '2.50', 'broken' ) ), $this->can->asked );
	}

	public function test_1_5_api_refund_false_records_only() {
		$order = $this->paid();
		$got   = $this->rest( '/wc/v3/orders/' . $order->get_id() . '/refunds', array( 'amount' => '2.50', 'api_refund' => false ) ); // phpcs:ignore
		$this->assertSame( 201, $got->get_status() );
		$this->assertFalse( $got->get_data()['refunded_payment'] );
		$this->assertSame( array(), $this->can->asked );
		$this->assertSame( '10.00', $this->again( $order )->get_remaining_refund_amount() );
	}

	/**
	 * @dataProvider bad
	 */
	public function test_1_5_what_cannot_be_is_a_500( $gateway, $amount, $text ) {
		$order = $this->paid( $gateway );
		$got   = $this->rest( '/wc/v3/orders/' . $order->get_id() . '/refunds', array( 'amount' => $amount ) );
		$this->assertSame( 500, $got->get_status() );
		$this->assertSame( 'woocommerce_rest_cannot_create_order_refund', $got->get_data()['code'] );
		$this->assertStringContainsString( $text, $got->get_data()['message'] );
		$this->assertSame( array(), $this->again( $order )->get_refunds() );
	}

	public function bad() {
		return array(
			'a gateway without refunds' => array( 'cannot', '1.00', 'does not support automatic refunds' ),
			'more than what is left'    => array( 'can', '12.51', 'Invalid refund amount.' ),
		);
	}

	public function test_1_5_an_unknown_order_is_a_404() {
		$got = $this->rest( '/wc/v3/orders/999999999/refunds', array( 'amount' => '1.00' ) );
		$this->assertSame( 404, $got->get_status() );
		$this->assertSame( 'woocommerce_rest_shop_order_invalid_id', $got->get_data()['code'] );
	}

	public function test_1_5_what_the_gateway_refuses_leaves_no_refund() {
		$this->can->answer = new WP_Error( 'no', 'Not this one.' );
		$order             = $this->paid();
		$got               = $this->rest( '/wc/v3/orders/' . $order->get_id() . '/refunds', array( 'amount' => '1.00' ) );
		$this->assertSame( 'Not this one.', $got->get_data()['message'] );
		$this->assertSame( array(), $this->again( $order )->get_refunds() );
	}

	public function test_1_5_refunds_up_to_the_total_move_the_order_to_refunded() {
		$order = $this->paid();
		foreach ( array( '2.50', '10.00' ) as $amount ) {
			wc_create_refund( array( 'order_id' => $order->get_id(), 'amount' => $amount ) ); // phpcs:ignore
		}
		$this->assertSame( 'refunded', $this->again( $order )->get_status() );
	}

	public function test_1_5_settings_with_title_and_type_are_shown_passwords_included() {
		$this->can->form_fields = array(
			'shown'  => array( 'title' => 'Key', 'type' => 'password', 'default' => 'secret' ), // phpcs:ignore
			'hidden' => array( 'default' => 'other' ),
		);
		$this->can->init_settings();
		$got = rest_do_request( new WP_REST_Request( 'GET', '/wc/v3/payment_gateways/can' ) )->get_data();
		$this->assertSame( 'secret', $got['settings']['shown']['value'] );
		$this->assertArrayNotHasKey( 'hidden', $got['settings'] );
	}

	public function test_1_6_payment_data_arrive_as_post() {
		$order = $this->order();
		$got   = $this->rest( '/wc/store/v1/checkout', array( 'order_id' => $order->get_id(), 'payment_method' => 'can', 'payment_data' => array( array( 'key' => 'refuse', 'value' => 'so' ) ) ) ); // phpcs:ignore
		$this->assertSame( 400, $got->get_status() );
		$this->assertSame( 'Refused: so', $got->get_data()['message'] );
	}

	public function test_1_6_and_3_2_the_redirect_of_a_foreign_site_is_passed_on() {
		$order = $this->order();
		$got   = $this->rest( '/wc/store/v1/checkout', array( 'order_id' => $order->get_id(), 'payment_method' => 'can' ) ); // phpcs:ignore
		$this->assertSame( 'https://pay.example/' . $order->get_id(), $got->get_data()['payment_result']['redirect_url'] );
		$this->assertSame( 'pending', $got->get_data()['status'] );
	}

	public function test_3_1_gateways_are_class_names_or_instances() {
		$all = WC()->payment_gateways()->payment_gateways();
		$this->assertSame( $this->can, $all['can'] );
	}

	public function test_3_1_compatibility_is_declared_within_before_woocommerce_init_alone() {
		$wrong = 0;
		$count = static function () use ( &$wrong ) {
			++$wrong;
		};
		add_action( 'doing_it_wrong_run', $count );
		add_filter( 'doing_it_wrong_trigger_error', '__return_false' );
		$this->assertFalse( Automattic\WooCommerce\Utilities\FeaturesUtil::declare_compatibility( 'late', __FILE__, true ) );
		remove_action( 'doing_it_wrong_run', $count );
		remove_filter( 'doing_it_wrong_trigger_error', '__return_false' );
		$this->assertSame( 1, $wrong );
	}

	public function test_3_2_settings_are_in_an_option_of_the_gateways_id() {
		$this->can->form_fields = array( 'enabled' => array( 'title' => 'On', 'type' => 'checkbox', 'default' => 'yes' ) ); // phpcs:ignore
		$_POST                  = array();
		$this->can->process_admin_options();
		$this->assertSame( array( 'enabled' => 'no' ), get_option( 'woocommerce_can_settings' ) );
	}

	public function test_3_2_without_a_word_nothing_is_refunded() {
		$this->can->answer = false;
		$order             = $this->paid();
		$this->assertInstanceOf( WP_Error::class, wc_create_refund( array( 'order_id' => $order->get_id(), 'amount' => '1.00', 'refund_payment' => true ) ) ); // phpcs:ignore
	}

	public function test_3_4_a_gateway_that_is_not_registered_is_missing_in_the_block_checkout() {
		list( $data ) = wc_double_registry()->script_data();
		$this->assertArrayNotHasKey( 'can_data', $data );
	}

	public function test_3_4_data_of_registered_gateways_arrive_by_name() {
		$register = static function ( $registry ) {
			$registry->register(
				new class() extends Automattic\WooCommerce\Blocks\Payments\Integrations\AbstractPaymentMethodType {
					protected $name = 'can'; // phpcs:ignore
					public function initialize() {} // phpcs:ignore
					public function get_payment_method_data() { // phpcs:ignore
						return array( 'title' => 'Test' );
					}
					public function get_payment_method_script_handles() { // phpcs:ignore
						return array( 'a-script' );
					}
				}
			);
		};
		add_action( 'woocommerce_blocks_payment_method_type_registration', $register );
		list( $data, $scripts ) = wc_double_registry()->script_data();
		remove_action( 'woocommerce_blocks_payment_method_type_registration', $register );
		$this->assertSame( 'Test', $data['can_data']['title'] );
		$this->assertContains( 'a-script', $scripts );
	}
}
