<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

/**
 * With which store's settings, in which mode and how patiently the gateway is asked.
 */
class Access
{
    /**
     * @param string $mode test or live
     * @param int|null $storeId
     * @param int $timeout Seconds
     */
    public function __construct(
        public readonly string $mode,
        public readonly ?int $storeId = null,
        public readonly int $timeout = Client::LONG
    ) {
    }
}
