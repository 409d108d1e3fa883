<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\Messages;
use Kassette\Double\Shop;
use Kassette\Payment\Block\Adminhtml\ConnectionTest;
use Kassette\Payment\Block\Info;
use Kassette\Payment\Controller\Adminhtml\Connection\Test;
use Kassette\Payment\Cron\ReadMethods;
use Kassette\Payment\Model\Methods;
use Kassette\Payment\Model\Ui\ConfigProvider;
use Kassette\Tests\ShopTestCase;

class SettingsTest extends ShopTestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->gateway->methods = [
            ['id' => 'ideal', 'title' => 'iDEAL', 'logo_url' => 'https://pay.example/v1/logo.svg', 'options' => [['id' => 'b1', 'title' => 'Bank', 'group' => null, 'logo' => null]]],
            ['id' => 'card', 'title' => 'Card', 'logo_url' => null, 'options' => null],
            ['id' => 'Bad Id', 'title' => 'x'],
        ];
        file_put_contents(Shop::$dir . '/flag.json', '{}');
    }

    private function shown(): array
    {
        return self::get(ConfigProvider::class)->getConfig()['payment']['kassette'];
    }

    public function testMethodsAreReadAheadAndShownWithoutAsking(): void
    {
        Shop::configure(['choice' => 'shop']);
        self::assertSame([], $this->shown()['methods']);
        Shop::cron(ReadMethods::class);
        self::assertSame('amount=5000&currency=EUR&locale=nl-NL', $this->gateway->requests[0]['query']);
        $before = count($this->gateway->requests);
        $ideal = ['id' => 'ideal', 'title' => 'iDEAL', 'logo' => 'data:image/svg+xml;base64,' . base64_encode('"<svg\/>"'), 'options' => [['id' => 'b1', 'title' => 'Bank']]];
        self::assertSame([$ideal, ['id' => 'card', 'title' => 'Card', 'logo' => '', 'options' => []]], $this->shown()['methods']);
        self::assertCount($before, $this->gateway->requests);
        Shop::cron(ReadMethods::class);
        self::assertCount(1, $this->gateway->asked('GET', '/v1/logo.svg'));
    }

    public function testOnTheGatewaysPageNoneAreShown(): void
    {
        Shop::cron(ReadMethods::class);
        self::assertSame([[], true, 'kassette/redirect'], [$this->shown()['methods'], $this->shown()['test'], $this->shown()['redirectPath']]);
        Shop::configure(['mode' => 'live']);
        self::assertFalse($this->shown()['test']);
    }

    public function testWhereTheGatewayIsAwayWhatWasKnownStays(): void
    {
        Shop::cron(ReadMethods::class);
        $this->gateway->next = ['down'];
        Shop::cron(ReadMethods::class);
        self::assertCount(2, self::get(Methods::class)->of(1));
    }

    public function testTheConnectionIsTried(): void
    {
        self::get(Test::class)->execute();
        $this->gateway->next = [[401, []]];
        self::get(Test::class)->execute();
        Shop::configure(['url' => '']);
        self::get(Test::class)->execute();
        self::assertSame([
            'success: Kassette answers: 2 methods in all stores.',
            'error: The gateway does not know this API key. Take a new one there and fill it in.',
            'error: Kassette is not connected: fill in its address and API key in the configuration.',
        ], self::get(Messages::class)->said);
        self::assertSame('Kassette_Payment::connection', Test::ADMIN_RESOURCE);
    }

    public function testTheSettingsLinkIsEscaped(): void
    {
        $html = (new ConnectionTest())->render(new \Magento\Framework\Data\Form\Element\AbstractElement());
        self::assertStringContainsString('href="https://shop.example/admin/kassette/connection/test?key=&quot;"', $html);
    }

    public function testTheOrdersBlockShowsTheTransactionToTheAdminAlone(): void
    {
        $payment = Shop::place([], ['kassette_method' => 'ideal'])->payment;
        $payment->setLastTransId('PSP-1');
        self::assertSame(['Method' => 'ideal'], (new Info())->setInfo($payment)->getSpecificInformation());
        self::assertSame(['Method' => 'ideal', 'Transaction' => 'PSP-1'], (new Info())->setInfo($payment)->setIsSecureMode(false)->getSpecificInformation());
    }

    public function testNoSecretIsInWhatAnyReaderOfOrdersSees(): void
    {
        [$id] = $this->begun([], ['kassette_method' => 'ideal']);
        $seen = json_encode(Shop::order($id)->payment->getAdditionalInformation());
        self::assertSame('{"kassette_method":"ideal","kassette_option":""}', $seen);
    }

    public function testOnlyTheConfiguredCountriesMayPay(): void
    {
        self::assertTrue(Shop::method()->canUseForCountry('NL'));
        Shop::configure(['allowspecific' => '1', 'specificcountry' => 'BG,SE']);
        self::assertSame([false, true], [Shop::method()->canUseForCountry('NL'), Shop::method()->canUseForCountry('SE')]);
    }

    public function testTheChoicesOfTheSettings(): void
    {
        foreach (['Mode' => ['test', 'live'], 'Capture' => ['automatic', 'manual'], 'Choice' => ['page', 'shop']] as $name => $want) {
            $options = self::get('Kassette\\Payment\\Model\\Config\\Source\\' . $name)->toOptionArray();
            self::assertSame($want, array_column($options, 'value'));
        }
    }
}
