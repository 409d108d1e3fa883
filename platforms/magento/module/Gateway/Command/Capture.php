<?php

declare(strict_types=1);

namespace Kassette\Payment\Gateway\Command;

use Kassette\Payment\Model\Access;
use Kassette\Payment\Model\Client;
use Kassette\Payment\Model\Link;
use Kassette\Payment\Model\Money;
use Kassette\Payment\Model\OrderLock;
use Kassette\Payment\Model\Problem;
use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Payment\Gateway\Command\CommandException;
use Magento\Payment\Gateway\CommandInterface;
use Magento\Payment\Gateway\Helper\SubjectReader;
use Magento\Sales\Model\Order\Payment;

/**
 * Takes authorized money: the admin's online invoice (magento.md 3.5). The order stays locked until it is saved, so
 * the gateway's notice of this capture finds the invoice.
 */
class Capture implements CommandInterface
{
    /**
     * The payment's data that holds the invoice's total in the order's currency.
     */
    public const TOTAL = 'kassette_invoice_total';

    /**
     * @param Client $client
     * @param Links $links
     * @param Money $money
     * @param OrderLock $orderLock
     */
    public function __construct(
        private readonly Client $client,
        private readonly Links $links,
        private readonly Money $money,
        private readonly OrderLock $orderLock
    ) {
    }

    /**
     * @inheritdoc
     */
    public function execute(array $commandSubject)
    {
        /** @var Payment $payment */
        $payment = SubjectReader::readPayment($commandSubject)->getPayment();
        $order = $payment->getOrder();
        $this->orderLock->keep($order);
        $link = $this->links->of((int)$order->getId());
        if ($link->checkoutId === '') {
            throw new CommandException(__('This order was not paid through Kassette yet.'));
        }
        $currency = (string)$order->getOrderCurrencyCode();
        $total = $payment->getData(self::TOTAL) ?? SubjectReader::readAmount($commandSubject);
        $capture = $this->ask($link, $payment, $this->money->minor($total, $currency), $currency);
        $payment->setTransactionId($capture['id']);
        $payment->setIsTransactionClosed(false);
        $payment->setIsTransactionPending($capture['status'] === 'pending');
    }

    /**
     * Asks the gateway for a capture. Its name is made of how many there are, so asking again after a lost answer asks
     * for the same one
     *
     * @param Link $link
     * @param Payment $payment
     * @param int $amount
     * @param string $currency
     * @return array
     * @throws CommandException Where it was not captured, or nobody knows
     */
    private function ask(Link $link, Payment $payment, int $amount, string $currency): array
    {
        $order = $payment->getOrder();
        $access = new Access($link->mode, (int)$order->getStoreId());
        $path = '/v1/orders/' . $link->checkoutId;
        $body = ['amount' => $this->money->sent($amount, $currency)];
        try {
            $known = [];
            foreach ($order->getInvoiceCollection() as $invoice) {
                $known[] = (string)$invoice->getTransactionId();
            }
            $captures = [];
            foreach ($this->client->get($access, $path)['payments'] as $one) {
                $captures = [...$captures, ...$one['captures']];
            }
            foreach ($captures as $capture) {
                $lost = !in_array($capture['id'], $known, true) && $capture['status'] !== 'failed';
                if ($lost && $capture['origin'] === 'shop' && $capture['amount'] === $body['amount']) {
                    return $capture;
                }
            }
            $key = $order->getIncrementId() . '-capture-' . $amount . '-' . count($captures);
            $capture = $this->client->post($access, $path . '/captures', $body, $key);
        } catch (Problem $problem) {
            throw new CommandException($problem->isUnsure()
                ? __('No answer came. Capture again: it is never taken twice.')
                : __('Not captured: %1', $problem->detail()));
        }
        if ($capture['status'] === 'failed') {
            throw new CommandException(__('The provider did not take the money.'));
        }
        return $capture;
    }
}
