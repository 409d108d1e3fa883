<?php
/**
 * Catching up by asking.
 *
 * @package Kassette
 */

namespace Kassette;

defined( 'ABSPATH' ) || exit;

/**
 * Every quarter of an hour asks the gateway for its orders: what no notice
 * could bring is taken then. A request brings many orders; those without news
 * cost the shop nothing.
 */
final class Catch_Up {

	const HOOK = 'kassette_catch_up';

	/**
	 * How far it looks back: each time, and once a day.
	 */
	const EACH_TIME  = 3 * DAY_IN_SECONDS;
	const ONCE_A_DAY = 90 * DAY_IN_SECONDS;

	/**
	 * When it last looked far back.
	 */
	const LOOKED = 'kassette_looked_back';

	/**
	 * Pages that are read at most, of 100 orders.
	 */
	const PAGES = 50;

	/**
	 * Sees to it that it is run.
	 */
	public static function start() {
		add_filter(
			'cron_schedules', // phpcs:ignore WordPress.WP.CronInterval
			static function ( $schedules ) {
				$schedules['kassette'] = array(
					'interval' => 15 * MINUTE_IN_SECONDS,
					'display'  => 'Kassette',
				);
				return $schedules;
			}
		);
		add_action( self::HOOK, array( self::class, 'run' ) );
		add_action(
			'init',
			static function () {
				if ( ! wp_next_scheduled( self::HOOK ) ) {
					wp_schedule_event( time() + MINUTE_IN_SECONDS, 'kassette', self::HOOK );
				}
			}
		);
	}

	/**
	 * The extension is switched off.
	 */
	public static function stop() {
		wp_clear_scheduled_hook( self::HOOK );
	}

	/**
	 * Catches up: methods, what the gateway has not heard, and its orders.
	 *
	 * @return int How many orders had news.
	 */
	public static function run() {
		if ( ! Settings::ready() ) {
			return 0;
		}
		try {
			Methods::refresh();
		} catch ( Problem $problem ) {
			return 0; // it is in the log, and the gateway does not answer.
		} catch ( \Throwable $problem ) {
			Log::write( 'error', 'catching up with methods: ' . $problem->getMessage() );
		}
		Captures::pay_debts();
		$far = time() - (int) get_option( self::LOOKED, 0 ) >= DAY_IN_SECONDS;
		$new = 0;
		foreach ( array( 'test', 'live' ) as $mode ) {
			try {
				$new += '' === Settings::key( $mode ) ? 0 : self::look( $mode, $far ? self::ONCE_A_DAY : self::EACH_TIME );
			} catch ( Problem $problem ) {
				$far = false; // it is in the log.
			} catch ( \Throwable $problem ) {
				$far = false;
				Log::write( 'error', "catching up ($mode): " . $problem->getMessage() );
			}
		}
		if ( $far ) {
			update_option( self::LOOKED, time(), false );
		}
		return $new;
	}

	/**
	 * Reads the orders of a mode.
	 *
	 * @param string $mode test or live.
	 * @param int    $back Seconds to look back.
	 * @return int How many had news.
	 * @throws Problem Where the gateway does not answer.
	 */
	private static function look( $mode, $back ) {
		$client = new Client( $mode );
		$query  = array(
			'created_from' => gmdate( 'Y-m-d\TH:i:s\Z', time() - $back ),
			'limit'        => 100,
		);
		$new    = 0;
		for ( $page = 0; $page < self::PAGES; $page++ ) {
			$list = $client->get( '/v1/orders', $query );
			foreach ( $list['items'] ?? array() as $whole ) {
				$new += self::take( $whole, $mode ) ? 1 : 0;
			}
			if ( empty( $list['next_cursor'] ) ) {
				break;
			}
			$query['cursor'] = $list['next_cursor'];
		}
		return $new;
	}

	/**
	 * Takes an order of the list, where it has news. One that cannot be taken is
	 * logged, and the others follow.
	 *
	 * @param array  $whole The gateway's order.
	 * @param string $mode  test or live.
	 * @return bool
	 */
	private static function take( array $whole, $mode ) {
		$id    = Whole::order_id( $whole );
		$order = wc_get_order( $id );
		if ( ! $order instanceof \WC_Order || State::of( $order )->taken( $whole['id'] ) >= $whole['version'] ) {
			return false;
		}
		try {
			return News::TAKEN === News::take( $id, $whole, $mode );
		} catch ( \Throwable $problem ) {
			Log::write( 'error', "catching up with order $id: " . $problem->getMessage() );
			return false;
		}
	}

	/**
	 * Reads one order, to be ahead of its notice.
	 *
	 * @param int $id The shop's order.
	 */
	public static function read( $id ) {
		try {
			$state = State::of( wc_get_order( $id ) );
			News::take( $id, ( new Client( $state->mode() ) )->get( '/v1/orders/' . $state->id() ) );
		} catch ( \Throwable $problem ) {
			Log::write( 'info', "order $id: its notice is waited for. " . $problem->getMessage() );
		}
	}

	/**
	 * Asks about one order, and has the gateway ask its providers.
	 *
	 * @param int $id The shop's order.
	 * @return true|\WP_Error
	 */
	public static function ask( $id ) {
		try {
			$state = State::of( wc_get_order( $id ) );
			$whole = ( new Client( $state->mode() ) )->post( '/v1/orders/' . $state->id() . '/sync' );
			News::take( $id, $whole );
			return true;
		} catch ( \Throwable $problem ) {
			wc_get_order( $id )->add_order_note( 'Kassette: ' . $problem->getMessage() );
			return new \WP_Error( 'kassette_ask', $problem->getMessage() );
		}
	}
}
