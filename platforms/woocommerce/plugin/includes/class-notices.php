<?php
/**
 * The gateway's notices.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * The one address for notices: /wc-api/kassette/ (woocommerce.md 3.3; the
 * default, since security plugins often block unknown REST routes).
 */
final class Notices {

	/**
	 * Longest notice, in bytes.
	 */
	const MAX = 1048576;

	/**
	 * The type of a notice that tells nothing: the gateway's operator tries whether
	 * notices come and are well signed.
	 */
	const PING = 'ping';

	/**
	 * Answers a request, and exits: WooCommerce throws away what a handler says
	 * that does not (3.3).
	 */
	public static function answer() {
		$method                = sanitize_text_field( wp_unslash( $_SERVER['REQUEST_METHOD'] ?? '' ) );
		$body                  = (string) file_get_contents( 'php://input', false, null, 0, self::MAX + 1 );
		list( $status, $text ) = 'POST' === $method
			? self::receive( $body, self::header( 'ID' ), self::header( 'TIMESTAMP' ), self::header( 'SIGNATURE' ), time() )
			: array( 405, 'Notices are posted.' );
		status_header( $status );
		header( 'Content-Type: text/plain; charset=utf-8' );
		if ( 503 === $status ) {
			header( 'Retry-After: 5' );
		}
		echo esc_html( $text );
		exit;
	}

	/**
	 * Takes a notice. A repeat, an old one, and one about an order that is not
	 * known are answered well and change nothing: the gateway has done its part.
	 *
	 * @param string $body      The body, byte for byte.
	 * @param string $id        webhook-id.
	 * @param string $time      webhook-timestamp.
	 * @param string $signature webhook-signature.
	 * @param int    $now       Unix time.
	 * @return array HTTP status and text.
	 */
	public static function receive( $body, $id, $time, $signature, $now ) {
		$secrets = Settings::notice_secrets();
		if ( array() === $secrets ) {
			Log::write( 'error', 'a notice came, and there is no notice secret to verify it with' );
			return array( 503, 'The shop has no notice secret.' );
		}
		if ( strlen( $body ) > self::MAX ) {
			return array( 413, 'The notice is too long.' );
		}
		if ( ! Signature::notice( $secrets, $id, $time, $signature, $body, $now ) ) {
			Log::write( 'warning', 'a notice was refused: its signature does not fit. Compare the notice secret with the gateway\'s, and the clocks' );
			return array( 401, 'The signature does not fit.' );
		}
		$notice = json_decode( $body, true );
		if ( self::PING === ( $notice['type'] ?? null ) ) {
			return array( 200, 'The signature fits.' );
		}
		$whole  = $notice['data']['order'] ?? null;
		$number = $notice['data']['event']['number'] ?? null;
		if ( ! is_int( $number ) || $number < 1 || ! is_array( $whole ) || ! is_string( $whole['id'] ?? null ) || ! is_string( $whole['reference'] ?? null ) || ! is_int( $whole['version'] ?? null ) || ! is_string( $whole['status'] ?? null ) ) {
			return array( 400, 'This is no notice of an order.' );
		}
		return self::take( $whole, $number, (string) ( $notice['type'] ?? '' ) );
	}

	/**
	 * Takes what a notice says. How new it is the order's own version says: it may
	 * be older than the event.
	 *
	 * @param array  $whole  The gateway's order.
	 * @param int    $number The event's number.
	 * @param string $type   The event's type.
	 * @return array HTTP status and text.
	 */
	private static function take( array $whole, $number, $type ) {
		$id   = Whole::order_id( $whole );
		$what = "notice {$whole['id']}.$number $type of order $id";
		if ( ! wc_get_order( $id ) instanceof \WC_Order ) {
			Log::write( 'warning', "$what: there is no such order here" );
			return array( 200, 'There is no such order here.' );
		}
		try {
			$result = News::take( $id, $whole );
		} catch ( \Throwable $problem ) {
			Log::write( 'error', "$what: " . $problem->getMessage() );
			return array( 503, 'The order cannot be changed now.' );
		}
		Log::write( News::FOREIGN === $result ? 'warning' : 'info', "$what: $result" );
		return array( 200, $result );
	}

	/**
	 * A header of Standard Webhooks.
	 *
	 * @param string $name ID, TIMESTAMP, SIGNATURE.
	 * @return string
	 */
	private static function header( $name ) {
		return sanitize_text_field( wp_unslash( $_SERVER[ 'HTTP_WEBHOOK_' . $name ] ?? '' ) );
	}
}
