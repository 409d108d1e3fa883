<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\FileLock;
use Kassette\Double\Shop;
use Kassette\Tests\FakeGateway;
use Kassette\Tests\ShopTestCase;
use Magento\Framework\Lock\LockBackendFactory;
use Magento\Framework\Lock\LockManagerInterface;

class NoticesTest extends ShopTestCase
{
    public function testBadNoticesAreRefusedAndChangeNothing(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        [$headers, $body] = $this->gateway->notice($checkout);
        $this->post([[], $body], 401);
        $this->post([$headers, $body . ' '], 401);
        $this->post($this->gateway->notice($checkout, 3, 'whsec_' . base64_encode(str_repeat('x', 24))), 401);
        $this->post($this->gateway->notice($checkout, 3, FakeGateway::SECRET, time() - 301), 401);
        $this->post([$headers, str_repeat('x', 1048577)], 413);
        self::state('pending_payment/pending_payment', $id);
        self::assertSame([], self::invoices($id));
    }

    /** @dataProvider none */
    public function testWhatIsNoNoticeIsA400(string $body): void
    {
        $time = (string)time();
        $mac = base64_encode(hash_hmac('sha256', "x.$time.$body", base64_decode(substr(FakeGateway::SECRET, 6)), true));
        $this->post([['webhook-id' => 'x', 'webhook-timestamp' => $time, 'webhook-signature' => "v1,$mac"], $body], 400);
    }

    public static function none(): array
    {
        $order = '"order":{"id":"o","reference":"1","version":1,"status":"paid","amount":{"value":1}}';
        return [
            'no JSON' => ['{'], 'a list' => ['[]'], 'a text' => ['"x"'], 'another type' => ['{"type":"pings","data":{}}'], 'no order' => ['{"data":{"event":{"number":1}}}'],
            'no number' => ['{"data":{' . $order . '}}'], 'number 0' => ['{"data":{"event":{"number":0},' . $order . '}}'],
            'number as text' => ['{"data":{"event":{"number":"1"},' . $order . '}}'], 'half an order' => ['{"data":{"event":{"number":1},"order":{"id":"o"}}}'],
        ];
    }

    public function testAPingIsAnsweredWellAndChangesNothing(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        $before = [Shop::comments($id), $this->shop->log];
        $ping = ['type' => 'ping', 'data' => ['event' => ['number' => 9], 'order' => $this->gateway->orders[$checkout]]];
        self::assertSame('The signature fits.', $this->post($this->gateway->signed('ping_1', $ping))->contents);
        self::state('pending_payment/pending_payment', $id);
        self::assertSame($before, [Shop::comments($id), $this->shop->log]);
        $this->post($this->gateway->signed('ping_1', $ping, 'whsec_' . base64_encode(str_repeat('x', 24))), 401);
        Shop::configure(['test_secret' => '']);
        $this->post($this->gateway->signed('ping_1', $ping), 503);
    }

    public function testWithoutASecretNothingIsTaken(): void
    {
        [, $checkout] = $this->begun();
        Shop::configure(['test_secret' => '']);
        self::assertSame('5', $this->tell($checkout, 503)->headers['Retry-After']);
    }

    public function testBothSecretsAreGoodWhileTheyAreRotated(): void
    {
        [$id, $checkout] = $this->begun();
        $other = 'whsec_' . base64_encode(str_repeat('y', 32));
        Shop::configure(['test_secret' => $other . ' ' . FakeGateway::SECRET, 'live_secret' => 'whsec_' . base64_encode(str_repeat('z', 32))]);
        $this->gateway->pay($checkout, 'captured');
        $this->tell($checkout);
        $this->post($this->gateway->notice($checkout, 9, 'whsec_' . base64_encode(str_repeat('z', 32))));
        self::assertCount(1, self::invoices($id));
    }

    public function testAPaidNoticeMakesOneInvoiceAndOneMail(): void
    {
        [$id, $checkout] = $this->begun();
        self::assertSame([], Shop::db()->all('mail'));
        $this->gateway->pay($checkout, 'captured');
        self::assertSame('taken', $this->tell($checkout)->contents);
        self::state('processing/processing', $id);
        self::assertSame(['PSP-' . $checkout], array_column(self::invoices($id), 'transaction_id'));
        self::assertSame([2], array_column(self::invoices($id), 'state'));
        self::assertCount(1, Shop::db()->all('mail'));
    }

    public function testTheSameAndOlderNewsChangeNothing(): void
    {
        [$id, $checkout] = $this->paid();
        $comments = Shop::comments($id);
        self::assertSame('old', $this->tell($checkout)->contents);
        self::assertSame('old', $this->post($this->gateway->notice($checkout, 1))->contents);
        $this->gateway->orders[$checkout]['status'] = 'open';
        $this->gateway->orders[$checkout]['version'] = 1;
        self::assertSame('old', $this->tell($checkout)->contents);
        self::assertSame($comments, Shop::comments($id));
        self::assertCount(1, self::invoices($id));
    }

    public function testALaterNumberOfTheSamePaymentMakesNoSecondInvoice(): void
    {
        [$id, $checkout] = $this->paid();
        $comments = Shop::comments($id);
        self::assertSame('taken', $this->post($this->gateway->notice($checkout, 40))->contents);
        self::assertSame($comments, Shop::comments($id));
        self::assertCount(1, self::invoices($id));
    }

    public function testUnknownAndForeignOrdersAre404(): void
    {
        [$id, $checkout] = $this->begun();
        $order = $this->gateway->orders[$checkout];
        $this->gateway->orders['ord_a'] = ['metadata' => ['order_id' => '99'] + $order['metadata']] + $order;
        $this->tell('ord_a', 404);
        $this->gateway->orders['ord_b'] = ['reference' => '000000099'] + $order;
        $this->tell('ord_b', 404);
        $this->gateway->orders['ord_c'] = ['metadata' => ['order_id' => (string)$id]] + $order;
        $this->tell('ord_c', 404);
        $other = Shop::place();
        $other->payment->setMethod('checkmo');
        $other->save();
        $this->gateway->orders['ord_d'] = ['reference' => $other->getIncrementId(), 'metadata' => ['platform' => 'magento', 'order_id' => (string)$other->getId()]] + $order;
        $this->tell('ord_d', 404);
    }

    public function testWhileAnotherHoldsTheOrderItIsToTryAgain(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        $lock = new FileLock(Shop::$dir);
        $lock->lock('kassette_order_' . $id);
        self::assertSame('5', $this->tell($checkout, 425)->headers['Retry-After']);
        self::assertSame([], self::invoices($id));
        $lock->unlock('kassette_order_' . $id);
        $this->tell($checkout);
        self::assertCount(1, self::invoices($id));
    }

    public function testANoticeThatComesWhileAnotherIsTakenWaits(): void
    {
        self::assertSame([1, [425]], $this->twoAtOnce(new LockBackendFactory()));
    }

    public function testWithoutTheLockThereWouldBeTwoInvoices(): void
    {
        $none = new class extends LockBackendFactory {
            public function create(): LockManagerInterface
            {
                return new class implements LockManagerInterface {
                    public function lock(string $name, int $timeout = -1): bool
                    {
                        return true;
                    }

                    public function unlock(string $name): bool
                    {
                        return true;
                    }

                    public function isLocked(string $name): bool
                    {
                        return false;
                    }
                };
            }
        };
        self::assertSame([2, [200]], $this->twoAtOnce($none));
    }

    /** @return array How many invoices there are, and how the second was answered */
    private function twoAtOnce(LockBackendFactory $lock): array
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        $notice = $this->gateway->notice($checkout);
        // The second comes as another process: with nothing of the first one's objects.
        $first = $this->notices($lock);
        $second = $this->notices($lock);
        $answers = [];
        Shop::events()->extra['sales_order_invoice_pay'][] = function () use (&$answers, $second, $notice) {
            if ($answers === []) {
                $answers[] = 0;
                $answers = [$second->receive($notice[1], $this->named($notice[0]))[0]];
            }
        };
        self::assertSame(200, $first->receive($notice[1], $this->named($notice[0]))[0]);
        return [count(self::invoices($id)), $answers];
    }

    private function named(array $headers): array
    {
        return ['id' => $headers['webhook-id'], 'timestamp' => $headers['webhook-timestamp'], 'signature' => $headers['webhook-signature']];
    }

    private function notices(LockBackendFactory $lock): \Kassette\Payment\Model\Notices
    {
        $one = Shop::container()->fresh([LockBackendFactory::class => $lock]);
        return $one->get(\Kassette\Payment\Model\Notices::class);
    }

    public function testThreeProcessesAtOnceMakeOneInvoiceAndOneMail(): void
    {
        [$id, $checkout] = $this->begun();
        $this->gateway->pay($checkout, 'captured');
        $children = [];
        foreach ([3, 4, 5] as $number) {
            $child = proc_open([PHP_BINARY, __DIR__ . '/one-notice.php', Shop::$dir], [['pipe', 'r'], ['pipe', 'w'], ['pipe', 'w']], $pipes);
            self::assertIsResource($child);
            self::assertSame("ready\n", fgets($pipes[1]));
            $children[] = [$child, $pipes, json_encode($this->gateway->notice($checkout, $number)) . "\n"];
        }
        foreach ($children as [, $pipes, $line]) {
            fwrite($pipes[0], $line);
        }
        foreach ($children as [$child, $pipes]) {
            self::assertSame('200', stream_get_contents($pipes[1]), stream_get_contents($pipes[2]));
            proc_close($child);
        }
        self::assertCount(1, self::invoices($id));
        self::assertCount(1, Shop::db()->all('mail'));
        self::assertSame('49.9900', Shop::order($id)->getTotalPaid());
    }
}
