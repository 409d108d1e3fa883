<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Sales\Api\OrderRepositoryInterface;
use Magento\Sales\Model\Order;

/**
 * Takes the gateway's order, from a notice or an answer, into the shop's: the table of magento.md 4.
 */
class News
{
    public const TAKEN = 'taken';
    public const OLD = 'old';
    public const FOREIGN = 'foreign';

    /**
     * @param OrderLock $orderLock
     * @param Links $links
     * @param OrderRepositoryInterface $orderRepository
     * @param Steps $steps
     * @param Registrar $registrar
     * @param Refunds $refunds
     * @param Outbox $outbox
     * @param Attention $attention
     */
    public function __construct(
        private readonly OrderLock $orderLock,
        private readonly Links $links,
        private readonly OrderRepositoryInterface $orderRepository,
        private readonly Steps $steps,
        private readonly Registrar $registrar,
        private readonly Refunds $refunds,
        private readonly Outbox $outbox,
        private readonly Attention $attention
    ) {
    }

    /**
     * Takes the gateway's order under the shop's order's lock
     *
     * @param array $whole The gateway's order, the newest that is known
     * @param string $mode test or live; '' for that in which it was begun
     * @param bool $back Whether the shopper is back from the provider
     * @return string taken, old, or foreign where it is no order of this shop
     * @throws \Magento\Framework\Exception\LocalizedException Where the order cannot be changed now
     */
    public function take(array $whole, string $mode = '', bool $back = false): string
    {
        return $this->orderLock->with(
            $this->orderId($whole),
            fn (Order $order) => $this->apply($order, $whole, $mode, $back)
        );
    }

    /**
     * The shop's order that the gateway's is of; 0 where it names none
     *
     * @param array $whole
     * @return int
     */
    public function orderId(array $whole): int
    {
        $metadata = $whole['metadata'] ?? [];
        return ($metadata['platform'] ?? '') === 'magento' ? (int)($metadata['order_id'] ?? 0) : 0;
    }

    /**
     * Applies what is news; old news is known by its number. Under the order's lock
     *
     * The link is saved last, so that what broke off is done again; each step knows by the order what was done.
     *
     * @param Order $order
     * @param array $whole
     * @param string $mode
     * @param bool $back
     * @return string
     */
    public function apply(Order $order, array $whole, string $mode = '', bool $back = false): string
    {
        $method = (string)$order->getPayment()->getMethod();
        if ($whole['reference'] !== (string)$order->getIncrementId() || $method !== Config::CODE) {
            return self::FOREIGN;
        }
        $link = $this->links->of((int)$order->getId());
        $taken = $link->taken[$whole['id']] ?? -1;
        $version = (int)$whole['version'];
        if ($version <= $taken && !$back) {
            return self::OLD;
        }
        $pays = in_array($whole['status'], ['paid', 'authorized'], true);
        if ($link->checkoutId === '' || ($pays && $link->paidBy === '')) {
            $link->checkoutId = $whole['id']; // A notice may be faster than the answer to the create.
        }
        if ($link->checkoutId === $whole['id'] && $version >= $taken) {
            $link->status = (string)$whole['status'];
            $link->mode = $mode !== '' ? $mode : $link->mode;
        }
        $this->links->save($link); // Cancelling the order asks what its payment is.
        $this->steps->take($order, $link, $whole, $back);
        foreach ($whole['attention'] ?? [] as $flag) {
            $this->attention->raise($order, $link, (string)$flag['code'], (string)$flag['message']);
        }
        $this->orderRepository->save($order);
        $this->registrar->mail($order);
        $this->refunds->record($order, $link, $whole);
        $link->taken[$whole['id']] = max($version, $taken);
        $this->links->save($link);
        if ($order->isCanceled() && in_array($link->status, ['open', 'pending'], true)) {
            $this->outbox->add($link->orderId, Outbox::CANCEL); // It was begun without the shop hearing of it.
        }
        return self::TAKEN;
    }
}
