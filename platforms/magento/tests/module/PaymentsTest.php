<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\Shop;
use Kassette\Payment\Cron\AskOften;
use Kassette\Tests\ShopTestCase;

/** What the gateway says becomes what the shop's order is: the table of magento.md 4. */
class PaymentsTest extends ShopTestCase
{
    public function testALessPaidOrderIsHeldWithoutAnInvoice(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured', 1000);
        $this->tell($checkout);
        self::state('payment_review/payment_review', $id);
        self::assertSame([], self::invoices($id));
        self::assertSame('49.9900', Shop::order($id)->getTotalDue());
        self::says('the payment is of 10.00 EUR, the order of 49.99 EUR', $id);
        self::assertCount(1, $this->shop->notes);
        self::assertSame([], Shop::db()->all('mail'));
    }

    public function testALessPaidOrderIsToldOfOnce(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured', 1000);
        $this->tell($checkout);
        $this->post($this->gateway->notice($checkout, 20));
        self::assertCount(1, $this->shop->notes);
        self::assertCount(1, preg_grep('/the payment is of/', Shop::comments($id)));
    }

    public function testAnotherCurrencyOrTotalIsHeld(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        foreach (['amount', 'captured'] as $name) {
            $this->gateway->orders[$checkout][$name]['currency'] = 'SEK';
        }
        $this->tell($checkout);
        self::state('payment_review/payment_review', $id);
        [$other, $checkout] = $this->begun();
        $this->gateway->orders[$checkout]['amount']['value'] = 1;
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        self::state('payment_review/payment_review', $other);
        self::assertSame([], self::invoices($id) + self::invoices($other));
    }

    /** @dataProvider statuses */
    public function testMoreThanTheOrdersTotalIsHeldToo(string $status): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->orders[$checkout]['amount']['value'] = 9999;
        $this->gateway->pay($checkout, $status);
        $this->tell($checkout);
        self::state('payment_review/payment_review', $id);
        self::assertSame([], self::invoices($id));
        self::says('the payment is of 99.99 EUR, the order of 49.99 EUR', $id);
    }

    public static function statuses(): array
    {
        return [['captured'], ['authorized']];
    }

    public function testATipIsNotPartOfWhatIsPaid(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured', 4999);
        $this->gateway->orders[$checkout]['tip']['value'] = 500;
        $this->tell($checkout);
        self::state('payment_review/payment_review', $id);
        [$other, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured', 5499);
        $this->gateway->orders[$checkout]['tip']['value'] = 500;
        $this->tell($checkout);
        self::assertCount(1, self::invoices($other));
    }

    public function testALatePaymentOfACancelledOrderRegistersNothing(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->next = ['down'];
        Shop::orders()->cancel($id);
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        $this->post($this->gateway->notice($checkout, 30));
        self::state('canceled/canceled', $id);
        self::assertNull(Shop::order($id)->getTotalPaid());
        self::assertSame([], self::invoices($id));
        self::says('49.99 EUR was paid after the order had ended', $id);
        self::assertCount(1, $this->shop->notes);
    }

    public function testAWaitingProviderHoldsTheOrderOutOfTheCleanersReach(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'pending', null, ['type' => 'redirect', 'url' => 'https://bank.example']);
        $this->tell($checkout);
        self::state('pending_payment/pending_payment', $id);
        $this->gateway->pay($checkout, 'pending');
        $this->tell($checkout);
        self::state('payment_review/payment_review', $id);
        self::assertSame(0, Shop::orders()->clean(PHP_INT_MAX));
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        self::state('processing/processing', $id);
        self::assertCount(1, self::invoices($id));
    }

    /** @dataProvider ends */
    public function testWhatEndedAtTheGatewayIsCancelled(string $status, string $before): void
    {
        [$id, $checkout] = $this->begun();
        if ($before !== '') {
            $this->gateway->pay($checkout, $before);
            $this->tell($checkout);
        }
        $this->gateway->end($checkout, $status);
        $this->tell($checkout);
        self::state('canceled/canceled', $id);
        self::assertSame([], $this->gateway->asked('POST', '/cancel'));
        self::assertSame([], Shop::db()->all('kassette_outbox'));
    }

    public static function ends(): array
    {
        return ['expired' => ['expired', ''], 'cancelled' => ['cancelled', ''], 'expired while waiting' => ['expired', 'pending'], 'failed, then cancelled' => ['cancelled', 'failed']];
    }

    public function testWhatEndedDoesNotTouchAPaidOrder(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->end($checkout, 'expired');
        $this->tell($checkout);
        self::state('processing/processing', $id);
    }

    /** @dataProvider unpaid */
    public function testNoMailGoesOutBeforeThereIsMoney(string $status): void
    {
        [$id, $checkout] = $this->begun();
        self::assertSame([], Shop::db()->all('mail'));
        $this->gateway->pay($checkout, $status);
        $this->tell($checkout);
        $this->gateway->end($checkout, 'expired');
        $this->tell($checkout);
        self::state('canceled/canceled', $id);
        self::assertSame([], Shop::db()->all('mail'));
    }

    public static function unpaid(): array
    {
        return [['pending'], ['failed']];
    }

    public function testAFailedAttemptLeavesTheOrder(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'failed');
        $this->tell($checkout);
        self::state('pending_payment/pending_payment', $id);
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        self::assertCount(1, self::invoices($id));
    }

    public function testAVirtualOrderIsComplete(): void
    {
        [$id] = $this->paid(['is_virtual' => 1]);
        self::state('complete/complete', $id);
    }

    public function testASecondPaymentIsToldOfAndRegistersNothing(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->orders['ord_other'] = ['id' => 'ord_other'] + $this->gateway->orders[$checkout];
        $this->tell('ord_other');
        self::assertCount(1, self::invoices($id));
        self::assertSame('49.9900', Shop::order($id)->getTotalPaid());
        self::says('now again by ord_other', $id);
    }

    public function testAnInvoiceMadeByHandIsNotMadeTwice(): void
    {
        [$id, $checkout] = $this->begun();
        Shop::orders()->invoice($id, false);
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        self::assertCount(1, self::invoices($id));
        self::assertSame([], $this->shop->notes);
    }

    public function testWhatTheGatewayFlagsIsAComment(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->orders[$checkout]['attention'] = [['code' => 'charged_back', 'payment' => 'pay_1', 'message' => 'The bank took the money back.']];
        $this->gateway->orders[$checkout]['version']++;
        $this->tell($checkout);
        self::says('The bank took the money back.', $id);
    }

    public function testTheBaseCurrencysTotalIsRegisteredWhereTheShopperPaidInAnother(): void
    {
        [$id] = $this->paid(['grand_total' => '560.0000', 'order_currency_code' => 'SEK']);
        $invoice = self::invoices($id)[0];
        self::assertSame(['560.0000', '49.9900'], [$invoice['grand_total'], $invoice['base_grand_total']]);
        self::assertSame(56000, array_values($this->gateway->orders)[0]['amount']['value']);
    }

    public function testAnAuthorizedOrderIsRegisteredOnce(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'authorized');
        $this->tell($checkout);
        $this->post($this->gateway->notice($checkout, 30));
        $order = Shop::order($id);
        self::assertSame('pay_1', $order->getPayment()->getAuthorizationTransaction()->getTxnId());
        self::assertSame([], self::invoices($id));
        self::assertCount(1, preg_grep('/Authorized amount/', Shop::comments($id)));
        self::assertCount(1, Shop::db()->all('mail'));
    }

    public function testAnOrderOnHoldIsPaidAndStaysOnHold(): void
    {
        [$id, $checkout] = $this->begun();
        Shop::order($id)->hold()->save();
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        self::state('holded/holded', $id);
        self::assertCount(1, self::invoices($id));
        Shop::order($id)->unhold()->save();
        self::state('processing/processing', $id);
    }

    public function testAnAuthorizationThatEndedAtTheGatewayCancelsTheOrder(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'authorized');
        $this->tell($checkout);
        $this->gateway->end($checkout, 'cancelled');
        $this->tell($checkout);
        self::state('canceled/canceled', $id);
        self::assertSame([], $this->gateway->asked('POST', '/cancel'));
    }

    public function testAMailThatFailsIsTriedAgainAndThePaymentCounts(): void
    {
        [$id, $checkout] = $this->begun();
        $fails = 1;
        Shop::events()->extra['email_order_set_template_vars_before'][] = static function () use (&$fails) {
            if ($fails-- > 0) {
                throw new \RuntimeException('no mail server');
            }
        };
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        self::assertCount(1, self::invoices($id));
        self::assertSame([], Shop::db()->all('mail'));
        self::assertStringContainsString('no mail server', implode("\n", $this->shop->log));
        $this->post($this->gateway->notice($checkout, 30));
        $this->post($this->gateway->notice($checkout, 31));
        self::assertSame(['processing'], array_column(Shop::db()->all('mail'), 'state'));
    }

    public function testALateAuthorizationIsToldOf(): void
    {
        [$id, $checkout] = $this->begun();
        Shop::orders()->cancel($id);
        $this->gateway->pay($checkout, 'authorized');
        $this->tell($checkout);
        self::assertFalse(Shop::order($id)->getPayment()->getAuthorizationTransaction());
        self::assertCount(1, $this->shop->notes);
    }

    public function testALostNoticeIsCaughtUpByAsking(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        Shop::cron(AskOften::class);
        self::assertCount(1, self::invoices($id));
        $comments = Shop::comments($id);
        Shop::cron(AskOften::class);
        self::assertSame($comments, Shop::comments($id));
        self::assertSame('old', $this->tell($checkout)->contents);
    }

    public function testANoticeWithAnOrderFromBeforeItsEventHidesNothing(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->orders[$checkout]['version'] = 2;
        $stale = ['type' => 'order.paid', 'data' => ['event' => ['number' => 3], 'order' => $this->gateway->orders[$checkout]]];
        self::assertSame('taken', $this->post($this->gateway->signed('late', $stale))->contents);
        $this->gateway->pay($checkout, 'captured');
        self::assertSame(3, $this->gateway->orders[$checkout]['version']);
        Shop::cron(AskOften::class);
        self::assertCount(1, self::invoices($id));
    }

    /** @dataProvider breaks */
    public function testAnOrderThatCannotBeTakenStopsNoOther(\Throwable $breaks): void
    {
        [$odd, $first] = $this->begun();
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($first, 'captured');
        $this->gateway->pay($checkout, 'captured');
        $left = 1;
        Shop::events()->extra['sales_order_invoice_pay'][] = static function () use (&$left, $breaks) {
            if ($left-- > 0) {
                throw $breaks;
            }
        };
        Shop::cron(AskOften::class);
        self::assertSame([0, 1], [count(self::invoices($odd)), count(self::invoices($id))]);
        self::assertStringContainsString('catching up with ' . $first . ': odd', implode("\n", $this->shop->log));
    }

    public static function breaks(): array
    {
        return ['no amount' => [new \InvalidArgumentException('odd')], 'an error of PHP' => [new \TypeError('odd')]];
    }

    public function testAnAnswerThatMakesNoSenseIsLogged(): void
    {
        $this->gateway->next = [[200, ['items' => ['none']]]];
        Shop::cron(AskOften::class);
        self::assertStringContainsString('catching up: ', implode("\n", $this->shop->log));
    }

    public function testEachKeyOfTheStoresIsAskedOnce(): void
    {
        Shop::$stores = 3;
        Shop::configure(['test_key' => 'key_other'], 3);
        Shop::cron(AskOften::class);
        $keys = array_map(static fn ($one) => $one['headers']['Authorization'], $this->gateway->asked('GET', '/v1/orders'));
        self::assertSame(['Bearer key_test', 'Bearer key_other'], $keys);
    }

    public function testAGatewayThatDoesNotAnswerIsNoError(): void
    {
        $this->gateway->next = ['down'];
        Shop::cron(AskOften::class);
        self::assertStringContainsString('Operation timed out', implode("\n", $this->shop->log));
    }
}
