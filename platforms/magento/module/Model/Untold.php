<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Sales\Api\OrderRepositoryInterface;
use Magento\Sales\Model\Order;

/**
 * What the gateway could not be told, for good: somebody should look at the order.
 */
class Untold
{
    /**
     * @param OrderLock $orderLock
     * @param Links $links
     * @param OrderRepositoryInterface $orderRepository
     * @param Attention $attention
     */
    public function __construct(
        private readonly OrderLock $orderLock,
        private readonly Links $links,
        private readonly OrderRepositoryInterface $orderRepository,
        private readonly Attention $attention
    ) {
    }

    /**
     * Raises a flag, once for each type
     *
     * @param int $orderId
     * @param string $type Of the outbox
     * @param string $why In English
     * @return void
     * @throws \Magento\Framework\Exception\LocalizedException Where the order cannot be changed now
     */
    public function raise(int $orderId, string $type, string $why): void
    {
        $this->orderLock->with($orderId, function (Order $order) use ($orderId, $type, $why): void {
            $link = $this->links->of($orderId);
            $text = $type === Outbox::CAPTURE
                ? __('its money could not be captured at the gateway. Capture it by an invoice. %1', $why)
                : __('its payment could not be cancelled at the gateway. Look there whether it is paid. %1', $why);
            $this->attention->raise($order, $link, 'untold_' . $type, $text);
            $this->links->save($link);
            $this->orderRepository->save($order);
        });
    }
}
