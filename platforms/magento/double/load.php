<?php

declare(strict_types=1);

/**
 * Loads a Magento made of the facts of magento.md: what the module meets of it, and no more. The document's section is
 * named where a fact is. Amounts are integers of 1/10000, as Magento's columns have four decimals.
 */

foreach (['framework', 'database', 'container', 'payment', 'order', 'order-payment', 'documents', 'services', 'checkout', 'graphql', 'web', 'admin', 'shop'] as $part) {
    require_once __DIR__ . '/' . $part . '.php';
}
spl_autoload_register(static function (string $class): void {
    if (strpos($class, 'Kassette\\Payment\\') === 0) {
        $file = dirname(__DIR__) . '/module/' . str_replace('\\', '/', substr($class, 17)) . '.php';
        if (is_file($file)) {
            require_once $file;
        }
    }
});
