<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Sales\Model\Order;

/**
 * Where an order of the shop stands while it waits for its payment (magento.md 1).
 */
class Standing
{
    /**
     * States in which an order still waits for its payment.
     */
    private const WAITING = [Order::STATE_NEW, Order::STATE_PENDING_PAYMENT, Order::STATE_PAYMENT_REVIEW];

    /**
     * Whether the order's money is authorized, and the order alive: Magento has it as processing, without an invoice
     *
     * @param Order $order
     * @return bool
     */
    public function isAuthorized(Order $order): bool
    {
        return $order->getState() === Order::STATE_PROCESSING && $order->getPayment()->getAuthorizationTransaction();
    }

    /**
     * Whether the order still waits for its payment
     *
     * @param Order $order
     * @return bool
     */
    public function waits(Order $order): bool
    {
        return in_array($order->getState(), self::WAITING, true);
    }

    /**
     * Holds an order
     *
     * @param Order $order
     * @return void
     */
    public function hold(Order $order): void
    {
        if ($this->waits($order)) {
            $order->setState(Order::STATE_PAYMENT_REVIEW)->setStatus(Order::STATE_PAYMENT_REVIEW);
        }
    }

    /**
     * Takes an order out of payment_review, where Magento neither cancels nor invoices and a capture leaves the state
     *
     * @param Order $order
     * @return void
     */
    public function release(Order $order): void
    {
        if ($order->getState() === Order::STATE_PAYMENT_REVIEW) {
            $order->setState(Order::STATE_PENDING_PAYMENT)->setStatus(Order::STATE_PENDING_PAYMENT);
        }
    }
}
