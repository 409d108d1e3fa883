<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\Exception\NoSuchEntityException;
use Magento\Framework\Stdlib\DateTime\DateTime;

/**
 * Takes the gateway's notices. The answers are those of magento.md 3.6.
 */
class Notices
{
    /**
     * Longest notice, in bytes.
     */
    public const LONGEST = 1048576;

    /**
     * The type of a notice that tells nothing: the gateway's operator tries whether notices come and are well signed.
     */
    private const PING = 'ping';

    /**
     * @param Config $config
     * @param Signature $signature
     * @param News $news
     * @param DateTime $dateTime
     * @param Log $log
     */
    public function __construct(
        private readonly Config $config,
        private readonly Signature $signature,
        private readonly News $news,
        private readonly DateTime $dateTime,
        private readonly Log $log
    ) {
    }

    /**
     * Takes a notice. A repeat and an old one are answered well and change nothing
     *
     * @param string $body Byte for byte
     * @param array $headers id, timestamp, signature
     * @return array HTTP status and text
     */
    public function receive(string $body, array $headers): array
    {
        $secrets = $this->config->secrets();
        if ($secrets === []) {
            $this->log->write('error', 'a notice came, and there is no notice secret to verify it with');
            return [503, 'The shop has no notice secret.'];
        }
        if (strlen($body) > self::LONGEST) {
            return [413, 'The notice is too long.'];
        }
        if (!$this->signature->isNotice($secrets, $headers, $body, (int)$this->dateTime->gmtTimestamp())) {
            $this->log->write('warning', 'a notice was refused. Compare the notice secret with the gateway\'s');
            return [401, 'The signature does not fit.'];
        }
        $notice = json_decode($body, true);
        if (($notice['type'] ?? null) === self::PING) {
            return [200, 'The signature fits.'];
        }
        $whole = $notice['data']['order'] ?? null;
        $number = $notice['data']['event']['number'] ?? null;
        if (!is_int($number) || $number < 1 || !is_array($whole) || !$this->isOrder($whole)) {
            return [400, 'This is no notice of an order.'];
        }
        return $this->take($whole, $number);
    }

    /**
     * Whether it has what an order has
     *
     * @param array $whole
     * @return bool
     */
    private function isOrder(array $whole): bool
    {
        return is_string($whole['id'] ?? null) && is_string($whole['reference'] ?? null)
            && is_int($whole['version'] ?? null) && is_string($whole['status'] ?? null)
            && is_int($whole['amount']['value'] ?? null);
    }

    /**
     * Takes the order of a notice. How new it is the order's own version says: it may be older than the event
     *
     * @param array $whole
     * @param int $number The event's
     * @return array HTTP status and text
     */
    private function take(array $whole, int $number): array
    {
        $what = 'notice ' . $whole['id'] . '.' . $number . ': ';
        try {
            $result = $this->news->take($whole);
        } catch (NoSuchEntityException $e) {
            $this->log->write('warning', $what . 'there is no such order here');
            return [404, 'There is no such order here.'];
        } catch (Locked $e) {
            return [425, 'The order is being changed: try again.'];
        } catch (\Throwable $e) {
            $this->log->write('error', $what . $e->getMessage());
            return [503, 'The order cannot be changed now.'];
        }
        $this->log->write('info', $what . $result);
        return $result === News::FOREIGN ? [404, 'This is no order of this shop.'] : [200, $result];
    }
}
