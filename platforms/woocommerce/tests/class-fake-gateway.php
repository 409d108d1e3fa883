<?php
/**
 * A gateway for tests.
 *
 * @package Kassette\Tests
 */

/**
 * Stands where HTTP leaves WordPress: keeps requests, gives answers that a test
 * laid out, and fails on a request that nobody expects.
 */
final class Fake_Gateway {

	const URL    = 'https://pay.example';
	const KEY    = 'key-of-the-shop-for-tests';
	const SECRET = 'whsec_bW9sZW4tZW4tbWFhbi1kZW1vLXNlY3JldC0wMQ==';

	/**
	 * Requests: method, path, body, headers.
	 *
	 * @var array
	 */
	public $requests = array();

	/**
	 * Answers by "METHOD path", each a list: status and members, or WP_Error.
	 *
	 * @var array
	 */
	private $answers = array();

	/**
	 * Connects the shop.
	 */
	public function __construct() {
		update_option(
			'kassette_settings',
			array(
				'url'      => self::URL,
				'mode'     => 'test',
				'test_key' => self::KEY,
				'secrets'  => self::SECRET,
			),
			false
		);
		add_filter( 'pre_http_request', array( $this, 'answer' ), 10, 3 );
	}

	/**
	 * Lets go.
	 */
	public function stop() {
		remove_filter( 'pre_http_request', array( $this, 'answer' ), 10 );
	}

	/**
	 * Lays out an answer; the last of several for one request stays.
	 *
	 * @param string         $request METHOD and path, without a query.
	 * @param int            $status  HTTP status.
	 * @param array|WP_Error $members Members, or no answer at all.
	 */
	public function lay( $request, $status, $members ) {
		$this->answers[ $request ][] = array( $status, $members );
	}

	/**
	 * Lays out a refusal.
	 *
	 * @param string $request   METHOD and path.
	 * @param int    $status    HTTP status.
	 * @param string $kind      The end of its type.
	 * @param array  $members   More members.
	 */
	public function refuse( $request, $status, $kind, array $members = array() ) {
		$this->lay(
			$request,
			$status,
			$members + array(
				'type'       => self::URL . '/docs/problems#' . $kind,
				'title'      => $kind,
				'status'     => $status,
				'detail'     => 'Detail of ' . $kind . '.',
				'request_id' => 'req_1',
				'attempted'  => 'no',
			)
		);
	}

	/**
	 * The latest request of a kind.
	 *
	 * @param string $request METHOD and path.
	 * @return array
	 */
	public function latest( $request ) {
		$some = $this->all( $request );
		PHPUnit\Framework\Assert::assertNotSame( array(), $some, "no $request was sent" );
		return end( $some );
	}

	/**
	 * All requests of a kind.
	 *
	 * @param string $request METHOD and path.
	 * @return array
	 */
	public function all( $request ) {
		return array_values( wp_list_filter( $this->requests, array( 'request' => $request ) ) );
	}

	/**
	 * Answers in place of the network.
	 *
	 * @param mixed  $ignored What other filters gave.
	 * @param array  $args    The request.
	 * @param string $url     Where to.
	 * @return array|WP_Error
	 */
	public function answer( $ignored, $args, $url ) {
		$parts            = wp_parse_url( $url );
		$request          = $args['method'] . ' ' . $parts['path'];
		$this->requests[] = array(
			'request' => $request,
			'query'   => wp_parse_args( $parts['query'] ?? '' ),
			'body'    => json_decode( (string) ( $args['body'] ?? '' ), true ),
			'raw'     => (string) ( $args['body'] ?? '' ),
			'headers' => $args['headers'],
		);
		if ( empty( $this->answers[ $request ] ) ) {
			return new WP_Error( 'http_request_failed', "nobody expects $request" );
		}
		list( $status, $members ) = count( $this->answers[ $request ] ) > 1 ? array_shift( $this->answers[ $request ] ) : $this->answers[ $request ][0];
		if ( is_wp_error( $members ) ) {
			return $members;
		}
		return array(
			'headers'  => array( 'content-type' => is_string( $members ) ? 'image/svg+xml' : 'application/json' ),
			'body'     => is_string( $members ) ? $members : wp_json_encode( $members ),
			'response' => array(
				'code'    => $status,
				'message' => '',
			),
			'cookies'  => array(),
			'filename' => null,
		);
	}
}
