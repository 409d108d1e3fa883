<?php

declare(strict_types=1);

namespace Kassette\Payment\Observer;

use Kassette\Payment\Model\Client;
use Kassette\Payment\Model\Config;
use Kassette\Payment\Model\Log;
use Kassette\Payment\Model\OrderLock;
use Kassette\Payment\Model\OutboxSender;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * An order is saved, whole: what its outbox holds is told at once, since shops without cron exist (magento.md 3.7).
 * Whatever goes wrong with that, the order is saved, and cron tries again.
 */
class OrderSaved implements ObserverInterface
{
    /**
     * @param OrderLock $orderLock
     * @param OutboxSender $outboxSender
     * @param Log $log
     */
    public function __construct(
        private readonly OrderLock $orderLock,
        private readonly OutboxSender $outboxSender,
        private readonly Log $log
    ) {
    }

    /**
     * @inheritdoc
     */
    public function execute(Observer $observer)
    {
        $order = $observer->getEvent()->getData('order');
        if (!$order->getPayment() || $order->getPayment()->getMethod() !== Config::CODE) {
            return;
        }
        $this->orderLock->saved((int)$order->getId());
        try {
            $this->outboxSender->send((int)$order->getId(), Client::SHORT);
        } catch (\Exception $e) {
            $this->log->write('error', 'outbox of order ' . $order->getIncrementId() . ': ' . $e->getMessage());
        }
    }
}
