<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\FileLock;
use Kassette\Double\Shop;
use Kassette\Payment\Cron\SendOutbox;
use Kassette\Payment\Model\Signature;
use Kassette\Tests\FakeGateway;
use Kassette\Tests\ShopTestCase;
use Magento\Framework\Stdlib\DateTime\DateTime;

/** What the gateway is told: magento.md 3.7. */
class OutboxTest extends ShopTestCase
{
    private function rows(): array
    {
        return array_values(Shop::db()->all('kassette_outbox'));
    }

    public function testACancelledOrderIsToldRightAfterItsSave(): void
    {
        [$id, $checkout] = $this->begun();
        Shop::orders()->cancel($id);
        self::assertSame('cancelled', $this->gateway->orders[$checkout]['status']);
        self::assertSame([], $this->rows());
        $this->tell($checkout);
        self::state('canceled/canceled', $id);
        self::assertCount(1, $this->gateway->asked('POST', '/cancel'));
    }

    public function testNothingIsSentInsideTheSave(): void
    {
        [$id] = $this->begun();
        $before = count($this->gateway->requests);
        $order = Shop::order($id);
        $order->cancel();
        self::assertCount($before, $this->gateway->requests);
        self::assertCount(1, $this->rows());
        $order->save();
        self::assertCount($before + 1, $this->gateway->requests);
    }

    public function testTheCleanersCancellationIsToldToo(): void
    {
        [, $checkout] = $this->begun(['updated_at' => 1]);
        Shop::orders()->clean(PHP_INT_MAX);
        self::assertSame('cancelled', $this->gateway->orders[$checkout]['status']);
    }

    public function testADeadGatewayIsToldLaterWithGrowingPauses(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->next = ['down', 'down', 'down'];
        Shop::orders()->cancel($id);
        self::assertSame(1, $this->rows()[0]['tries']);
        Shop::cron(SendOutbox::class);
        self::assertSame(1, $this->rows()[0]['tries']);
        DateTime::$ahead = 61;
        Shop::cron(SendOutbox::class);
        DateTime::$ahead += 61;
        Shop::cron(SendOutbox::class);
        self::assertSame(2, $this->rows()[0]['tries']);
        DateTime::$ahead += 300;
        Shop::cron(SendOutbox::class);
        self::assertStringContainsString('timed out', $this->rows()[0]['error']);
        DateTime::$ahead += 1800;
        Shop::cron(SendOutbox::class);
        self::assertSame([], $this->rows());
        self::assertSame('cancelled', $this->gateway->orders[$checkout]['status']);
    }

    public function testAfterAllTriesItIsKeptAndGivenUp(): void
    {
        [$id] = $this->begun();
        $this->gateway->next = array_fill(0, 30, 'down');
        Shop::orders()->cancel($id);
        for ($i = 0; $i < 20; $i++) {
            DateTime::$ahead += 86401;
            Shop::cron(SendOutbox::class);
        }
        self::assertSame([10, 0], [$this->rows()[0]['tries'], $this->rows()[0]['next_at']]);
        self::assertStringContainsString('error: cancel of order 1', implode("\n", $this->shop->log));
        self::says('its payment could not be cancelled at the gateway', $id);
        self::assertCount(1, $this->shop->notes);
    }

    public function testWhatFailsForGoodIsToldWhenTheOrderIsFree(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->next = ['down'];
        Shop::orders()->cancel($id);
        $this->gateway->pay($checkout, 'captured');
        $lock = new FileLock(Shop::$dir);
        $lock->lock('kassette_order_' . $id);
        DateTime::$ahead = 61;
        Shop::cron(SendOutbox::class);
        self::assertSame([], $this->shop->notes);
        $lock->unlock('kassette_order_' . $id);
        DateTime::$ahead += 61;
        Shop::cron(SendOutbox::class);
        self::assertSame(0, $this->rows()[0]['next_at']);
        self::assertCount(1, $this->shop->notes);
        self::says('the order is paid', $id);
    }

    public function testAShipmentThatCannotBeCapturedIsTold(): void
    {
        Shop::configure(['capture' => 'manual', 'capture_on_shipment' => '1']);
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'authorized');
        $this->tell($checkout);
        $this->gateway->next = [[422, ['title' => 'Refused', 'detail' => 'the authorization is void', 'attempted' => 'no']]];
        $order = Shop::order($id);
        $order->setShipped(true);
        Shop::events()->dispatch('sales_order_shipment_save_after', ['shipment' => new \Magento\Framework\DataObject(['order' => $order])]);
        $order->save();
        self::says('its money could not be captured at the gateway. Capture it by an invoice. The gateway answered 422: Refused. the authorization is void', $id);
        self::assertCount(1, $this->shop->notes);
    }

    /** @dataProvider doors */
    public function testTheDoorThatIsSetUpLaterIsTold(string $shop, string $path): void
    {
        Shop::configure(['shop' => $shop]);
        [$id] = $this->begun();
        $this->gateway->next = [[404, ['title' => 'Not found', 'attempted' => 'no']]];
        Shop::orders()->cancel($id);
        self::assertSame(1, $this->rows()[0]['tries']);
        self::assertNotSame(0, $this->rows()[0]['next_at']);
        DateTime::$ahead = 61;
        Shop::cron(SendOutbox::class);
        self::assertSame([], $this->rows());
        self::assertSame([], $this->shop->notes);
        self::assertCount(2, $this->gateway->asked('POST', $path));
    }

    public static function doors(): array
    {
        return [
            'a shop' => ['bar', '/v1/shops/bar/orders'], 'one of its adapters' => ['bar/magento', '/v1/shops/bar/orders/magento'],
            'a slash at the end' => ['bar/', '/v1/shops/bar/orders'], 'what is no name' => ['b r/../x?y', '/v1/shops/b%20r/orders/..%2Fx%3Fy'],
        ];
    }

    public function testARefusalIsNotRepeated(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        Shop::orders()->cancel($id);
        self::assertSame(0, $this->rows()[0]['next_at']);
        $this->tell($checkout);
        self::state('canceled/canceled', $id);
        self::says('was paid after the order had ended', $id);
    }

    public function testTheSignedMessage(): void
    {
        Shop::configure(['shop' => 'bar']);
        [$id, $checkout] = $this->begun();
        $this->gateway->next = ['lost'];
        Shop::orders()->cancel($id);
        DateTime::$ahead = 61;
        Shop::cron(SendOutbox::class);
        self::assertSame([], $this->rows());
        $asked = $this->gateway->asked('POST', '/v1/shops/bar/orders');
        self::assertCount(2, $asked);
        self::assertSame('magento-1-cancel-1', $asked[0]['headers']['webhook-id']);
        self::assertSame($asked[0]['body'], $asked[1]['body']);
        self::assertSame($asked[0]['headers']['webhook-id'], $asked[1]['headers']['webhook-id']);
        self::assertArrayNotHasKey('Authorization', $asked[0]['headers']);
        $signature = new Signature();
        $headers = ['id' => $asked[1]['headers']['webhook-id'], 'timestamp' => $asked[1]['headers']['webhook-timestamp'], 'signature' => $asked[1]['headers']['webhook-signature']];
        self::assertTrue($signature->isNotice([$signature->secret(FakeGateway::SECRET)], $headers, $asked[1]['body'], time() + 61));
        $body = json_decode($asked[0]['body'], true);
        self::assertSame(['order.cancel', ['type' => 'cancel', 'reference' => '000000001']], [$body['type'], $body['data']['command']]);
        self::assertSame(['entity_id' => 1, 'increment_id' => '000000001', 'state' => 'canceled', 'status' => 'canceled', 'kassette_order' => $checkout], $body['data']['order']);
    }

    public function testWithoutASecretNothingIsSigned(): void
    {
        Shop::configure(['shop' => 'bar']);
        [$id] = $this->begun();
        Shop::configure(['test_secret' => '']);
        Shop::orders()->cancel($id);
        self::assertSame([], $this->gateway->asked('POST', '/v1/shops/bar/orders'));
        self::assertStringContainsString('no notice secret', $this->rows()[0]['error']);
    }

    public function testVoidAndDenyAreTold(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'authorized');
        $this->tell($checkout);
        $order = Shop::order($id);
        $order->getPayment()->void();
        $order->save();
        self::assertSame('cancelled', $this->gateway->orders[$checkout]['status']);
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'pending');
        $this->tell($checkout);
        $order = Shop::order($id);
        $order->getPayment()->deny();
        $order->save();
        self::assertSame('cancelled', $this->gateway->orders[$checkout]['status']);
    }

    public function testOnlyWhatHasMoneyIsAccepted(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'pending');
        $this->tell($checkout);
        try {
            Shop::order($id)->getPayment()->accept();
            self::fail('it was accepted');
        } catch (\Magento\Payment\Gateway\Command\CommandException $e) {
            self::assertStringContainsString('no money for this order yet', $e->getMessage());
        }
        $this->gateway->pay($checkout, 'captured', 1000);
        try {
            Shop::order($id)->getPayment()->accept();
            self::fail('a short payment was accepted');
        } catch (\Magento\Payment\Gateway\Command\CommandException $e) {
            self::assertStringContainsString('has not the total', $e->getMessage());
        }
        self::state('payment_review/payment_review', $id);
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'pending');
        $this->tell($checkout);
        $this->gateway->pay($checkout, 'captured');
        $order = Shop::order($id);
        $order->getPayment()->accept();
        $order->save();
        $this->tell($checkout);
        self::state('processing/processing', $id);
        self::assertCount(1, self::invoices($id));
        self::assertCount(1, $this->shop->notes); // of the short payment alone
    }

    /** @dataProvider shipments */
    public function testAShippedOrderIsCapturedWhereTheShopWantsIt(string $wanted, string $status, bool $whole, int $want): void
    {
        Shop::configure(['capture' => 'manual', 'capture_on_shipment' => $wanted]);
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, $status);
        $this->tell($checkout);
        $order = Shop::order($id);
        $order->setShipped($whole);
        Shop::events()->dispatch('sales_order_shipment_save_after', ['shipment' => new \Magento\Framework\DataObject(['order' => $order])]);
        $order->save();
        self::assertCount($want, $this->gateway->asked('POST', '/captures'));
    }

    public static function shipments(): array
    {
        return ['wanted' => ['1', 'authorized', true, 1], 'not wanted' => ['0', 'authorized', true, 0], 'in part' => ['1', 'authorized', false, 0], 'paid already' => ['1', 'captured', true, 0]];
    }

    public function testWhatWasBegunWithoutTheShopHearingOfItIsCancelledWhenItDoes(): void
    {
        Shop::configure(['mode' => 'live', 'live_key' => 'key_live']);
        $id = (int)Shop::place()->getId();
        $this->gateway->next = ['lost'];
        Shop::front()->dispatch('GET', 'kassette/redirect');
        Shop::orders()->cancel($id);
        self::assertSame('open', $this->gateway->orders['ord_7f1']['status']);
        Shop::configure(['mode' => 'test']);
        $this->tell('ord_7f1');
        Shop::cron(SendOutbox::class);
        self::assertSame('cancelled', $this->gateway->orders['ord_7f1']['status']);
        self::assertSame('Bearer key_live', $this->gateway->asked('POST', '/cancel')[0]['headers']['Authorization']);
        $this->tell('ord_7f1');
        self::assertSame([], $this->rows());
    }

    public function testABrokenOutboxBreaksNoSave(): void
    {
        [$id] = $this->begun();
        $broken = new class extends \Magento\Framework\Lock\LockBackendFactory {
            public function create(): \Magento\Framework\Lock\LockManagerInterface
            {
                throw new \RuntimeException('no locks today');
            }
        };
        $other = Shop::container()->fresh([\Magento\Framework\Lock\LockBackendFactory::class => $broken]);
        $order = Shop::order($id);
        $other->get(\Kassette\Payment\Observer\OrderSaved::class)->execute(new \Magento\Framework\Event\Observer(['order' => $order]));
        self::assertStringContainsString('no locks today', implode("\n", $this->shop->log));
    }

    public function testAnotherMethodsOrderIsNoneOfOurs(): void
    {
        $order = Shop::place();
        $order->payment->setMethod('checkmo');
        $order->save();
        Shop::order((int)$order->getId())->cancel();
        self::assertSame([], $this->rows());
    }
}
