<?php

declare(strict_types=1);

namespace Kassette\Payment\Controller\Notify;

use Kassette\Payment\Model\Notices;
use Magento\Framework\App\Action\HttpPostActionInterface;
use Magento\Framework\App\CsrfAwareActionInterface;
use Magento\Framework\App\Request\Http;
use Magento\Framework\App\Request\InvalidRequestException;
use Magento\Framework\App\RequestInterface;
use Magento\Framework\Controller\Result\RawFactory;

/**
 * The one address for notices. It is signed, and that is the check: of all our addresses this one alone opts out of
 * Magento's own, which would answer 302 (magento.md 3.6).
 */
class Index implements HttpPostActionInterface, CsrfAwareActionInterface
{
    /**
     * @param Http $request
     * @param Notices $notices
     * @param RawFactory $rawFactory
     */
    public function __construct(
        private readonly Http $request,
        private readonly Notices $notices,
        private readonly RawFactory $rawFactory
    ) {
    }

    /**
     * @inheritdoc
     */
    public function createCsrfValidationException(RequestInterface $request): ?InvalidRequestException
    {
        return null;
    }

    /**
     * @inheritdoc
     */
    public function validateForCsrf(RequestInterface $request): ?bool
    {
        return true;
    }

    /**
     * @inheritdoc
     */
    public function execute()
    {
        [$status, $text] = $this->notices->receive((string)$this->request->getContent(), [
            'id' => (string)$this->request->getHeader('webhook-id'),
            'timestamp' => (string)$this->request->getHeader('webhook-timestamp'),
            'signature' => (string)$this->request->getHeader('webhook-signature'),
        ]);
        $result = $this->rawFactory->create();
        $result->setHttpResponseCode($status);
        $result->setHeader('Content-Type', 'text/plain; charset=utf-8', true);
        if ($status === 425 || $status === 503) {
            $result->setHeader('Retry-After', '5', true);
        }
        return $result->setContents($text);
    }
}
