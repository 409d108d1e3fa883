<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

/**
 * Reads the gateway's order, as answers and notices hold it.
 */
class Whole
{
    /**
     * The payment that pays: captured or authorized, else the latest
     *
     * @param array $whole
     * @return array Empty where there is none
     */
    public function paying(array $whole): array
    {
        $payments = $whole['payments'] ?? [];
        foreach (['captured', 'authorized'] as $status) {
            foreach ($payments as $payment) {
                if ($payment['status'] === $status) {
                    return $payment;
                }
            }
        }
        return $payments ? end($payments) : [];
    }

    /**
     * The transaction's id. Of an authorized payment it is the capture's, since the authorization has the payment's
     *
     * @param array $whole
     * @param bool $authorized
     * @return string
     */
    public function transactionId(array $whole, bool $authorized): string
    {
        $payment = $this->paying($whole);
        foreach ($authorized ? $payment['captures'] ?? [] : [] as $capture) {
            if ($capture['status'] === 'succeeded') {
                return (string)$capture['id'];
            }
        }
        return (string)($payment['provider_reference'] ?? $payment['id'] ?? $whole['id']);
    }

    /**
     * What of the money counts towards the order: tips and surcharges do not
     *
     * @param array $whole
     * @return int Minor units
     */
    public function counts(array $whole): int
    {
        return (int)$whole['captured']['value'] - (int)$whole['tip']['value'] - (int)$whole['surcharge']['value'];
    }

    /**
     * The capture or refund of an id
     *
     * @param array $whole
     * @param string $transactionId
     * @return array Empty where there is none
     */
    public function transaction(array $whole, string $transactionId): array
    {
        foreach ($whole['payments'] ?? [] as $payment) {
            foreach ([...$payment['captures'] ?? [], ...$payment['refunds'] ?? []] as $one) {
                if ($one['id'] === $transactionId) {
                    return $one;
                }
            }
        }
        return [];
    }
}
