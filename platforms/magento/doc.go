// Package magento is the module for Magento 2 shops: module is what a shop
// owner installs, double is a Magento made of the document's facts for tests
// to run it on. There is no Go in it; its tests run those of PHP and
// JavaScript.
package magento
