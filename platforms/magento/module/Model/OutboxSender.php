<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Framework\Lock\LockBackendFactory;
use Magento\Framework\Stdlib\DateTime\DateTime;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\OrderFactory;
use Magento\Sales\Model\ResourceModel\Order as OrderResource;

/**
 * Tells the gateway what is in the outbox: as a signed message to the shop's door there where the shop's name is
 * configured, else by the API. One process at a time sends.
 */
class OutboxSender
{
    private const LOCK = 'kassette_outbox';

    /**
     * @param Outbox $outbox
     * @param Client $client
     * @param Config $config
     * @param Signature $signature
     * @param Links $links
     * @param LockBackendFactory $lockBackendFactory
     * @param OrderFactory $orderFactory
     * @param OrderResource $orderResource
     * @param DateTime $dateTime
     * @param Untold $untold
     * @param Log $log
     */
    public function __construct(
        private readonly Outbox $outbox,
        private readonly Client $client,
        private readonly Config $config,
        private readonly Signature $signature,
        private readonly Links $links,
        private readonly LockBackendFactory $lockBackendFactory,
        private readonly OrderFactory $orderFactory,
        private readonly OrderResource $orderResource,
        private readonly DateTime $dateTime,
        private readonly Untold $untold,
        private readonly Log $log
    ) {
    }

    /**
     * Sends what is due
     *
     * @param int|null $orderId Of this order alone
     * @param int $timeout Seconds for each request
     * @return int How many the gateway knows now
     */
    public function send(?int $orderId = null, int $timeout = Client::LONG): int
    {
        $lock = $this->lockBackendFactory->create(); // Its own, as in OrderLock.
        if (!$lock->lock(self::LOCK, 0)) {
            return 0;
        }
        try {
            $told = 0;
            foreach ($this->outbox->due($orderId) as $row) {
                $told += $this->tell($row, $timeout) ? 1 : 0;
            }
            return $told;
        } finally {
            $lock->unlock(self::LOCK);
        }
    }

    /**
     * Tells one row
     *
     * @param array $row
     * @param int $timeout
     * @return bool
     */
    private function tell(array $row, int $timeout): bool
    {
        try {
            $order = $this->orderFactory->create();
            $this->orderResource->load($order, (int)$row['order_id']);
            $link = $this->links->of((int)$order->getId());
            $access = new Access($link->mode, (int)$order->getStoreId(), $timeout);
            $shop = $this->config->get('shop', (int)$order->getStoreId());
            if ($shop === '') {
                $this->ask($row, $link, $access);
            } else {
                $this->sign($row, $order, $link, $access, $shop);
            }
        } catch (\Throwable $e) {
            $this->failed($row, $e);
            return false;
        }
        $this->outbox->told($row);
        return true;
    }

    /**
     * It did not work. What failed for good somebody is told; where another holds the order, after the next try
     *
     * @param array $row
     * @param \Throwable $problem
     * @return void
     */
    private function failed(array $row, \Throwable $problem): void
    {
        $text = $problem->getMessage();
        $again = $this->outbox->failed($row, $text, !$problem instanceof Problem || $this->isPassing($problem));
        $this->log->write($again ? 'warning' : 'error', $row['type'] . ' of order ' . $row['order_id'] . ': ' . $text);
        if ($again) {
            return;
        }
        try {
            $this->untold->raise((int)$row['order_id'], $row['type'], $text);
        } catch (Locked $e) {
            $this->outbox->failed(['tries' => 0] + $row, $text, true);
        } catch (\Throwable $e) {
            $this->log->write('error', 'order ' . $row['order_id'] . ' is not marked: ' . $e->getMessage());
        }
    }

    /**
     * Whether it may go well later: the shop's door there may be set up after the shop
     *
     * @param Problem $problem
     * @return bool
     */
    private function isPassing(Problem $problem): bool
    {
        return $problem->isPassing() || $problem->status() === 404;
    }

    /**
     * Where the shop's door at the gateway is
     *
     * @param string $shop Its name there, or that and an adapter's: shop/account
     * @return string
     */
    private function door(string $shop): string
    {
        [$name, $account] = explode('/', $shop, 2) + [1 => ''];
        return '/v1/shops/' . rawurlencode($name) . '/orders' . ($account === '' ? '' : '/' . rawurlencode($account));
    }

    /**
     * Tells it by the API
     *
     * @param array $row
     * @param Link $link
     * @param Access $access
     * @return void
     * @throws Problem
     */
    private function ask(array $row, Link $link, Access $access): void
    {
        $path = '/v1/orders/' . $link->checkoutId;
        if ($row['type'] === Outbox::CAPTURE) {
            $this->client->post($access, $path . '/captures', [], 'magento-outbox-' . $row['id']);
            return;
        }
        $this->client->post($access, $path . '/cancel');
    }

    /**
     * Tells it as a signed message, after the Standard Webhooks specification: the id stays the same over all tries
     *
     * @param array $row
     * @param Order $order
     * @param Link $link
     * @param Access $access
     * @param string $shop As door
     * @return void
     * @throws Problem
     */
    private function sign(array $row, Order $order, Link $link, Access $access, string $shop): void
    {
        $secret = $this->config->secret($link->mode, $access->storeId);
        if ($secret === null) {
            throw new Problem(__('There is no notice secret to sign with.'), 0, ['attempted' => 'no']);
        }
        $body = $this->client->json([
            'type' => 'order.' . $row['type'],
            'timestamp' => gmdate('Y-m-d\TH:i:s\Z', (int)$row['created_at']),
            'data' => [
                'command' => ['type' => $row['type'], 'reference' => (string)$order->getIncrementId()],
                'order' => [
                    'entity_id' => (int)$order->getId(),
                    'increment_id' => (string)$order->getIncrementId(),
                    'state' => (string)$order->getState(),
                    'status' => (string)$order->getStatus(),
                    'kassette_order' => $link->checkoutId,
                ],
            ],
        ]);
        $id = 'magento-' . $row['order_id'] . '-' . $row['type'] . '-' . $row['id'];
        $time = (string)$this->dateTime->gmtTimestamp();
        $this->client->postSigned($access, $this->door($shop), $body, [
            'webhook-id' => $id,
            'webhook-timestamp' => $time,
            'webhook-signature' => $this->signature->sign($secret, $id, $time, $body),
        ]);
    }
}
