<?php
/**
 * The merchant's page.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * WooCommerce, Kassette: settings, test of the connection, log. Each change
 * needs the right to manage the shop and a nonce (woocommerce.md 3.7).
 */
final class Settings_Page {

	const PAGE  = 'kassette';
	const NONCE = 'kassette_settings';
	const RIGHT = 'manage_woocommerce';

	/**
	 * What is to be said after a change: kind and texts.
	 *
	 * @var array
	 */
	private static $said = array();

	/**
	 * Hangs on to the admin.
	 */
	public static function start() {
		add_action(
			'admin_menu',
			static function () {
				add_submenu_page( 'woocommerce', 'Kassette', 'Kassette', self::RIGHT, self::PAGE, array( self::class, 'show' ) );
			},
			60
		);
		add_filter(
			'plugin_action_links_' . plugin_basename( KASSETTE_FILE ),
			static function ( $links ) {
				array_unshift( $links, '<a href="' . esc_url( self::url() ) . '">' . esc_html__( 'Settings', 'kassette' ) . '</a>' );
				return $links;
			}
		);
		add_action( 'admin_init', array( self::class, 'privacy' ) );
	}

	/**
	 * Text for the shop's privacy page (3.6).
	 */
	public static function privacy() {
		wp_add_privacy_policy_content( 'Kassette', '<p>' . esc_html__( 'To take a payment we pass the order (number, amount, lines), your name, e-mail address, phone number, addresses and IP address to our payment gateway, and from there to the provider of the method that you choose.', 'kassette' ) . '</p>' );
	}

	/**
	 * The page's address.
	 *
	 * @return string
	 */
	public static function url() {
		return admin_url( 'admin.php?page=' . self::PAGE );
	}

	/**
	 * Shows the page, after doing what its form asks.
	 */
	public static function show() {
		if ( ! current_user_can( self::RIGHT ) ) {
			wp_die( esc_html__( 'You may not do this.', 'kassette' ), 403 );
		}
		if ( 'POST' === ( $_SERVER['REQUEST_METHOD'] ?? '' ) ) {
			check_admin_referer( self::NONCE );
			self::act( array_map( 'sanitize_textarea_field', array_filter( wp_unslash( $_POST ), 'is_string' ) ) );
		}
		echo '<div class="wrap"><h1>Kassette</h1>';
		foreach ( self::$said as $kind => $texts ) {
			echo '<div class="notice notice-' . esc_attr( $kind ) . '"><p>' . implode( '<br />', array_map( 'esc_html', $texts ) ) . '</p></div>'; // phpcs:ignore WordPress.Security.EscapeOutput
		}
		self::form();
		self::methods();
		self::log();
		echo '</div>';
	}

	/**
	 * Does what the form asks: save, and test the connection by asking for the methods.
	 *
	 * @param array $sent The form.
	 */
	public static function act( array $sent ) {
		self::$said = array();
		if ( isset( $sent['clear_log'] ) ) {
			update_option( Log::OPTION, array(), false );
			return;
		}
		$wrong = Settings::problems( $sent );
		if ( array() !== $wrong ) {
			self::$said['error'] = $wrong;
			return;
		}
		Settings::save( $sent );
		self::$said['success'] = array( __( 'Saved.', 'kassette' ) );
		self::test();
	}

	/**
	 * Tests the connection.
	 */
	private static function test() {
		if ( array() === Settings::notice_secrets() ) {
			self::$said['warning'][] = __( 'The notice secret is missing: without it the shop cannot believe what the gateway tells it, and offers no method.', 'kassette' );
		}
		try {
			/* translators: %d: how many */
			self::$said['success'][] = sprintf( __( 'The connection works. Methods: %d.', 'kassette' ), Methods::refresh() );
			Catch_Up::run();
		} catch ( Problem $problem ) {
			self::$said['error'][] = $problem->getMessage();
		}
	}

	/**
	 * What was said after a change.
	 *
	 * @return array
	 */
	public static function said() {
		return self::$said;
	}

	/**
	 * The settings.
	 */
	private static function form() {
		echo '<form method="post" action="' . esc_url( self::url() ) . '">';
		wp_nonce_field( self::NONCE );
		echo '<table class="form-table">';
		self::row( 'url', __( 'Address of the gateway', 'kassette' ), '<input type="url" class="regular-text" name="url" id="url" required value="' . esc_attr( Settings::get( 'url' ) ) . '" placeholder="https://pay.example" />' );
		self::row( 'mode', __( 'Mode', 'kassette' ), self::choice( 'mode', array( 'test' => __( 'Test: no money moves', 'kassette' ), 'live' => __( 'Live', 'kassette' ) ) ) ); // phpcs:ignore WordPress.Arrays
		self::row( 'test_key', __( 'API key for tests', 'kassette' ), self::secret( 'test_key' ) );
		self::row( 'live_key', __( 'API key, live', 'kassette' ), self::secret( 'live_key' ) );
		self::row( 'secrets', __( 'Notice secret', 'kassette' ), self::secret( 'secrets' ), __( 'Begins with whsec_. While it is rotated: the new one, a space, the old one.', 'kassette' ) );
		self::row( 'capture', __( 'Take the money', 'kassette' ), self::choice( 'capture', array( 'automatic' => __( 'At once', 'kassette' ), 'manual' => __( 'When the order is completed or captured', 'kassette' ) ) ), __( 'Methods that cannot wait take it at once.', 'kassette' ) ); // phpcs:ignore WordPress.Arrays
		self::row( 'reopen', __( 'Paid after it was cancelled', 'kassette' ), self::choice( 'reopen', array( 'no' => __( 'Raise a flag, and leave the order cancelled', 'kassette' ), 'yes' => __( 'Reopen the order', 'kassette' ) ) ) ); // phpcs:ignore WordPress.Arrays
		self::row( 'remove_data', __( 'When the extension is deleted', 'kassette' ), self::choice( 'remove_data', array( 'no' => __( 'Keep the settings', 'kassette' ), 'yes' => __( 'Remove the settings, keys and log', 'kassette' ) ) ), __( 'What orders need for refunds always stays.', 'kassette' ) ); // phpcs:ignore WordPress.Arrays
		self::row( '', __( 'Register at the gateway', 'kassette' ), '<code>' . esc_html( home_url() ) . '</code>', __( 'As an origin of your shop; notices and shoppers come back there.', 'kassette' ) );
		echo '</table><p><button class="button button-primary">' . esc_html__( 'Save and test the connection', 'kassette' ) . '</button></p></form>';
	}

	/**
	 * A row of the table.
	 *
	 * @param string $id    Of the field.
	 * @param string $title What it is.
	 * @param string $field Its HTML, escaped.
	 * @param string $help  A sentence.
	 */
	private static function row( $id, $title, $field, $help = '' ) {
		echo '<tr><th scope="row"><label for="' . esc_attr( $id ) . '">' . esc_html( $title ) . '</label></th><td>' . $field . ( '' === $help ? '' : '<p class="description">' . esc_html( $help ) . '</p>' ) . '</td></tr>'; // phpcs:ignore WordPress.Security.EscapeOutput
	}

	/**
	 * A field whose value is never shown again.
	 *
	 * @param string $name Its name.
	 * @return string HTML
	 */
	private static function secret( $name ) {
		return '<input type="password" class="regular-text" autocomplete="off" name="' . esc_attr( $name ) . '" id="' . esc_attr( $name ) . '" placeholder="' . esc_attr( '' === Settings::get( $name ) ? '' : __( 'kept; fill in to change', 'kassette' ) ) . '" />';
	}

	/**
	 * A choice.
	 *
	 * @param string $name   Its name.
	 * @param array  $titles Titles by value.
	 * @return string HTML
	 */
	private static function choice( $name, array $titles ) {
		$html = '<select name="' . esc_attr( $name ) . '" id="' . esc_attr( $name ) . '">';
		foreach ( $titles as $value => $title ) {
			$html .= '<option value="' . esc_attr( $value ) . '"' . selected( Settings::get( $name ), $value, false ) . '>' . esc_html( $title ) . '</option>';
		}
		return $html . '</select>';
	}

	/**
	 * The methods.
	 */
	private static function methods() {
		echo '<h2>' . esc_html__( 'Methods', 'kassette' ) . '</h2><ul>';
		foreach ( Methods::all() as $method ) {
			if ( $method['current'] ) {
				echo '<li><img src="' . esc_url( $method['logo'], array( 'data' ) ) . '" alt="" width="64" height="40" /> ' . esc_html( reset( $method['titles'] ) ) . '</li>';
			}
		}
		echo '</ul><p><a href="' . esc_url( admin_url( 'admin.php?page=wc-settings&tab=checkout' ) ) . '">' . esc_html__( 'Switch single methods on and off', 'kassette' ) . '</a></p>';
	}

	/**
	 * The log.
	 */
	private static function log() {
		echo '<h2>' . esc_html__( 'Log', 'kassette' ) . '</h2><table class="widefat striped"><tbody>';
		foreach ( array_reverse( Log::lines() ) as $line ) {
			echo '<tr><td>' . esc_html( $line[0] ) . '</td><td>' . esc_html( $line[1] ) . '</td><td>' . esc_html( Log::scrub( $line[2] ) ) . '</td></tr>';
		}
		echo '</tbody></table><form method="post" action="' . esc_url( self::url() ) . '">';
		wp_nonce_field( self::NONCE );
		echo '<p><button class="button" name="clear_log" value="1">' . esc_html__( 'Clear the log', 'kassette' ) . '</button></p></form>';
	}
}
