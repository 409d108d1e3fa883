<?php

declare(strict_types=1);

namespace Kassette\Payment\Gateway\Command;

use Kassette\Payment\Model\Problem;
use Kassette\Payment\Model\Review;
use Magento\Payment\Gateway\Command\CommandException;
use Magento\Payment\Gateway\CommandInterface;
use Magento\Payment\Gateway\Helper\SubjectReader;

/**
 * The admin accepts an order in payment review: only what the provider has decided can be accepted, and only the whole
 * total. It is registered with its invoice, since Magento would make the order processing without one (magento.md 3.5).
 */
class Accept implements CommandInterface
{
    /**
     * @param Review $review
     */
    public function __construct(private readonly Review $review)
    {
    }

    /**
     * @inheritdoc
     */
    public function execute(array $commandSubject)
    {
        $order = SubjectReader::readPayment($commandSubject)->getPayment()->getOrder();
        try {
            $whole = $this->review->ask($order);
        } catch (Problem $problem) {
            throw new CommandException(__('Not accepted: %1', $problem->detail()));
        }
        if (!in_array($whole['status'] ?? '', ['paid', 'authorized'], true)) {
            throw new CommandException(__('Not accepted: the gateway has no money for this order yet.'));
        }
        if (!$this->review->settle($order, $whole)) {
            throw new CommandException(__('Not accepted: the gateway has not the total of this order.'));
        }
    }
}
