<?php

declare(strict_types=1);

namespace Magento\Backend\App\Action {
    class Context
    {
        public function __construct(public \Magento\Framework\Message\ManagerInterface $messages, public \Magento\Framework\Controller\Result\RedirectFactory $redirects)
        {
        }
    }
}

namespace Magento\Backend\App {
    abstract class Action
    {
        public const ADMIN_RESOURCE = 'Magento_Backend::admin';

        protected $messageManager;
        protected $resultRedirectFactory;

        public function __construct(Action\Context $context)
        {
            $this->messageManager = $context->messages;
            $this->resultRedirectFactory = $context->redirects;
        }
    }
}

namespace Magento\Framework\Data\Form\Element {
    class AbstractElement
    {
        public function getHtmlId()
        {
            return 'payment_kassette_connection';
        }
    }
}

namespace Magento\Config\Block\System\Config\Form {
    class Field
    {
        public function render(\Magento\Framework\Data\Form\Element\AbstractElement $element): string
        {
            return $this->_getElementHtml($element);
        }

        protected function getUrl($route): string
        {
            return 'https://shop.example/admin/' . $route . '?key="';
        }

        protected function escapeUrl($text): string
        {
            return htmlspecialchars((string)$text, ENT_QUOTES);
        }

        protected function escapeHtmlAttr($text): string
        {
            return htmlspecialchars((string)$text, ENT_QUOTES);
        }

        protected function escapeHtml($text): string
        {
            return htmlspecialchars((string)$text, ENT_QUOTES);
        }
    }
}
