<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\Shop;
use Kassette\Tests\ShopTestCase;
use Magento\Payment\Gateway\Command\CommandException;

class RefundsTest extends ShopTestCase
{
    private function refuse(int $id, string $amount, string $want): void
    {
        try {
            Shop::orders()->refundInvoice($id, $amount, true);
        } catch (CommandException $e) {
            self::assertStringContainsString($want, $e->getMessage());
            self::endRequest($id);
            return;
        }
        self::fail('a refund went well');
    }

    /** A request that broke off: its locks go with it. */
    private static function endRequest(int $id): void
    {
        self::get(\Kassette\Payment\Model\OrderLock::class)->saved($id);
    }

    public function testTheAdminsRefundIsPaidOut(): void
    {
        [$id, $checkout] = $this->paid();
        Shop::orders()->refundInvoice($id, '12.5000', true, "One lamp\ncame back");
        $asked = $this->gateway->asked('POST', '/refunds');
        self::assertSame('{"amount":{"value":1250,"currency":"EUR"},"reason":"One lamp came back"}', $asked[0]['body']);
        self::assertSame('000000001-refund-1250-0', $asked[0]['headers']['Idempotency-Key']);
        self::assertSame(['ref_1'], array_column(self::creditmemos($id), 'transaction_id'));
        self::says('refunded 12.50 EUR (ref_1)', $id);
        $this->gateway->orders[$checkout]['version']++;
        $this->tell($checkout);
        self::assertCount(1, self::creditmemos($id));
        Shop::orders()->refundInvoice($id, '12.5000', true);
        self::assertSame('000000001-refund-1250-1', $this->gateway->asked('POST', '/refunds')[1]['headers']['Idempotency-Key']);
        self::assertCount(2, self::creditmemos($id));
    }

    public function testALostAnswerIsNotPaidTwice(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->next = [null, 'lost'];
        $this->refuse($id, '12.5000', 'it is never paid twice');
        self::assertSame([], self::creditmemos($id));
        Shop::orders()->refundInvoice($id, '12.5000', true);
        self::assertCount(1, $this->gateway->orders[$checkout]['payments'][0]['refunds']);
        self::assertSame(['ref_1'], array_column(self::creditmemos($id), 'transaction_id'));
    }

    public function testARefundThatNeverArrivedIsAskedForUnderTheSameName(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->next = [null, 'down'];
        $this->refuse($id, '12.5000', 'it is never paid twice');
        Shop::orders()->refundInvoice($id, '12.5000', true);
        $keys = array_map(static fn ($one) => $one['headers']['Idempotency-Key'], $this->gateway->asked('POST', '/refunds'));
        self::assertSame(['000000001-refund-1250-0', '000000001-refund-1250-0'], $keys);
        self::assertCount(1, $this->gateway->orders[$checkout]['payments'][0]['refunds']);
    }

    public function testTheReasonOfARefusalIsTheAdmins(): void
    {
        [$id] = $this->paid();
        $this->gateway->next = [null, [409, ['title' => 'Refused', 'detail' => 'Refund it in the PayPal account.', 'attempted' => 'no']]];
        $this->refuse($id, '5.0000', 'Refund it in the PayPal account.');
        $this->gateway->next = [null, [201, ['id' => 'ref_9', 'status' => 'failed', 'amount' => ['value' => 500, 'currency' => 'EUR']]]];
        $this->refuse($id, '5.0000', 'Nothing was given back');
        self::assertSame([], self::creditmemos($id));
    }

    public function testAnOrderThatKassetteDoesNotKnowIsNotRefunded(): void
    {
        $order = Shop::place();
        Shop::orders()->invoice((int)$order->getId(), false);
        $invoice = self::invoices((int)$order->getId())[0];
        Shop::db()->save('sales_invoice', 1, ['transaction_id' => 'X'] + $invoice);
        $this->refuse((int)$order->getId(), '5.0000', 'was not paid through Kassette');
    }

    public function testTheNoticeOfARefundWaitsUntilTheAdminsIsSaved(): void
    {
        [$id, $checkout] = $this->paid();
        $early = null;
        $real = $this->gateway;
        $elsewhere = static function () use ($real, $checkout): int {
            $other = Shop::container()->fresh([])->get(\Kassette\Payment\Model\Notices::class);
            [$headers, $body] = $real->notice($checkout);
            return $other->receive($body, ['id' => $headers['webhook-id'], 'timestamp' => $headers['webhook-timestamp'], 'signature' => $headers['webhook-signature']])[0];
        };
        Shop::$gateway = static function (...$asked) use ($real, $elsewhere, &$early) {
            $answer = $real(...$asked);
            $early = str_ends_with($asked[1], '/refunds') ? $elsewhere() : $early;
            return $answer;
        };
        Shop::orders()->refundInvoice($id, '12.5000', true);
        self::assertSame(425, $early);
        self::assertSame(200, $elsewhere());
        self::assertCount(1, self::creditmemos($id));
    }

    public function testARefundAtTheGatewayIsRecordedOfflineOnce(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->refund($checkout, 1250);
        $before = count($this->gateway->requests);
        $this->tell($checkout);
        $this->gateway->orders[$checkout]['version']++;
        $this->tell($checkout);
        self::assertCount($before, $this->gateway->requests);
        self::assertSame(['12.5000'], array_column(self::creditmemos($id), 'grand_total'));
        self::assertStringContainsString('12.50 EUR was refunded at the gateway (ref_1)', self::creditmemos($id)[0]['comments'][0]);
        self::state('processing/processing', $id);
        $this->gateway->refund($checkout, 3749);
        $this->tell($checkout);
        self::state('closed/closed', $id);
    }

    public function testWhatWasPaidAndRefundedBeforeTheFirstNoticeIsRecordedOnce(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        $this->gateway->refund($checkout, 1250);
        $this->tell($checkout);
        $this->gateway->orders[$checkout]['version']++;
        $this->tell($checkout);
        self::assertSame(['ref_1'], array_column(self::creditmemos($id), 'transaction_id'));
        self::assertSame(['PSP-' . $checkout], array_column(self::invoices($id), 'transaction_id'));
    }

    public function testAWholeRefundAtTheGatewayClosesTheOrder(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->refund($checkout, 4999);
        $this->tell($checkout);
        self::state('closed/closed', $id);
    }

    public function testInASecondCurrencyTheShareIsRecorded(): void
    {
        [$id, $checkout] = $this->paid(['grand_total' => '100.0000', 'base_grand_total' => '50.0000', 'order_currency_code' => 'SEK']);
        $this->gateway->refund($checkout, 2500);
        $this->tell($checkout);
        self::assertSame(['12.5000'], array_column(self::creditmemos($id), 'base_grand_total'));
        self::assertSame(['25.0000'], array_column(self::creditmemos($id), 'grand_total'));
    }

    public function testOnlyWhatWentBackIsRecorded(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->refund($checkout, 1250, 'pending');
        $this->gateway->refund($checkout, 1250, 'failed');
        $this->tell($checkout);
        self::assertSame([], self::creditmemos($id));
    }

    public function testARefundThatFailedAfterTheShopHadItIsToldOf(): void
    {
        [$id, $checkout] = $this->paid();
        Shop::orders()->refundInvoice($id, '12.5000', true);
        $this->gateway->orders[$checkout]['payments'][0]['refunds'][0]['status'] = 'failed';
        $this->gateway->orders[$checkout]['version']++;
        $this->tell($checkout);
        self::says('failed at the provider: the money is still here', $id);
        self::assertCount(1, $this->shop->notes);
    }

    public function testWhatBreaksOffHalfWayLeavesTheOrdersTotals(): void
    {
        [$id, $checkout] = $this->paid();
        Shop::events()->extra['sales_order_creditmemo_save_before'][] = static function () {
            throw new \RuntimeException('the disk is full');
        };
        $this->gateway->refund($checkout, 1250);
        $this->tell($checkout);
        self::assertNull(Shop::order($id)->getTotalRefunded());
        self::says('could not record it: the disk is full', $id);
    }

    public function testWhatCannotBeRecordedIsToldOf(): void
    {
        [$id, $checkout] = $this->paid();
        Shop::orders()->refundInvoice($id, '49.9900', false);
        $this->gateway->refund($checkout, 1250);
        $this->tell($checkout);
        self::assertCount(1, self::creditmemos($id));
        self::says('12.50 EUR was refunded at the gateway, and the shop could not record it', $id);
    }
}
