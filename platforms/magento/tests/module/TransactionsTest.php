<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\Shop;
use Kassette\Tests\ShopTestCase;
use Magento\Payment\Gateway\Command\CommandException;

/** "Fetch" on a transaction's page and "Get Payment Update" on an order: magento.md 3.3. */
class TransactionsTest extends ShopTestCase
{
    private function fetched(int $id, string $transaction): array
    {
        return Shop::method()->fetchTransactionInfo(Shop::order($id)->getPayment(), $transaction);
    }

    public function testWhereTheGatewayIsAwayThePageSaysSo(): void
    {
        [$id] = $this->paid();
        $this->gateway->next = ['down'];
        $this->expectException(CommandException::class);
        $this->expectExceptionMessage('could not be asked');
        $this->fetched($id, 'PSP-1');
    }

    public function testAnOrderThatWasNeverBegunHasNone(): void
    {
        self::assertSame([], $this->fetched((int)Shop::place()->getId(), 'x'));
        self::assertSame([], $this->gateway->requests);
    }

    public function testAPaymentsDetails(): void
    {
        [$id, $checkout] = $this->paid();
        $this->gateway->refund($checkout, 250);
        $this->gateway->orders[$checkout]['refunded']['value'] = 250;
        $want = ['kassette_order' => $checkout, 'order_status' => 'paid', 'method' => 'ideal', 'provider_reference' => 'PSP-' . $checkout, 'captured' => '49.99 EUR', 'refunded' => '2.50 EUR'];
        self::assertSame($want, $this->fetched($id, 'PSP-' . $checkout));
        self::assertSame(['transaction_status' => 'succeeded'] + $want, $this->fetched($id, 'ref_1'));
        self::assertCount(1, self::invoices($id));
    }

    /** @dataProvider decisions */
    public function testAnUpdateOfAPaymentInReview(string $status, ?int $value, string $want, int $invoices): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'pending');
        $this->tell($checkout);
        if (in_array($status, ['cancelled', 'expired'], true)) {
            $this->gateway->end($checkout, $status);
        } elseif ($status !== 'pending') {
            $this->gateway->pay($checkout, $status, $value);
        }
        $order = Shop::order($id);
        $order->getPayment()->update();
        $order->save();
        $this->tell($checkout);
        self::state($want, $id);
        self::assertCount($invoices, self::invoices($id));
    }

    public static function decisions(): array
    {
        return [
            'still under way' => ['pending', null, 'payment_review/payment_review', 0],
            'short' => ['captured', 1000, 'payment_review/payment_review', 0],
            'cancelled' => ['cancelled', null, 'canceled/canceled', 0],
            'expired' => ['expired', null, 'canceled/canceled', 0],
            'authorized' => ['authorized', null, 'processing/processing', 0],
            'paid' => ['captured', null, 'processing/processing', 1],
        ];
    }

    public function testAnUpdateOfACaptureThatWasWaitedFor(): void
    {
        foreach (['succeeded' => ['processing/processing', '49.9900'], 'failed' => ['canceled/canceled', null], 'pending' => ['payment_review/payment_review', null]] as $status => [$want, $paid]) {
            [$id, $checkout] = $this->begun();
            $this->gateway->pay($checkout, 'authorized');
            $this->tell($checkout);
            $this->gateway->captureStatus = 'pending';
            Shop::orders()->invoice($id, true);
            self::state('payment_review/payment_review', $id);
            $this->gateway->orders[$checkout]['payments'][0]['captures'][0]['status'] = $status;
            $order = Shop::order($id);
            $order->getPayment()->update();
            $order->save();
            self::state($want, $id);
            self::assertSame($paid, Shop::order($id)->getTotalPaid(), $status);
        }
    }
}
