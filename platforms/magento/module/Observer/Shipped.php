<?php

declare(strict_types=1);

namespace Kassette\Payment\Observer;

use Kassette\Payment\Model\Config;
use Kassette\Payment\Model\Outbox;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * An authorized order was shipped whole (magento.md 3.7): where the shop wants it so, its money is taken now.
 */
class Shipped implements ObserverInterface
{
    /**
     * @param Config $config
     * @param Outbox $outbox
     */
    public function __construct(
        private readonly Config $config,
        private readonly Outbox $outbox
    ) {
    }

    /**
     * @inheritdoc
     */
    public function execute(Observer $observer)
    {
        $order = $observer->getEvent()->getData('shipment')->getOrder();
        $wanted = $this->config->get('capture_on_shipment', (int)$order->getStoreId()) === '1';
        if (!$wanted || $order->getPayment()->getMethod() !== Config::CODE) {
            return;
        }
        $authorized = $order->getPayment()->getAuthorizationTransaction();
        if ($authorized && !$order->hasInvoices() && !$order->canShip()) {
            $this->outbox->add((int)$order->getId(), Outbox::CAPTURE);
        }
    }
}
