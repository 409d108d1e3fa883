<?php

declare(strict_types=1);

namespace Kassette\Payment\Cron;

use Kassette\Payment\Model\CatchUp;

/**
 * Every quarter of an hour: what no notice could bring is asked for.
 */
class AskOften
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
        $this->catchUp->run(CatchUp::EACH_TIME);
    }
}
