<?php

declare(strict_types=1);

namespace Kassette\Payment\Block\Adminhtml;

use Magento\Config\Block\System\Config\Form\Field;
use Magento\Framework\Data\Form\Element\AbstractElement;

/**
 * A link in the settings that tries the connection, as they are saved.
 */
class ConnectionTest extends Field
{
    /**
     * @inheritdoc
     */
    protected function _getElementHtml(AbstractElement $element)
    {
        $url = $this->getUrl('kassette/connection/test');
        return '<a href="' . $this->escapeUrl($url) . '" class="action-default" id="'
            . $this->escapeHtmlAttr($element->getHtmlId()) . '">'
            . $this->escapeHtml(__('Save first, then try the connection')) . '</a>';
    }
}
