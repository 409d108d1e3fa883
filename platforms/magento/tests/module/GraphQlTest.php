<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\Carts;
use Kassette\Double\Shop;
use Kassette\Payment\Model\Resolver\Order;
use Kassette\Payment\Model\Resolver\RestoreCart;
use Kassette\Payment\Model\Resolver\Status;
use Kassette\Tests\ShopTestCase;
use Magento\Framework\DataObject;
use Magento\Framework\GraphQl\Config\Element\Field;
use Magento\Framework\GraphQl\Exception\GraphQlInputException;
use Magento\Framework\GraphQl\Exception\GraphQlNoSuchEntityException;
use Magento\Framework\GraphQl\Schema\Type\ResolveInfo;

/** Headless shops: magento.md 2.4. */
class GraphQlTest extends ShopTestCase
{
    private function resolve(string $class, string $field, ?array $value, ?array $args = null)
    {
        $context = new DataObject(['extension_attributes' => new DataObject(['store' => Shop::container()->get(\Magento\Store\Model\Store::class)])]);
        return self::get($class)->resolve(new Field($field), $context, new ResolveInfo(), $value, $args);
    }

    private function token(array $value = ['number' => '000000001']): string
    {
        return $this->resolve(Order::class, 'kassette_token', $value);
    }

    public function testThePlacedOrderSaysWhereToPay(): void
    {
        $order = Shop::place();
        foreach ([['number' => '000000001'], ['order_number' => '000000001'], ['order_id' => '000000001'], ['number' => 'x', 'model' => $order]] as $value) {
            self::assertSame('https://pay.example/pay/ord_7f1.token', $this->resolve(Order::class, 'kassette_redirect_url', $value));
        }
        self::assertCount(1, $this->gateway->orders);
        self::assertSame($this->token(), $this->token());
    }

    public function testAnotherMethodsOrderHasNoAddress(): void
    {
        $order = Shop::place();
        $order->payment->setMethod('checkmo');
        $order->save();
        self::assertNull($this->resolve(Order::class, 'kassette_redirect_url', ['number' => '000000001']));
        self::assertNull($this->resolve(Order::class, 'kassette_redirect_url', ['number' => '000000009']));
    }

    public function testADeadGatewayIsAnError(): void
    {
        Shop::place();
        $this->gateway->next = ['down'];
        $this->expectException(GraphQlInputException::class);
        $this->resolve(Order::class, 'kassette_redirect_url', ['number' => '000000001']);
    }

    public function testTheStatusIsForWhoeverHasTheToken(): void
    {
        [$id, $checkout] = $this->begun();
        self::assertSame(['status' => 'OPEN'], $this->resolve(Status::class, 'kassettePayment', null, ['token' => $this->token()]));
        $this->gateway->pay($checkout, 'captured');
        self::assertSame(['status' => 'PAID'], $this->resolve(Status::class, 'kassettePayment', null, ['token' => $this->token()]));
        self::assertCount(1, self::invoices($id));
        $this->gateway->next = ['down'];
        self::assertSame(['status' => 'PAID'], $this->resolve(Status::class, 'kassettePayment', null, ['token' => $this->token()]));
        foreach (['', 'x', strtoupper($this->token())] as $token) {
            try {
                $this->resolve(Status::class, 'kassettePayment', null, ['token' => $token]);
                self::fail('the token ' . $token . ' was taken');
            } catch (GraphQlNoSuchEntityException $e) {
                self::assertSame('There is no such payment.', $e->getMessage());
            }
        }
    }

    public function testTheCartIsGivenBackAndThePaymentGivenUp(): void
    {
        [$id, $checkout] = $this->begun();
        self::assertSame(['cart_id' => 'masked71'], $this->resolve(RestoreCart::class, 'kassetteRestoreCart', null, ['token' => $this->token()]));
        self::assertSame('cancelled', $this->gateway->orders[$checkout]['status']);
        self::state('canceled/canceled', $id);
        $quote = self::get(Carts::class)->quotes[71];
        self::assertSame([true, null], [$quote->getIsActive(), $quote->getReservedOrderId()]);
        self::assertSame(['cart_id' => 'masked71'], $this->resolve(RestoreCart::class, 'kassetteRestoreCart', null, ['token' => $this->token()]));
        self::assertCount(1, $this->gateway->asked('POST', '/cancel'));
    }

    public function testAPaidOrdersCartIsNotGivenBack(): void
    {
        $this->paid();
        $this->expectException(GraphQlInputException::class);
        $this->resolve(RestoreCart::class, 'kassetteRestoreCart', null, ['token' => $this->token()]);
    }

    public function testTheChoiceComesFromTheCart(): void
    {
        $pool = self::get(\Magento\QuoteGraphQl\Model\Cart\Payment\AdditionalDataProviderPool::class);
        self::assertSame(['kassette_method' => 'ideal', 'kassette_option' => 'x'], $pool->getData('kassette', ['code' => 'kassette', 'kassette' => ['method' => 'ideal', 'option' => 'x']]));
        self::assertSame(['kassette_method' => '', 'kassette_option' => ''], $pool->getData('kassette', ['code' => 'kassette']));
    }
}
