<?php

declare(strict_types=1);

namespace Kassette\Payment\Observer;

use Magento\Framework\Event\Observer;
use Magento\Payment\Observer\AbstractDataAssignObserver;
use Magento\Quote\Api\Data\PaymentInterface;

/**
 * Takes the shopper's choice of a method from the checkout.
 */
class AssignData extends AbstractDataAssignObserver
{
    /**
     * What a method's id, and that of a way within it, looks like.
     */
    private const FIELDS = [
        'kassette_method' => '/^[a-z][a-z0-9_-]{1,31}$/',
        'kassette_option' => '/^[!-~]{1,255}$/',
    ];

    /**
     * @inheritdoc
     */
    public function execute(Observer $observer)
    {
        $additional = $this->readDataArgument($observer)->getData(PaymentInterface::KEY_ADDITIONAL_DATA);
        $payment = $this->readPaymentModelArgument($observer);
        foreach (self::FIELDS as $name => $syntax) {
            $value = is_array($additional) && is_string($additional[$name] ?? null) ? $additional[$name] : '';
            $payment->setAdditionalInformation($name, preg_match($syntax, $value) ? $value : '');
        }
    }
}
