<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\Notification\NotifierInterface;
use Magento\Framework\Phrase;
use Magento\Sales\Model\Order;

/**
 * What somebody should look at: a comment on the order and a message to the admins, once for each code.
 */
class Attention
{
    /**
     * @param NotifierInterface $notifier
     */
    public function __construct(private readonly NotifierInterface $notifier)
    {
    }

    /**
     * Raises a flag. Order and link are to be saved by the caller
     *
     * @param Order $order
     * @param Link $link
     * @param string $code
     * @param Phrase|string $text What happened and what to do
     * @return void
     */
    public function raise(Order $order, Link $link, string $code, $text): void
    {
        if (in_array($code, $link->flags, true)) {
            return;
        }
        $link->flags[] = $code;
        $order->addCommentToStatusHistory('Kassette: ' . $text);
        $this->notifier->addMajor((string)__('Kassette: look at order %1', $order->getIncrementId()), (string)$text);
    }
}
