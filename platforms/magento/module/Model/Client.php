<?php

declare(strict_types=1);

namespace Kassette\Payment\Model;

use Magento\Framework\HTTP\Client\CurlFactory;

/**
 * The gateway's API.
 */
class Client
{
    /**
     * Seconds to wait for an answer: long, and where a shopper waits.
     */
    public const LONG = 20;
    public const SHORT = 5;

    private const AGENT = 'Kassette-Magento/0.1.0';

    /**
     * @param Config $config
     * @param CurlFactory $curlFactory
     * @param Log $log
     */
    public function __construct(
        private readonly Config $config,
        private readonly CurlFactory $curlFactory,
        private readonly Log $log
    ) {
    }

    /**
     * Reads
     *
     * @param Access $access
     * @param string $path Below the API's address
     * @param array $query Parameters
     * @return array
     * @throws Problem Where the answer is none, or an error
     */
    public function get(Access $access, string $path, array $query = []): array
    {
        $query = $query ? '?' . http_build_query($query, '', '&', PHP_QUERY_RFC3986) : '';
        return $this->send($access, 'GET', $path . $query, '', $this->keyed($access));
    }

    /**
     * Posts. The same key again asks for the same thing
     *
     * @param Access $access
     * @param string $path Below the API's address
     * @param array $body Members
     * @param string $key Idempotency-Key; '' for none
     * @return array
     * @throws Problem As get
     */
    public function post(Access $access, string $path, array $body = [], string $key = ''): array
    {
        $headers = $this->keyed($access) + ($key === '' ? [] : ['Idempotency-Key' => $key]);
        return $this->send($access, 'POST', $path, $this->json($body), $headers);
    }

    /**
     * Posts what is signed instead of sent with a key
     *
     * @param Access $access
     * @param string $path Below the API's address
     * @param string $body JSON
     * @param array $headers With the signature
     * @return array
     * @throws Problem As get
     */
    public function postSigned(Access $access, string $path, string $body, array $headers): array
    {
        return $this->send($access, 'POST', $path, $body, $headers);
    }

    /**
     * Members as JSON; none are {}
     *
     * @param array $members
     * @return string
     */
    public function json(array $members): string
    {
        return json_encode((object)$members, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);
    }

    /**
     * The header with the API key
     *
     * @param Access $access
     * @return array
     * @throws Problem Where there is none
     */
    private function keyed(Access $access): array
    {
        $key = $this->config->key($access->mode, $access->storeId);
        if ($key === '') {
            throw $this->notConnected();
        }
        return ['Authorization' => 'Bearer ' . $key];
    }

    /**
     * Sends a request and reads its answer
     *
     * @param Access $access
     * @param string $method GET or POST
     * @param string $path
     * @param string $body JSON
     * @param array $headers
     * @return array
     * @throws Problem As get
     */
    private function send(Access $access, string $method, string $path, string $body, array $headers): array
    {
        $url = $this->config->url($access->storeId);
        if ($url === '') {
            throw $this->notConnected();
        }
        $curl = $this->curlFactory->create();
        $curl->setTimeout($access->timeout);
        $curl->setOption(CURLOPT_FOLLOWLOCATION, false);
        $curl->setHeaders($headers + [
            'Accept' => 'application/json, application/problem+json',
            'User-Agent' => self::AGENT,
            'Expect' => '', // Magento's client takes the status of 100 Continue for the answer's.
        ]);
        try {
            if ($method === 'GET') {
                $curl->get($url . $path);
            } else {
                $curl->addHeader('Content-Type', 'application/json');
                $curl->post($url . $path, $body);
            }
        } catch (\Exception $e) {
            throw $this->logged($method, $path, new Problem(__('The gateway did not answer: %1', $e->getMessage())));
        }
        $status = (int)$curl->getStatus();
        $answer = json_decode((string)$curl->getBody(), true);
        if ($status < 200 || $status > 299 || !is_array($answer)) {
            throw $this->logged($method, $path, $this->problem($status, is_array($answer) ? $answer : []));
        }
        return $answer;
    }

    /**
     * The problem of an answer
     *
     * @param int $status
     * @param array $answer Its members; none for a proxy's page, say
     * @return Problem
     */
    private function problem(int $status, array $answer): Problem
    {
        if ($status === 401) {
            return new Problem(
                __('The gateway does not know this API key. Take a new one there and fill it in.'),
                $status,
                $answer
            );
        }
        $said = trim(($answer['title'] ?? '') . '. ' . ($answer['detail'] ?? ''), '. ');
        $said = $said === '' ? (string)__('this is not Kassette, or something before it') : $said;
        $failed = $status >= 200 && $status <= 299 ? 0 : $status;
        return new Problem(__('The gateway answered %1: %2.', $status, $said), $failed, $answer);
    }

    /**
     * The problem of a shop without settings
     *
     * @return Problem
     */
    private function notConnected(): Problem
    {
        $text = __('Kassette is not connected: fill in its address and API key in the configuration.');
        return new Problem($text, 0, ['attempted' => 'no']);
    }

    /**
     * Notes a problem in the log
     *
     * @param string $method
     * @param string $path
     * @param Problem $problem
     * @return Problem The same
     */
    private function logged(string $method, string $path, Problem $problem): Problem
    {
        $this->log->write('warning', $method . ' ' . $path . ': ' . $problem->getMessage());
        return $problem;
    }
}
