<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\Config\Source;

use Magento\Framework\Data\OptionSourceInterface;

/**
 * Where the shopper chooses a method.
 */
class Choice implements OptionSourceInterface
{
    /**
     * @inheritdoc
     */
    public function toOptionArray()
    {
        return [
            ['value' => 'page', 'label' => __('On Kassette\'s page')],
            ['value' => 'shop', 'label' => __('In the checkout')],
        ];
    }
}
