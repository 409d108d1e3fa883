<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\App\Config\ScopeConfigInterface;
use Magento\Store\Model\ScopeInterface;

/**
 * The settings below payment/kassette.
 */
class Config
{
    public const CODE = 'kassette';

    public const MODES = ['test', 'live'];

    /**
     * @param ScopeConfigInterface $scopeConfig
     * @param Signature $signature
     */
    public function __construct(
        private readonly ScopeConfigInterface $scopeConfig,
        private readonly Signature $signature
    ) {
    }

    /**
     * A setting
     *
     * @param string $field
     * @param int|null $storeId
     * @return string
     */
    public function get(string $field, ?int $storeId = null): string
    {
        $path = 'payment/' . self::CODE . '/' . $field;
        return trim((string)$this->scopeConfig->getValue($path, ScopeInterface::SCOPE_STORE, $storeId));
    }

    /**
     * In which mode new payments are begun
     *
     * @param int|null $storeId
     * @return string test or live
     */
    public function mode(?int $storeId = null): string
    {
        return $this->get('mode', $storeId) === 'live' ? 'live' : 'test';
    }

    /**
     * Where the gateway is, without a slash at the end
     *
     * @param int|null $storeId
     * @return string
     */
    public function url(?int $storeId = null): string
    {
        return rtrim($this->get('url', $storeId), '/');
    }

    /**
     * The API key of a mode
     *
     * @param string $mode test or live
     * @param int|null $storeId
     * @return string
     */
    public function key(string $mode, ?int $storeId = null): string
    {
        return $this->get($mode . '_key', $storeId);
    }

    /**
     * The notice secrets of both modes, decoded: a notice of a test order may come after going live
     *
     * @param int|null $storeId
     * @return string[]
     */
    public function secrets(?int $storeId = null): array
    {
        $secrets = [];
        foreach (self::MODES as $mode) {
            foreach (preg_split('/[\s,]+/', $this->get($mode . '_secret', $storeId)) as $text) {
                $secrets[] = $this->signature->secret($text);
            }
        }
        return array_values(array_unique(array_filter($secrets)));
    }

    /**
     * The secret that signs what the shop sends, decoded
     *
     * @param string $mode test or live
     * @param int|null $storeId
     * @return string|null
     */
    public function secret(string $mode, ?int $storeId = null): ?string
    {
        return $this->signature->secret((string)strtok($this->get($mode . '_secret', $storeId) . ' ', " ,\n"));
    }
}
