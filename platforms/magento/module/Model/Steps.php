<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Sales\Model\Order;

/**
 * What each status of the gateway's order does to the shop's (magento.md 4). Order and link are saved by the caller.
 */
class Steps
{
    /**
     * @param Money $money
     * @param Registrar $registrar
     * @param Attention $attention
     * @param Whole $whole
     * @param Standing $standing
     */
    public function __construct(
        private readonly Money $money,
        private readonly Registrar $registrar,
        private readonly Attention $attention,
        private readonly Whole $whole,
        private readonly Standing $standing
    ) {
    }

    /**
     * Does what the status asks for. An order that a person put on hold stays so, and its payment counts
     *
     * @param Order $order
     * @param Link $link
     * @param array $whole The gateway's order
     * @param bool $back Whether the shopper is back from the provider
     * @return void
     */
    public function take(Order $order, Link $link, array $whole, bool $back): void
    {
        $held = $order->getState() === Order::STATE_HOLDED;
        if ($held) {
            $order->unhold();
        }
        $this->step($order, $link, $whole, $back);
        if ($held && $order->canHold()) {
            $order->hold();
        }
    }

    /**
     * Does it with an order that is not on hold
     *
     * @param Order $order
     * @param Link $link
     * @param array $whole
     * @param bool $back
     * @return void
     */
    private function step(Order $order, Link $link, array $whole, bool $back): void
    {
        $current = $link->checkoutId === $whole['id'];
        switch ($whole['status']) {
            case 'pending':
                if ($current) {
                    $this->pending($order, $whole, $back);
                }
                break;
            case 'authorized':
                $this->authorized($order, $link, $whole);
                break;
            case 'paid':
                $this->paid($order, $link, $whole);
                break;
            case 'cancelled':
            case 'expired':
                if ($current) {
                    $this->ended($order, $whole);
                }
                break;
        }
    }

    /**
     * Pending: while the shopper is on the way the order stays as it is. Where the provider is waited for it is held
     * in payment_review, out of reach of the hourly cleaner of pending_payment (magento.md 1)
     *
     * @param Order $order
     * @param array $whole
     * @param bool $back
     * @return void
     */
    private function pending(Order $order, array $whole, bool $back): void
    {
        $action = $this->whole->paying($whole)['action'] ?? null;
        $onTheWay = is_array($action) && $action['type'] !== 'none';
        if (($onTheWay && !$back) || $order->getState() !== Order::STATE_PENDING_PAYMENT) {
            return;
        }
        $this->standing->hold($order);
        $text = __('the payment is under way; the provider has not decided yet.');
        $order->addCommentToStatusHistory('Kassette: ' . $text);
    }

    /**
     * Authorized: registered once
     *
     * @param Order $order
     * @param Link $link
     * @param array $whole
     * @return void
     */
    private function authorized(Order $order, Link $link, array $whole): void
    {
        $base = (string)$order->getBaseCurrencyCode();
        if ($this->money->minor($order->getPayment()->getBaseAmountAuthorized(), $base) > 0) {
            return;
        }
        if (!$this->standing->waits($order)) {
            $this->late($order, $link, $whole);
        } elseif ($this->fits($order, $link, $whole)) {
            $this->registrar->authorized($order, (string)$this->whole->paying($whole)['id']);
        }
    }

    /**
     * Paid: registered once, and never on what the shop cancelled, where Magento would silently fill total_paid (3.5)
     *
     * @param Order $order
     * @param Link $link
     * @param array $whole
     * @return void
     */
    private function paid(Order $order, Link $link, array $whole): void
    {
        if ($this->money->minor($order->getTotalPaid(), (string)$order->getOrderCurrencyCode()) > 0) {
            $this->again($order, $link, $whole);
            return;
        }
        if (!$this->standing->waits($order) && !$this->standing->isAuthorized($order)) {
            $this->late($order, $link, $whole);
        } elseif ($this->fits($order, $link, $whole)) {
            $authorized = (bool)$order->getPayment()->getAuthorizationTransaction();
            $this->registrar->paid($order, $this->whole->transactionId($whole, $authorized));
            $link->paidBy = $whole['id'];
        }
    }

    /**
     * Paid, and the shop has money already: the same payment again, an invoice made by hand, or a second payment
     *
     * @param Order $order
     * @param Link $link
     * @param array $whole
     * @return void
     */
    private function again(Order $order, Link $link, array $whole): void
    {
        $link->paidBy = $link->paidBy === '' ? $whole['id'] : $link->paidBy;
        if ($link->paidBy !== $whole['id']) {
            $text = __(
                'the order was paid before, and now again by %1 at the gateway. Refund one of them.',
                $whole['id']
            );
            $this->attention->raise($order, $link, 'paid_twice', $text);
            return;
        }
        foreach ($order->getInvoiceCollection() as $invoice) {
            if ((int)$invoice->getState() === Order\Invoice::STATE_OPEN && $invoice->getTransactionId()) {
                $this->registrar->paid($order, (string)$invoice->getTransactionId());
            }
        }
    }

    /**
     * Cancelled or expired at the gateway: the order is cancelled, if it still can be
     *
     * @param Order $order
     * @param array $whole
     * @return void
     */
    private function ended(Order $order, array $whole): void
    {
        $paid = $this->money->minor($order->getTotalPaid(), (string)$order->getOrderCurrencyCode()) > 0;
        if ($paid || (!$this->standing->waits($order) && !$this->standing->isAuthorized($order))) {
            return;
        }
        $text = $whole['status'] === 'expired'
            ? __('it was not paid in time.')
            : __('the payment was cancelled.');
        $this->standing->release($order);
        if ($order->canCancel()) {
            $order->cancel();
        }
        $order->addCommentToStatusHistory('Kassette: ' . $text);
    }

    /**
     * Money after the order ended in the shop: nothing is registered, somebody is told
     *
     * @param Order $order
     * @param Link $link
     * @param array $whole
     * @return void
     */
    private function late(Order $order, Link $link, array $whole): void
    {
        $text = __(
            '%1 was paid after the order had ended in the shop. Nothing was registered or reopened: refund it at the '
            . 'gateway, or place the order anew.',
            $this->money->text($whole['amount'])
        );
        $this->attention->raise($order, $link, 'paid_after_cancel', $text);
    }

    /**
     * Whether what is paid is the order's total in its currency, and all of it. Where it is not the order is held in
     * payment_review, with no invoice: Magento would make it processing (3.5)
     *
     * @param Order $order
     * @param Link $link
     * @param array $whole
     * @return bool
     */
    private function fits(Order $order, Link $link, array $whole): bool
    {
        $currency = (string)$order->getOrderCurrencyCode();
        $total = $this->money->minor($order->getGrandTotal(), $currency);
        $asked = (int)$whole['amount']['value'];
        $counts = $this->whole->counts($whole);
        $same = $whole['amount']['currency'] === $currency && $asked === $total;
        if ($same && ($whole['status'] !== 'paid' || $counts >= $total)) {
            $this->standing->release($order);
            return true;
        }
        $sum = $whole['amount'];
        $sum['value'] = $whole['status'] === 'paid' ? $counts : $asked;
        $text = __(
            'the payment is of %1, the order of %2. It is held in payment review without an invoice: look before you '
            . 'deliver.',
            $this->money->text($sum),
            $this->money->text($this->money->sent($total, $currency))
        );
        $this->attention->raise($order, $link, 'amount_mismatch', $text);
        $this->standing->hold($order);
        return false;
    }
}
