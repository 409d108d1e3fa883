<?php

declare(strict_types=1);

namespace Kassette\Payment\Cron;

use Kassette\Payment\Model\CatchUp;

/**
 * Once a day: the same, looking far back.
 */
class AskDaily
{
    /**
     * @param CatchUp $catchUp
     */
    public function __construct(private readonly CatchUp $catchUp)
    {
    }

    /**
     * Asks
     *
     * @return void
     */
    public function execute(): void
    {
        $this->catchUp->run(CatchUp::ONCE_A_DAY);
    }
}
