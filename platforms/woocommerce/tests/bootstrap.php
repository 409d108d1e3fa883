<?php
/**
 * Loads the test site: WordPress with the double and the extension.
 *
 * @package Kassette\Tests
 */

require getenv( 'KASSETTE_SITE' ) . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/admin.php';
update_option( 'woocommerce_custom_orders_table_enabled', getenv( 'KASSETTE_HPOS' ) );
require __DIR__ . '/class-shop-test.php';
require __DIR__ . '/class-fake-gateway.php';
require __DIR__ . '/class-paying-test.php';
