<?php

declare(strict_types=1);

namespace Kassette\Payment\Controller\Adminhtml\Connection;

use Kassette\Payment\Model\Methods;
use Kassette\Payment\Model\Problem;
use Magento\Backend\App\Action;
use Magento\Backend\App\Action\Context;
use Magento\Framework\App\Action\HttpGetActionInterface;

/**
 * Tries the connection by reading the methods, and says how it went.
 */
class Test extends Action implements HttpGetActionInterface
{
    /**
     * @see _isAllowed()
     */
    public const ADMIN_RESOURCE = 'Kassette_Payment::connection';

    /**
     * @param Context $context
     * @param Methods $methods
     */
    public function __construct(Context $context, private readonly Methods $methods)
    {
        parent::__construct($context);
    }

    /**
     * @inheritdoc
     */
    public function execute()
    {
        try {
            $count = $this->methods->refresh();
            $this->messageManager->addSuccessMessage(__('Kassette answers: %1 methods in all stores.', $count));
        } catch (Problem $e) {
            $this->messageManager->addErrorMessage($e->getMessage());
        }
        $redirect = $this->resultRedirectFactory->create();
        return $redirect->setPath('adminhtml/system_config/edit', ['section' => 'payment']);
    }
}
