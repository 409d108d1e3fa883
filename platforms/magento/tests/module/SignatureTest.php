<?php

declare(strict_types=1);

namespace Kassette\Tests\Module;

use Kassette\Payment\Model\Signature;
use Kassette\Tests\FakeGateway;
use PHPUnit\Framework\TestCase;

class SignatureTest extends TestCase
{
    /** The specification's own vector. */
    private const ID = 'msg_p5jXN8AQM9LWM0D4loKWxJek';
    private const TIME = '1614265330';
    private const BODY = '{"test": 2432232314}';
    private const MAC = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

    private function isNotice(array $change = [], string $body = self::BODY, int $now = 1614265330, ?array $secrets = null): bool
    {
        $signature = new Signature();
        $headers = $change + ['id' => self::ID, 'timestamp' => self::TIME, 'signature' => self::MAC];
        return $signature->isNotice($secrets ?? [$signature->secret(FakeGateway::SECRET)], $headers, $body, $now);
    }

    public function testTheSpecificationsVectorFits(): void
    {
        self::assertTrue($this->isNotice());
        self::assertTrue($this->isNotice(['signature' => 'v1,AAAA v1a,x ' . self::MAC]));
        self::assertTrue($this->isNotice([], self::BODY, 1614265330 + 300));
        $signature = new Signature();
        self::assertSame(self::MAC, $signature->sign($signature->secret(FakeGateway::SECRET), self::ID, self::TIME, self::BODY));
    }

    public function testWhatDoesNotFitIsRefused(): void
    {
        self::assertFalse($this->isNotice(['id' => '']));
        self::assertFalse($this->isNotice(['id' => 'msg_other']));
        self::assertFalse($this->isNotice(['timestamp' => '1614265331']));
        self::assertFalse($this->isNotice(['timestamp' => ' 1614265330']));
        self::assertFalse($this->isNotice(['timestamp' => '']));
        self::assertFalse($this->isNotice(['signature' => '']));
        self::assertFalse($this->isNotice(['signature' => str_replace('v1,', 'v2,', self::MAC)]));
        self::assertFalse($this->isNotice([], self::BODY . ' '));
        self::assertFalse($this->isNotice([], self::BODY, 1614265330 + 301));
        self::assertFalse($this->isNotice([], self::BODY, 1614265330 - 301));
        self::assertFalse($this->isNotice([], self::BODY, 1614265330, []));
        self::assertFalse($this->isNotice([], self::BODY, 1614265330, [str_repeat('x', 24)]));
    }

    public function testSecretsThatAreNone(): void
    {
        foreach (['', 'whsec_', 'whsec_AAAA', 'WHSEC_' . substr(FakeGateway::SECRET, 6), 'whsec_!' . substr(FakeGateway::SECRET, 7), 'whsec_' . base64_encode(str_repeat('x', 65))] as $text) {
            self::assertNull((new Signature())->secret($text), $text);
        }
    }

    public function testTheWayBack(): void
    {
        $secret = (new Signature())->secret(FakeGateway::SECRET);
        $query = ['order' => 'ord_1', 'status' => 'paid', 'reference' => '000000001', 'timestamp' => '2026-11-27T17:00:00Z'];
        $query['signature'] = hash_hmac('sha256', "return.v1\nord_1\npaid\n000000001\n2026-11-27T17:00:00Z", $secret);
        $at = strtotime('2026-11-27T17:00:00Z');
        $is = static fn (array $change, int $now) => (new Signature())->isReturn([$secret], $change + $query, $now);
        self::assertTrue($is([], $at));
        self::assertTrue($is([], $at + 86400));
        self::assertFalse($is([], $at + 86401));
        self::assertFalse($is([], $at - 301));
        foreach (array_keys($query) as $name) {
            self::assertFalse($is([$name => ''], $at), $name);
            self::assertFalse($is([$name => 'x'], $at), $name);
            self::assertFalse($is([$name => ['x']], $at), $name);
        }
    }
}
