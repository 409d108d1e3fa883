<?php

declare(strict_types=1);

namespace Kassette\Payment\Model\Resolver;

use Kassette\Payment\Model\Checkout;
use Kassette\Payment\Model\Problem;
use Kassette\Payment\Model\ResourceModel\Links;
use Magento\Framework\GraphQl\Config\Element\Field;
use Magento\Framework\GraphQl\Exception\GraphQlInputException;
use Magento\Framework\GraphQl\Exception\GraphQlNoSuchEntityException;
use Magento\Framework\GraphQl\Query\ResolverInterface;
use Magento\Framework\GraphQl\Schema\Type\ResolveInfo;
use Magento\Quote\Api\CartRepositoryInterface;
use Magento\Quote\Model\QuoteIdToMaskedQuoteIdInterface;
use Magento\Sales\Api\OrderRepositoryInterface;

/**
 * Gives up an order's payment and gives its cart back, to whoever has its token (magento.md 2.4).
 */
class RestoreCart implements ResolverInterface
{
    /**
     * @param Checkout $checkout
     * @param Links $links
     * @param OrderRepositoryInterface $orderRepository
     * @param CartRepositoryInterface $cartRepository
     * @param QuoteIdToMaskedQuoteIdInterface $quoteIdToMaskedQuoteId
     */
    public function __construct(
        private readonly Checkout $checkout,
        private readonly Links $links,
        private readonly OrderRepositoryInterface $orderRepository,
        private readonly CartRepositoryInterface $cartRepository,
        private readonly QuoteIdToMaskedQuoteIdInterface $quoteIdToMaskedQuoteId
    ) {
    }

    /**
     * @inheritdoc
     */
    public function resolve(Field $field, $context, ResolveInfo $info, ?array $value = null, ?array $args = null)
    {
        $link = $this->links->byToken((string)($args['token'] ?? ''));
        if ($link === null || $link->checkoutId === '') {
            throw new GraphQlNoSuchEntityException(__('There is no such payment.'));
        }
        try {
            $status = $link->isLive() ? $this->checkout->giveUp($link) : $link->status;
        } catch (Problem $e) {
            throw new GraphQlInputException(__('The payment is under way: wait for its result.'), $e);
        }
        if ($status !== 'cancelled' && $status !== 'expired') {
            throw new GraphQlInputException(__('The order is paid, or its payment is under way.'));
        }
        $quote = $this->cartRepository->get((int)$this->orderRepository->get($link->orderId)->getQuoteId());
        $quote->setIsActive(true);
        $quote->setReservedOrderId(null);
        $this->cartRepository->save($quote);
        return ['cart_id' => $this->quoteIdToMaskedQuoteId->execute((int)$quote->getId())];
    }
}
