<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Email\Sender\OrderSender;

/**
 * Registers payments with Magento. The amount is the order's own total in the base currency (magento.md 3.5): that the
 * gateway's is the same was checked before.
 */
class Registrar
{
    /**
     * @param OrderSender $orderSender
     * @param Log $log
     */
    public function __construct(
        private readonly OrderSender $orderSender,
        private readonly Log $log
    ) {
    }

    /**
     * The whole order is paid: one invoice
     *
     * @param Order $order
     * @param string $transactionId
     * @return void
     */
    public function paid(Order $order, string $transactionId): void
    {
        $payment = $order->getPayment();
        $payment->setTransactionId($transactionId);
        $payment->setIsTransactionClosed(false);
        $authorization = $payment->getAuthorizationTransaction();
        if ($authorization) {
            $payment->setParentTransactionId($authorization->getTxnId());
        }
        $payment->registerCaptureNotification($order->getBaseGrandTotal(), true);
        $order->setCanSendNewEmailFlag(true);
    }

    /**
     * The whole order is authorized
     *
     * @param Order $order
     * @param string $transactionId
     * @return void
     */
    public function authorized(Order $order, string $transactionId): void
    {
        $payment = $order->getPayment();
        $payment->setTransactionId($transactionId);
        $payment->setIsTransactionClosed(false);
        $payment->registerAuthorizationNotification($order->getBaseGrandTotal());
        $order->setCanSendNewEmailFlag(true);
    }

    /**
     * Sends the order's mail, which waited for the payment (3.4), once the order is saved. Without it the payment
     * counts all the same, and the next news tries again
     *
     * @param Order $order
     * @return void
     */
    public function mail(Order $order): void
    {
        if (!$order->getCanSendNewEmailFlag() || $order->getEmailSent()) {
            return;
        }
        try {
            $this->orderSender->send($order);
        } catch (\Exception $e) {
            $this->log->write('error', 'mail of ' . $order->getIncrementId() . ': ' . $e->getMessage());
        }
    }
}
