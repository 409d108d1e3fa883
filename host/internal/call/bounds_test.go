package call

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// says is a module that always gives this output.
func says(output string) native {
	return native{raw: func(sandbox.Call) ([]byte, error) { return []byte(output), nil }}
}

// traps is a module whose sandbox ends with this.
func traps(err error) native {
	return native{raw: func(sandbox.Call) ([]byte, error) {
		return nil, &sandbox.CallError{Label: "test@1.0.0", Export: "capture_payment", Err: err}
	}}
}

func needs(requests ...string) native {
	return says(`{"need":{"requests":[` + strings.Join(requests, ",") + `]}}`)
}

const (
	aRead  = `{"method":"GET","url":"https://psp.example/status"}`
	aWrite = `{"method":"POST","url":"https://psp.example/pay","body":"{}"}`
)

func TestRun_breach_endsTheCallWithNothingSent(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		module native
		want   string
	}{
		{"empty output", says(""), "it is empty"},
		{"white space", says("  "), "it is empty"},
		{"invalid UTF-8", says("{\"failure\":{\"code\":\"internal\",\"message\":\"\xff\"}}"), "not UTF-8"},
		{"no JSON", says("OK"), "read output"},
		{"nothing in it", says("{}"), "exactly one of need, result and failure"},
		{"need and result", says(`{"need":{"requests":[` + aRead + `]},"result":{"status":"succeeded"}}`), "exactly one of"},
		{"unknown member", says(`{"needs":{}}`), "needs"},
		{"unknown status", says(`{"result":{"status":"perhaps"}}`), "perhaps"},
		{"amount that does not fit", says(`{"result":{"status":"succeeded","amount":{"decimal":"1.234","currency":"EUR"}}}`), "amount"},
		{"state too large", says(`{"result":{"status":"succeeded","state":"` + strings.Repeat("x", contract.MaxState) + `"}}`), "/result/state"},
		{"no requests", needs(), "there is none"},
		{"nine requests", needs(strings.Split(strings.Repeat(aRead+"\n", 9)[:9*len(aRead)+8], "\n")...), "at most 8"},
		{"two writes in a round", needs(aWrite, aWrite), "goes alone"},
		{"write and read in a round", needs(aWrite, aRead), "goes alone"},
		{"unknown effect", needs(`{"method":"GET","url":"https://psp.example","effect":"maybe"}`), "maybe"},
		{"timeout without interim", needs(`{"method":"GET","url":"https://psp.example","timeout_ms":30001}`), "timeout_ms"},
		{"waits too long", needs(`{"method":"GET","url":"https://psp.example","after_ms":30001}`), "after_ms"},
		{"host header", needs(`{"method":"GET","url":"https://psp.example","headers":{"Host":"x"}}`), "not settable"},
		{"token named like a secret", needs(`{"method":"GET","url":"https://psp.example","keep":{"key":{"pointer":"/t","ttl_s":1}}}`), ErrToken.Error()},
		{"token named like a secret that is not set", needs(`{"method":"GET","url":"https://psp.example","keep":{"other":{"pointer":"/t","ttl_s":1}}}`), ErrToken.Error()},
		{"interim where none can be", says(`{"need":{"requests":[` + aRead + `],"interim":{"action":{"type":"wait"}}}}`), ErrInterim.Error()},
		{"fuel", traps(sandbox.ErrFuel), "fuel used up"},
		{"trap", traps(sandbox.ErrTrap), "guest trapped"},
		{"no output", traps(sandbox.ErrNoOutput), "guest gave no output"},
		{"host function that is none", traps(errors.New("host function \"x\": there is none of this name")), "there is none of this name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, tt.module)
			e := r.run(r.call(contract.CapturePayment))
			if code(e) != contract.Internal || e.Outcome != order.OutcomeNotAttempted {
				t.Fatalf("got %+v, want an internal failure, not attempted", e)
			}
			if m := e.Failure.Message; !strings.Contains(m, tt.want) || !strings.HasPrefix(m, "capture_payment test@1.0.0: ") {
				t.Errorf("message: got %q, want the plugin, its version and %q", m, tt.want)
			}
			if len(r.sent) != 0 || len(r.journal.calls) != 0 {
				t.Errorf("sent %d requests, wrote %d journals; want none", len(r.sent), len(r.journal.calls))
			}
		})
	}
}

func TestRun_tooManyRounds(t *testing.T) {
	t.Parallel()
	r := newRoom(t, native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		for i := 0; ; i++ {
			if _, err := c.Do(get(fmt.Sprintf("%s?%d", statusURL, i))); err != nil {
				return succeeded, err
			}
		}
	})})
	e := r.run(r.call(contract.CapturePayment))
	if e.Failure == nil || !strings.Contains(e.Failure.Message, ErrRounds.Error()) {
		t.Errorf("got %v, want %v", e.Failure, ErrRounds)
	}
	if len(r.seen.rounds) != contract.MaxRounds || len(r.sent) != contract.MaxRounds-1 {
		t.Errorf("got %d rounds and %d requests, want %d and one less", len(r.seen.rounds), len(r.sent), contract.MaxRounds)
	}
}

func TestRun_answers_boundedInAll(t *testing.T) {
	t.Parallel()
	var errs []error
	r := newRoom(t, native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		outcomes, err := c.DoAll(get(statusURL+"?1"), get(statusURL+"?2"), get(statusURL+"?3"))
		if err != nil {
			return succeeded, err
		}
		errs = nil
		for _, o := range outcomes {
			errs = append(errs, o.Err)
		}
		_, err = c.Do(get(statusURL + "?4"))
		errs = append(errs, err)
		return succeeded, nil
	})})
	r.answer = func(o egress.Outbound) egress.Answer {
		if o.MaxBody > contract.MaxAnswer {
			t.Errorf("bound of one answer: got %d, want at most %d", o.MaxBody, contract.MaxAnswer)
		}
		return r.ok(strings.Repeat("x", int(o.MaxBody)))
	}
	r.run(r.call(contract.CapturePayment))
	if len(errs) != 4 || errs[0] != nil || errs[1] != nil {
		t.Fatalf("got %v, want two answers that fit", errs)
	}
	var third, fourth *contract.ExchangeError
	if !errors.As(errs[2], &third) || third.Kind != contract.ErrorTooLarge || third.Sent != contract.SentYes {
		t.Errorf("the one too many: got %v, want too_large, sent", errs[2])
	}
	if !errors.As(errs[3], &fourth) || fourth.Kind != contract.ErrorTooLarge || fourth.Sent != contract.SentNo || len(r.sent) != 3 {
		t.Errorf("after that: got %v and %d requests, want too_large, not sent", errs[3], len(r.sent))
	}
}

func TestRun_inputTooLarge(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking())
	c := r.call(contract.CapturePayment)
	c.Input = []byte(`"` + strings.Repeat("x", contract.MaxInput) + `"`)
	if e := r.run(c); e.Failure == nil || !strings.Contains(e.Failure.Message, ErrInput.Error()) {
		t.Errorf("got %v, want %v", e.Failure, ErrInput)
	}
}

func TestRun_tooManyHostCalls(t *testing.T) {
	t.Parallel()
	r := newRoom(t, native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		for i := range maxSums + 1 {
			data := contract.Parts{contract.Lit(fmt.Sprintf("data %d", i))}
			if _, err := c.Digest(contract.DigestRequest{Algorithm: contract.SHA256, Data: data}); err != nil {
				return succeeded, err
			}
		}
		return succeeded, nil
	})})
	if e := r.run(r.call(contract.CapturePayment)); e.Failure == nil || !strings.Contains(e.Failure.Message, ErrHostCalls.Error()) {
		t.Errorf("got %v, want %v", e.Failure, ErrHostCalls)
	}
}

func TestRun_circle(t *testing.T) {
	t.Parallel()
	keyed := `{"method":"POST","url":"https://psp.example/pay?id=7","repeat":true}`
	tests := []struct {
		name   string
		module native
		answer func(r *room) egress.Answer
		sent   int
	}{
		{"write answered well", needs(aWrite), status(200, ""), 1},
		{"write under an idempotency key answered well", needs(keyed), status(200, ""), 1},
		{"write perhaps arrived", needs(aWrite), lost(contract.SentMaybe), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, tt.module)
			r.script(tt.answer)
			e := r.run(r.call(contract.CapturePayment))
			if len(r.sent) != tt.sent || e.Failure == nil || !strings.Contains(e.Failure.Message, ErrCircle.Error()) || e.Outcome != order.OutcomeUnknown {
				t.Errorf("got %d requests, %+v; want %d and %v", len(r.sent), e, tt.sent, ErrCircle)
			}
			if e.Failure != nil && strings.Contains(e.Failure.Message, "id=7") {
				t.Errorf("the message holds a query: %s", e.Failure.Message)
			}
		})
	}
}

func TestRun_sameWriteAfterRefusal_isSentAgain(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(post(payURL), post(payURL)))
	r.script(status(401, ""))
	if e := r.run(r.call(contract.CapturePayment)); e.Failure != nil || len(r.sent) != 2 {
		t.Errorf("got %v after %d requests, want a result after 2", e.Failure, len(r.sent))
	}
}

func TestRun_consumerSentElsewhere(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url string
		want      string // "" for fine
	}{
		{"granted", "https://psp.example/go?x=1#y", ""},
		{"granted pattern", "https://shop.pay.example/go", ""},
		{"base URL of the settings", "https://own.shop.test:8443/pay", ""},
		{"operator's host", "http://127.0.0.1:9000/pay", ""},
		{"another host", "https://evil.example/psp.example", "evil.example:443 is not granted"},
		{"host in the user's place", "https://psp.example@evil.example/", "user"},
		{"another port", "https://psp.example:444/", "is not granted"},
		{"below a granted host", "https://a.psp.example/", "is not granted"},
		{"two labels for one", "https://a.b.pay.example/", "is not granted"},
		{"without TLS", "http://psp.example:443/", "over TLS only"},
		{"without TLS, port 80", "http://psp.example/", "is not granted"},
		{"script", "javascript:alert(1)", "URL"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, native{provider: creator(func(*guest.Call) (contract.CreateResult, error) {
				return contract.CreateResult{Action: contract.Action{Type: contract.ActionRedirect, URL: tt.url}}, nil
			})})
			r.account.Settings = []byte(`{"base":"https://own.shop.test:8443/api"}`)
			r.account.Hosts = map[string]checkout.HostRule{"127.0.0.1:9000": {AllowHTTP: true, AllowPrivate: true}}
			e := r.run(r.call(contract.CreatePayment))
			if tt.want == "" && e.Failure != nil {
				t.Errorf("got %v, want none", e.Failure)
			}
			if tt.want != "" && (code(e) != contract.Internal || !strings.Contains(e.Failure.Message, tt.want)) {
				t.Errorf("got %v, want internal and %q", e.Failure, tt.want)
			}
		})
	}
}

func TestRun_operationNotThereOrNotGranted(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking())
	if e := r.run(r.call(contract.TellShop)); code(e) != contract.Unsupported {
		t.Errorf("not there: got %v, want unsupported", e.Failure)
	}
	r.grant.Operations = []contract.Export{contract.CreatePayment}
	if e := r.run(r.call(contract.CapturePayment)); code(e) != contract.Unsupported {
		t.Errorf("not granted: got %v, want unsupported", e.Failure)
	}
	if len(r.seen.rounds) != 0 {
		t.Errorf("the plugin ran %d times", len(r.seen.rounds))
	}
}

func TestRun_outboundHasTheGrantAndNothingElse(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(get(statusURL)))
	r.account.Settings = []byte(`{"base":"https://own.shop.test:8443/api"}`)
	r.account.Hosts = map[string]checkout.HostRule{"own.shop.test:8443": {AllowPrivate: true, CA: "pem"}}
	r.run(r.call(contract.CapturePayment))
	o := r.sent[0]
	want := "[{psp.example false false } {*.pay.example false false } {own.shop.test:8443 false false } {own.shop.test:8443 true false pem}]"
	if got := fmt.Sprint(o.Hosts); got != want {
		t.Errorf("hosts: got %s, want %s", got, want)
	}
	if o.Timeout != contract.DefaultTimeout || o.Breaker != accountID || o.MaxBody != contract.MaxAnswer {
		t.Errorf("got timeout %v, breaker %q, bound %d", o.Timeout, o.Breaker, o.MaxBody)
	}
	if v, uses, ok := o.Secrets.Secret("key"); v != canary || !ok || len(uses) != 3 {
		t.Errorf("granted secret: got %v, %v", uses, ok)
	}
	if _, _, ok := o.Secrets.Secret("other"); ok {
		t.Error("a secret that is not granted is given out")
	}
	if got := len(o.Secrets.Values()); got != 2 {
		t.Errorf("values to mask: got %d, want all 2 of the account", got)
	}
}

func TestRun_logs_eachLineOnce(t *testing.T) {
	t.Parallel()
	r := newRoom(t, native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		for i := range contract.MaxLogLines {
			c.Log(guest.LevelWarn, fmt.Sprintf("line %d.", i))
		}
		if _, err := c.Do(get(statusURL)); err != nil {
			return succeeded, err
		}
		c.Log(guest.LevelWarn, "one too many")
		return succeeded, nil
	})})
	if _, err := r.runner("a").Run(context.Background(), r.call(contract.CapturePayment)); err != nil {
		t.Fatal(err)
	}
	logged := r.logs.String()
	if n := strings.Count(logged, "plugin says"); n != contract.MaxLogLines {
		t.Errorf("lines: got %d, want %d", n, contract.MaxLogLines)
	}
	if strings.Contains(logged, "one too many") || strings.Count(logged, "line 0.") != 1 || !strings.Contains(logged, "plugin=test version=1.0.0 operation=capture_payment call=call_7f01J") {
		t.Errorf("got %.400s", logged)
	}
}
