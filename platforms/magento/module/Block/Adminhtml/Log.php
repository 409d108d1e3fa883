<?php

declare(strict_types=1);

namespace Kassette\Payment\Block\Adminhtml;

use Kassette\Payment\Model\Log as Lines;
use Magento\Backend\Block\Template;
use Magento\Backend\Block\Template\Context;

/**
 * The log's latest lines.
 */
class Log extends Template
{
    /**
     * @param Context $context
     * @param Lines $log
     * @param array $data
     */
    public function __construct(Context $context, private readonly Lines $log, array $data = [])
    {
        parent::__construct($context, $data);
    }

    /**
     * The lines, the newest first: time, level, text
     *
     * @return array[]
     */
    public function lines(): array
    {
        return $this->log->lines();
    }
}
