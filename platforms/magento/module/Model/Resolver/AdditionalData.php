<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\Resolver;

use Kassette\Payment\Model\Config;
use Magento\QuoteGraphQl\Model\Cart\Payment\AdditionalDataProviderInterface;

/**
 * Takes the shopper's choice from setPaymentMethodOnCart.
 */
class AdditionalData implements AdditionalDataProviderInterface
{
    /**
     * @inheritdoc
     */
    public function getData(array $data): array
    {
        $chosen = (array)($data[Config::CODE] ?? []);
        return [
            'kassette_method' => (string)($chosen['method'] ?? ''),
            'kassette_option' => (string)($chosen['option'] ?? ''),
        ];
    }
}
