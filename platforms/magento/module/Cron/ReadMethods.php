<?php

declare(strict_types=1);

namespace Kassette\Payment\Cron;

use Kassette\Payment\Model\Methods;
use Kassette\Payment\Model\Problem;

/**
 * Every hour: reads the gateway's methods, for the checkout to show.
 */
class ReadMethods
{
    /**
     * @param Methods $methods
     */
    public function __construct(private readonly Methods $methods)
    {
    }

    /**
     * Reads them. Where that fails the log says so, and what was known stays
     *
     * @return void
     */
    public function execute(): void
    {
        try {
            $this->methods->refresh();
        } catch (Problem $e) {
            return;
        }
    }
}
