<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\Ui;

use Kassette\Payment\Model\Config;
use Kassette\Payment\Model\Methods;
use Magento\Checkout\Model\ConfigProviderInterface;
use Magento\Store\Model\StoreManagerInterface;

/**
 * What the renderer shows: window.checkoutConfig.payment.kassette (magento.md 3.4).
 */
class ConfigProvider implements ConfigProviderInterface
{
    /**
     * @param Config $config
     * @param Methods $methods
     * @param StoreManagerInterface $storeManager
     */
    public function __construct(
        private readonly Config $config,
        private readonly Methods $methods,
        private readonly StoreManagerInterface $storeManager
    ) {
    }

    /**
     * @inheritdoc
     */
    public function getConfig()
    {
        $storeId = (int)$this->storeManager->getStore()->getId();
        $methods = [];
        foreach ($this->config->get('choice', $storeId) === 'shop' ? $this->methods->of($storeId) : [] as $method) {
            unset($method['logo_url']);
            $methods[] = $method;
        }
        return ['payment' => [Config::CODE => [
            'redirectPath' => 'kassette/redirect',
            'test' => $this->config->mode($storeId) === 'test',
            'methods' => $methods,
        ]]];
    }
}
