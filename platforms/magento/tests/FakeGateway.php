<?php

declare(strict_types=1);

namespace Kassette\Tests;

/** A gateway that answers as the API's document says, as far as the module asks. */
class FakeGateway
{
    public const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

    /** @var array[] Requests: method, path, headers, body */
    public array $requests = [];
    /** @var array[] Orders by id */
    public array $orders = [];
    /** Answers that take the place of the next ones: [status, members], or 'lost' after it was done, 'down' before */
    public array $next = [];
    public array $methods = [];
    public string $captureStatus = 'succeeded';
    private array $replay = [];

    public function __invoke(string $method, string $url, array $headers, string $body): array
    {
        [$path, $query] = explode('?', substr($url, strlen('https://pay.example')), 2) + [1 => ''];
        $this->requests[] = ['method' => $method, 'path' => $path, 'query' => $query, 'headers' => $headers, 'body' => $body];
        $next = array_shift($this->next);
        if ($next === 'down') {
            throw new \Exception('Operation timed out');
        }
        if (is_array($next)) {
            return [$next[0], json_encode($next[1])];
        }
        $key = $headers['Idempotency-Key'] ?? '';
        $answer = $this->replay[$key] ?? $this->answer($method, $path, json_decode($body, true) ?? []);
        if ($key !== '') {
            $this->replay[$key] = $answer;
        }
        if ($next === 'lost') {
            throw new \Exception('Connection reset');
        }
        return [$answer[0], json_encode($answer[1])];
    }

    /** Requests of a kind. */
    public function asked(string $method, string $end): array
    {
        return array_values(array_filter($this->requests, static fn ($one) => $one['method'] === $method && str_ends_with($one['path'], $end)));
    }

    private function answer(string $method, string $path, array $body): array
    {
        $parts = explode('/', trim($path, '/'));
        if ($parts[1] === 'methods') {
            return [200, ['items' => $this->methods, 'next_cursor' => null]];
        }
        if ($parts[1] === 'shops') {
            return [200, ['id' => 'ok']];
        }
        if ($parts[1] === 'logo.svg') {
            return [200, '<svg/>'];
        }
        if (count($parts) === 2) {
            return $method === 'GET' ? [200, ['items' => array_values($this->orders), 'next_cursor' => null]] : $this->create($body);
        }
        if (!isset($this->orders[$parts[2]])) {
            return [404, ['type' => 'https://pay.example/docs#not-found', 'title' => 'Not found', 'detail' => 'no such order', 'status' => 404, 'attempted' => 'no']];
        }
        return $this->{$parts[3] ?? 'read'}($parts[2], $body);
    }

    private function create(array $body): array
    {
        foreach ($this->orders as $order) {
            if ($order['reference'] === $body['reference'] && $order['status'] === 'open') {
                return [200, $order];
            }
        }
        $id = 'ord_7f' . (count($this->orders) + 1);
        $zero = ['value' => 0, 'currency' => $body['amount']['currency']];
        $this->orders[$id] = [
            'id' => $id, 'reference' => $body['reference'], 'status' => 'open', 'amount' => $body['amount'], 'due' => $body['amount'],
            'captured' => $zero, 'refunded' => $zero, 'released' => $zero, 'charged_back' => $zero, 'tip' => $zero, 'surcharge' => $zero,
            'refund_status' => 'none', 'attention' => [], 'available_actions' => [], 'payments' => [], 'version' => 1,
            'checkout_url' => 'https://pay.example/pay/' . $id . '.token', 'metadata' => $body['metadata'],
        ];
        return [201, $this->orders[$id]];
    }

    private function read(string $id): array
    {
        return [200, $this->orders[$id]];
    }

    private function cancel(string $id): array
    {
        if (in_array($this->orders[$id]['status'], ['paid', 'cancelled', 'expired'], true)) {
            return [409, ['type' => 'https://pay.example/docs#conflict', 'title' => 'Conflict', 'detail' => 'the order is ' . $this->orders[$id]['status'], 'status' => 409, 'attempted' => 'no', 'order' => $this->orders[$id]]];
        }
        $this->orders[$id]['status'] = 'cancelled';
        $this->orders[$id]['version']++;
        return [200, $this->orders[$id]];
    }

    private function refunds(string $id, array $body): array
    {
        return [201, $this->refund($id, $body['amount']['value'], 'succeeded', 'shop', $body['reason'] ?? null)];
    }

    private function captures(string $id, array $body): array
    {
        $order = &$this->orders[$id];
        if ($order['status'] !== 'authorized') {
            return [409, ['title' => 'Conflict', 'detail' => 'there is no authorized payment', 'status' => 409, 'attempted' => 'no']];
        }
        $amount = $body['amount'] ?? $order['due'];
        $capture = ['id' => 'cap_' . (count($order['payments'][0]['captures']) + 1), 'amount' => $amount, 'status' => $this->captureStatus, 'origin' => 'shop'];
        $order['payments'][0]['captures'][] = $capture;
        $order['version']++;
        if ($this->captureStatus === 'pending') {
            return [201, $capture];
        }
        $order['captured']['value'] += $amount['value'];
        $order['status'] = $order['captured']['value'] >= $order['amount']['value'] ? 'paid' : 'authorized';
        $order['payments'][0]['status'] = $order['status'] === 'paid' ? 'captured' : 'authorized';
        return [201, $capture];
    }

    /** A refund happens. */
    public function refund(string $id, int $value, string $status = 'succeeded', string $origin = 'provider', ?string $reason = null): array
    {
        $order = &$this->orders[$id];
        $all = count($order['payments'][0]['refunds']);
        $refund = ['id' => 'ref_' . ($all + 1), 'amount' => ['value' => $value, 'currency' => $order['amount']['currency']], 'status' => $status, 'origin' => $origin, 'reason' => $reason];
        $order['payments'][0]['refunds'][] = $refund;
        $order['version']++;
        return $refund;
    }

    /** An attempt comes as far as a status: pending, failed, authorized or captured. */
    public function pay(string $id, string $status, ?int $value = null, ?array $action = null): void
    {
        $order = &$this->orders[$id];
        $order['payments'] = [['id' => 'pay_1', 'method' => 'ideal', 'status' => $status, 'provider_reference' => 'PSP-' . $id, 'action' => $action, 'captures' => [], 'refunds' => []]];
        $order['status'] = ['captured' => 'paid', 'failed' => 'open'][$status] ?? $status;
        if ($status === 'captured') {
            $order['captured']['value'] = $value ?? $order['amount']['value'];
        }
        $order['version']++;
    }

    /** What the order ends in, by itself. */
    public function end(string $id, string $status): void
    {
        $this->orders[$id]['status'] = $status;
        $this->orders[$id]['version']++;
    }

    /** A signed notice of an order as it is, of that version or a later one: headers and body. */
    public function notice(string $id, ?int $number = null, string $secret = self::SECRET, int $at = 0): array
    {
        $order = $this->orders[$id];
        $number = $number ?? $order['version'];
        $order['version'] = max($order['version'], $number);
        return $this->signed("$id.$number", ['type' => 'order.' . $order['status'], 'timestamp' => '2026-11-27T17:00:00Z', 'data' => ['event' => ['number' => $number], 'order' => $order]], $secret, $at);
    }

    /** Anything as a signed notice: headers and body. */
    public function signed(string $id, array $notice, string $secret = self::SECRET, int $at = 0): array
    {
        $body = json_encode($notice);
        $time = (string)($at ?: time());
        $mac = base64_encode(hash_hmac('sha256', "$id.$time.$body", base64_decode(substr($secret, 6)), true));
        return [['webhook-id' => $id, 'webhook-timestamp' => $time, 'webhook-signature' => 'v1,' . $mac], $body];
    }

    /** The parameters with which the gateway sends a shopper back. */
    public function back(string $id): array
    {
        $order = $this->orders[$id];
        $query = ['order' => $id, 'status' => $order['status'], 'reference' => $order['reference'], 'timestamp' => gmdate('Y-m-d\TH:i:s\Z')];
        $text = implode("\n", ['return.v1', ...array_values($query)]);
        return $query + ['signature' => hash_hmac('sha256', $text, base64_decode(substr(self::SECRET, 6)))];
    }
}
