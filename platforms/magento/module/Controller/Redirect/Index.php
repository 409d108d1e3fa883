<?php

declare(strict_types=1);

namespace Kassette\Payment\Controller\Redirect;

use Kassette\Payment\Model\Checkout;
use Kassette\Payment\Model\Config;
use Kassette\Payment\Model\Log;
use Kassette\Payment\Model\Problem;
use Kassette\Payment\Model\ResourceModel\Links;
use Kassette\Payment\Model\WaitPage;
use Magento\Checkout\Model\Session;
use Magento\Framework\App\Action\HttpGetActionInterface;
use Magento\Framework\Controller\Result\RedirectFactory;
use Magento\Framework\Controller\ResultInterface;
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
     * @param WaitPage $waitPage
     * @param Log $log
     */
    public function __construct(
        private readonly Checkout $checkout,
        private readonly Links $links,
        private readonly Session $session,
        private readonly OrderManagementInterface $orderManagement,
        private readonly RedirectFactory $redirectFactory,
        private readonly ManagerInterface $messageManager,
        private readonly WaitPage $waitPage,
        private readonly Log $log
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
        } catch (\Throwable $e) {
            $this->log->write('warning', 'begin of order ' . $order->getId() . ': ' . $e->getMessage());
            return $this->failed((int)$order->getId(), $e);
        }
    }

    /**
     * The payment could not be begun, or nobody knows. It may be paid already; where the gateway did not refuse for
     * sure, as where another tab holds the order or no answer came, the shopper waits and it is asked again
     *
     * @param int $orderId
     * @param \Throwable $problem
     * @return ResultInterface
     */
    private function failed(int $orderId, \Throwable $problem)
    {
        $redirect = $this->redirectFactory->create();
        if (in_array($this->links->of($orderId)->status, ['paid', 'authorized', 'pending'], true)) {
            return $redirect->setPath('checkout/onepage/success');
        }
        if (!$problem instanceof Problem || !$problem->isRefusal()) {
            return $this->waitPage->create();
        }
        return $redirect->setPath($this->refused($orderId, $problem));
    }

    /**
     * The gateway refused: the cart is restored and the order cancelled
     *
     * @param int $orderId
     * @param Problem $problem
     * @return string Where the shopper goes
     */
    private function refused(int $orderId, Problem $problem): string
    {
        $this->session->restoreQuote();
        $this->orderManagement->cancel($orderId);
        $said = $problem->forConsumer();
        $this->messageManager->addErrorMessage(
            $said !== '' ? $said : __('The payment could not be started. Nothing was charged: try again.')
        );
        return 'checkout/cart';
    }
}
