<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\Exception\LocalizedException;

/**
 * Another holds the order.
 */
class Locked extends LocalizedException
{
}
