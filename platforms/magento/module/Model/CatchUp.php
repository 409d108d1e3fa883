<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Framework\Stdlib\DateTime\DateTime;
use Magento\Store\Model\StoreManagerInterface;

/**
 * Asks the gateway for its orders: what no notice could bring is taken then. A request brings many orders.
 */
class CatchUp
{
    /**
     * Seconds to look back: each time, and once a day.
     */
    public const EACH_TIME = 259200;
    public const ONCE_A_DAY = 7776000;

    /**
     * Pages that are read at most, of so many orders.
     */
    private const PAGES = 50;
    private const LIMIT = 100;

    /**
     * @param Client $client
     * @param Config $config
     * @param Links $links
     * @param News $news
     * @param DateTime $dateTime
     * @param StoreManagerInterface $storeManager
     * @param Log $log
     */
    public function __construct(
        private readonly Client $client,
        private readonly Config $config,
        private readonly Links $links,
        private readonly News $news,
        private readonly DateTime $dateTime,
        private readonly StoreManagerInterface $storeManager,
        private readonly Log $log
    ) {
    }

    /**
     * Catches up
     *
     * @param int $back Seconds to look back
     * @return int How many orders had news
     */
    public function run(int $back): int
    {
        $new = 0;
        foreach ($this->accounts() as $access) {
            try {
                $new += $this->look($access, $back);
            } catch (\Throwable $e) {
                $this->log->write('warning', 'catching up: ' . $e->getMessage());
            }
        }
        return $new;
    }

    /**
     * With what to ask: each gateway and key that a store has, once
     *
     * @return Access[]
     */
    private function accounts(): array
    {
        $accounts = [];
        foreach ($this->storeManager->getStores() as $store) {
            $storeId = (int)$store->getId();
            foreach (Config::MODES as $mode) {
                $key = $this->config->key($mode, $storeId);
                if ($key !== '') {
                    $accounts[$this->config->url($storeId) . ' ' . $key] ??= new Access($mode, $storeId);
                }
            }
        }
        return array_values($accounts);
    }

    /**
     * Reads the orders of a key
     *
     * @param Access $access
     * @param int $back
     * @return int How many had news
     * @throws Problem
     */
    private function look(Access $access, int $back): int
    {
        $from = gmdate('Y-m-d\TH:i:s\Z', (int)$this->dateTime->gmtTimestamp() - $back);
        $query = ['created_from' => $from, 'limit' => self::LIMIT];
        $new = 0;
        for ($page = 0; $page < self::PAGES; $page++) {
            $list = $this->client->get($access, '/v1/orders', $query);
            foreach ($list['items'] ?? [] as $whole) {
                $new += $this->take($whole, $access->mode) ? 1 : 0;
            }
            if (empty($list['next_cursor'])) {
                break;
            }
            $query['cursor'] = $list['next_cursor'];
        }
        return $new;
    }

    /**
     * Takes an order of the list, where it has news. One that cannot be taken is logged, and the others follow
     *
     * @param array $whole
     * @param string $mode
     * @return bool
     */
    private function take(array $whole, string $mode): bool
    {
        $orderId = $this->news->orderId($whole);
        if ($orderId === 0 || ($this->links->of($orderId)->taken[$whole['id']] ?? -1) >= $whole['version']) {
            return false;
        }
        try {
            return $this->news->take($whole, $mode) === News::TAKEN;
        } catch (\Throwable $e) {
            $this->log->write('warning', 'catching up with ' . $whole['id'] . ': ' . $e->getMessage());
            return false;
        }
    }
}
