<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

/**
 * What the shop knows of an order's payment at the gateway. It is in a table of its own: the payment's additional
 * information is readable by anyone who may read orders (magento.md 2.2).
 */
class Link
{
    /**
     * The gateway's order that the shop's waits for, '' where there is none.
     *
     * @var string
     */
    public string $checkoutId = '';

    /**
     * test or live: in which mode it was begun.
     *
     * @var string
     */
    public string $mode = '';

    /**
     * What the gateway last said its status is.
     *
     * @var string
     */
    public string $status = '';

    /**
     * The gateway's order that paid.
     *
     * @var string
     */
    public string $paidBy = '';

    /**
     * The version that was last taken of each of the gateway's orders.
     *
     * @var int[]
     */
    public array $taken = [];

    /**
     * Codes of what somebody was told to look at.
     *
     * @var string[]
     */
    public array $flags = [];

    /**
     * @param int $orderId The shop's order
     * @param string $token Lets the shopper, who has no login, come to this order alone
     */
    public function __construct(public readonly int $orderId, public readonly string $token)
    {
    }

    /**
     * Whether the gateway's order may still be paid, or its money taken
     *
     * @return bool
     */
    public function isLive(): bool
    {
        return $this->checkoutId !== '' && in_array($this->status, ['open', 'pending', 'authorized'], true);
    }
}
