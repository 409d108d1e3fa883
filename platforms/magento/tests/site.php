<?php

declare(strict_types=1);

// The router of a web server that is a shop: KASSETTE_SHOP is its folder, KASSETTE_URL its address. It asks a real
// gateway, and has a door for the test, /test, where what the shopper and the admin do in Magento's own pages is done.

use Kassette\Double\Shop;
use Magento\Checkout\Model\Session;

require dirname(__DIR__) . '/double/load.php';

Shop::$url = getenv('KASSETTE_URL') . '/';
Shop::open((string)getenv('KASSETTE_SHOP'));
Shop::$gateway = static function (string $method, string $url, array $headers, string $body): array {
    $curl = curl_init($url);
    $lines = array_map(static fn ($name, $value) => $name . ': ' . $value, array_keys($headers), $headers);
    curl_setopt_array($curl, [CURLOPT_RETURNTRANSFER => true, CURLOPT_CUSTOMREQUEST => $method, CURLOPT_HTTPHEADER => $lines, CURLOPT_TIMEOUT => 20]);
    if ($method === 'POST') {
        curl_setopt($curl, CURLOPT_POSTFIELDS, $body);
    }
    $answer = curl_exec($curl);
    if ($answer === false) {
        throw new Exception(curl_error($curl));
    }
    return [curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $answer];
};
Session::$last = (int)($_COOKIE['last'] ?? 0);

$test = static function (array $do): array {
    $id = (int)($do['id'] ?? 0);
    switch ($do['what']) {
        case 'configure':
            Shop::configure($do['settings']);
            return ['methods' => Shop::container()->get(Kassette\Payment\Model\Methods::class)->refresh()];
        case 'checkout-config':
            return ['config' => Shop::container()->get(Kassette\Payment\Model\Ui\ConfigProvider::class)->getConfig()];
        case 'place':
            $id = (int)Shop::place($do['order'] ?? [], $do['chosen'] ?? [])->getId();
            setcookie('last', (string)$id, ['path' => '/']);
            break;
        case 'refund':
            Shop::orders()->refundInvoice($id, $do['amount'], true, 'It came back');
            break;
        case 'cancel':
            Shop::orders()->cancel($id);
            break;
        case 'cron':
            Shop::cron(Kassette\Payment\Cron\SendOutbox::class);
            Shop::cron(Kassette\Payment\Cron\AskOften::class);
            break;
    }
    $order = Shop::order($id);
    return [
        'id' => $id, 'state' => $order->getState() . '/' . $order->getStatus(), 'paid' => (string)$order->getTotalPaid(), 'refunded' => (string)$order->getTotalRefunded(),
        'invoices' => array_values(array_column(Shop::db()->all('sales_invoice', 'order_id', $id), 'transaction_id')),
        'creditmemos' => array_values(array_column(Shop::db()->all('sales_creditmemo', 'order_id', $id), 'grand_total')),
        'outbox' => count(Shop::db()->all('kassette_outbox')), 'mails' => count(Shop::db()->all('mail', 'order_id', $id)), 'comments' => Shop::comments($id),
    ];
};

$path = trim((string)parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH), '/');
$body = (string)file_get_contents('php://input');
if ($path === 'test') {
    try {
        $said = $test(json_decode($body, true));
    } catch (Exception $e) {
        $said = ['error' => $e->getMessage()];
    }
    echo json_encode($said);
    return;
}
if (str_starts_with($path, 'admin/')) {
    require __DIR__ . '/admin.php';
    echo Kassette\Tests\Admin::page(substr($path, 6), $_GET);
    return;
}
if (str_starts_with($path, 'checkout/')) {
    echo '<h1>' . $path . '</h1>';
    return;
}
$result = Shop::front()->dispatch($_SERVER['REQUEST_METHOD'], $path, $_GET, getallheaders(), $body);
http_response_code($result->status);
foreach ($result->headers as $name => $value) {
    header($name . ': ' . $value);
}
echo $result->contents;
