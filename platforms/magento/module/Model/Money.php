<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

/**
 * Amounts: the shop's decimals become minor units and back, digit by digit, never by float arithmetic.
 */
class Money
{
    /**
     * Currencies of ISO 4217 that do not have two decimals.
     */
    private const DECIMALS = [
        0 => 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF',
        3 => 'BHD IQD JOD KWD LYD OMR TND',
        4 => 'CLF UYW',
    ];

    /**
     * Above this a product of two amounts may not fit into an integer.
     */
    private const LARGEST_SHARE = 3000000000;

    /**
     * The decimals of a currency
     *
     * @param string $currency ISO 4217
     * @return int
     */
    public function decimals(string $currency): int
    {
        foreach (self::DECIMALS as $decimals => $codes) {
            if (in_array($currency, explode(' ', $codes), true)) {
                return $decimals;
            }
        }
        return 2;
    }

    /**
     * Minor units of a decimal: "12.5000" EUR is 1250, "12.0000" JPY is 12
     *
     * Magento keeps four decimals whatever the currency has; half a unit is rounded away from zero.
     *
     * @param mixed $decimal As the shop holds it: a decimal string, or a number that reads as one
     * @param string $currency ISO 4217
     * @return int
     * @throws \InvalidArgumentException Where it is no decimal, or too large
     */
    public function minor($decimal, string $currency): int
    {
        if (!preg_match('/^(-?)(\d{1,12})(?:\.(\d*))?$/', (string)($decimal ?? '0'), $m)) {
            throw new \InvalidArgumentException('This is no amount.');
        }
        $places = $this->decimals($currency);
        $part = str_pad($m[3] ?? '', $places + 1, '0');
        $units = (int)($m[2] . substr($part, 0, $places)) + ($part[$places] >= '5' ? 1 : 0);
        return $m[1] === '-' ? -$units : $units;
    }

    /**
     * The shop's decimal of minor units: 1250 EUR is "12.50"
     *
     * @param int $minor
     * @param string $currency ISO 4217
     * @return string
     */
    public function decimal(int $minor, string $currency): string
    {
        $places = $this->decimals($currency);
        $digits = str_pad(ltrim((string)$minor, '-'), $places + 1, '0', STR_PAD_LEFT);
        $whole = substr($digits, 0, strlen($digits) - $places);
        return ($minor < 0 ? '-' : '') . $whole . ($places ? '.' . substr($digits, -$places) : '');
    }

    /**
     * The share of an amount that part is of whole, rounded: for a second currency of the same order
     *
     * @param int $amount Minor units, at least 0
     * @param int $part Minor units, at most whole
     * @param int $whole Minor units, above 0
     * @return int
     * @throws \InvalidArgumentException Where the amounts are too large for it
     */
    public function share(int $amount, int $part, int $whole): int
    {
        if ($part === $whole) {
            return $amount;
        }
        if ($whole < 1 || $part < 0 || max($amount, $part, $whole) > self::LARGEST_SHARE) {
            throw new \InvalidArgumentException('These amounts cannot be shared out.');
        }
        return intdiv($amount * $part + intdiv($whole, 2), $whole);
    }

    /**
     * Money as the gateway writes it
     *
     * @param int $minor
     * @param string $currency ISO 4217
     * @return array
     */
    public function sent(int $minor, string $currency): array
    {
        return ['value' => $minor, 'currency' => $currency];
    }

    /**
     * For people: "12.50 EUR"
     *
     * @param array $money value and currency
     * @return string
     */
    public function text(array $money): string
    {
        return $this->decimal((int)$money['value'], (string)$money['currency']) . ' ' . $money['currency'];
    }
}
