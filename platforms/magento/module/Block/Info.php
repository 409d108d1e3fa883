<?php

declare(strict_types=1);

namespace Kassette\Payment\Block;

use Magento\Payment\Block\Info as PaymentInfo;

/**
 * Shows which method the shopper chose and, to the admin, the payment's transaction.
 */
class Info extends PaymentInfo
{
    /**
     * @inheritdoc
     */
    protected function _prepareSpecificInformation($transport = null)
    {
        $transport = parent::_prepareSpecificInformation($transport);
        $info = $this->getInfo();
        $shown = array_filter([
            (string)__('Method') => (string)$info->getAdditionalInformation('kassette_method'),
            (string)__('Transaction') => $this->getIsSecureMode() ? '' : (string)$info->getData('last_trans_id'),
        ]);
        return $transport->addData($shown);
    }
}
