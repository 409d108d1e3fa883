<?php
/**
 * The gateway's API.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * A client of one mode, test or live.
 */
final class Client {

	/**
	 * Longest answer that is read, in bytes.
	 */
	const MAX_ANSWER = 4194304;

	/**
	 * Where the API is.
	 *
	 * @var string
	 */
	private $url;

	/**
	 * The API key.
	 *
	 * @var string
	 */
	private $key;

	/**
	 * Seconds to wait for an answer.
	 *
	 * @var int
	 */
	private $timeout;

	/**
	 * Makes a client.
	 *
	 * @param string $mode    test or live.
	 * @param int    $timeout Seconds to wait for an answer.
	 */
	public function __construct( $mode, $timeout = 20 ) {
		$this->url     = Settings::get( 'url' );
		$this->key     = Settings::key( $mode );
		$this->timeout = $timeout;
	}

	/**
	 * Reads.
	 *
	 * @param string $path  Below the API's address.
	 * @param array  $query Parameters.
	 * @return array
	 * @throws Problem Where the answer is none, or an error.
	 */
	public function get( $path, array $query = array() ) {
		return $this->send( 'GET', $path . ( $query ? '?' . http_build_query( $query, '', '&', PHP_QUERY_RFC3986 ) : '' ) );
	}

	/**
	 * Posts. The same key again asks for the same thing.
	 *
	 * @param string $path Below the API's address.
	 * @param array  $body Members.
	 * @param string $key  Idempotency-Key; '' for none.
	 * @return array
	 * @throws Problem As get.
	 */
	public function post( $path, array $body = array(), $key = '' ) {
		return $this->send( 'POST', $path, wp_json_encode( (object) $body, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE ), '' === $key ? array() : array( 'Idempotency-Key' => $key ) );
	}

	/**
	 * Sends a request and reads its answer.
	 *
	 * @param string      $method GET or POST.
	 * @param string      $path   Below the API's address.
	 * @param string|null $body   JSON.
	 * @param array       $header More headers.
	 * @return array
	 * @throws Problem As get.
	 */
	private function send( $method, $path, $body = null, array $header = array() ) {
		if ( '' === $this->url || '' === $this->key ) {
			throw new Problem( __( 'Kassette is not connected: fill in the address and the API key under WooCommerce, Kassette.', 'kassette' ), 0, array( 'attempted' => 'no' ) ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		$request = array(
			'method'              => $method,
			'timeout'             => $this->timeout,
			'redirection'         => 0,
			'limit_response_size' => self::MAX_ANSWER,
			'headers'             => $header + array(
				'Authorization' => 'Bearer ' . $this->key,
				'Accept'        => 'application/json, application/problem+json',
				'User-Agent'    => 'Kassette-WooCommerce/' . KASSETTE_VERSION,
			),
		);
		if ( null !== $body ) {
			$request['body']                    = $body;
			$request['headers']['Content-Type'] = 'application/json';
		}
		$response = wp_remote_request( $this->url . $path, $request );
		if ( is_wp_error( $response ) ) {
			/* translators: %s: what went wrong, in English */
			throw $this->logged( $method, $path, new Problem( sprintf( __( 'The gateway did not answer: %s', 'kassette' ), $response->get_error_message() ) ) ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		$status = (int) wp_remote_retrieve_response_code( $response );
		$answer = json_decode( wp_remote_retrieve_body( $response ), true );
		if ( $status < 200 || $status > 299 || ! is_array( $answer ) ) {
			throw $this->logged( $method, $path, $this->problem( $status, is_array( $answer ) ? $answer : array() ) ); // phpcs:ignore WordPress.Security.EscapeOutput
		}
		Log::write( 'debug', "$method $path: $status" );
		return $answer;
	}

	/**
	 * The problem of an answer.
	 *
	 * @param int   $status HTTP status.
	 * @param array $answer Its members; empty for a proxy's page, say.
	 * @return Problem
	 */
	private function problem( $status, array $answer ) {
		$texts = array(
			401 => __( 'The gateway does not know this API key. Take a new one there and fill it in.', 'kassette' ),
			429 => __( 'The gateway is asked too often. Try again in a minute.', 'kassette' ),
		);
		$said  = trim( ( $answer['title'] ?? '' ) . '. ' . ( $answer['detail'] ?? '' ), '. ' );
		/* translators: 1: HTTP status 2: what the gateway said, in English */
		$text = $texts[ $status ] ?? sprintf( __( 'The gateway answered %1$d: %2$s', 'kassette' ), $status, '' === $said ? __( 'this is not Kassette, or something before it', 'kassette' ) : $said . '.' );
		return new Problem( $text, $status >= 200 && $status <= 299 ? 0 : $status, $answer );
	}

	/**
	 * Notes a problem in the log.
	 *
	 * @param string  $method  GET or POST.
	 * @param string  $path    Below the API's address.
	 * @param Problem $problem What went wrong.
	 * @return Problem The same.
	 */
	private function logged( $method, $path, Problem $problem ) {
		$request = (string) ( $problem->members['request_id'] ?? '' );
		Log::write( 'warning', "$method $path: " . $problem->getMessage() . ( '' === $request ? '' : " (request $request)" ) );
		return $problem;
	}
}
