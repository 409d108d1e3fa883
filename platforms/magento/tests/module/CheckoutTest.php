<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\FileLock;
use Kassette\Double\Messages;
use Kassette\Double\Shop;
use Kassette\Payment\Model\ResourceModel\Links;
use Kassette\Tests\ShopTestCase;
use Magento\Checkout\Model\Session;
use Magento\Sales\Model\Order\Item;

/** The way to the gateway and back: magento.md 3.4. */
class CheckoutTest extends ShopTestCase
{
    /** @dataProvider storefronts */
    public function testTheGatewayIsGivenTheAddressThatTheStorefrontHas(bool $secure, string $want): void
    {
        Shop::$url = 'http://shop.example/';
        Shop::$secureUrl = 'https://secure.example/';
        Shop::$frontSecure = $secure;
        try {
            $this->begun();
        } finally {
            Shop::$url = 'https://shop.example/';
        }
        $body = json_decode($this->gateway->asked('POST', '/v1/orders')[0]['body'], true);
        self::assertSame($want . 'kassette/notify', $body['notify_url']);
        self::assertStringStartsWith($want . 'kassette/return?token=', $body['return_url']);
    }

    public static function storefronts(): array
    {
        return ['with TLS' => [true, 'https://secure.example/'], 'without, as on a test machine' => [false, 'http://shop.example/']];
    }

    private function goes(string $path, string $want, array $params = []): void
    {
        $result = Shop::front()->dispatch('GET', $path, $params);
        self::assertSame([302, $want], [$result->status, $result->headers['Location']]);
    }

    private function back(int $id, string $checkout, string $want): void
    {
        $token = self::get(Links::class)->of($id)->token;
        $this->goes('kassette/return', 'https://shop.example/' . $want, ['token' => $token] + $this->gateway->back($checkout));
    }

    private function body(): array
    {
        return json_decode($this->gateway->asked('POST', '/v1/orders')[0]['body'], true);
    }

    public function testTheShopperIsSentToPay(): void
    {
        $order = Shop::place();
        $this->goes('kassette/redirect', 'https://pay.example/pay/ord_7f1.token');
        $this->goes('kassette/redirect', 'https://pay.example/pay/ord_7f1.token');
        self::assertCount(1, $this->gateway->orders);
        $link = self::get(Links::class)->of((int)$order->getId());
        self::assertSame(['ord_7f1', 'test', 'open', 40], [$link->checkoutId, $link->mode, $link->status, strlen($link->token)]);
        $head = $this->gateway->requests[0]['headers'];
        self::assertSame(['Bearer key_test', 'application/json'], [$head['Authorization'], $head['Content-Type']]);
    }

    public function testTheOrderIsToldWhole(): void
    {
        $this->begun();
        $body = $this->body();
        $token = self::get(Links::class)->of(1)->token;
        $back = 'https://shop.example/kassette/return?token=' . $token;
        self::assertSame(['reference' => '000000001', 'amount' => ['value' => 4999, 'currency' => 'EUR'], 'description' => 'Main Website, order 000000001'], array_slice($body, 0, 3));
        self::assertSame([$back, $back, 'https://shop.example/kassette/notify'], [$body['return_url'], $body['cancel_url'], $body['notify_url']]);
        self::assertSame(['platform' => 'magento', 'order_id' => '1', 'store_id' => '1'], $body['metadata']);
        self::assertSame(['nl-NL', 'NL', 'automatic'], [$body['locale'], $body['country'], $body['capture']]);
        self::assertSame(['name' => 'Jan Jansen', 'email' => 'j@shop.example', 'phone' => '0301234567', 'ip' => '192.0.2.7'], $body['customer']);
        self::assertSame('Dorpsstraat 1', $body['shipping_address']['street']);
        self::assertSame([
            ['sku' => 'L-7', 'name' => 'Lamp', 'kind' => 'physical', 'quantity' => '2', 'amount' => ['value' => 4000, 'currency' => 'EUR'], 'tax_amount' => ['value' => 694, 'currency' => 'EUR']],
            ['name' => 'Parcel', 'kind' => 'shipping', 'quantity' => '1', 'amount' => ['value' => 999, 'currency' => 'EUR']],
        ], $body['lines']);
        self::assertArrayNotHasKey('method', $body);
        self::assertStringNotContainsString('null', $this->gateway->asked('POST', '/v1/orders')[0]['body']);
    }

    /** @dataProvider sums */
    public function testLinesAddUp(array $data): void
    {
        $this->begun($data);
        $sum = array_sum(array_map(static fn ($line) => $line['amount']['value'], $this->body()['lines']));
        self::assertSame($this->body()['amount']['value'], $sum);
    }

    public static function sums(): array
    {
        return [
            'a discount on all' => [['grand_total' => '44.9900']], 'a fee of another module' => [['grand_total' => '51.2300']], 'no shipping' => [['shipping_incl_tax' => null, 'grand_total' => '40.0000']],
            'yen' => [['order_currency_code' => 'JPY', 'grand_total' => '4999.5000']], 'dinar' => [['order_currency_code' => 'TND', 'grand_total' => '49.9990']], 'discounted shipping' => [['shipping_discount_amount' => '9.9900', 'grand_total' => '40.0000']],
        ];
    }

    public function testTheChosenMethodIsSentAndItsAddressTaken(): void
    {
        Shop::place([], ['kassette_method' => 'ideal', 'kassette_option' => 'first-bank', 'other' => 'x']);
        $order = ['id' => 'ord_x', 'reference' => '000000001', 'status' => 'pending', 'version' => 2, 'metadata' => ['platform' => 'magento', 'order_id' => '1'], 'checkout_url' => 'https://pay.example/p', 'payments' => [['id' => 'pay_1', 'status' => 'pending', 'action' => ['type' => 'redirect', 'url' => 'https://bank.example/']]]];
        $this->gateway->next = [[201, $order]];
        $this->goes('kassette/redirect', 'https://bank.example/');
        self::assertSame(['ideal', ['option' => 'first-bank']], [$this->body()['method'], $this->body()['method_options']]);
        self::state('pending_payment/pending_payment', 1);
    }

    public function testAChoiceThatIsNoneIsLeftOut(): void
    {
        $this->begun([], ['kassette_method' => '../x', 'kassette_option' => ['a']]);
        self::assertArrayNotHasKey('method', $this->body());
    }

    public function testWhereItCannotBeginTheCartComesBack(): void
    {
        $order = Shop::place();
        $this->gateway->next = [[402, ['title' => 'Declined', 'detail' => 'x', 'attempted' => 'no', 'failure' => ['user_message' => 'Uw bank weigert.']]]];
        $this->goes('kassette/redirect', 'https://shop.example/checkout/cart');
        self::assertTrue(Session::$cart);
        self::state('canceled/canceled', (int)$order->getId());
        self::assertSame(['error: Uw bank weigert.'], self::get(Messages::class)->said);
    }

    /** @dataProvider unsure */
    public function testWhatIsNotRefusedForSureIsWaitedForAndCancelsNothing($answer): void
    {
        $id = (int)Shop::place()->getId();
        $this->gateway->next = [$answer];
        $this->waits($id);
        $this->goes('kassette/redirect', 'https://pay.example/pay/ord_7f1.token');
        self::assertCount(1, $this->gateway->orders);
        self::assertSame([], $this->gateway->asked('POST', '/cancel'));
    }

    public static function unsure(): array
    {
        $kind = static fn (string $name) => ['type' => 'https://pay.example/docs#' . $name, 'title' => 'x', 'attempted' => 'no'];
        return [
            'no answer' => ['down'], 'a lost answer' => ['lost'], 'a page of a proxy' => [[502, null]], 'an answer without an address' => [[200, null]],
            'outcome unknown' => [[504, ['attempted' => 'unknown'] + $kind('outcome-unknown')]], 'too often' => [[429, $kind('too-many-messages')]],
            'busy' => [[409, $kind('busy')]], 'the first has not ended' => [[409, $kind('still-running')]], 'an attempt is under way' => [[409, $kind('attempt-under-way')]],
        ];
    }

    public function testAnOrderThatAnotherTabHoldsIsWaitedForAndNotCancelled(): void
    {
        $id = (int)Shop::place()->getId();
        $lock = new FileLock(Shop::$dir);
        $lock->lock('kassette_order_' . $id);
        $this->waits($id);
        self::assertSame([], $this->gateway->requests);
        $lock->unlock('kassette_order_' . $id);
        $this->goes('kassette/redirect', 'https://pay.example/pay/ord_7f1.token');
    }

    private function waits(int $id): void
    {
        Shop::$translations['Try again'] = '<b>';
        $page = Shop::front()->dispatch('GET', 'kassette/redirect');
        self::assertSame([200, '5', 'no-store', 'text/html; charset=utf-8'], [$page->status, $page->headers['Refresh'], $page->headers['Cache-Control'], $page->headers['Content-Type']]);
        self::assertStringContainsString('do not order again.</p><p><a href="?">&lt;b&gt;</a>', $page->contents);
        self::assertStringContainsString('<html lang="nl-NL">', $page->contents);
        self::assertFalse(Session::$cart);
        self::state('pending_payment/pending_payment', $id);
        self::assertSame([], self::get(Messages::class)->said);
        self::assertStringContainsString('begin of order ' . $id, implode($this->shop->log));
        self::assertStringNotContainsString('key_test', implode($this->shop->log));
    }

    public function testAnOrderThatCannotBeSentGivesTheCartBack(): void
    {
        $id = (int)Shop::place(['grand_total' => 'ten'])->getId();
        $this->goes('kassette/redirect', 'https://shop.example/checkout/cart');
        self::assertTrue(Session::$cart);
        self::assertSame([], $this->gateway->requests);
        self::state('canceled/canceled', $id);
        self::assertStringContainsString('The order cannot be sent: This is no amount.', implode($this->shop->log));
    }

    public function testAnOrderThatIsPaidAlreadyGoesToSuccess(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        $this->gateway->next = [[409, ['title' => 'Conflict', 'detail' => 'paid', 'attempted' => 'no', 'order' => $this->gateway->orders[$checkout]]]];
        $this->goes('kassette/redirect', 'https://shop.example/checkout/onepage/success');
        self::assertCount(1, self::invoices($id));
    }

    public function testACancelledOrderIsNotBegunAgain(): void
    {
        $id = (int)Shop::place()->getId();
        Shop::orders()->cancel($id);
        $this->goes('kassette/redirect', 'https://shop.example/checkout/cart');
        self::assertSame([], $this->gateway->requests);
    }

    public function testNobodysRedirectGoesToTheCart(): void
    {
        $this->goes('kassette/redirect', 'https://shop.example/checkout/cart');
        $order = Shop::place();
        $order->payment->setMethod('checkmo');
        $order->save();
        $this->goes('kassette/redirect', 'https://shop.example/checkout/cart');
        self::state('pending_payment/pending_payment', (int)$order->getId());
    }

    public function testWithoutAKeyNothingIsSent(): void
    {
        Shop::configure(['test_key' => '']);
        Shop::place();
        $this->goes('kassette/redirect', 'https://shop.example/checkout/cart');
        self::assertSame([], $this->gateway->requests);
    }

    public function testLivePaymentsUseTheLiveKeyAndStayLive(): void
    {
        Shop::configure(['mode' => 'live', 'live_key' => 'key_live']);
        [$id, $checkout] = $this->begun();
        Shop::configure(['mode' => 'test']);
        $this->back($id, $checkout, 'checkout/cart');
        self::assertSame(['Bearer key_live'], array_values(array_unique(array_map(static fn ($one) => $one['headers']['Authorization'], $this->gateway->requests))));
    }

    public function testBackAndPaidIsSuccessWithoutWaitingForTheNotice(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        $this->back($id, $checkout, 'checkout/onepage/success');
        self::assertCount(1, self::invoices($id));
        self::assertSame('old', $this->tell($checkout)->contents);
    }

    public function testBackWhileTheProviderWaitsIsSuccessAndHeld(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'pending', null, ['type' => 'redirect', 'url' => 'https://bank.example']);
        $this->back($id, $checkout, 'checkout/onepage/success');
        self::state('payment_review/payment_review', $id);
    }

    public function testBackWithoutPayingCancelsBothAndRestoresTheCart(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'failed');
        $this->back($id, $checkout, 'checkout/cart');
        self::assertTrue(Session::$cart);
        self::assertSame('cancelled', $this->gateway->orders[$checkout]['status']);
        self::state('canceled/canceled', $id);
        self::assertCount(1, $this->gateway->asked('POST', '/cancel'));
    }

    public function testBackAndPaidInTheLastMomentIsSuccess(): void
    {
        [$id, $checkout] = $this->begun();
        $real = $this->gateway;
        Shop::$gateway = static function (...$asked) use ($real, $checkout) {
            if (str_ends_with($asked[1], '/cancel')) {
                $real->pay($checkout, 'captured');
            }
            return $real(...$asked);
        };
        $this->back($id, $checkout, 'checkout/onepage/success');
        $this->tell($checkout);
        self::assertCount(1, self::invoices($id));
    }

    public function testTheAddressIsNotBelieved(): void
    {
        [$id, $checkout] = $this->begun();
        $token = self::get(Links::class)->of($id)->token;
        $forged = ['status' => 'paid'] + $this->gateway->back($checkout);
        $this->goes('kassette/return', 'https://shop.example/checkout/cart', ['token' => $token] + $forged);
        self::assertSame([], self::invoices($id));
        $this->goes('kassette/return', 'https://shop.example/checkout/cart', ['token' => 'x'] + $this->gateway->back($checkout));
        $this->goes('kassette/return', 'https://shop.example/checkout/cart');
    }

    public function testBackWhileTheGatewayIsAwayIsSuccessAndNothingIsLost(): void
    {
        [$id, $checkout] = $this->begun();
        $back = $this->gateway->back($checkout);
        $this->gateway->next = ['down'];
        $token = self::get(Links::class)->of($id)->token;
        $this->goes('kassette/return', 'https://shop.example/checkout/onepage/success', ['token' => $token] + $back);
        self::state('pending_payment/pending_payment', $id);
    }

    public function testBackToAnOrderThatAnotherHoldsIsSuccessAndNothingIsLost(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        $lock = new FileLock(Shop::$dir);
        $lock->lock('kassette_order_' . $id);
        $this->back($id, $checkout, 'checkout/onepage/success');
        $lock->unlock('kassette_order_' . $id);
        self::state('pending_payment/pending_payment', $id);
        self::assertStringContainsString('way back of order ' . $id, implode("\n", $this->shop->log));
    }

    /** @dataProvider taxes */
    public function testATaxThatIsNoPartOfItsLineIsLeftOut(string $total, string $tax, ?int $sent, string $kind): void
    {
        $order = Shop::place();
        $order->items = [new Item(['item_id' => 1, 'name' => 'Lamp', 'qty_ordered' => '1', 'row_total_incl_tax' => $total, 'discount_amount' => '1.0000', 'tax_amount' => $tax, 'is_virtual' => 0])];
        $order->save();
        Shop::front()->dispatch('GET', 'kassette/redirect');
        $line = $this->body()['lines'][0];
        self::assertSame([$sent, $kind], [$line['tax_amount']['value'] ?? null, $line['kind']]);
    }

    public static function taxes(): array
    {
        return [
            'above the line' => ['4.0000', '3.0100', null, 'physical'], 'below zero' => ['4.0000', '-0.0100', null, 'physical'],
            'above zero, in a discount' => ['-2.0000', '0.5000', null, 'discount'], 'more than a discount' => ['-2.0000', '-3.0100', null, 'discount'],
            'none' => ['4.0000', '0.0000', 0, 'physical'], 'all of it' => ['4.0000', '3.0000', 300, 'physical'], 'part of a discount' => ['-2.0000', '-0.5200', -52, 'discount'],
        ];
    }

    public function testAnotherOrdersCartIsLeft(): void
    {
        [$id, $checkout] = $this->begun();
        $this->begun();
        $this->back($id, $checkout, 'checkout/cart');
        self::assertFalse(Session::$cart);
    }
}
