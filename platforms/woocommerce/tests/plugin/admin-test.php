<?php
/**
 * Tests of the merchant's page, the log, languages and removal.
 *
 * @package Kassette\Tests
 */

use Kassette\Language;
use Kassette\Log;
use Kassette\Settings;
use Kassette\Settings_Page;

/**
 * WooCommerce, Kassette.
 */
final class Admin_Test extends Paying_Test {

	protected function setUp(): void {
		parent::setUp();
		wp_set_current_user( 1 );
	}

	private function sent( array $over = array() ) {
		return $over + array( 'url' => Fake_Gateway::URL . '/', 'mode' => 'test', 'test_key' => '', 'live_key' => '', 'secrets' => '', 'capture' => 'manual', 'reopen' => 'no', 'remove_data' => 'no' ); // phpcs:ignore
	}

	private function page() {
		ob_start();
		Settings_Page::show();
		return ob_get_clean();
	}

	/**
	 * @dataProvider wrong
	 */
	public function test_what_is_wrong_is_said_and_not_saved( array $over, $text ) {
		Settings_Page::act( $this->sent( $over ) );
		$this->assertStringContainsString( $text, implode( ' ', Settings_Page::said()['error'] ) );
		$this->assertSame( Fake_Gateway::URL, Settings::get( 'url' ) );
		$this->assertSame( 'automatic', Settings::get( 'capture' ) );
		$this->assertSame( array(), $this->gateway->requests );
	}

	public function wrong() {
		return array(
			'no address'            => array( array( 'url' => '' ), 'https://' ),
			'plain http'            => array( array( 'url' => 'http://pay.example' ), 'https://' ),
			'plain http, and live'  => array( array( 'url' => 'http://127.0.0.1:8080', 'mode' => 'live' ), 'https://' ), // phpcs:ignore
			'plain http, far away'  => array( array( 'url' => 'http://8.8.8.8' ), 'https://' ),
			'a name that ends so'   => array( array( 'url' => 'http://evil-localhost' ), 'https://' ),
			'with a query'          => array( array( 'url' => 'https://pay.example/?a=b' ), 'https://' ),
			'a key of two words'    => array( array( 'test_key' => 'key key' ), 'API key' ),
			'a secret that is none' => array( array( 'secrets' => 'whsec_short' ), 'notice secret' ),
		);
	}

	/**
	 * @dataProvider near
	 */
	public function test_a_test_nearby_may_do_without_tls( $url ) {
		$this->assertSame( array(), Settings::problems( $this->sent( array( 'url' => $url ) ) ) );
	}

	public function near() {
		return array_map(
			static function ( $url ) {
				return array( $url );
			},
			array( 'http://localhost:8080', 'http://127.0.0.1:8080', 'http://[::1]:8080', 'http://10.0.0.7', 'http://pay.test', 'http://host.docker.internal:8080' )
		);
	}

	public function test_saving_keeps_secrets_that_were_not_filled_in_and_tests_the_connection() {
		$this->gateway->lay( 'GET /v1/methods', 200, array( 'items' => array( array( 'id' => 'ideal', 'title' => 'iDEAL', 'available' => true ) ) ) ); // phpcs:ignore
		$this->gateway->lay( 'GET /v1/orders', 200, array( 'items' => array() ) );
		Settings_Page::act( $this->sent() );
		$this->assertSame( array( Fake_Gateway::KEY, Fake_Gateway::SECRET, 'manual' ), array( Settings::get( 'test_key' ), Settings::get( 'secrets' ), Settings::get( 'capture' ) ) );
		$this->assertSame( array( 'Saved.', 'The connection works. Methods: 1.' ), Settings_Page::said()['success'] );
	}

	/**
	 * @dataProvider failures
	 */
	public function test_a_connection_that_fails_says_why( $status, $kind, array $members, $text ) {
		$this->gateway->refuse( 'GET /v1/methods', $status, $kind, $members );
		Settings_Page::act( $this->sent() );
		$this->assertStringContainsString( $text, implode( ' ', Settings_Page::said()['error'] ) );
	}

	public function failures() {
		return array(
			'wrong key'  => array( 401, 'unauthorized', array(), 'does not know this API key' ),
			'no scope'   => array( 403, 'scope-missing', array( 'detail' => 'The key lacks orders:read.' ), 'orders:read' ), // phpcs:ignore
			'from there' => array( 403, 'address-not-allowed', array( 'detail' => 'Not from 192.0.2.1.' ), '192.0.2.1' ), // phpcs:ignore
			'too often'  => array( 429, 'too-many-messages', array(), 'in a minute' ),
		);
	}

	public function test_something_else_at_the_address() {
		$this->gateway->lay( 'GET /v1/methods', 200, '<html>a shop</html>' );
		Settings_Page::act( $this->sent() );
		$this->assertStringContainsString( 'not Kassette', implode( ' ', Settings_Page::said()['error'] ) );
	}

	public function test_a_missing_notice_secret_is_said() {
		update_option( 'kassette_settings', array( 'secrets' => '' ) + get_option( 'kassette_settings' ) );
		Settings_Page::act( $this->sent() );
		$this->assertStringContainsString( 'notice secret is missing', implode( ' ', Settings_Page::said()['warning'] ) );
	}

	public function test_no_secret_is_shown() {
		update_option( 'kassette_settings', array( 'live_key' => 'live-key-of-the-shop' ) + get_option( 'kassette_settings' ) );
		update_option( Log::OPTION, array( array( 'now', 'info', 'an old line with ' . Fake_Gateway::KEY ) ), false );
		$html = $this->page();
		foreach ( array( Fake_Gateway::KEY, 'live-key-of-the-shop', Fake_Gateway::SECRET ) as $secret ) {
			$this->assertStringNotContainsString( $secret, $html );
		}
		$this->assertStringContainsString( 'kept; fill in to change', $html );
		$this->assertStringContainsString( 'an old line with ***', $html );
	}

	public function test_a_form_without_a_nonce_changes_nothing() {
		$_SERVER['REQUEST_METHOD'] = 'POST';
		$_POST                     = $this->sent( array( 'url' => 'https://evil.example' ) );
		$die                       = static function () {
			return static function () {
				throw new RuntimeException( 'died' );
			};
		};
		add_filter( 'wp_die_handler', $die );
		try {
			$this->page();
			$this->fail( 'it was taken' );
		} catch ( RuntimeException $died ) {
			ob_end_clean();
			$this->assertSame( Fake_Gateway::URL, Settings::get( 'url' ) );
		} finally {
			remove_filter( 'wp_die_handler', $die );
			unset( $_SERVER['REQUEST_METHOD'] );
		}
	}

	/**
	 * @dataProvider lines
	 */
	public function test_the_log_holds_no_secret_and_nobody( $line, $kept ) {
		update_option( 'kassette_settings', array( 'live_key' => 'a' ) + get_option( 'kassette_settings' ), false );
		Log::write( 'info', $line );
		$this->assertSame( $kept, Log::lines()[0][2] );
		$this->assertSame( array( 'info', $kept, 'kassette' ), end( $GLOBALS['wc_double_log'] ) );
	}

	public function lines() {
		return array(
			'the API key'   => array( 'key ' . Fake_Gateway::KEY . '!', 'key ***!' ),
			'a bearer'      => array( 'Authorization: Bearer abc.def', 'Authorization: Bearer ***' ),
			'a secret'      => array( 'whsec_AAAA/+=', '***' ),
			'an order key'  => array( 'key=wc_order_AbC123', 'key=wc_order_***' ),
			'a pay link'    => array( '/pay/ord_7fA.k3v7q2m5n4p6r7s2t3u4v5w6x7y2z3a4', '/pay/ord_7fA.***' ),
			'a mail'        => array( 'of jan@example.org.', 'of ***' ),
			'no secret'     => array( 'a short setting', 'a short setting' ),
			'several lines' => array( "one\r\ntwo", 'one two' ),
		);
	}

	public function test_the_log_keeps_the_latest_lines() {
		for ( $n = 0; $n <= Log::LINES; $n++ ) {
			Log::write( 'info', "line $n" );
		}
		$this->assertCount( Log::LINES, Log::lines() );
		$this->assertSame( 'line 1', Log::lines()[0][2] );
		Settings_Page::act( array( 'clear_log' => '1' ) );
		$this->assertSame( array(), Log::lines() );
	}

	/**
	 * @dataProvider languages
	 */
	public function test_languages( $locale, $bcp47, $text ) {
		$this->assertSame( $bcp47, Language::bcp47( $locale ) );
		unload_textdomain( 'kassette' );
		$file = Language::nearest( dirname( KASSETTE_FILE ) . "/languages/kassette-$locale.mo", 'kassette' );
		if ( null !== $text ) {
			$this->assertTrue( load_textdomain( 'kassette', $file ) );
			$this->assertSame( $text, __( 'Choose how to pay', 'kassette' ) );
		}
		unload_textdomain( 'kassette' );
	}

	public function languages() {
		return array(
			'Dutch'          => array( 'nl_NL', 'nl-NL', 'Kies hoe u betaalt' ),
			'of Belgium'     => array( 'nl_BE', 'nl-BE', 'Kies hoe u betaalt' ),
			'German, formal' => array( 'de_DE_formal', 'de-DE', 'Zahlungsart wählen' ),
			'French'         => array( 'fr_FR', 'fr-FR', 'Choisir le moyen de paiement' ),
			'Swedish'        => array( 'sv_SE', 'sv-SE', 'Välj hur du betalar' ),
			'Bulgarian'      => array( 'bg_BG', 'bg-BG', 'Изберете как да платите' ),
			'English'        => array( 'en_US', 'en-US', null ),
			'Asturian'       => array( 'ast', 'ast', null ),
			'nonsense'       => array( '', 'en', null ),
		);
	}

	public function test_compatibility_is_declared() {
		$this->assertSame( array( 'custom_order_tables' => true, 'cart_checkout_blocks' => true ), Automattic\WooCommerce\Utilities\FeaturesUtil::$declared['kassette/kassette.php'] ); // phpcs:ignore
	}

	/**
	 * @dataProvider removals
	 */
	public function test_removal( $choice, $stays ) {
		update_option( 'kassette_settings', array( 'remove_data' => $choice ) + get_option( 'kassette_settings' ) );
		update_option( 'woocommerce_kassette_ideal_settings', array( 'title' => 'x' ) );
		$order = $this->begun();
		$this->uninstall();
		foreach ( array( 'kassette_settings', 'kassette_methods', 'woocommerce_kassette_ideal_settings' ) as $option ) {
			$this->assertSame( $stays, false !== get_option( $option ), $option );
		}
		$this->assertFalse( wp_next_scheduled( 'kassette_catch_up' ) );
		$this->assertNotSame( '', Kassette\State::of( $this->again( $order ) )->id(), 'what refunds need stays' );
		delete_option( 'woocommerce_kassette_ideal_settings' );
		wp_schedule_event( time(), 'kassette', 'kassette_catch_up' );
	}

	public function removals() {
		return array(
			'keep'   => array( 'no', true ),
			'remove' => array( 'yes', false ),
		);
	}

	private function uninstall() {
		if ( ! defined( 'WP_UNINSTALL_PLUGIN' ) ) {
			define( 'WP_UNINSTALL_PLUGIN', 'kassette/kassette.php' );
		}
		include dirname( KASSETTE_FILE ) . '/uninstall.php';
	}

	public function test_removal_leaves_no_option_that_we_write() {
		$source = '';
		foreach ( glob( dirname( KASSETTE_FILE ) . '/includes/*.php' ) as $file ) {
			$source .= file_get_contents( $file );
		}
		preg_match_all( "/const (?:OPTION|OWED|LOOKED)\s*= '(\w+)'/", $source, $m );
		$this->assertGreaterThan( 4, count( $m[1] ) );
		foreach ( $m[1] as $option ) {
			$this->assertStringContainsString( "'$option'", file_get_contents( dirname( KASSETTE_FILE ) . '/uninstall.php' ) );
		}
	}
}
