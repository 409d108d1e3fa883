<?php

declare(strict_types=1);

require dirname(__DIR__) . '/double/load.php';
require __DIR__ . '/FakeGateway.php';
require __DIR__ . '/ShopTestCase.php';
