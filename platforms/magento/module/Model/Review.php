<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Sales\Model\Order;

/**
 * Asks the gateway about an order that is open in the admin.
 */
class Review
{
    /**
     * @param Client $client
     * @param Links $links
     * @param News $news
     * @param OrderLock $orderLock
     */
    public function __construct(
        private readonly Client $client,
        private readonly Links $links,
        private readonly News $news,
        private readonly OrderLock $orderLock
    ) {
    }

    /**
     * The gateway's order; empty where there is none
     *
     * @param Order $order
     * @return array
     * @throws Problem Where the gateway does not answer
     */
    public function ask(Order $order): array
    {
        $link = $this->links->of((int)$order->getId());
        if ($link->checkoutId === '') {
            return [];
        }
        $access = new Access($link->mode, (int)$order->getStoreId());
        return $this->client->get($access, '/v1/orders/' . $link->checkoutId);
    }

    /**
     * Takes what the gateway says into this very order, which the admin's page saves, and the lock is kept until then
     *
     * @param Order $order
     * @param array $whole The gateway's order
     * @return bool Whether the order is out of payment review
     */
    public function settle(Order $order, array $whole): bool
    {
        $this->orderLock->keep($order);
        $this->news->apply($order, $whole);
        return $order->getState() !== Order::STATE_PAYMENT_REVIEW;
    }
}
