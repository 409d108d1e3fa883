<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Sales\Model\Order;

/**
 * Begins payments at the gateway, and hears how they went when the shopper is back.
 */
class Checkout
{
    /**
     * @param Client $client
     * @param Config $config
     * @param Links $links
     * @param News $news
     * @param OrderLock $orderLock
     * @param OrderRequest $orderRequest
     * @param Whole $whole
     */
    public function __construct(
        private readonly Client $client,
        private readonly Config $config,
        private readonly Links $links,
        private readonly News $news,
        private readonly OrderLock $orderLock,
        private readonly OrderRequest $orderRequest,
        private readonly Whole $whole
    ) {
    }

    /**
     * The token that leads to an order, for shoppers without a login
     *
     * @param int $orderId
     * @return string
     */
    public function token(int $orderId): string
    {
        return $this->orderLock->with($orderId, function () use ($orderId) {
            $link = $this->links->of($orderId);
            $this->links->save($link);
            return $link->token;
        });
    }

    /**
     * Where the shopper pays an order. Asked again, the gateway gives the same open order: it is known by its reference
     *
     * @param int $orderId
     * @return string
     * @throws Problem Where the payment cannot be begun
     */
    public function url(int $orderId): string
    {
        return $this->orderLock->with($orderId, fn (Order $order) => $this->begin($order));
    }

    /**
     * Asks the gateway about an order, and takes what it says
     *
     * @param Link $link
     * @param string $checkoutId The gateway's order
     * @return string Its status
     * @throws Problem Where it does not answer
     */
    public function ask(Link $link, string $checkoutId): string
    {
        $access = new Access($link->mode, null, Client::SHORT);
        $whole = $this->client->get($access, '/v1/orders/' . rawurlencode($checkoutId));
        $this->news->take($whole, '', true);
        return (string)$whole['status'];
    }

    /**
     * The shopper is back without having paid: nobody shall pay this order any more
     *
     * @param Link $link
     * @return string What the order is then: cancelled, or paid in the last moment
     * @throws Problem Where the gateway does not answer, or does not cancel it
     */
    public function giveUp(Link $link): string
    {
        $access = new Access($link->mode, null, Client::SHORT);
        $whole = $this->client->post($access, '/v1/orders/' . $link->checkoutId . '/cancel');
        $this->news->take($whole);
        return (string)$whole['status'];
    }

    /**
     * Begins a payment. The order is locked
     *
     * @param Order $order
     * @return string
     * @throws Problem
     */
    private function begin(Order $order): string
    {
        if (!in_array($order->getState(), [Order::STATE_NEW, Order::STATE_PENDING_PAYMENT], true)) {
            throw new Problem(__('This order does not wait for a payment.'), 0, ['attempted' => 'no']);
        }
        $link = $this->links->of((int)$order->getId());
        $storeId = (int)$order->getStoreId();
        $mode = $link->mode !== '' ? $link->mode : $this->config->mode($storeId);
        $link->mode = $mode;
        $this->links->save($link);
        try {
            $body = $this->orderRequest->of($order, $link);
        } catch (\InvalidArgumentException $e) {
            throw new Problem(__('The order cannot be sent: %1', $e->getMessage()), 0, ['attempted' => 'no']);
        }
        try {
            $whole = $this->client->post(new Access($mode, $storeId), '/v1/orders', $body);
        } catch (Problem $problem) {
            if ($problem->order() !== null) {
                $this->news->apply($order, $problem->order(), $mode);
            }
            throw $problem;
        }
        $this->news->apply($order, $whole, $mode);
        $action = $this->whole->paying($whole)['action'] ?? null;
        $url = is_array($action) && $action['type'] === 'redirect' ? $action['url'] : $whole['checkout_url'];
        if (!is_string($url) || !preg_match('#^https?://#', $url)) {
            throw new Problem(__('The gateway\'s answer holds no address to pay at.'));
        }
        return $url;
    }
}
