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

namespace Magento\Backend\Block\Template {
    class Context
    {
    }
}

namespace Magento\Backend\Block {
    class Template
    {
        public function __construct(Template\Context $context, array $data = [])
        {
        }
    }
}

namespace Magento\Framework {
    class Escaper
    {
        public function escapeHtml($text): string
        {
            return htmlspecialchars((string)$text, ENT_QUOTES);
        }
    }
}

namespace Magento\Framework\View\Result {
    class Page
    {
        public string $menu = '';
        public string $title = '';

        public function setActiveMenu($id): self
        {
            $this->menu = $id;
            return $this;
        }

        public function getConfig(): self
        {
            return $this;
        }

        public function getTitle(): self
        {
            return $this;
        }

        public function prepend($title): void
        {
            $this->title = (string)$title;
        }
    }

    class PageFactory
    {
        public function create(): Page
        {
            return new Page();
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
