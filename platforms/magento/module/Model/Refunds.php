<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Sales\Api\CreditmemoManagementInterface;
use Magento\Sales\Api\OrderRepositoryInterface;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\CreditmemoFactory;

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
     * @param Attention $attention
     */
    public function __construct(
        private readonly Money $money,
        private readonly CreditmemoFactory $creditmemoFactory,
        private readonly CreditmemoManagementInterface $creditmemoManagement,
        private readonly OrderRepositoryInterface $orderRepository,
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
                $this->add($order, $link, $refund);
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
     * @return void
     */
    private function add(Order $order, Link $link, array $refund): void
    {
        $text = $this->money->text($refund['amount']);
        try {
            if (!$order->canCreditmemo()) {
                throw new \InvalidArgumentException((string)__('the order has nothing left to refund'));
            }
            $creditmemo = $this->creditmemoFactory->createByOrder($order, $this->asked($order, $refund['amount']));
            $creditmemo->setTransactionId($refund['id']);
            $comment = __('Kassette: %1 was refunded at the gateway (%2).', $text, $refund['id']);
            $creditmemo->addComment((string)$comment);
            $this->creditmemoManagement->refund($creditmemo, true);
        } catch (\Exception $e) {
            $text = __('%1 was refunded at the gateway, and the shop could not record it: %2', $text, $e->getMessage());
            $this->attention->raise($order, $link, 'refund_not_recorded_' . $refund['id'], $text);
            $this->orderRepository->save($order);
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
