<?php

declare(strict_types=1);

namespace Kassette\Double {
    /** Amounts as integers of 1/10000, and as the decimals of Magento's columns. */
    class Units
    {
        public static function of($decimal): int
        {
            [$whole, $part] = explode('.', (string)($decimal ?? '0')) + ['0', ''];
            $units = (int)(ltrim($whole, '-') . str_pad(substr($part, 0, 4), 4, '0'));
            return strpos($whole, '-') === 0 ? -$units : $units;
        }

        public static function decimal(int $units): string
        {
            $digits = str_pad((string)abs($units), 5, '0', STR_PAD_LEFT);
            return ($units < 0 ? '-' : '') . substr($digits, 0, -4) . '.' . substr($digits, -4);
        }
    }
}

namespace Magento\Sales\Model\Order {
    class Item extends \Magento\Framework\DataObject
    {
        public function getQtyToInvoice(): int
        {
            return (int)$this->data['qty_ordered'] - (int)($this->data['qty_invoiced'] ?? 0) - (int)($this->data['qty_canceled'] ?? 0);
        }

        public function getId()
        {
            return $this->data['item_id'];
        }
    }

    class Address extends \Magento\Framework\DataObject
    {
    }
}

namespace Magento\Sales\Model {
    use Kassette\Double\Shop;
    use Kassette\Double\Units;

    class Order extends \Magento\Framework\DataObject
    {
        public const STATE_NEW = 'new';
        public const STATE_PENDING_PAYMENT = 'pending_payment';
        public const STATE_PROCESSING = 'processing';
        public const STATE_COMPLETE = 'complete';
        public const STATE_CLOSED = 'closed';
        public const STATE_CANCELED = 'canceled';
        public const STATE_HOLDED = 'holded';
        public const STATE_PAYMENT_REVIEW = 'payment_review';

        /** Statuses of each state, the default first (1). */
        public const STATUSES = [
            'new' => ['pending'], 'pending_payment' => ['pending_payment'], 'payment_review' => ['payment_review', 'fraud'],
            'processing' => ['processing', 'fraud'], 'complete' => ['complete'], 'closed' => ['closed'],
            'canceled' => ['canceled'], 'holded' => ['holded'],
        ];

        /** @var Order\Item[] */
        public array $items = [];
        public ?Order\Payment $payment = null;
        public array $related = [];
        private bool $canSendNewEmailFlag = true; // Of this object alone: no column keeps it.
        public array $comments = [];

        public function load(int $id): void
        {
            $row = Shop::db()->all('sales_order')[$id] ?? null;
            if ($row === null) {
                return;
            }
            $this->data = $row['order'] + ['entity_id' => $id];
            $this->items = array_map(static fn ($item) => new Order\Item($item), $row['items']);
            $this->payment = new Order\Payment($row['payment']);
            $this->payment->setOrder($this);
        }

        /** Saves what changed of the whole order: the last one wins, and documents are added. */
        public function save(): void
        {
            $payment = $this->payment->getData();
            unset($payment['transaction_id'], $payment['is_transaction_closed'], $payment['is_transaction_pending'], $payment['is_fraud_detected'], $payment['is_transaction_approved'], $payment['is_transaction_denied'], $payment['kassette_invoice_total'], $payment['creditmemo']);
            $this->settle();
            $items = array_map(static fn ($item) => $item->getData(), $this->items);
            $id = Shop::db()->save('sales_order', (int)$this->getId(), ['order' => $this->data, 'items' => $items, 'payment' => $payment]);
            $this->data['entity_id'] = $id;
            foreach ($this->related as $document) {
                $document->save();
            }
            foreach ($this->comments as $comment) {
                Shop::db()->save('history', 0, $comment + ['parent_id' => $id]);
            }
            $this->related = $this->comments = [];
            Shop::events()->dispatch('sales_order_save_after', ['order' => $this]);
            Shop::events()->dispatch('sales_order_save_commit_after', ['order' => $this]);
        }

        /** Saves one column alone, as the mail's sender does. */
        public function saveEmailSent(): void
        {
            $id = (int)$this->getId();
            Shop::db()->step('sales_order', static function (array $rows) use ($id) {
                $rows[$id]['order']['email_sent'] = true;
                return [$rows, null];
            });
        }

        /** What the state handler does at each save: virtual orders are complete when paid, refunded ones closed (1). */
        private function settle(): void
        {
            $paid = Units::of($this->getTotalPaid());
            if ($this->getState() === self::STATE_PROCESSING && $this->getIsVirtual() && $paid > 0 && Units::of($this->getTotalDue()) === 0) {
                $this->setState(self::STATE_COMPLETE)->setStatus('complete');
            }
            $left = in_array($this->getState(), [self::STATE_PROCESSING, self::STATE_COMPLETE], true);
            if ($left && $paid > 0 && Units::of($this->getTotalRefunded()) >= $paid) {
                $this->setState(self::STATE_CLOSED)->setStatus('closed');
            }
        }

        public function getCanSendNewEmailFlag()
        {
            return $this->canSendNewEmailFlag;
        }

        public function setCanSendNewEmailFlag($flag)
        {
            $this->canSendNewEmailFlag = (bool)$flag;
            return $this;
        }

        public function getId()
        {
            return $this->data['entity_id'] ?? null;
        }

        public function getPayment()
        {
            return $this->payment;
        }

        public function getAllItems()
        {
            return $this->items;
        }

        public function getAllVisibleItems()
        {
            return $this->items;
        }

        public function getBillingAddress()
        {
            return new Order\Address($this->data['billing']);
        }

        public function getShippingAddress()
        {
            return $this->getIsVirtual() ? null : $this->getBillingAddress();
        }

        public function getTotalDue(): string
        {
            return Units::decimal(Units::of($this->getGrandTotal()) - Units::of($this->getTotalPaid()));
        }

        public function addCommentToStatusHistory($comment, $status = false, $visible = false)
        {
            $this->comments[] = ['comment' => (string)$comment, 'status' => $this->getStatus()];
            return $this;
        }

        public function addRelatedObject(object $document)
        {
            $this->related[spl_object_id($document)] = $document;
            return $this;
        }

        /** @return Order\Invoice[] */
        public function getInvoiceCollection(): array
        {
            $saved = array_map(fn ($row) => new Order\Invoice($row, $this), Shop::db()->all('sales_invoice', 'order_id', $this->getId()));
            return array_merge($saved, array_filter($this->related, static fn ($one) => $one instanceof Order\Invoice));
        }

        /** @return Order\Creditmemo[] */
        public function getCreditmemosCollection(): array
        {
            return array_map(fn ($row) => new Order\Creditmemo($row, $this), Shop::db()->all('sales_creditmemo', 'order_id', $this->getId()));
        }

        public function hasInvoices(): bool
        {
            return $this->getInvoiceCollection() !== [];
        }

        public function canShip(): bool
        {
            return !$this->getIsVirtual() && !$this->getShipped();
        }

        public function isCanceled(): bool
        {
            return $this->getState() === self::STATE_CANCELED;
        }

        /** Not in payment_review, and not what is invoiced or over. */
        public function canCancel(): bool
        {
            $open = array_filter($this->items, static fn ($item) => $item->getQtyToInvoice() > 0);
            $over = [self::STATE_CANCELED, self::STATE_PAYMENT_REVIEW, self::STATE_COMPLETE, self::STATE_CLOSED, self::STATE_HOLDED];
            return $open !== [] && !in_array($this->getState(), $over, true);
        }

        public function cancel()
        {
            if ($this->canCancel()) {
                $this->payment->cancel();
                foreach ($this->items as $item) {
                    $item->setQtyCanceled($item->getQtyToInvoice());
                }
                $this->setState(self::STATE_CANCELED)->setStatus('canceled');
                Shop::events()->dispatch('order_cancel_after', ['order' => $this]);
            }
            return $this;
        }

        public function canHold(): bool
        {
            return !in_array($this->getState(), [self::STATE_CANCELED, self::STATE_PAYMENT_REVIEW, self::STATE_COMPLETE, self::STATE_CLOSED, self::STATE_HOLDED], true);
        }

        public function hold()
        {
            $this->setHoldBeforeState($this->getState())->setHoldBeforeStatus($this->getStatus());
            return $this->setState(self::STATE_HOLDED)->setStatus('holded');
        }

        public function unhold()
        {
            return $this->setState($this->getHoldBeforeState())->setStatus($this->getHoldBeforeStatus());
        }

        public function canCreditmemo(): bool
        {
            $left = Units::of($this->getTotalPaid()) - Units::of($this->getTotalRefunded());
            return $left > 0 && !in_array($this->getState(), [self::STATE_CANCELED, self::STATE_CLOSED, self::STATE_PAYMENT_REVIEW, self::STATE_HOLDED], true);
        }

        public function prepareInvoice(): Order\Invoice
        {
            return new Order\Invoice([
                'order_id' => $this->getId(), 'state' => 1, 'grand_total' => $this->getGrandTotal(), 'base_grand_total' => $this->getBaseGrandTotal(),
            ], $this);
        }

        public function loadByIncrementIdAndStoreId($number, $storeId): self
        {
            foreach (Shop::db()->all('sales_order') as $id => $row) {
                if ($row['order']['increment_id'] === $number) {
                    $this->load($id);
                }
            }
            return $this;
        }
    }

    class OrderFactory
    {
        public function create(array $data = []): Order
        {
            return new Order($data);
        }
    }
}

namespace Magento\Sales\Model\ResourceModel {
    class Order
    {
        public function load(\Magento\Sales\Model\Order $order, $id)
        {
            $order->load((int)$id);
            \Kassette\Double\Shop::events()->dispatch('sales_order_load_after', ['order' => $order]);
            return $this;
        }
    }
}
