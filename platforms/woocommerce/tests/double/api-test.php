<?php
/**
 * The double of being called back against the document, over HTTP.
 *
 * @package Kassette\Tests
 */

/**
 * Section 3.3.
 */
final class Double_Api_Test extends Shop_Test {

	/**
	 * Asks the site.
	 *
	 * @param string $path Its path.
	 * @return array Status and body.
	 */
	private function get( $path ) {
		$response = wp_remote_get( home_url( $path ), array( 'timeout' => 20, 'redirection' => 0 ) ); // phpcs:ignore
		$this->assertIsArray( $response );
		return array( wp_remote_retrieve_response_code( $response ), wp_remote_retrieve_body( $response ) );
	}

	public function test_3_3_a_name_without_a_handler_is_a_400() {
		$this->assertSame( array( 400, '-1' ), $this->get( '/?wc-api=nobody' ) );
	}

	/**
	 * @dataProvider handlers
	 */
	public function test_3_3_what_a_handler_says_is_thrown_away_unless_it_exits( $name, $want ) {
		$file = WPMU_PLUGIN_DIR . '/handlers.php';
		file_put_contents( $file, '<?php add_action("woocommerce_api_says",function(){echo "said";}); add_action("woocommerce_api_exits",function(){echo "said";exit;});' );
		try {
			$this->assertSame( $want, $this->get( "/?wc-api=$name" ) );
		} finally {
			unlink( $file );
		}
	}

	public function handlers() {
		return array(
			'it goes on'            => array( 'says', array( 200, '-1' ) ),
			'it exits'              => array( 'exits', array( 200, 'said' ) ),
			'names are lower-cased' => array( 'EXITS', array( 200, 'said' ) ),
		);
	}

	public function test_3_3_the_address_follows_the_permalinks() {
		$this->assertSame( home_url( '/wc-api/kassette/' ), WC()->api_request_url( 'kassette' ) );
		$was = get_option( 'permalink_structure' );
		update_option( 'permalink_structure', '' );
		$this->assertSame( home_url( '/?wc-api=kassette' ), WC()->api_request_url( 'kassette' ) );
		update_option( 'permalink_structure', $was );
	}
}
