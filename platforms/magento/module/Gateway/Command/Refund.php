<?php

declare(strict_types=1);

namespace Kassette\Payment\Gateway\Command;

use Kassette\Payment\Model\Access;
use Kassette\Payment\Model\Client;
use Kassette\Payment\Model\Link;
use Kassette\Payment\Model\Money;
use Kassette\Payment\Model\OrderLock;
use Kassette\Payment\Model\Problem;
use Kassette\Payment\Model\Refunds;
use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Payment\Gateway\Command\CommandException;
use Magento\Payment\Gateway\CommandInterface;
use Magento\Payment\Gateway\Helper\SubjectReader;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Creditmemo;

/**
 * Gives money back: the admin's online credit memo (magento.md 3.5). The order stays locked until it is saved.
 */
class Refund implements CommandInterface
{
    /**
     * Longest reason, in characters.
     */
    private const REASON = 1000;

    /**
     * @param Client $client
     * @param Links $links
     * @param Money $money
     * @param OrderLock $orderLock
     * @param Refunds $refunds
     */
    public function __construct(
        private readonly Client $client,
        private readonly Links $links,
        private readonly Money $money,
        private readonly OrderLock $orderLock,
        private readonly Refunds $refunds
    ) {
    }

    /**
     * @inheritdoc
     */
    public function execute(array $commandSubject)
    {
        /** @var Order\Payment $payment */
        $payment = SubjectReader::readPayment($commandSubject)->getPayment();
        $order = $payment->getOrder();
        $this->orderLock->keep($order);
        $link = $this->links->of((int)$order->getId());
        if ($link->checkoutId === '') {
            throw new CommandException(__('This order was not paid through Kassette.'));
        }
        $creditmemo = $payment->getCreditmemo();
        $currency = (string)$order->getOrderCurrencyCode();
        $total = $creditmemo ? $creditmemo->getGrandTotal() : SubjectReader::readAmount($commandSubject);
        $body = ['amount' => $this->money->sent($this->money->minor($total, $currency), $currency)];
        $reason = $creditmemo ? $this->reason($creditmemo) : '';
        $refund = $this->ask($link, $order, $body + ($reason === '' ? [] : ['reason' => $reason]));
        $payment->setTransactionId($refund['id']);
        $payment->setIsTransactionClosed(true);
        $text = $refund['status'] === 'pending'
            ? __('Kassette: refund of %1 is under way (%2).', $this->money->text($refund['amount']), $refund['id'])
            : __('Kassette: refunded %1 (%2).', $this->money->text($refund['amount']), $refund['id']);
        $order->addCommentToStatusHistory($text);
    }

    /**
     * Asks the gateway for a refund. One that it made for the shop, and whose answer was lost, is taken instead of a
     * second; and the name is made of how many there are, so asking again asks for the same one
     *
     * @param Link $link
     * @param Order $order
     * @param array $body
     * @return array
     * @throws CommandException Where it was not refunded, or nobody knows
     */
    private function ask(Link $link, Order $order, array $body): array
    {
        $access = new Access($link->mode, (int)$order->getStoreId());
        $path = '/v1/orders/' . ($link->paidBy !== '' ? $link->paidBy : $link->checkoutId);
        try {
            $all = $this->refunds->of($this->client->get($access, $path));
            $known = $this->refunds->known($order);
            foreach ($all as $refund) {
                $lost = !in_array($refund['id'], $known, true) && $refund['status'] !== 'failed';
                if ($lost && $refund['origin'] === 'shop' && $refund['amount'] === $body['amount']) {
                    return $refund;
                }
            }
            $key = $order->getIncrementId() . '-refund-' . $body['amount']['value'] . '-' . count($all);
            $refund = $this->client->post($access, $path . '/refunds', $body, $key);
        } catch (Problem $problem) {
            throw new CommandException($problem->isUnsure()
                ? __('No answer came, so the money may be on its way back. Refund again: it is never paid twice.')
                : __('Not refunded: %1', $problem->detail()));
        }
        if ($refund['status'] === 'failed') {
            throw new CommandException(__('The provider did not refund. Nothing was given back.'));
        }
        return $refund;
    }

    /**
     * Why, as the admin wrote it
     *
     * @param Creditmemo $creditmemo
     * @return string
     */
    private function reason(Creditmemo $creditmemo): string
    {
        $reason = (string)$creditmemo->getCustomerNote();
        return mb_substr(trim((string)preg_replace('/[[:cntrl:]]+/u', ' ', $reason)), 0, self::REASON);
    }
}
