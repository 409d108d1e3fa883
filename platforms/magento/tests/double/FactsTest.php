<?php

declare(strict_types=1);

namespace Kassette\Tests\Double;

use Kassette\Double\Creditmemos;
use Kassette\Double\Shop;
use Kassette\Tests\ShopTestCase;
use Magento\Framework\Exception\LocalizedException;
use Magento\Sales\Model\Order;
use Magento\Sales\Model\Order\CreditmemoFactory;

/** The double keeps to magento.md: one test for each fact, by the section's number. */
class FactsTest extends ShopTestCase
{
    private function register(Order $order, string $amount = '49.9900', bool $skip = true, string $id = 'TX-1'): Order
    {
        $order->getPayment()->setTransactionId($id);
        $order->getPayment()->registerCaptureNotification($amount, $skip);
        $order->save();
        return $order;
    }

    public function test1StatesHaveTheirDefaultStatuses(): void
    {
        $defaults = array_map(static fn ($statuses) => $statuses[0], Order::STATUSES);
        self::assertSame(['new' => 'pending', 'pending_payment' => 'pending_payment', 'payment_review' => 'payment_review', 'processing' => 'processing', 'complete' => 'complete', 'closed' => 'closed', 'canceled' => 'canceled', 'holded' => 'holded'], $defaults);
    }

    public function test34TheFlagOfTheMailIsOfTheObjectAlone(): void
    {
        $order = Shop::place();
        self::assertFalse($order->getCanSendNewEmailFlag());
        self::assertTrue(Shop::order((int)$order->getId())->getCanSendNewEmailFlag());
    }

    public function test1VirtualOrdersAreCompleteWhenPaid(): void
    {
        $order = $this->register(Shop::place(['is_virtual' => 1]));
        self::state('complete/complete', (int)$order->getId());
    }

    public function test1FullyRefundedIsClosed(): void
    {
        $order = $this->register(Shop::place());
        $factory = new CreditmemoFactory();
        (new Creditmemos())->refund($factory->createByOrder($order), true);
        self::state('closed/closed', (int)$order->getId());
    }

    public function test1PaidIsAnInvoiceInState2(): void
    {
        $order = $this->register(Shop::place());
        self::assertSame(2, self::invoices((int)$order->getId())[0]['state']);
        self::assertSame('0.0000', $order->getTotalDue());
    }

    public function test1TheCleanerCancelsPendingPaymentAfter480Minutes(): void
    {
        $old = Shop::place(['updated_at' => 1000]);
        $review = Shop::place(['updated_at' => 1000]);
        $review->setState('payment_review')->setStatus('payment_review')->save();
        self::assertSame(0, Shop::orders()->clean(1000 + 480 * 60 - 1));
        self::assertSame(1, Shop::orders()->clean(1000 + 480 * 60));
        self::state('canceled/canceled', (int)$old->getId());
        self::state('payment_review/payment_review', (int)$review->getId());
    }

    public function test21ErrorTextsAreTemplates(): void
    {
        self::assertSame("isn't authorized to access X", (string)__("isn't authorized to access %resources", ['resources' => 'X']));
        self::assertSame('a b', (string)__('%1 %2', 'a', 'b'));
    }

    public function test22InvoiceWithoutCaptureRecordsAndDoesNotCallTheGateway(): void
    {
        $order = Shop::place();
        self::assertSame('1', Shop::orders()->invoice((int)$order->getId(), false));
        self::assertSame('49.9900', Shop::order((int)$order->getId())->getTotalPaid());
        self::assertSame([], $this->gateway->requests);
    }

    public function test22InvoiceWithCaptureRunsTheCaptureCommand(): void
    {
        [$id] = $this->begun();
        $this->expectExceptionMessage('there is no authorized payment');
        Shop::orders()->invoice($id, true);
    }

    public function test22ASecondInvoiceIsRefused(): void
    {
        $order = $this->register(Shop::place());
        $this->expectExceptionMessage("invoice can't be created without products");
        Shop::orders()->invoice((int)$order->getId(), false);
    }

    public function test22OfflineRefundDoesNotCallTheGateway(): void
    {
        $order = $this->register(Shop::place());
        Shop::orders()->refundInvoice((int)$order->getId(), '10.0000', false);
        self::assertSame('10.0000', Shop::order((int)$order->getId())->getTotalRefunded());
        self::assertSame([], $this->gateway->requests);
    }

    public function test22AnAmountAloneIsLinesOfNothingAndAnAdjustment(): void
    {
        $order = $this->register(Shop::place());
        $memo = (new CreditmemoFactory())->createByOrder($order, ['qtys' => [1 => 0], 'adjustment_positive' => '12.50']);
        self::assertSame('12.5000', $memo->getGrandTotal());
    }

    public function test22ACommentCannotMoveAnOrder(): void
    {
        $order = Shop::place();
        $this->expectException(LocalizedException::class);
        Shop::orders()->comment((int)$order->getId(), 'paid', 'processing');
    }

    public function test22CancelSaysFalseWhereItDidNothing(): void
    {
        $order = $this->register(Shop::place());
        self::assertFalse(Shop::orders()->cancel((int)$order->getId()));
        $open = Shop::place();
        self::assertTrue(Shop::orders()->cancel((int)$open->getId()));
        self::assertFalse(Shop::orders()->cancel((int)$open->getId()));
    }

    public function test31ANewControllerIs404UntilTheCacheIsFlushed(): void
    {
        Shop::front()->actions = [];
        self::assertSame(404, Shop::front()->dispatch('GET', 'kassette/redirect')->status);
        Shop::front()->flush();
        self::assertSame(302, Shop::front()->dispatch('GET', 'kassette/redirect')->status);
    }

    public function test32WithoutAPaymentActionInitialisationIsSkipped(): void
    {
        Shop::configure(['payment_action' => '']);
        self::state('new/pending', (int)Shop::place()->getId());
    }

    public function test32SecretsAreReadBackAsTheyWereWritten(): void
    {
        self::assertStringNotContainsString('key_test', (string)file_get_contents(Shop::$dir . '/config.json'));
        self::assertSame('key_test', $this->shop->getValue('payment/kassette/test_key'));
    }

    public function test33ACommandRunsOnlyWhereConfigSaysItCan(): void
    {
        Shop::configure(['can_initialize' => '0']);
        self::state('new/pending', (int)Shop::place()->getId());
    }

    public function test34TheCartIsRestoredOnce(): void
    {
        Shop::place();
        $session = self::get(\Magento\Checkout\Model\Session::class);
        self::assertTrue($session->restoreQuote());
        self::assertFalse($session->restoreQuote());
        self::assertNull($session->getLastRealOrder()->getId());
    }

    public function test35FullAmountMakesAPaidInvoiceWithTheTransaction(): void
    {
        $order = $this->register(Shop::place());
        self::state('processing/processing', (int)$order->getId());
        self::assertSame('TX-1', self::invoices((int)$order->getId())[0]['transaction_id']);
        self::assertSame('TX-1', $order->getPayment()->getLastTransId());
        self::says('captured amount of 49.9900', (int)$order->getId());
    }

    public function test35TheSameAgainMakesNoInvoiceButAComment(): void
    {
        $order = $this->register(Shop::place());
        $this->register(Shop::order((int)$order->getId()));
        self::assertCount(1, self::invoices((int)$order->getId()));
        self::assertCount(2, Shop::comments((int)$order->getId()));
    }

    public function test35ThreeInParallelMakeTwoInvoices(): void
    {
        $id = (int)Shop::place()->getId();
        $others = 1;
        Shop::events()->extra['sales_order_invoice_pay'][] = function () use ($id, &$others) {
            if ($others-- > 0) {
                $this->register(Shop::order($id)); // Between the first one's look for an invoice and its save.
            }
        };
        $this->register(Shop::order($id));
        $this->register(Shop::order($id));
        self::assertCount(2, self::invoices($id));
        self::assertSame([2, 2], array_column(self::invoices($id), 'state'));
    }

    public function test35ACancelledOrderStaysSoAndItsTotalIsFilled(): void
    {
        $id = (int)Shop::place()->getId();
        Shop::orders()->cancel($id);
        $order = $this->register(Shop::order($id));
        self::state('canceled/canceled', $id);
        self::assertSame('49.9900', $order->getTotalPaid());
        self::assertSame('0.0000', $order->getTotalDue());
    }

    public function test35LessWithoutFraudCheckIsProcessingWithoutInvoice(): void
    {
        $order = $this->register(Shop::place(), '10.0000');
        self::state('processing/processing', (int)$order->getId());
        self::assertSame([], self::invoices((int)$order->getId()));
        self::assertSame('49.9900', $order->getTotalDue());
    }

    public function test35LessWithFraudCheckIsHeldAsFraud(): void
    {
        $order = $this->register(Shop::place(), '10.0000', false);
        self::state('payment_review/fraud', (int)$order->getId());
    }

    public function test35ACaptureLeavesPaymentReviewAsItIs(): void
    {
        $order = Shop::place();
        $order->setState('payment_review')->setStatus('payment_review');
        self::state('payment_review/payment_review', (int)$this->register($order)->getId());
    }

    public function test35AnAuthorizationMakesNoInvoice(): void
    {
        $order = Shop::place();
        $order->getPayment()->setTransactionId('AUTH');
        $order->getPayment()->registerAuthorizationNotification('49.9900');
        $order->save();
        self::state('processing/processing', (int)$order->getId());
        self::assertSame([], self::invoices((int)$order->getId()));
        self::assertSame('AUTH', $order->getPayment()->getAuthorizationTransaction()->getTxnId());
    }

    public function test35OnlineRefundCallsTheCommandAndOnlyWithATransaction(): void
    {
        [$id] = $this->paid();
        $before = count($this->gateway->requests);
        Shop::orders()->refundInvoice($id, '5.0000', true);
        self::assertGreaterThan($before, count($this->gateway->requests));
        $other = Shop::place();
        Shop::orders()->invoice((int)$other->getId(), false);
        $before = count($this->gateway->requests);
        Shop::orders()->refundInvoice((int)$other->getId(), '5.0000', true);
        self::assertCount($before, $this->gateway->requests);
    }

    public function test35TheRefundsTransactionIsNamedAfterItsOwnUnlessTheCommandNamesIt(): void
    {
        Shop::configure(['can_refund' => '0']);
        [$id] = $this->paid();
        Shop::orders()->refundInvoice($id, '5.0000', true);
        self::assertSame('PSP-ord_7f1-refund', self::creditmemos($id)[0]['transaction_id']);
    }

    public function test35ALockManagerOfTheDatabaseHoldsOneLockAndCronHoldsTheSharedOne(): void
    {
        $job = new class {
            public function execute(): void
            {
                Shop::container()->get(\Magento\Framework\Lock\LockManagerInterface::class)->lock('another');
            }
        };
        $this->expectExceptionMessage('only single lock allowed');
        Shop::container()->prefer('Job', $job);
        Shop::cron('Job');
    }

    public function test36APostWithoutTheOptOutIsAnswered302(): void
    {
        $plain = new class implements \Magento\Framework\App\Action\HttpPostActionInterface {
            public function execute()
            {
                return new \Magento\Framework\Controller\Result\Raw();
            }
        };
        $fresh = new \Kassette\Double\Container(dirname(__DIR__, 2) . '/module', ['Plain' => $plain]);
        $front = new \Kassette\Double\Front($fresh, new \Magento\Framework\App\Request\Http());
        $front->actions = ['kassette/plain/index' => 'Plain'];
        self::assertSame(302, $front->dispatch('POST', 'kassette/plain')->status);
        self::assertSame(200, $front->dispatch('POST', 'kassette/plain', ['form_key' => 'x'])->status);
    }

    public function test36GetOnAPostActionIs404(): void
    {
        self::assertSame(404, Shop::front()->dispatch('GET', 'kassette/notify')->status);
    }

    public function test37TheEventsAreDispatched(): void
    {
        [$id] = $this->paid();
        Shop::orders()->refundInvoice($id, '5.0000', false);
        Shop::orders()->cancel((int)Shop::place()->getId());
        Shop::order($id)->getPayment()->void();
        $wanted = ['sales_order_creditmemo_refund', 'order_cancel_after', 'sales_order_payment_cancel', 'sales_order_payment_void', 'sales_order_invoice_pay', 'sales_order_save_commit_after'];
        self::assertSame([], array_diff($wanted, Shop::events()->dispatched));
    }

    public function test5TheRepositoryRemembersWhatItRead(): void
    {
        $id = (int)Shop::place()->getId();
        $repository = new \Kassette\Double\OrderRepository();
        $repository->get($id);
        Shop::orders()->cancel($id);
        self::assertSame('pending_payment', $repository->get($id)->getState());
        self::assertSame('canceled', Shop::order($id)->getState());
    }
}
