<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\Exception\LocalizedException;
use Magento\Framework\Phrase;

/**
 * An error of the gateway as RFC 9457 writes it, or no answer at all. Its text is for the merchant: no secrets.
 */
class Problem extends LocalizedException
{
    /**
     * @param Phrase $phrase What happened and what to do
     * @param int $status HTTP status; 0 where there was no answer
     * @param array $members The problem's members
     */
    public function __construct(Phrase $phrase, private readonly int $status = 0, private readonly array $members = [])
    {
        parent::__construct($phrase);
    }

    /**
     * HTTP status; 0 where there was no answer
     *
     * @return int
     */
    public function status(): int
    {
        return $this->status;
    }

    /**
     * Whether money may have moved without our knowing. Without an answer it may
     *
     * @return bool
     */
    public function isUnsure(): bool
    {
        $attempted = $this->members['attempted'] ?? 'unknown';
        return $attempted !== 'no' && ($this->status === 0 || $this->status >= 500);
    }

    /**
     * Whether the gateway refused for sure: nothing was begun, and nothing is under way
     *
     * @return bool
     */
    public function isRefusal(): bool
    {
        $type = (string)($this->members['type'] ?? '');
        return !$this->isUnsure() && $this->status !== 429
            && preg_match('/#(still-running|busy|attempt-under-way)$/', $type) !== 1;
    }

    /**
     * Whether the same request may go well later
     *
     * @return bool
     */
    public function isPassing(): bool
    {
        $type = (string)($this->members['type'] ?? '');
        return $this->status === 0 || $this->status >= 500 || $this->status === 429
            || preg_match('/#(still-running|busy)$/', $type) === 1;
    }

    /**
     * What happened, as the gateway says it, in English
     *
     * @return string
     */
    public function detail(): string
    {
        return (string)($this->members['detail'] ?? $this->getMessage());
    }

    /**
     * What the provider says to the consumer, '' where it says nothing
     *
     * @return string
     */
    public function forConsumer(): string
    {
        return (string)($this->members['failure']['user_message'] ?? '');
    }

    /**
     * The gateway's order as it is now; null where the problem tells nothing of it
     *
     * @return array|null
     */
    public function order(): ?array
    {
        return is_array($this->members['order'] ?? null) ? $this->members['order'] : null;
    }
}
