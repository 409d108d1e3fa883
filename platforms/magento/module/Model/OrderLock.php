<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Framework\Lock\LockBackendFactory;
use Magento\Framework\Lock\LockManagerInterface;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\OrderFactory;
use Magento\Sales\Model\ResourceModel\Order as OrderResource;

/**
 * A lock per order: three notices in parallel make two invoices without one (magento.md 3.5). The order is read anew
 * inside it, and not through the repository, which remembers what it once read.
 *
 * Each lock is of a manager of its own: that of the database holds one at a time, and cron holds the shared one.
 */
class OrderLock
{
    /**
     * Seconds to wait for it: the gateway gives a notice fifteen.
     */
    private const WAIT = 10;

    /**
     * How often each order's lock was taken in this process.
     *
     * @var int[]
     */
    private array $taken = [];

    /**
     * Orders whose lock stays until what changed them is saved.
     *
     * @var bool[]
     */
    private array $kept = [];

    /**
     * The manager that holds each order's lock.
     *
     * @var LockManagerInterface[]
     */
    private array $locks = [];

    /**
     * @param LockBackendFactory $lockBackendFactory
     * @param OrderFactory $orderFactory
     * @param OrderResource $orderResource
     */
    public function __construct(
        private readonly LockBackendFactory $lockBackendFactory,
        private readonly OrderFactory $orderFactory,
        private readonly OrderResource $orderResource
    ) {
    }

    /**
     * Runs a step that changes an order, with the order as it is by then
     *
     * @param int $orderId
     * @param callable $step Takes the order; its result is the result
     * @return mixed
     * @throws Locked Where another holds the order too long
     * @throws NoSuchEntityException
     */
    public function with(int $orderId, callable $step)
    {
        $this->take($orderId);
        try {
            $order = $this->orderFactory->create();
            $this->orderResource->load($order, $orderId);
            if (!$order->getId()) {
                throw NoSuchEntityException::singleField('orderId', $orderId);
            }
            return $step($order);
        } finally {
            $this->free($orderId);
        }
    }

    /**
     * Takes the lock and keeps it until the order is saved: for the admin's captures and refunds
     *
     * @param Order $order
     * @return void
     * @throws Locked
     */
    public function keep(Order $order): void
    {
        $orderId = (int)$order->getId();
        if (!isset($this->kept[$orderId])) {
            $this->take($orderId);
            $this->kept[$orderId] = true;
        }
    }

    /**
     * The order is saved
     *
     * @param int $orderId
     * @return void
     */
    public function saved(int $orderId): void
    {
        if (isset($this->kept[$orderId])) {
            unset($this->kept[$orderId]);
            $this->free($orderId);
        }
    }

    /**
     * Takes the lock, once for each process
     *
     * @param int $orderId
     * @return void
     * @throws Locked
     */
    private function take(int $orderId): void
    {
        if (empty($this->taken[$orderId])) {
            $lock = $this->lockBackendFactory->create();
            if (!$lock->lock($this->name($orderId), self::WAIT)) {
                throw new Locked(__('The order is being changed by somebody else: try again.'));
            }
            $this->locks[$orderId] = $lock;
        }
        $this->taken[$orderId] = ($this->taken[$orderId] ?? 0) + 1;
    }

    /**
     * Frees the lock when nobody in this process needs it any more
     *
     * @param int $orderId
     * @return void
     */
    private function free(int $orderId): void
    {
        $this->taken[$orderId]--;
        if ($this->taken[$orderId] === 0) {
            $this->locks[$orderId]->unlock($this->name($orderId));
            unset($this->locks[$orderId]);
        }
    }

    /**
     * The lock's name
     *
     * @param int $orderId
     * @return string
     */
    private function name(int $orderId): string
    {
        return 'kassette_order_' . $orderId;
    }
}
