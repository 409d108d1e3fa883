<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Sales\Api\CreditmemoManagementInterface;
use Magento\Sales\Api\OrderRepositoryInterface;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\CreditmemoFactory;
use Magento\Sales\Model\OrderFactory;
use Magento\Sales\Model\ResourceModel\Order as OrderResource;

/**
 * Refunds that were made at the gateway become offline credit memos, which pay nothing out (magento.md 4). A credit
 * memo's transaction id is the gateway's id of the refund: that is how the shop knows what it has.
 */
class Refunds
{
    /**
     * @param Money $money
     * @param CreditmemoFactory $creditmemoFactory
     * @param CreditmemoManagementInterface $creditmemoManagement
     * @param OrderRepositoryInterface $orderRepository
     * @param OrderFactory $orderFactory
     * @param OrderResource $orderResource
     * @param Attention $attention
     */
    public function __construct(
        private readonly Money $money,
        private readonly CreditmemoFactory $creditmemoFactory,
        private readonly CreditmemoManagementInterface $creditmemoManagement,
        private readonly OrderRepositoryInterface $orderRepository,
        private readonly OrderFactory $orderFactory,
        private readonly OrderResource $orderResource,
        private readonly Attention $attention
    ) {
    }

    /**
     * Ids of the gateway's refunds that the shop has
     *
     * @param Order $order
     * @return string[]
     */
    public function known(Order $order): array
    {
        $ids = [];
        foreach ($order->getCreditmemosCollection() as $creditmemo) {
            $ids[] = (string)$creditmemo->getTransactionId();
        }
        return array_filter($ids);
    }

    /**
     * All refunds of the gateway's order
     *
     * @param array $whole
     * @return array
     */
    public function of(array $whole): array
    {
        $refunds = [];
        foreach ($whole['payments'] ?? [] as $payment) {
            foreach ($payment['refunds'] ?? [] as $refund) {
                $refunds[] = $refund;
            }
        }
        return $refunds;
    }

    /**
     * Records the refunds that the shop does not have, and flags those that failed after it had them. Order locked
     *
     * @param Order $order
     * @param Link $link
     * @param array $whole The gateway's order
     * @return void
     */
    public function record(Order $order, Link $link, array $whole): void
    {
        $known = $this->known($order);
        foreach ($this->of($whole) as $refund) {
            $has = in_array($refund['id'], $known, true);
            if (!$has && $refund['status'] === 'succeeded') {
                $order = $this->add($order, $link, $refund);
            } elseif ($has && $refund['status'] === 'failed') {
                $text = __(
                    'the refund of %1 (%2) failed at the provider: the money is still here, though the shop has a '
                    . 'credit memo. Give it back another way.',
                    $this->money->text($refund['amount']),
                    $refund['id']
                );
                $this->attention->raise($order, $link, 'refund_failed_' . $refund['id'], $text);
                $this->orderRepository->save($order);
            }
        }
    }

    /**
     * Records a refund
     *
     * @param Order $order
     * @param Link $link
     * @param array $refund The gateway's
     * @return Order To go on with: read anew where it broke off, since half a refund is in the other
     */
    private function add(Order $order, Link $link, array $refund): Order
    {
        $text = $this->money->text($refund['amount']);
        try {
            if (!$order->canCreditmemo()) {
                throw new \InvalidArgumentException((string)__('the order has nothing left to refund'));
            }
            $creditmemo = $this->creditmemoFactory->createByOrder($order, $this->asked($order, $refund['amount']));
            $this->name($order, $refund['id']);
            $creditmemo->setTransactionId($refund['id']);
            $comment = __('Kassette: %1 was refunded at the gateway (%2).', $text, $refund['id']);
            $creditmemo->addComment((string)$comment);
            $this->creditmemoManagement->refund($creditmemo, true);
        } catch (\Exception $e) {
            $text = __('%1 was refunded at the gateway, and the shop could not record it: %2', $text, $e->getMessage());
            $fresh = $this->orderFactory->create();
            $this->orderResource->load($fresh, $order->getId());
            $this->attention->raise($fresh, $link, 'refund_not_recorded_' . $refund['id'], $text);
            $this->orderRepository->save($fresh);
            return $fresh;
        }
        return $order;
    }

    /**
     * Names the refund's transaction: Magento gives the credit memo the id that the payment has by then, which after a
     * capture in the same process would be the capture's
     *
     * @param Order $order
     * @param string $transactionId
     * @return void
     */
    private function name(Order $order, string $transactionId): void
    {
        $payment = $order->getPayment();
        $payment->setTransactionId($transactionId);
        $payment->setIsTransactionClosed(true);
        $payment->setShouldCloseParentTransaction(false);
        foreach ($order->getInvoiceCollection() as $invoice) {
            if ($invoice->getTransactionId()) {
                $payment->setParentTransactionId($invoice->getTransactionId());
            }
        }
    }

    /**
     * What a credit memo is asked to hold: all that is left, or an amount alone: no items, adjusted (2.2)
     *
     * @param Order $order
     * @param array $amount The refund's
     * @return array
     */
    private function asked(Order $order, array $amount): array
    {
        $currency = (string)$order->getOrderCurrencyCode();
        $base = (string)$order->getBaseCurrencyCode();
        if ($amount['currency'] !== $currency) {
            throw new \InvalidArgumentException((string)__('it is in another currency'));
        }
        $refunded = $this->money->minor($order->getTotalRefunded(), $currency);
        $left = $this->money->minor($order->getTotalPaid(), $currency) - $refunded;
        if ((int)$amount['value'] === $left && $refunded === 0) {
            return [];
        }
        $value = $this->money->share(
            $this->money->minor($order->getBaseGrandTotal(), $base),
            (int)$amount['value'],
            $this->money->minor($order->getGrandTotal(), $currency)
        );
        $qtys = [];
        foreach ($order->getAllItems() as $item) {
            $qtys[$item->getId()] = 0;
        }
        $value = $this->money->decimal($value, $base);
        return ['qtys' => $qtys, 'shipping_amount' => 0, 'adjustment_positive' => $value];
    }
}
