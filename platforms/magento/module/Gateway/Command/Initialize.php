<?php

declare(strict_types=1);

namespace Kassette\Payment\Gateway\Command;

use Magento\Payment\Gateway\CommandInterface;
use Magento\Payment\Gateway\Helper\SubjectReader;
use Magento\Sales\Model\Order;

/**
 * An order is placed: it waits for its payment, and so does its mail (magento.md 3.4).
 */
class Initialize implements CommandInterface
{
    /**
     * @inheritdoc
     */
    public function execute(array $commandSubject)
    {
        $stateObject = SubjectReader::readStateObject($commandSubject);
        $stateObject->setData('state', Order::STATE_PENDING_PAYMENT);
        $stateObject->setData('status', Order::STATE_PENDING_PAYMENT);
        $stateObject->setData('is_notified', false);
        $payment = SubjectReader::readPayment($commandSubject)->getPayment();
        $payment->getOrder()->setCanSendNewEmailFlag(false);
    }
}
