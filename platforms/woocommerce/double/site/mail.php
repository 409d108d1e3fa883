<?php
/**
 * Plugin Name: Mails of the test site
 * Description: Keeps each mail in a table instead of sending it.
 *
 * @package Kassette\Double
 */

/**
 * Keeps a mail.
 *
 * @param string $to      To whom.
 * @param string $subject Its subject.
 * @param string $text    Its text.
 * @return bool
 */
function wp_mail( $to, $subject, $text ) {
	global $wpdb;
	return (bool) $wpdb->insert( 'mails', compact( 'to', 'subject', 'text' ) );
}
