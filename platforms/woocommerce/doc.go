// Package woocommerce is the extension for WooCommerce shops: plugin is what a
// shop owner installs, double is a WooCommerce made of the document's facts for
// tests to run it on, in a real WordPress. There is no Go in it; its tests run
// those of PHP and JavaScript. The adapter beside it serves shops without it.
package woocommerce
