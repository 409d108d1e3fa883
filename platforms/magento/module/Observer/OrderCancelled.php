<?php

declare(strict_types=1);

namespace Kassette\Payment\Observer;

use Kassette\Payment\Model\Config;
use Kassette\Payment\Model\Outbox;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * An order was cancelled, by a person or by the hourly cleaner (magento.md 1, 3.7): the gateway is to hear it.
 */
class OrderCancelled implements ObserverInterface
{
    /**
     * @param Outbox $outbox
     */
    public function __construct(private readonly Outbox $outbox)
    {
    }

    /**
     * @inheritdoc
     */
    public function execute(Observer $observer)
    {
        $order = $observer->getEvent()->getData('order');
        if ($order->getPayment()->getMethod() === Config::CODE) {
            $this->outbox->add((int)$order->getId(), Outbox::CANCEL);
        }
    }
}
