<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\Stdlib\DateTime\DateTime;

/**
 * What the gateway is still to be told: Magento Open Source has no webhooks (magento.md 3.7). A row of the table
 * kassette_outbox is written in the order's own transaction, so it is there exactly when the order's change is.
 */
class Outbox
{
    public const CANCEL = 'cancel';
    public const CAPTURE = 'capture';

    private const TABLE = 'kassette_outbox';

    /**
     * Seconds between tries, as the gateway itself pauses; after the last it is given up and somebody told.
     */
    private const PAUSES = [60, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400];

    /**
     * @param ResourceConnection $resource
     * @param DateTime $dateTime
     * @param Links $links
     */
    public function __construct(
        private readonly ResourceConnection $resource,
        private readonly DateTime $dateTime,
        private readonly Links $links
    ) {
    }

    /**
     * Notes what the gateway is to be told, once for each order; nothing where its order has ended
     *
     * @param int $orderId
     * @param string $type
     * @return void
     */
    public function add(int $orderId, string $type): void
    {
        if ($this->links->of($orderId)->isLive()) {
            $now = (int)$this->dateTime->gmtTimestamp();
            $row = ['order_id' => $orderId, 'type' => $type, 'tries' => 0, 'next_at' => $now, 'created_at' => $now];
            $this->resource->getConnection()->insertOnDuplicate($this->table(), $row, ['next_at']);
        }
    }

    /**
     * What is due
     *
     * @param int|null $orderId Of this order alone
     * @param int $limit
     * @return array Rows
     */
    public function due(?int $orderId = null, int $limit = 50): array
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->table())
            ->where('next_at > ?', 0)
            ->where('next_at <= ?', (int)$this->dateTime->gmtTimestamp())
            ->order('id ASC')
            ->limit($limit);
        if ($orderId !== null) {
            $select->where('order_id = ?', $orderId);
        }
        return $connection->fetchAll($select);
    }

    /**
     * The gateway knows
     *
     * @param array $row
     * @return void
     */
    public function told(array $row): void
    {
        $this->resource->getConnection()->delete($this->table(), ['id = ?' => $row['id']]);
    }

    /**
     * It did not work. What failed for good, or too often, is kept with no next time
     *
     * @param array $row
     * @param string $error
     * @param bool $passing Whether it may go well later
     * @return bool Whether it is tried again
     */
    public function failed(array $row, string $error, bool $passing): bool
    {
        $tries = (int)$row['tries'];
        $again = $passing && isset(self::PAUSES[$tries]);
        $next = $again ? (int)$this->dateTime->gmtTimestamp() + self::PAUSES[$tries] : 0;
        $bind = ['tries' => $tries + 1, 'next_at' => $next, 'error' => mb_substr($error, 0, 255)];
        $this->resource->getConnection()->update($this->table(), $bind, ['id = ?' => $row['id']]);
        return $again;
    }

    /**
     * The table's name
     *
     * @return string
     */
    private function table(): string
    {
        return $this->resource->getTableName(self::TABLE);
    }
}
