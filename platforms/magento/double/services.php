<?php

declare(strict_types=1);

namespace Magento\Sales\Api {
    interface OrderRepositoryInterface
    {
        public function get($id);

        public function save($order);
    }

    interface OrderManagementInterface
    {
        public function cancel($id);
    }

    interface CreditmemoManagementInterface
    {
        public function refund($creditmemo, $offlineRequested = false);
    }
}

namespace Kassette\Double {
    use Magento\Framework\Exception\LocalizedException;
    use Magento\Framework\Exception\NoSuchEntityException;
    use Magento\Sales\Model\Order;

    /** It remembers what it once read. */
    class OrderRepository implements \Magento\Sales\Api\OrderRepositoryInterface
    {
        private array $read = [];

        public function get($id)
        {
            if (!isset($this->read[$id])) {
                $order = new Order();
                $order->load((int)$id);
                if (!$order->getId()) {
                    throw NoSuchEntityException::singleField('orderId', $id);
                }
                $this->read[$id] = $order;
            }
            return $this->read[$id];
        }

        public function save($order)
        {
            $order->save();
            return $this->read[$order->getId()] = $order;
        }
    }

    class Orders implements \Magento\Sales\Api\OrderManagementInterface
    {
        /** False, and no error, where nothing was done (2.2). */
        public function cancel($id)
        {
            $order = Shop::order((int)$id);
            if (!$order->canCancel()) {
                return false;
            }
            $order->cancel()->save();
            return true;
        }

        /** POST /V1/orders/{id}/comments: a status of another state is refused (2.2). */
        public function comment(int $id, string $comment, string $status): bool
        {
            $order = Shop::order($id);
            if (!in_array($status, Order::STATUSES[$order->getState()], true)) {
                throw new LocalizedException(__('Unable to add comment: The status "%1" is not part of the order status history.', $status));
            }
            $order->addCommentToStatusHistory($comment)->save();
            return true;
        }

        /** POST /V1/order/{id}/invoice (2.2): capture true runs the method's capture command, false records alone. */
        public function invoice(int $id, bool $capture, ?string $amount = null): string
        {
            $order = Shop::order($id);
            $open = array_filter($order->getAllItems(), static fn ($item) => $item->getQtyToInvoice() > 0);
            if ($open === [] || Units::of($order->getTotalDue()) === 0) {
                throw new LocalizedException(__("The invoice can't be created without products. Add products and try again."));
            }
            $invoice = $order->prepareInvoice();
            if ($amount !== null) {
                $invoice->addData(['grand_total' => $amount, 'base_grand_total' => $amount]);
            }
            $order->addRelatedObject($invoice);
            if ($capture) {
                $order->getPayment()->capture($invoice);
            } else {
                $invoice->pay();
                $order->setState(Order::STATE_PROCESSING)->setStatus('processing');
            }
            $order->save();
            return (string)$invoice->getEntityId();
        }

        /** POST /V1/invoice/{id}/refund with isOnline (2.2), or the admin's "Refund" and "Refund Offline" (3.5). */
        public function refundInvoice(int $id, string $amount, bool $online, string $note = ''): Order\Creditmemo
        {
            $order = Shop::order($id);
            $invoice = current($order->getInvoiceCollection());
            $creditmemo = new Order\Creditmemo(['order_id' => $id, 'invoice_id' => $invoice->getEntityId(), 'grand_total' => $amount, 'base_grand_total' => $amount, 'customer_note' => $note], $order);
            return Shop::container()->get(Creditmemos::class)->refund($creditmemo, !$online);
        }

        /** The hourly cron sales_clean_orders (1). */
        public function clean(int $now): int
        {
            $cleaned = 0;
            foreach (Shop::db()->all('sales_order') as $id => $row) {
                if ($row['order']['status'] === 'pending_payment' && $row['order']['updated_at'] <= $now - 480 * 60) {
                    $cleaned += $this->cancel($id) ? 1 : 0;
                }
            }
            return $cleaned;
        }
    }

    class Creditmemos implements \Magento\Sales\Api\CreditmemoManagementInterface
    {
        public function refund($creditmemo, $offlineRequested = false)
        {
            $order = $creditmemo->getOrder();
            $left = Units::of($order->getTotalPaid()) - Units::of($order->getTotalRefunded());
            $sum = Units::of($creditmemo->getGrandTotal());
            if ($sum <= 0 || $sum > $left) {
                throw new LocalizedException(__('The most money available to refund is %1.', Units::decimal($left)));
            }
            $creditmemo->setDoTransaction(!$offlineRequested);
            $order->getPayment()->refund($creditmemo);
            $order->setTotalRefunded(Units::decimal(Units::of($order->getTotalRefunded()) + $sum));
            Shop::events()->dispatch('sales_order_creditmemo_save_before', ['creditmemo' => $creditmemo]);
            $creditmemo->save();
            Shop::events()->dispatch('sales_order_creditmemo_refund', ['creditmemo' => $creditmemo]);
            $order->save();
            return $creditmemo;
        }
    }
}

namespace Magento\Sales\Model\Order\Email\Sender {
    class OrderSender
    {
        public function send($order, $forceSyncMode = false)
        {
            \Kassette\Double\Shop::events()->dispatch('email_order_set_template_vars_before', ['order' => $order]);
            \Kassette\Double\Shop::db()->save('mail', 0, ['order_id' => $order->getId(), 'state' => \Kassette\Double\Shop::order((int)$order->getId())->getState()]);
            $order->setEmailSent(true)->saveEmailSent();
            return true;
        }
    }
}
