<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\Shop;
use Kassette\Tests\ShopTestCase;
use Magento\Payment\Gateway\Command\CommandException;

class CapturesTest extends ShopTestCase
{
    private function authorized(array $data = []): array
    {
        Shop::configure(['capture' => 'manual']);
        [$id, $checkout] = $this->begun($data);
        self::assertStringContainsString('"capture":"manual"', $this->gateway->asked('POST', '/v1/orders')[0]['body']);
        $this->gateway->pay($checkout, 'authorized');
        $this->tell($checkout);
        return [$id, $checkout];
    }

    public function testTheAdminsInvoiceTakesTheMoneyOnce(): void
    {
        [$id, $checkout] = $this->authorized();
        Shop::orders()->invoice($id, true);
        $asked = $this->gateway->asked('POST', '/captures');
        self::assertSame('{"amount":{"value":4999,"currency":"EUR"}}', $asked[0]['body']);
        self::assertSame('000000001-capture-4999-0', $asked[0]['headers']['Idempotency-Key']);
        $this->tell($checkout);
        self::assertSame(['cap_1'], array_column(self::invoices($id), 'transaction_id'));
        self::assertSame('49.9900', Shop::order($id)->getTotalPaid());
        self::assertSame([], $this->shop->notes);
    }

    public function testAPartIsTakenInTheCurrencyThatTheShopperPaysIn(): void
    {
        [$id] = $this->authorized(['grand_total' => '100.0000', 'base_grand_total' => '50.0000', 'order_currency_code' => 'SEK']);
        Shop::orders()->invoice($id, true, '25.0000');
        self::assertSame('{"amount":{"value":2500,"currency":"SEK"}}', $this->gateway->asked('POST', '/captures')[0]['body']);
    }

    public function testALostAnswerIsNotTakenTwice(): void
    {
        [$id, $checkout] = $this->authorized();
        $this->gateway->next = [null, 'lost'];
        try {
            Shop::orders()->invoice($id, true);
            self::fail('a capture went well');
        } catch (CommandException $e) {
            self::assertStringContainsString('never taken twice', $e->getMessage());
        }
        self::assertSame([], self::invoices($id));
        self::get(\Kassette\Payment\Model\OrderLock::class)->saved($id);
        Shop::orders()->invoice($id, true);
        self::assertSame(4999, $this->gateway->orders[$checkout]['captured']['value']);
        self::assertSame(['cap_1'], array_column(self::invoices($id), 'transaction_id'));
    }

    public function testARefusalIsTheAdminsToRead(): void
    {
        [$id] = $this->begun();
        $this->expectExceptionMessage('Not captured: there is no authorized payment');
        Shop::orders()->invoice($id, true);
    }

    public function testAFailedCaptureMakesNoInvoice(): void
    {
        [$id] = $this->authorized();
        $this->gateway->next = [null, [201, ['id' => 'cap_9', 'status' => 'failed', 'amount' => ['value' => 4999, 'currency' => 'EUR'], 'origin' => 'shop']]];
        $this->expectExceptionMessage('The provider did not take the money');
        Shop::orders()->invoice($id, true);
    }

    public function testACaptureUnderWayIsPaidByItsNotice(): void
    {
        [$id, $checkout] = $this->authorized();
        $pending = ['id' => 'cap_1', 'status' => 'pending', 'amount' => ['value' => 4999, 'currency' => 'EUR'], 'origin' => 'shop'];
        $this->gateway->next = [null, [201, $pending]];
        Shop::orders()->invoice($id, true);
        self::assertSame([1], array_column(self::invoices($id), 'state'));
        self::state('payment_review/payment_review', $id);
        $this->gateway->orders[$checkout]['payments'][0]['captures'] = [['status' => 'succeeded'] + $pending];
        $this->gateway->orders[$checkout]['captured']['value'] = 4999;
        $this->gateway->orders[$checkout]['payments'][0]['status'] = 'captured';
        $this->gateway->end($checkout, 'paid');
        $this->tell($checkout);
        self::assertSame([2], array_column(self::invoices($id), 'state'));
        self::state('processing/processing', $id);
    }

    public function testACaptureAtTheGatewayMakesTheInvoice(): void
    {
        [$id, $checkout] = $this->authorized();
        ($this->gateway)('POST', 'https://pay.example/v1/orders/' . $checkout . '/captures', [], '{}');
        $this->tell($checkout);
        self::assertSame(['cap_1'], array_column(self::invoices($id), 'transaction_id'));
        self::assertSame('49.9900', Shop::order($id)->getTotalPaid());
        self::assertSame([null, 'pay_1'], array_column(Shop::db()->all('sales_payment_transaction'), 'parent_txn_id'));
    }
}
