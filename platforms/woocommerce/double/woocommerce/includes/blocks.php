<?php
/**
 * The block checkout's part in PHP (document 3.4).
 *
 * @package Kassette\Double
 */

namespace Automattic\WooCommerce\Blocks\Payments\Integrations {

	/**
	 * What gateways tell the block checkout.
	 */
	abstract class AbstractPaymentMethodType {

		/**
		 * The gateway's id.
		 *
		 * @var string
		 */
		protected $name = '';

		/**
		 * The gateway's settings.
		 *
		 * @var array
		 */
		protected $settings = array();

		/**
		 * Reads what it needs.
		 */
		abstract public function initialize();

		/**
		 * Whether it can be chosen.
		 *
		 * @return bool
		 */
		public function is_active() {
			return true;
		}

		/**
		 * Its scripts.
		 *
		 * @return string[]
		 */
		public function get_payment_method_script_handles() {
			return array();
		}

		/**
		 * Data for its script.
		 *
		 * @return array
		 */
		public function get_payment_method_data() {
			return array();
		}

		/**
		 * What it can do.
		 *
		 * @return string[]
		 */
		public function get_supported_features() {
			return array( 'products' );
		}

		/**
		 * The gateway's id.
		 *
		 * @return string
		 */
		public function get_name() {
			return $this->name;
		}
	}
}

namespace Automattic\WooCommerce\Blocks\Payments {

	/**
	 * Takes registrations.
	 */
	final class PaymentMethodRegistry {

		/**
		 * What was registered, by name.
		 *
		 * @var Integrations\AbstractPaymentMethodType[]
		 */
		public $all = array();

		/**
		 * Registers one.
		 *
		 * @param Integrations\AbstractPaymentMethodType $one It.
		 * @return bool
		 */
		public function register( Integrations\AbstractPaymentMethodType $one ) {
			$this->all[ $one->get_name() ] = $one;
			$one->initialize();
			return true;
		}

		/**
		 * What the page gives to the scripts: {name}_data of the active ones, and their handles.
		 *
		 * @return array
		 */
		public function script_data() {
			$data    = array();
			$handles = array();
			foreach ( $this->all as $name => $one ) {
				if ( $one->is_active() ) {
					$data[ $name . '_data' ] = $one->get_payment_method_data() + array( 'supports' => $one->get_supported_features() );
					$handles                 = array_merge( $handles, $one->get_payment_method_script_handles() );
				}
			}
			return array( $data, array_values( array_unique( $handles ) ) );
		}
	}
}

namespace {
	/**
	 * The registry with what gateways registered.
	 *
	 * @return Automattic\WooCommerce\Blocks\Payments\PaymentMethodRegistry
	 */
	function wc_double_registry() {
		$registry = new Automattic\WooCommerce\Blocks\Payments\PaymentMethodRegistry();
		do_action( 'woocommerce_blocks_payment_method_type_registration', $registry );
		return $registry;
	}
}
