<?php

declare(strict_types=1);

namespace Kassette\Payment\Controller\Return;

use Kassette\Payment\Model\Checkout;
use Kassette\Payment\Model\Config;
use Kassette\Payment\Model\Link;
use Kassette\Payment\Model\Log;
use Kassette\Payment\Model\ResourceModel\Links;
use Kassette\Payment\Model\Signature;
use Magento\Checkout\Model\Session;
use Magento\Framework\App\Action\HttpGetActionInterface;
use Magento\Framework\App\RequestInterface;
use Magento\Framework\Controller\Result\RedirectFactory;
use Magento\Framework\Message\ManagerInterface;
use Magento\Framework\Stdlib\DateTime\DateTime;

/**
 * Takes the shopper back. What the address says is not believed: the gateway is asked (magento.md 3.4).
 */
class Index implements HttpGetActionInterface
{
    /**
     * @param RequestInterface $request
     * @param Checkout $checkout
     * @param Config $config
     * @param Links $links
     * @param Signature $signature
     * @param Session $session
     * @param DateTime $dateTime
     * @param RedirectFactory $redirectFactory
     * @param ManagerInterface $messageManager
     * @param Log $log
     */
    public function __construct(
        private readonly RequestInterface $request,
        private readonly Checkout $checkout,
        private readonly Config $config,
        private readonly Links $links,
        private readonly Signature $signature,
        private readonly Session $session,
        private readonly DateTime $dateTime,
        private readonly RedirectFactory $redirectFactory,
        private readonly ManagerInterface $messageManager,
        private readonly Log $log
    ) {
    }

    /**
     * @inheritdoc
     */
    public function execute()
    {
        $redirect = $this->redirectFactory->create();
        $link = $this->links->byToken((string)$this->request->getParam('token'));
        if ($link === null || $link->checkoutId === '') {
            return $redirect->setPath('checkout/cart');
        }
        $status = $this->status($link);
        if (!in_array($status, ['cancelled', 'expired', 'open'], true)) {
            return $redirect->setPath('checkout/onepage/success');
        }
        if ((int)$this->session->getLastRealOrder()->getId() === $link->orderId) {
            $this->session->restoreQuote();
        }
        $this->messageManager->addNoticeMessage(__('The order is not paid. Nothing was charged: you can try again.'));
        return $redirect->setPath('checkout/cart');
    }

    /**
     * What the gateway says: what it said last, where it is not to be asked, does not answer, or cannot be heard now
     *
     * @param Link $link
     * @return string
     */
    private function status(Link $link): string
    {
        $query = [];
        foreach (['order', 'status', 'reference', 'timestamp', 'signature'] as $name) {
            $query[$name] = $this->request->getParam($name);
        }
        $now = (int)$this->dateTime->gmtTimestamp();
        $signed = $this->signature->isReturn($this->config->secrets(), $query, $now);
        try {
            $status = $this->checkout->ask($link, $signed ? $query['order'] : $link->checkoutId);
            return $status === 'open' ? $this->checkout->giveUp($this->links->of($link->orderId)) : $status;
        } catch (\Throwable $e) {
            $this->log->write('warning', 'way back of order ' . $link->orderId . ': ' . $e->getMessage());
            return $link->status === 'open' ? 'pending' : $link->status;
        }
    }
}
