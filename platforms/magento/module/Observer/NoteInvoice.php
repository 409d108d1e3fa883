<?php

declare(strict_types=1);

namespace Kassette\Payment\Observer;

use Kassette\Payment\Gateway\Command\Capture;
use Kassette\Payment\Model\Config;
use Magento\Framework\Event\Observer;
use Magento\Framework\Event\ObserverInterface;

/**
 * Tells the capture command the invoice's total in the order's currency: its own amount is in the base currency.
 */
class NoteInvoice implements ObserverInterface
{
    /**
     * @inheritdoc
     */
    public function execute(Observer $observer)
    {
        $payment = $observer->getEvent()->getData('payment');
        $invoice = $observer->getEvent()->getData('invoice');
        if ($payment && $invoice && $payment->getMethod() === Config::CODE) {
            $payment->setData(Capture::TOTAL, $invoice->getGrandTotal());
        }
    }
}
