<?php
/**
 * Where orders are kept: in tables of their own (HPOS) or as posts.
 *
 * @package Kassette\Double
 */

/**
 * Reads and writes orders and refunds by either way. Properties are rows of
 * their own, so that two who change different ones do not undo each other.
 */
final class WC_Double_Store {

	/**
	 * Rows of HPOS that were read: with its cache on, another process's writes are
	 * not seen until it is cleared.
	 *
	 * @var array
	 */
	private static $kept = array();

	/**
	 * Forgets rows.
	 *
	 * @param int[] $ids Orders' ids.
	 */
	public static function clear( array $ids ) {
		self::$kept = array_diff_key( self::$kept, array_flip( $ids ) );
	}

	/**
	 * Document 3.1: HPOS is an option of the shop.
	 *
	 * @return bool
	 */
	public static function hpos() {
		return 'yes' === get_option( 'woocommerce_custom_orders_table_enabled', 'no' );
	}

	/**
	 * Makes the tables.
	 */
	public static function install() {
		global $wpdb;
		$charset = $wpdb->get_charset_collate();
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}wc_orders (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, type VARCHAR(20) NOT NULL, parent BIGINT UNSIGNED NOT NULL) $charset AUTO_INCREMENT=100000" );
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}wc_orders_props (order_id BIGINT UNSIGNED NOT NULL, name VARCHAR(60) NOT NULL, value LONGTEXT, PRIMARY KEY (order_id, name)) $charset" );
		$wpdb->query( "CREATE TABLE IF NOT EXISTS {$wpdb->prefix}wc_orders_meta (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY, order_id BIGINT UNSIGNED NOT NULL, meta_key VARCHAR(255), meta_value LONGTEXT, KEY order_id (order_id)) $charset" );
	}

	/**
	 * Makes an empty order or refund.
	 *
	 * @param string $type   shop_order or shop_order_refund.
	 * @param int    $parent The order of a refund.
	 * @return int Its id.
	 */
	public static function insert( $type, $parent ) {
		global $wpdb;
		if ( self::hpos() ) {
			$wpdb->insert( $wpdb->prefix . 'wc_orders', compact( 'type', 'parent' ) );
			return (int) $wpdb->insert_id;
		}
		return (int) wp_insert_post(
			array(
				'post_type'   => $type,
				'post_status' => 'wc-pending',
				'post_parent' => $parent,
				'post_title'  => 'Order',
			)
		);
	}

	/**
	 * Reads type, parent and properties; null where there is none.
	 *
	 * @param int $id The order's id.
	 * @return array|null
	 */
	public static function read( $id ) {
		global $wpdb;
		if ( self::hpos() ) {
			if ( isset( self::$kept[ $id ] ) ) {
				return self::$kept[ $id ];
			}
			$row = $wpdb->get_row( $wpdb->prepare( "SELECT type, parent FROM {$wpdb->prefix}wc_orders WHERE id = %d", $id ), ARRAY_A );
			if ( ! $row ) {
				return null;
			}
			$row['props'] = array();
			foreach ( $wpdb->get_results( $wpdb->prepare( "SELECT name, value FROM {$wpdb->prefix}wc_orders_props WHERE order_id = %d", $id ) ) as $prop ) {
				$row['props'][ $prop->name ] = maybe_unserialize( $prop->value );
			}
			self::$kept[ $id ] = $row;
			return $row;
		}
		$post = get_post( $id );
		if ( ! $post || ! in_array( $post->post_type, array( 'shop_order', 'shop_order_refund' ), true ) ) {
			return null;
		}
		$props = array( 'status' => preg_replace( '/^wc-/', '', $post->post_status ) );
		foreach ( get_post_meta( $id ) as $key => $values ) {
			if ( 0 === strpos( $key, '_wcprop_' ) ) {
				$props[ substr( $key, 8 ) ] = maybe_unserialize( $values[0] );
			}
		}
		return array(
			'type'   => $post->post_type,
			'parent' => $post->post_parent,
			'props'  => $props,
		);
	}

	/**
	 * Writes the properties that changed. Document 1.3: a status has the prefix
	 * wc- in the database alone.
	 *
	 * @param int   $id      The order's id.
	 * @param array $changes Properties by name.
	 */
	public static function write( $id, $changes ) {
		global $wpdb;
		self::clear( array( $id ) );
		if ( ! self::hpos() && isset( $changes['status'] ) ) {
			wp_update_post(
				array(
					'ID'          => $id,
					'post_status' => 'wc-' . $changes['status'],
				)
			);
			unset( $changes['status'] );
		}
		foreach ( $changes as $name => $value ) {
			if ( self::hpos() ) {
				$wpdb->replace( $wpdb->prefix . 'wc_orders_props', array( 'order_id' => $id, 'name' => $name, 'value' => maybe_serialize( $value ) ) ); // phpcs:ignore
			} else {
				update_post_meta( $id, '_wcprop_' . $name, wp_slash( $value ) );
			}
		}
	}

	/**
	 * Reads meta data by key; the last of several wins.
	 *
	 * @param int $id The order's id.
	 * @return array
	 */
	public static function read_meta( $id ) {
		global $wpdb;
		$meta = array();
		if ( self::hpos() ) {
			foreach ( $wpdb->get_results( $wpdb->prepare( "SELECT meta_key, meta_value FROM {$wpdb->prefix}wc_orders_meta WHERE order_id = %d ORDER BY id", $id ) ) as $row ) {
				$meta[ $row->meta_key ] = maybe_unserialize( $row->meta_value );
			}
			return $meta;
		}
		foreach ( get_post_meta( $id ) as $key => $values ) {
			if ( 0 !== strpos( $key, '_wcprop_' ) ) {
				$meta[ $key ] = maybe_unserialize( end( $values ) );
			}
		}
		return $meta;
	}

	/**
	 * Writes one meta value; null deletes it.
	 *
	 * @param int    $id    The order's id.
	 * @param string $key   Its key.
	 * @param mixed  $value Its value.
	 */
	public static function write_meta( $id, $key, $value ) {
		global $wpdb;
		if ( ! self::hpos() ) {
			null === $value ? delete_post_meta( $id, $key ) : update_post_meta( $id, $key, wp_slash( $value ) );
			return;
		}
		$table = $wpdb->prefix . 'wc_orders_meta';
		$wpdb->delete( $table, array( 'order_id' => $id, 'meta_key' => $key ) ); // phpcs:ignore
		if ( null !== $value ) {
			$wpdb->insert( $table, array( 'order_id' => $id, 'meta_key' => $key, 'meta_value' => maybe_serialize( $value ) ) ); // phpcs:ignore
		}
	}

	/**
	 * The refunds of an order, the newest first.
	 *
	 * @param int $parent The order's id.
	 * @return int[]
	 */
	public static function children( $parent ) {
		global $wpdb;
		$sql = self::hpos()
			? "SELECT id FROM {$wpdb->prefix}wc_orders WHERE type = 'shop_order_refund' AND parent = %d ORDER BY id DESC"
			: "SELECT ID FROM {$wpdb->posts} WHERE post_type = 'shop_order_refund' AND post_parent = %d ORDER BY ID DESC";
		return array_map( 'intval', $wpdb->get_col( $wpdb->prepare( $sql, $parent ) ) );
	}

	/**
	 * Removes an order or refund.
	 *
	 * @param int $id Its id.
	 */
	public static function delete( $id ) {
		global $wpdb;
		self::clear( array( $id ) );
		if ( ! self::hpos() ) {
			wp_delete_post( $id, true );
			return;
		}
		$wpdb->delete( $wpdb->prefix . 'wc_orders', array( 'id' => $id ) );
		$wpdb->delete( $wpdb->prefix . 'wc_orders_props', array( 'order_id' => $id ) );
		$wpdb->delete( $wpdb->prefix . 'wc_orders_meta', array( 'order_id' => $id ) );
	}

	/**
	 * Ids of all orders.
	 *
	 * @return int[]
	 */
	public static function orders() {
		global $wpdb;
		$sql = self::hpos() ? "SELECT id FROM {$wpdb->prefix}wc_orders WHERE type = 'shop_order'" : "SELECT ID FROM {$wpdb->posts} WHERE post_type = 'shop_order'";
		return array_map( 'intval', $wpdb->get_col( $sql ) );
	}
}
