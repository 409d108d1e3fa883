<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\Resolver;

use Kassette\Payment\Model\Checkout;
use Kassette\Payment\Model\Config;
use Magento\Framework\Exception\LocalizedException;
use Magento\Framework\GraphQl\Config\Element\Field;
use Magento\Framework\GraphQl\Exception\GraphQlInputException;
use Magento\Framework\GraphQl\Query\ResolverInterface;
use Magento\Framework\GraphQl\Schema\Type\ResolveInfo;
use Magento\Sales\Model\Order as SalesOrder;
use Magento\Sales\Model\OrderFactory;
use Magento\Sales\Model\ResourceModel\Order as OrderResource;

/**
 * Fields of an order that was just placed (magento.md 2.4): kassette_redirect_url and kassette_token.
 */
class Order implements ResolverInterface
{
    /**
     * @param Checkout $checkout
     * @param OrderFactory $orderFactory
     * @param OrderResource $orderResource
     */
    public function __construct(
        private readonly Checkout $checkout,
        private readonly OrderFactory $orderFactory,
        private readonly OrderResource $orderResource
    ) {
    }

    /**
     * @inheritdoc
     */
    public function resolve(Field $field, $context, ResolveInfo $info, ?array $value = null, ?array $args = null)
    {
        $order = $this->order($value ?? [], (int)$context->getExtensionAttributes()->getStore()->getId());
        if (!$order->getId() || $order->getPayment()->getMethod() !== Config::CODE) {
            return null;
        }
        try {
            return $field->getName() === 'kassette_token'
                ? $this->checkout->token((int)$order->getId())
                : $this->checkout->url((int)$order->getId());
        } catch (LocalizedException $e) {
            $text = __('The payment could not be started. Nothing was charged: try again.');
            throw new GraphQlInputException($text, $e);
        }
    }

    /**
     * The order that the parent field gave: as a model, or by its number
     *
     * @param array $value
     * @param int $storeId
     * @return SalesOrder
     */
    private function order(array $value, int $storeId): SalesOrder
    {
        if (($value['model'] ?? null) instanceof SalesOrder) {
            return $value['model'];
        }
        $number = (string)($value['number'] ?? $value['order_number'] ?? $value['order_id'] ?? '');
        return $this->orderFactory->create()->loadByIncrementIdAndStoreId($number, $storeId);
    }
}
