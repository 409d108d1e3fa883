<?php
/**
 * The parts of the admin that extensions hang on to.
 *
 * @package Kassette\Double
 */

add_action(
	'admin_menu',
	static function () {
		add_menu_page( 'WooCommerce', 'WooCommerce', 'manage_woocommerce', 'woocommerce', '__return_empty_string' );
		add_submenu_page( 'woocommerce', 'Orders', 'Orders', 'manage_woocommerce', 'wc-orders', 'wc_double_order_screen' );
	},
	9
);
add_filter(
	'user_has_cap',
	static function ( $all, $caps, $args, $user ) {
		if ( in_array( 'administrator', $user->roles, true ) ) {
			$all['manage_woocommerce'] = true;
			$all['edit_shop_orders']   = true;
		}
		return $all;
	},
	10,
	4
);

/**
 * The order screen: what extensions show, and the list of actions.
 */
function wc_double_order_screen() {
	$order = wc_get_order( absint( $_GET['id'] ?? 0 ) ); // phpcs:ignore
	if ( ! $order ) {
		return;
	}
	echo '<div class="wrap"><p><em>A stand-in for WooCommerce\'s order screen, made for tests. What the extension adds to it is the real thing.</em></p>';
	echo '<form method="post"><h1>Order ' . esc_html( $order->get_order_number() ) . '</h1><p>Status: ' . esc_html( $order->get_status() ) . '</p>';
	wp_nonce_field( 'woocommerce_save_data', 'woocommerce_meta_nonce' );
	do_action( 'woocommerce_admin_order_data_after_order_details', $order );
	echo '<select name="wc_order_action"><option value=""></option>';
	foreach ( apply_filters( 'woocommerce_order_actions', array(), $order ) as $action => $title ) {
		echo '<option value="' . esc_attr( $action ) . '">' . esc_html( $title ) . '</option>';
	}
	echo '</select><button class="button">Update</button></form><h2>Order notes</h2><ul class="order_notes">';
	foreach ( $GLOBALS['wpdb']->get_col( $GLOBALS['wpdb']->prepare( "SELECT comment_content FROM {$GLOBALS['wpdb']->comments} WHERE comment_type = 'order_note' AND comment_post_ID = %d ORDER BY comment_ID DESC", $order->get_id() ) ) as $note ) {
		echo '<li>' . esc_html( $note ) . '</li>';
	}
	echo '</ul></div>';
}

/**
 * Saves the order screen: runs the action that was chosen.
 *
 * @param int $id The order's id.
 */
function wc_double_save_order( $id ) {
	$nonce = sanitize_text_field( wp_unslash( $_POST['woocommerce_meta_nonce'] ?? '' ) );
	if ( ! wp_verify_nonce( $nonce, 'woocommerce_save_data' ) || ! current_user_can( 'edit_shop_orders' ) || empty( $_POST['wc_order_action'] ) ) {
		return;
	}
	do_action( 'woocommerce_order_action_' . sanitize_title( wp_unslash( $_POST['wc_order_action'] ) ), wc_get_order( $id ) );
}
add_action(
	'admin_init',
	static function () {
		if ( 'wc-orders' === ( $_GET['page'] ?? '' ) && ! empty( $_POST['wc_order_action'] ) ) { // phpcs:ignore
			wc_double_save_order( absint( $_GET['id'] ?? 0 ) ); // phpcs:ignore
		}
	}
);
