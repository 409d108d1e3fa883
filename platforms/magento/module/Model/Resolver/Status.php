<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\Resolver;

use Kassette\Payment\Model\Checkout;
use Kassette\Payment\Model\Log;
use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Framework\GraphQl\Config\Element\Field;
use Magento\Framework\GraphQl\Exception\GraphQlNoSuchEntityException;
use Magento\Framework\GraphQl\Query\ResolverInterface;
use Magento\Framework\GraphQl\Schema\Type\ResolveInfo;

/**
 * How an order's payment stands, for whoever has its token (magento.md 2.4).
 */
class Status implements ResolverInterface
{
    /**
     * @param Checkout $checkout
     * @param Links $links
     * @param Log $log
     */
    public function __construct(
        private readonly Checkout $checkout,
        private readonly Links $links,
        private readonly Log $log
    ) {
    }

    /**
     * @inheritdoc
     */
    public function resolve(Field $field, $context, ResolveInfo $info, ?array $value = null, ?array $args = null)
    {
        $link = $this->links->byToken((string)($args['token'] ?? ''));
        if ($link === null || $link->checkoutId === '') {
            throw new GraphQlNoSuchEntityException(__('There is no such payment.'));
        }
        try {
            $status = $link->isLive() ? $this->checkout->ask($link, $link->checkoutId) : $link->status;
        } catch (\Throwable $e) {
            $this->log->write('warning', 'status of order ' . $link->orderId . ': ' . $e->getMessage());
            $status = $link->status; // Its notice comes.
        }
        return ['status' => strtoupper($status)];
    }
}
