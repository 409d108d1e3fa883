<?php

declare(strict_types=1);

namespace Kassette\Payment\Gateway\Command;

use Kassette\Payment\Model\Access;
use Kassette\Payment\Model\Client;
use Kassette\Payment\Model\Problem;
use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Payment\Gateway\Command\CommandException;
use Magento\Payment\Gateway\CommandInterface;
use Magento\Payment\Gateway\Helper\SubjectReader;

/**
 * The admin accepts an order in payment review: only what the provider has decided can be accepted.
 */
class Accept implements CommandInterface
{
    /**
     * @param Client $client
     * @param Links $links
     */
    public function __construct(
        private readonly Client $client,
        private readonly Links $links
    ) {
    }

    /**
     * @inheritdoc
     */
    public function execute(array $commandSubject)
    {
        $order = SubjectReader::readPayment($commandSubject)->getPayment()->getOrder();
        $link = $this->links->of((int)$order->getId());
        $access = new Access($link->mode, (int)$order->getStoreId());
        try {
            $whole = $this->client->get($access, '/v1/orders/' . $link->checkoutId);
        } catch (Problem $problem) {
            throw new CommandException(__('Not accepted: %1', $problem->detail()));
        }
        if ((int)$whole['captured']['value'] === 0) {
            throw new CommandException(__('Not accepted: the gateway has no money for this order yet.'));
        }
    }
}
