<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Payment\Model\Money;
use PHPUnit\Framework\TestCase;

class MoneyTest extends TestCase
{
    /** @dataProvider bad */
    public function testWhatIsNoAmountIsRefused(string $decimal): void
    {
        $this->expectException(\InvalidArgumentException::class);
        (new Money())->minor($decimal, 'EUR');
    }

    public static function bad(): array
    {
        return array_map(static fn ($text) => [$text], ['', ' 1', '1,50', '1e3', '--1', '.5', '0x1', '1.2.3', '1234567890123']);
    }

    /** @dataProvider good */
    public function testDecimalsBecomeMinorUnits($decimal, string $currency, int $want, string $text): void
    {
        $money = new Money();
        self::assertSame($want, $money->minor($decimal, $currency));
        self::assertSame($text, $money->text($money->sent($want, $currency)));
    }

    public static function good(): array
    {
        return [
            'euro' => ['49.9900', 'EUR', 4999, '49.99 EUR'],
            'euro, short' => ['12.5', 'EUR', 1250, '12.50 EUR'],
            'euro, whole' => ['7', 'EUR', 700, '7.00 EUR'],
            'yen' => ['4999.0000', 'JPY', 4999, '4999 JPY'],
            'yen, with a part that it has not' => ['4999.5000', 'JPY', 5000, '5000 JPY'],
            'dinar' => ['4.9990', 'TND', 4999, '4.999 TND'],
            'half a cent' => ['0.0050', 'EUR', 1, '0.01 EUR'],
            'less than half' => ['0.0049', 'EUR', 0, '0.00 EUR'],
            'below zero, half' => ['-0.0050', 'EUR', -1, '-0.01 EUR'],
            'nothing' => [null, 'EUR', 0, '0.00 EUR'],
            'largest' => ['999999999999.9900', 'EUR', 99999999999999, '999999999999.99 EUR'],
        ];
    }

    /** @dataProvider shares */
    public function testSharesAreRounded(int $amount, int $part, int $whole, int $want): void
    {
        self::assertSame($want, (new Money())->share($amount, $part, $whole));
    }

    public static function shares(): array
    {
        return ['all, however large' => [PHP_INT_MAX, 7, 7, PHP_INT_MAX], 'half' => [100, 50, 99, 51], 'none' => [100, 0, 3, 0], 'same currency' => [4999, 1000, 4999, 1000]];
    }

    /** @dataProvider badShares */
    public function testSharesThatDoNotFitAreRefused(int $amount, int $part, int $whole): void
    {
        $this->expectException(\InvalidArgumentException::class);
        (new Money())->share($amount, $part, $whole);
    }

    public static function badShares(): array
    {
        return ['of nothing' => [1, 1, 0], 'below zero' => [1, -1, 2], 'too large' => [3000000001, 1, 2]];
    }
}
