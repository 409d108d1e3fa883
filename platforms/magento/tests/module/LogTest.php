<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Double\Shop;
use Kassette\Payment\Block\Adminhtml\Log as Block;
use Kassette\Payment\Controller\Adminhtml\Log\Index;
use Kassette\Payment\Model\Log;
use Kassette\Tests\FakeGateway;
use Kassette\Tests\ShopTestCase;

/** The log and its page hold no secret. */
class LogTest extends ShopTestCase
{
    private static function page(): string
    {
        $block = self::get(Block::class);
        $escaper = new \Magento\Framework\Escaper();
        ob_start();
        require __DIR__ . '/../../module/view/adminhtml/templates/log.phtml';
        return (string)ob_get_clean();
    }

    public function testAnEmptyLogSaysSo(): void
    {
        self::assertSame([], self::get(Log::class)->lines());
        self::assertStringContainsString('There is nothing in it yet.', self::page());
    }

    public function testNoSecretIsWrittenOrShown(): void
    {
        Shop::$stores = 2;
        Shop::configure(['live_key' => 'key_of_store_two', 'live_secret' => FakeGateway::SECRET . ' whsec_older'], 2);
        $log = self::get(Log::class);
        $log->write('warning', 'key_test key_of_store_two ' . FakeGateway::SECRET . " Bearer abc.def\nord_7f1." . str_repeat('a', 26) . ' jan@shop.example');
        $want = '*** *** *** Bearer *** ord_7f1.*** ***';
        self::assertSame('warning: ' . $want, $this->shop->log[0]);
        // What somebody else wrote there, before the key was filled in.
        file_put_contents(Shop::$dir . '/kassette.log', "[2026-11-27T17:00:00.000000+00:00] kassette.ERROR: key_test came [] []\n", FILE_APPEND);
        self::assertSame(['error', '*** came'], array_slice(array_values($log->lines()[0]), 1));
        self::assertSame('2026-11-27 17:00:00', $log->lines()[0]['time']);
        self::assertSame($want, $log->lines()[1]['text']);
    }

    public function testTheLatestLinesAreShownAndEscaped(): void
    {
        $log = self::get(Log::class);
        foreach (range(1, 250) as $number) {
            $log->write('info', "line $number <script>" . str_repeat('x', 2000));
        }
        self::assertLessThanOrEqual(200, count($log->lines()));
        self::assertStringStartsWith('line 250 <script>x', $log->lines()[0]['text']);
        self::assertSame(1000, strlen($log->lines()[0]['text']));
        self::assertStringContainsString('<td>line 250 &lt;script&gt;', self::page());
        self::assertStringNotContainsString('<script>', self::page());
    }

    public function testWhatTheGatewayRefusedIsInIt(): void
    {
        file_put_contents(Shop::$dir . '/flag.json', '{}');
        $this->gateway->next = [[401, ['title' => 'Unauthorized']]];
        Shop::cron(\Kassette\Payment\Cron\ReadMethods::class);
        self::assertStringContainsString('GET /v1/methods', self::get(Log::class)->lines()[0]['text']);
    }

    public function testThePageNeedsItsOwnRight(): void
    {
        self::assertSame('Kassette_Payment::log', Index::ADMIN_RESOURCE);
        $page = self::get(Index::class)->execute();
        self::assertSame(['Kassette_Payment::log', 'Kassette: log'], [$page->menu, $page->title]);
    }
}
