<?php
/**
 * Makes the test site: WordPress, the double of WooCommerce, and the extension.
 *
 * @package Kassette\Double
 */

define( 'WP_INSTALLING', true );
$kassette_db = new mysqli( 'localhost', 'root', '', '', 0, getenv( 'KASSETTE_DB' ) );
$kassette_db->query( 'DROP DATABASE IF EXISTS shop' );
$kassette_db->query( 'CREATE DATABASE shop CHARACTER SET utf8mb4' );
$kassette_db->query( 'CREATE TABLE shop.mails (id INT AUTO_INCREMENT PRIMARY KEY, `to` TEXT, subject TEXT, text TEXT)' );
require getenv( 'KASSETTE_SITE' ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
require_once ABSPATH . 'wp-admin/includes/plugin.php';
wp_install( 'Test shop', 'owner', 'owner@shop.example', false, '', 'secret' );
$kassette_db->query( 'TRUNCATE shop.mails' );
update_option( 'permalink_structure', '/%postname%/' );
update_option( 'woocommerce_custom_orders_table_enabled', getenv( 'KASSETTE_HPOS' ) );
foreach ( explode( ' ', getenv( 'KASSETTE_PLUGINS' ) ) as $kassette_plugin ) {
	$kassette_error = activate_plugin( $kassette_plugin );
	if ( is_wp_error( $kassette_error ) ) {
		fwrite( STDERR, $kassette_plugin . ': ' . $kassette_error->get_error_message() . "\n" );
		exit( 1 );
	}
}
