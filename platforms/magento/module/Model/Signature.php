<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

/**
 * Signatures: of notices and of what the shop sends, after the Standard Webhooks specification, and of the way back.
 */
class Signature
{
    /**
     * Seconds by which a notice's time may be off.
     */
    public const TOLERANCE = 300;

    /**
     * Seconds for which a way back is good.
     */
    public const RETURN_AGE = 86400;

    /**
     * The bytes of whsec_…; null where it is no secret of 24 to 64 bytes
     *
     * @param string $text The secret, as the gateway shows it
     * @return string|null
     */
    public function secret(string $text): ?string
    {
        if (strpos($text, 'whsec_') !== 0) {
            return null;
        }
        $bytes = base64_decode(substr($text, 6), true);
        return $bytes !== false && strlen($bytes) >= 24 && strlen($bytes) <= 64 ? $bytes : null;
    }

    /**
     * Signs a message
     *
     * @param string $secret Decoded
     * @param string $id webhook-id
     * @param string $time webhook-timestamp
     * @param string $body Byte for byte
     * @return string webhook-signature
     */
    public function sign(string $secret, string $id, string $time, string $body): string
    {
        return 'v1,' . base64_encode(hash_hmac('sha256', $id . '.' . $time . '.' . $body, $secret, true));
    }

    /**
     * Whether a notice is the gateway's
     *
     * @param string[] $secrets Decoded
     * @param array $headers id, timestamp, signature: several signatures with spaces between, while secrets rotate
     * @param string $body Byte for byte
     * @param int $now Unix time
     * @return bool
     */
    public function isNotice(array $secrets, array $headers, string $body, int $now): bool
    {
        $time = $headers['timestamp'];
        if ($headers['id'] === '' || !preg_match('/^\d{1,12}$/', $time) || abs($now - (int)$time) > self::TOLERANCE) {
            return false;
        }
        foreach ($secrets as $secret) {
            $want = $this->sign($secret, $headers['id'], $time, $body);
            foreach (explode(' ', $headers['signature']) as $one) {
                if (hash_equals($want, $one)) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Whether the gateway sent a shopper back: hex HMAC-SHA256 over return.v1 and four parameters, with line feeds
     *
     * @param string[] $secrets Decoded
     * @param array $query order, status, reference, timestamp, signature
     * @param int $now Unix time
     * @return bool
     */
    public function isReturn(array $secrets, array $query, int $now): bool
    {
        $parts = ['return.v1'];
        foreach (['order', 'status', 'reference', 'timestamp', 'signature'] as $name) {
            if (!is_string($query[$name] ?? null) || $query[$name] === '') {
                return false;
            }
            $parts[] = $query[$name];
        }
        $given = array_pop($parts);
        $at = strtotime($query['timestamp']);
        if ($at === false || $now - $at > self::RETURN_AGE || $at - $now > self::TOLERANCE) {
            return false;
        }
        foreach ($secrets as $secret) {
            if (hash_equals(hash_hmac('sha256', implode("\n", $parts), $secret), $given)) {
                return true;
            }
        }
        return false;
    }
}
