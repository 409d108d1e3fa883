<?php

declare(strict_types=1);

namespace Kassette\Tests;

use Kassette\Double\Shop;
use Magento\Checkout\Model\Session;
use Magento\Framework\Controller\Result\Raw;
use Magento\Framework\Stdlib\DateTime\DateTime;
use PHPUnit\Framework\TestCase;

/** A shop for each test, connected with a gateway. */
abstract class ShopTestCase extends TestCase
{
    protected Shop $shop;
    protected FakeGateway $gateway;

    protected function setUp(): void
    {
        DateTime::$ahead = Session::$last = 0;
        Session::$cart = false;
        $this->shop = Shop::open();
        Shop::configure(['active' => '1', 'url' => 'https://pay.example/', 'test_key' => 'key_test', 'test_secret' => FakeGateway::SECRET]);
        $this->gateway = new FakeGateway();
        Shop::$gateway = $this->gateway;
    }

    protected function tearDown(): void
    {
        Shop::close();
    }

    protected static function get(string $class): object
    {
        return Shop::container()->get($class);
    }

    /** An order whose shopper was sent to the gateway: the ids of both. */
    protected function begun(array $data = [], array $additional = []): array
    {
        $order = Shop::place($data, $additional);
        $known = count($this->gateway->orders);
        Shop::front()->dispatch('GET', 'kassette/redirect');
        self::assertCount($known + 1, $this->gateway->orders);
        return [(int)$order->getId(), (string)array_key_last($this->gateway->orders)];
    }

    /** A paid order. */
    protected function paid(array $data = []): array
    {
        [$id, $checkout] = $this->begun($data);
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        return [$id, $checkout];
    }

    /** The gateway tells of an order. */
    protected function tell(string $checkout, int $want = 200): Raw
    {
        return $this->post($this->gateway->notice($checkout), $want);
    }

    protected function post(array $notice, int $want = 200): Raw
    {
        $result = Shop::front()->dispatch('POST', 'kassette/notify', [], $notice[0], $notice[1]);
        self::assertSame($want, $result->status, $result->contents . "\n" . implode("\n", $this->shop->log));
        return $result;
    }

    protected static function invoices(int $id): array
    {
        return array_values(Shop::db()->all('sales_invoice', 'order_id', $id));
    }

    protected static function creditmemos(int $id): array
    {
        return array_values(Shop::db()->all('sales_creditmemo', 'order_id', $id));
    }

    protected static function says(string $part, int $id): void
    {
        self::assertStringContainsString($part, implode("\n", Shop::comments($id)));
    }

    protected static function state(string $want, int $id): void
    {
        $order = Shop::order($id);
        self::assertSame($want, $order->getState() . '/' . $order->getStatus());
    }
}
