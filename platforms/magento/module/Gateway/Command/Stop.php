<?php

declare(strict_types=1);

namespace Kassette\Payment\Gateway\Command;

use Kassette\Payment\Model\Outbox;
use Magento\Payment\Gateway\CommandInterface;
use Magento\Payment\Gateway\Helper\SubjectReader;

/**
 * Cancel, void and deny: nobody shall pay any more, and an authorization is given back. It runs inside the order's
 * save, so the gateway is told from the outbox (magento.md 3.7).
 */
class Stop implements CommandInterface
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
    public function execute(array $commandSubject)
    {
        $order = SubjectReader::readPayment($commandSubject)->getPayment()->getOrder();
        $this->outbox->add((int)$order->getId(), Outbox::CANCEL);
    }
}
