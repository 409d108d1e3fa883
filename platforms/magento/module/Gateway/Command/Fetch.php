<?php

declare(strict_types=1);

namespace Kassette\Payment\Gateway\Command;

use Kassette\Payment\Model\Money;
use Kassette\Payment\Model\Problem;
use Kassette\Payment\Model\Review;
use Kassette\Payment\Model\Whole;
use Magento\Payment\Gateway\Command\CommandException;
use Magento\Payment\Gateway\CommandInterface;
use Magento\Payment\Gateway\Helper\SubjectReader;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\Payment;

/**
 * Asks the gateway about a transaction: "Fetch" on the transaction's page, "Get Payment Update" on an order in payment
 * review (magento.md 3.3).
 */
class Fetch implements CommandInterface
{
    /**
     * @param Review $review
     * @param Whole $whole
     * @param Money $money
     */
    public function __construct(
        private readonly Review $review,
        private readonly Whole $whole,
        private readonly Money $money
    ) {
    }

    /**
     * What the gateway knows, for the transaction's page to show
     *
     * @param array $commandSubject
     * @return array
     * @throws CommandException Where the gateway does not answer
     */
    public function execute(array $commandSubject)
    {
        /** @var Payment $payment */
        $payment = SubjectReader::readPayment($commandSubject)->getPayment();
        $transactionId = (string)($commandSubject['transactionId'] ?? '');
        try {
            $whole = $this->review->ask($payment->getOrder());
        } catch (Problem $problem) {
            throw new CommandException(__('The gateway could not be asked: %1', $problem->detail()));
        }
        if ($whole === []) {
            return [];
        }
        $found = $this->whole->transaction($whole, $transactionId);
        if ($payment->getOrder()->getState() === Order::STATE_PAYMENT_REVIEW) {
            $this->judge($payment, $whole, $found);
        }
        return $this->details($whole, $found);
    }

    /**
     * Tells Magento how a payment in review was decided. A capture that was waited for has its invoice already, which
     * Magento pays or cancels; of a payment without one the news is taken
     *
     * @param Payment $payment
     * @param array $whole The gateway's order
     * @param array $found The transaction in it
     * @return void
     */
    private function judge(Payment $payment, array $whole, array $found): void
    {
        if ($found !== []) {
            $payment->setIsTransactionApproved($found['status'] === 'succeeded');
            $payment->setIsTransactionDenied($found['status'] === 'failed');
            return;
        }
        if (in_array($whole['status'], ['paid', 'authorized'], true)) {
            $payment->setIsTransactionApproved($this->review->settle($payment->getOrder(), $whole));
        }
        $payment->setIsTransactionDenied(in_array($whole['status'], ['cancelled', 'expired'], true));
    }

    /**
     * The details
     *
     * @param array $whole
     * @param array $found
     * @return string[]
     */
    private function details(array $whole, array $found): array
    {
        $paying = $this->whole->paying($whole);
        return array_filter([
            'transaction_status' => (string)($found['status'] ?? ''),
            'kassette_order' => (string)$whole['id'],
            'order_status' => (string)$whole['status'],
            'method' => (string)($paying['method'] ?? ''),
            'provider_reference' => (string)($paying['provider_reference'] ?? ''),
            'captured' => $this->money->text($whole['captured']),
            'refunded' => $this->money->text($whole['refunded']),
        ]);
    }
}
