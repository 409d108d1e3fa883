<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Kassette\Double\Shop;
use Kassette\Double\Units;
use Magento\Sales\Model\Order;

/** A payment: magento.md 3.5 and the operations of Magento_Sales that it names. */
class Payment extends \Magento\Framework\DataObject
{
    private Order $order;

    public function setOrder(Order $order): self
    {
        $this->order = $order;
        return $this;
    }

    public function getOrder()
    {
        return $this->order;
    }

    public function getAdditionalInformation($key = null)
    {
        $all = $this->data['additional_information'] ?? [];
        return $key === null ? $all : ($all[$key] ?? null);
    }

    public function setAdditionalInformation($key, $value = null)
    {
        $this->data['additional_information'][$key] = $value;
        return $this;
    }

    public function place(): void
    {
        $state = new \Magento\Framework\DataObject();
        Shop::method()->place($this, $state);
        $this->order->setState($state->getState() ?? Order::STATE_NEW);
        $this->order->setStatus($state->getStatus() ?? 'pending');
    }

    public function transactions(): array
    {
        return Shop::db()->all('sales_payment_transaction', 'order_id', $this->order->getId());
    }

    public function getAuthorizationTransaction()
    {
        foreach ($this->transactions() as $row) {
            if ($row['txn_type'] === 'authorization') {
                return new \Magento\Framework\DataObject($row);
            }
        }
        return false;
    }

    private function addTransaction(string $type, ?object $document): void
    {
        $id = $this->getTransactionId();
        if ($id === null) {
            return;
        }
        if ($document) {
            $document->setTransactionId($id);
        }
        $this->setLastTransId($id);
        foreach ($this->transactions() as $row) {
            if ($row['txn_id'] === $id) {
                return;
            }
        }
        $row = ['order_id' => $this->order->getId(), 'txn_type' => $type, 'txn_id' => $id, 'parent_txn_id' => $this->getParentTransactionId()];
        Shop::db()->save('sales_payment_transaction', 0, $row);
    }

    private function isFinal(int $base): bool
    {
        $paid = Units::of($this->getBaseAmountPaid());
        return Units::of($this->order->getBaseGrandTotal()) === $base + $paid;
    }

    /** The table of 3.5. */
    public function registerCaptureNotification($amount, $skipFraudDetection = false)
    {
        $base = Units::of($amount);
        $invoice = $this->invoiceOf((string)$this->getTransactionId());
        if ($invoice === null) {
            if ($this->isFinal($base)) {
                $invoice = $this->order->prepareInvoice();
                $this->order->addRelatedObject($invoice);
            } else {
                $this->setIsFraudDetected(!$skipFraudDetection);
                $this->setBaseAmountPaidOnline($amount);
            }
        }
        if ($invoice !== null && (int)$invoice->getState() === Invoice::STATE_OPEN) {
            $this->order->addRelatedObject($invoice);
            $invoice->pay();
        }
        $this->move('Registered notification about captured amount of %1.', $amount);
        $this->addTransaction('capture', $invoice);
        return $this;
    }

    private function invoiceOf(string $transactionId): ?Invoice
    {
        foreach ($this->order->getInvoiceCollection() as $invoice) {
            if ($invoice->getTransactionId() === $transactionId) {
                return $invoice;
            }
        }
        return null;
    }

    /** Only new and pending_payment become processing: what is cancelled or in review stays so. */
    private function move(string $text, $amount): void
    {
        $state = $this->order->getState();
        $status = null;
        if (in_array($state, [Order::STATE_NEW, Order::STATE_PENDING_PAYMENT], true)) {
            $state = Order::STATE_PROCESSING;
        }
        if ($this->getIsTransactionPending()) {
            $state = Order::STATE_PAYMENT_REVIEW;
        }
        if ($this->getIsFraudDetected()) {
            [$state, $status] = [Order::STATE_PAYMENT_REVIEW, 'fraud'];
        }
        $this->order->setState($state)->setStatus($status ?? Order::STATUSES[$state][0]);
        $this->order->addCommentToStatusHistory(__($text, $amount));
    }

    public function registerAuthorizationNotification($amount)
    {
        if ($this->isFinal(Units::of($amount))) {
            $this->setBaseAmountAuthorized($amount);
            $this->move('Authorized amount of %1', $amount);
            $this->addTransaction('authorization', null);
        }
        return $this;
    }

    /** An online invoice: the method's capture command (3.5). */
    public function capture(Invoice $invoice): void
    {
        Shop::events()->dispatch('sales_order_payment_capture', ['payment' => $this, 'invoice' => $invoice]);
        Shop::method()->executeCommand('capture', ['payment' => $this, 'amount' => $invoice->getBaseGrandTotal()]);
        if (!$this->getIsTransactionPending()) {
            $invoice->pay();
        }
        $this->move('Captured amount of %1 online.', $invoice->getBaseGrandTotal());
        $this->addTransaction('capture', $invoice);
    }

    /** The credit memo gets the id that the payment has by then. Online only with an invoice that has a transaction; the transaction is {tx}-refund unless the command sets one. */
    public function refund(Creditmemo $creditmemo): void
    {
        $this->setCreditmemo($creditmemo);
        $invoice = $creditmemo->getInvoice();
        if ($creditmemo->getDoTransaction() && $invoice && $invoice->getTransactionId()) {
            $this->setTransactionId($invoice->getTransactionId() . '-refund');
            Shop::method()->executeCommand('refund', ['payment' => $this, 'amount' => $creditmemo->getBaseGrandTotal()]);
        }
        $this->addTransaction('refund', $creditmemo);
    }

    public function cancel(): void
    {
        Shop::method()->executeCommand('cancel', ['payment' => $this]);
        Shop::events()->dispatch('sales_order_payment_cancel', ['payment' => $this]);
    }

    public function void(): void
    {
        Shop::method()->executeCommand('void', ['payment' => $this]);
        Shop::events()->dispatch('sales_order_payment_void', ['payment' => $this]);
    }

    /** Processing, whether there is an invoice or not: nothing looks at amounts. */
    public function accept(): void
    {
        $invoice = $this->invoiceOf((string)$this->getLastTransId());
        Shop::method()->executeCommand('accept_payment', ['payment' => $this]);
        $this->approved($invoice);
    }

    private function approved(?Invoice $invoice): void
    {
        if ($invoice !== null) {
            $this->order->addRelatedObject($invoice);
            $invoice->pay();
        }
        $this->order->setState(Order::STATE_PROCESSING)->setStatus('processing');
    }

    /** "Get Payment Update" of an order in payment review: where nothing is decided it is put back there. */
    public function update(): void
    {
        $id = (string)$this->getLastTransId();
        $invoice = $id === '' ? null : $this->invoiceOf($id);
        Shop::method()->fetchTransactionInfo($this, $id);
        if ($this->getIsTransactionApproved()) {
            $this->approved($invoice);
        } elseif ($this->getIsTransactionDenied()) {
            $this->order->setState(Order::STATE_CANCELED)->setStatus('canceled');
        } else {
            $this->order->setState(Order::STATE_PAYMENT_REVIEW);
        }
    }

    public function deny(): void
    {
        Shop::method()->executeCommand('deny_payment', ['payment' => $this]);
        $this->order->setState(Order::STATE_CANCELED)->setStatus('canceled');
    }
}
