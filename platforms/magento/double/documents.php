<?php

declare(strict_types=1);

namespace Magento\Sales\Model\Order;

use Kassette\Double\Shop;
use Kassette\Double\Units;
use Magento\Sales\Model\Order;

class Invoice extends \Magento\Framework\DataObject
{
    public const STATE_OPEN = 1;
    public const STATE_PAID = 2;

    public function __construct(array $data, private Order $order)
    {
        parent::__construct($data);
    }

    public function getOrder(): Order
    {
        return $this->order;
    }

    /** "Paid" is an invoice in state 2 (1). A cancelled order's items are left, its totals are filled all the same (3.5). */
    public function pay(): void
    {
        $this->setState(self::STATE_PAID);
        $order = $this->order;
        $order->setTotalPaid(Units::decimal(Units::of($order->getTotalPaid()) + Units::of($this->getGrandTotal())));
        $order->getPayment()->setBaseAmountPaid(Units::decimal(Units::of($order->getPayment()->getBaseAmountPaid()) + Units::of($this->getBaseGrandTotal())));
        foreach ($order->getAllItems() as $item) {
            if (!$order->isCanceled() && Units::of($order->getTotalDue()) === 0) {
                $item->setQtyInvoiced($item->getQtyOrdered());
            }
        }
        Shop::events()->dispatch('sales_order_invoice_pay', ['invoice' => $this]);
    }

    public function save(): void
    {
        $this->data['entity_id'] = Shop::db()->save('sales_invoice', (int)$this->getEntityId(), $this->data + ['transaction_id' => null]);
    }
}

class Creditmemo extends \Magento\Framework\DataObject
{
    public array $comments = [];

    public function __construct(array $data, private Order $order)
    {
        parent::__construct($data);
    }

    public function getOrder(): Order
    {
        return $this->order;
    }

    public function getInvoice(): ?Invoice
    {
        $id = $this->getInvoiceId();
        foreach ($id === null ? [] : $this->order->getInvoiceCollection() as $invoice) {
            if ($invoice->getEntityId() === $id) {
                return $invoice;
            }
        }
        return null;
    }

    public function addComment($comment)
    {
        $this->comments[] = (string)$comment;
        return $this;
    }

    public function save(): void
    {
        unset($this->data['do_transaction']);
        $this->data['entity_id'] = Shop::db()->save('sales_creditmemo', 0, $this->data + ['comments' => $this->comments, 'transaction_id' => null]);
    }
}

class CreditmemoFactory
{
    /** No quantities named: all that is left. Lines of quantity 0 and an adjustment: that amount, in base currency (2.2). */
    public function createByOrder(Order $order, array $data = []): Creditmemo
    {
        $whole = Units::of($order->getTotalPaid()) - Units::of($order->getTotalRefunded());
        $base = isset($data['qtys']) ? Units::of($data['adjustment_positive'] ?? '0') : $whole;
        $rate = [Units::of($order->getGrandTotal()), Units::of($order->getBaseGrandTotal())];
        $sum = isset($data['qtys']) ? intdiv($base * $rate[0], $rate[1]) : $whole;
        $base = isset($data['qtys']) ? $base : intdiv($whole * $rate[1], $rate[0]);
        return new Creditmemo([
            'order_id' => $order->getId(), 'grand_total' => Units::decimal($sum), 'base_grand_total' => Units::decimal($base),
        ], $order);
    }
}
