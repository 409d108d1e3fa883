<?php

declare(strict_types=1);

namespace Kassette\Payment\Controller\Redirect;

use Kassette\Payment\Model\Checkout;
use Kassette\Payment\Model\Config;
use Kassette\Payment\Model\Problem;
use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Checkout\Model\Session;
use Magento\Framework\App\Action\HttpGetActionInterface;
use Magento\Framework\Controller\Result\RedirectFactory;
use Magento\Framework\Message\ManagerInterface;
use Magento\Sales\Api\OrderManagementInterface;

/**
 * Sends the shopper, whose order was just placed, to pay it (magento.md 3.4).
 */
class Index implements HttpGetActionInterface
{
    /**
     * @param Checkout $checkout
     * @param Links $links
     * @param Session $session
     * @param OrderManagementInterface $orderManagement
     * @param RedirectFactory $redirectFactory
     * @param ManagerInterface $messageManager
     */
    public function __construct(
        private readonly Checkout $checkout,
        private readonly Links $links,
        private readonly Session $session,
        private readonly OrderManagementInterface $orderManagement,
        private readonly RedirectFactory $redirectFactory,
        private readonly ManagerInterface $messageManager
    ) {
    }

    /**
     * @inheritdoc
     */
    public function execute()
    {
        $redirect = $this->redirectFactory->create();
        $order = $this->session->getLastRealOrder();
        if (!$order->getId() || $order->getPayment()->getMethod() !== Config::CODE) {
            return $redirect->setPath('checkout/cart');
        }
        try {
            return $redirect->setUrl($this->checkout->url((int)$order->getId()));
        } catch (\Exception $e) {
            return $redirect->setPath($this->refused((int)$order->getId(), $e));
        }
    }

    /**
     * The payment could not be begun: the cart is restored and the order cancelled, unless it turns out to be paid
     *
     * @param int $orderId
     * @param \Exception $problem
     * @return string Where the shopper goes
     */
    private function refused(int $orderId, \Exception $problem): string
    {
        if (in_array($this->links->of($orderId)->status, ['paid', 'authorized', 'pending'], true)) {
            return 'checkout/onepage/success';
        }
        $this->session->restoreQuote();
        $this->orderManagement->cancel($orderId);
        $said = $problem instanceof Problem ? $problem->forConsumer() : '';
        $this->messageManager->addErrorMessage(
            $said !== '' ? $said : __('The payment could not be started. Nothing was charged: try again.')
        );
        return 'checkout/cart';
    }
}
