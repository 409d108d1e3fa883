<?php

declare(strict_types=1);

// Another process of a shop: takes one notice, a line of JSON, when it is told to.
require dirname(__DIR__, 2) . '/double/load.php';

Kassette\Double\Shop::open($argv[1]);
echo "ready\n";
[$headers, $body] = json_decode((string)fgets(STDIN), true);
echo Kassette\Double\Shop::front()->dispatch('POST', 'kassette/notify', [], $headers, $body)->status;
