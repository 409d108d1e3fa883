<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\Config\Source;

use Magento\Framework\Data\OptionSourceInterface;

/**
 * When money is taken.
 */
class Capture implements OptionSourceInterface
{
    /**
     * @inheritdoc
     */
    public function toOptionArray()
    {
        return [
            ['value' => 'automatic', 'label' => __('At once')],
            ['value' => 'manual', 'label' => __('When I make the invoice')],
        ];
    }
}
