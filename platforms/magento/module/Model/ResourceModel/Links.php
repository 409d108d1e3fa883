<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\ResourceModel;

use Kassette\Payment\Model\Link;
use Magento\Framework\App\ResourceConnection;
use Magento\Framework\Math\Random;
use Magento\Framework\Serialize\Serializer\Json;

/**
 * The table kassette_order.
 */
class Links
{
    private const TABLE = 'kassette_order';

    private const TOKEN_LENGTH = 40;

    /**
     * @param ResourceConnection $resource
     * @param Json $json
     * @param Random $random
     */
    public function __construct(
        private readonly ResourceConnection $resource,
        private readonly Json $json,
        private readonly Random $random
    ) {
    }

    /**
     * An order's link; a new one where there is none
     *
     * @param int $orderId
     * @return Link
     */
    public function of(int $orderId): Link
    {
        return $this->find('order_id', (string)$orderId)
            ?? new Link($orderId, $this->random->getRandomString(self::TOKEN_LENGTH));
    }

    /**
     * The link of a token; null where there is none
     *
     * @param string $token
     * @return Link|null
     */
    public function byToken(string $token): ?Link
    {
        $link = $token === '' ? null : $this->find('token', $token);
        return $link !== null && hash_equals($link->token, $token) ? $link : null;
    }

    /**
     * Saves a link
     *
     * @param Link $link
     * @return void
     */
    public function save(Link $link): void
    {
        $row = [
            'order_id' => $link->orderId,
            'token' => $link->token,
            'checkout_id' => $link->checkoutId,
            'mode' => $link->mode,
            'status' => $link->status,
            'paid_by' => $link->paidBy,
            'taken' => $this->json->serialize($link->taken),
            'flags' => $this->json->serialize($link->flags),
        ];
        $table = $this->resource->getTableName(self::TABLE);
        $this->resource->getConnection()->insertOnDuplicate($table, $row, array_keys($row));
    }

    /**
     * The link in whose row a column has a value
     *
     * @param string $column
     * @param string $value
     * @return Link|null
     */
    private function find(string $column, string $value): ?Link
    {
        $connection = $this->resource->getConnection();
        $select = $connection->select()
            ->from($this->resource->getTableName(self::TABLE))
            ->where($column . ' = ?', $value);
        $row = $connection->fetchRow($select);
        if (!$row) {
            return null;
        }
        $link = new Link((int)$row['order_id'], (string)$row['token']);
        $link->checkoutId = (string)$row['checkout_id'];
        $link->mode = (string)$row['mode'];
        $link->status = (string)$row['status'];
        $link->paidBy = (string)$row['paid_by'];
        $link->taken = $this->json->unserialize($row['taken'] ?: '[]');
        $link->flags = $this->json->unserialize($row['flags'] ?: '[]');
        return $link;
    }
}
