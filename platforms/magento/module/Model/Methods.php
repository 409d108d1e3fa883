<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Framework\FlagManager;
use Magento\Framework\HTTP\Client\CurlFactory;
use Magento\Store\Model\ScopeInterface;
use Magento\Store\Model\Store;
use Magento\Store\Model\StoreManagerInterface;

/**
 * Keeps what /v1/methods says, logos included, for each store: nobody is asked while a checkout renders.
 */
class Methods
{
    private const FLAG = 'kassette_methods';

    /**
     * The amount that is asked about, in the currency's main unit, and the largest logo, in bytes.
     */
    private const AMOUNT = '50';
    private const LOGO = 65536;

    /**
     * @param Client $client
     * @param Config $config
     * @param Money $money
     * @param FlagManager $flagManager
     * @param StoreManagerInterface $storeManager
     * @param ScopeConfigInterface $scopeConfig
     * @param CurlFactory $curlFactory
     */
    public function __construct(
        private readonly Client $client,
        private readonly Config $config,
        private readonly Money $money,
        private readonly FlagManager $flagManager,
        private readonly StoreManagerInterface $storeManager,
        private readonly ScopeConfigInterface $scopeConfig,
        private readonly CurlFactory $curlFactory
    ) {
    }

    /**
     * A store's methods, in the gateway's order: id, title, logo (a data URI), options
     *
     * @param int $storeId
     * @return array
     */
    public function of(int $storeId): array
    {
        return (array)($this->flagManager->getFlagData(self::FLAG)[$storeId] ?? []);
    }

    /**
     * Asks the gateway anew. Where it does not answer for a store, what was known of that store stays
     *
     * @return int How many methods there are, all stores together
     * @throws Problem Where it answered for no store
     */
    public function refresh(): int
    {
        $all = (array)$this->flagManager->getFlagData(self::FLAG);
        $problem = null;
        $count = 0;
        foreach ($this->storeManager->getStores() as $store) {
            try {
                $all[(int)$store->getId()] = $this->ask($store, $all[(int)$store->getId()] ?? []);
                $count += count($all[(int)$store->getId()]);
            } catch (Problem $e) {
                $problem = $e;
            }
        }
        $this->flagManager->saveFlag(self::FLAG, $all);
        if ($count === 0 && $problem !== null) {
            throw $problem;
        }
        return $count;
    }

    /**
     * Asks for a store's methods
     *
     * @param Store $store
     * @param array $known What was known before
     * @return array
     * @throws Problem
     */
    private function ask($store, array $known): array
    {
        $storeId = (int)$store->getId();
        $currency = (string)$store->getDefaultCurrencyCode();
        $locale = $this->scopeConfig->getValue('general/locale/code', ScopeInterface::SCOPE_STORE, $storeId);
        $answer = $this->client->get(new Access($this->config->mode($storeId), $storeId), '/v1/methods', [
            'amount' => $this->money->minor(self::AMOUNT, $currency),
            'currency' => $currency,
            'locale' => str_replace('_', '-', (string)$locale),
        ]);
        $logos = array_column($known, 'logo', 'logo_url');
        $methods = [];
        foreach ($answer['items'] ?? [] as $item) {
            if (!preg_match('/^[a-z][a-z0-9_-]{1,31}$/', (string)($item['id'] ?? ''))) {
                continue;
            }
            $url = (string)($item['logo_url'] ?? '');
            $options = array_map(
                static fn ($option) => ['id' => (string)$option['id'], 'title' => (string)$option['title']],
                is_array($item['options'] ?? null) ? $item['options'] : []
            );
            $methods[] = [
                'id' => $item['id'],
                'title' => (string)($item['title'] ?? $item['id']),
                'logo_url' => $url,
                'logo' => ($logos[$url] ?? '') !== '' ? $logos[$url] : $this->logo($url),
                'options' => $options,
            ];
        }
        return $methods;
    }

    /**
     * A logo as a data URI: no shopper's browser asks the gateway for it. Its address changes when the logo does
     *
     * @param string $url
     * @return string '' for none
     */
    private function logo(string $url): string
    {
        if (!preg_match('#^https?://#', $url)) {
            return '';
        }
        $curl = $this->curlFactory->create();
        $curl->setTimeout(Client::SHORT);
        $curl->setOption(CURLOPT_FOLLOWLOCATION, false);
        try {
            $curl->get($url);
        } catch (\Exception $e) {
            return ''; // It is asked for again the next time.
        }
        $body = (string)$curl->getBody();
        $fits = (int)$curl->getStatus() === 200 && strpos($body, '<svg') !== false && strlen($body) <= self::LOGO;
        return $fits ? 'data:image/svg+xml;base64,' . base64_encode($body) : '';
    }
}
