<?php

declare(strict_types=1);

namespace Magento\Checkout\Model {
    use Magento\Sales\Model\Order;

    interface ConfigProviderInterface
    {
        public function getConfig();
    }

    /** A shopper's session: it knows the last order, and restores its cart once (3.4). */
    class Session
    {
        public static int $last = 0;
        public static bool $cart = false;

        public function getLastRealOrder()
        {
            return self::$last ? \Kassette\Double\Shop::order(self::$last) : new Order();
        }

        public function restoreQuote()
        {
            if (!self::$last) {
                return false;
            }
            self::$last = 0;
            return self::$cart = true;
        }
    }
}

namespace Magento\Quote\Api {
    interface CartRepositoryInterface
    {
        public function get($id);

        public function save($quote);
    }
}

namespace Magento\Quote\Model {
    interface QuoteIdToMaskedQuoteIdInterface
    {
        public function execute(int $id): string;
    }

    class Quote extends \Magento\Framework\DataObject
    {
        public function getId()
        {
            return $this->data['entity_id'];
        }
    }
}

namespace Kassette\Double {
    class Carts implements \Magento\Quote\Api\CartRepositoryInterface, \Magento\Quote\Model\QuoteIdToMaskedQuoteIdInterface
    {
        public array $quotes = [];

        public function get($id)
        {
            return $this->quotes[$id] ??= new \Magento\Quote\Model\Quote(['entity_id' => $id, 'is_active' => false, 'reserved_order_id' => '000000001']);
        }

        public function save($quote)
        {
            $this->quotes[$quote->getId()] = $quote;
        }

        public function execute(int $id): string
        {
            return 'masked' . $id;
        }
    }
}
