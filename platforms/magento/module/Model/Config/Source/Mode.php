<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\Config\Source;

use Magento\Framework\Data\OptionSourceInterface;

/**
 * In which mode payments are made.
 */
class Mode implements OptionSourceInterface
{
    /**
     * @inheritdoc
     */
    public function toOptionArray()
    {
        return [
            ['value' => 'test', 'label' => __('Test')],
            ['value' => 'live', 'label' => __('Live')],
        ];
    }
}
