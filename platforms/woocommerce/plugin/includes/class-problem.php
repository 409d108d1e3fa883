<?php
/**
 * Errors of the gateway.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * An error of the gateway as RFC 9457 writes it, or no answer at all. The
 * message is for the merchant and holds no secret.
 */
final class Problem extends \RuntimeException {

	/**
	 * HTTP status; 0 where there was no answer.
	 *
	 * @var int
	 */
	public $status;

	/**
	 * The problem's members.
	 *
	 * @var array
	 */
	public $members;

	/**
	 * Makes a problem.
	 *
	 * @param string $text    What happened and what to do.
	 * @param int    $status  HTTP status; 0 where there was no answer.
	 * @param array  $members The problem's members.
	 */
	public function __construct( $text, $status = 0, array $members = array() ) {
		parent::__construct( $text );
		$this->status  = $status;
		$this->members = $members;
	}

	/**
	 * The last part of its type: refused, declined, reference-taken.
	 *
	 * @return string
	 */
	public function kind() {
		$type = (string) ( $this->members['type'] ?? '' );
		return substr( $type, strrpos( '#' . $type, '#' ) );
	}

	/**
	 * Whether money may have moved without our knowing. Without an answer it may.
	 *
	 * @return bool
	 */
	public function unsure() {
		return 'no' !== ( $this->members['attempted'] ?? 'unknown' ) && ( 0 === $this->status || $this->status >= 500 );
	}

	/**
	 * Whether the same request may go well later.
	 *
	 * @return bool
	 */
	public function passing() {
		return 0 === $this->status || $this->status >= 500 || in_array( $this->kind(), array( 'still-running', 'busy' ), true );
	}

	/**
	 * What the provider says to the consumer, '' where it says nothing.
	 *
	 * @return string
	 */
	public function for_consumer() {
		return (string) ( $this->members['failure']['user_message'] ?? '' );
	}

	/**
	 * The order as it is now; null where the problem tells nothing of it.
	 *
	 * @return array|null
	 */
	public function order() {
		return is_array( $this->members['order'] ?? null ) ? $this->members['order'] : null;
	}
}
