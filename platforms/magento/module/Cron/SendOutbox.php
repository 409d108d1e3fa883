<?php

declare(strict_types=1);

namespace Kassette\Payment\Cron;

use Kassette\Payment\Model\OutboxSender;

/**
 * Every minute: tells the gateway what it has not heard.
 */
class SendOutbox
{
    /**
     * @param OutboxSender $outboxSender
     */
    public function __construct(private readonly OutboxSender $outboxSender)
    {
    }

    /**
     * Sends
     *
     * @return void
     */
    public function execute(): void
    {
        $this->outboxSender->send();
    }
}
