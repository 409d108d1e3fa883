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
     * @param Money $money
     * @param OrderSender $orderSender
     * @param Log $log
     */
    public function __construct(
        private readonly Money $money,
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
    }

    /**
     * Sends the order's mail, which waited for the payment (3.4), once the order is saved. Without it the payment
     * counts all the same, and the next news tries again. The order's own flag does not say that it waits: no column
     * keeps it, and whoever reads the order anew finds it up
     *
     * @param Order $order
     * @return void
     */
    public function mail(Order $order): void
    {
        if ($order->getEmailSent() || !$this->hasMoney($order)) {
            return;
        }
        try {
            $this->orderSender->send($order);
        } catch (\Exception $e) {
            $this->log->write('error', 'mail of ' . $order->getIncrementId() . ': ' . $e->getMessage());
        }
    }

    /**
     * Whether money was registered: paid or authorized
     *
     * @param Order $order
     * @return bool
     */
    private function hasMoney(Order $order): bool
    {
        $authorized = $order->getPayment()->getBaseAmountAuthorized();
        return $this->money->minor($order->getTotalPaid(), (string)$order->getOrderCurrencyCode()) > 0
            || $this->money->minor($authorized, (string)$order->getBaseCurrencyCode()) > 0;
    }
}
