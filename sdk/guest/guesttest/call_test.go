package guesttest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// created is a result that tells what the test saw.
func created(reference string) (contract.CreateResult, error) {
	return contract.CreateResult{ProviderReference: reference, Action: contract.Action{Type: contract.ActionNone}}, nil
}

// round runs one round of create_payment with the given exchanges.
func round(t *testing.T, p guest.Provider, exchanges ...contract.Exchange) contract.Answer {
	t.Helper()
	env := contract.CannedEnvelope(contract.PaymentInput{Payment: payment})
	env.Exchanges = exchanges
	in, err := json.Marshal(env)
	if err != nil {
		t.Fatal(err)
	}
	out := guest.Run(p, contract.CreatePayment, in, guest.HostFuncs{})
	if len(out)%8 != 0 {
		t.Errorf("got %d bytes, want a multiple of 8", len(out))
	}
	a, err := contract.DecodeAnswer(contract.CreatePayment, out)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func read(path string) contract.Request { return contract.Request{Method: "GET", URL: base + path} }

func ok(req contract.Request, body string) contract.Exchange {
	return contract.Exchange{Request: req, At: conformance.Start.Add(time.Second), Response: &contract.Response{Status: 200, Body: body}}
}

func TestRun_notDeterministic(t *testing.T) {
	t.Parallel()
	one := acme{create: func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		_, _ = c.Do(read("/a?secret=1"))
		return created("x")
	}}
	two := acme{create: func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		_, _ = c.DoAll(read("/a"), read("/b"))
		return created("x")
	}}
	tests := []struct {
		name      string
		provider  guest.Provider
		exchanges []contract.Exchange
	}{
		{"other request", one, []contract.Exchange{ok(read("/b"), "")}},
		{"fewer requests", one, []contract.Exchange{ok(read("/a?secret=1"), ""), ok(read("/b"), "")}},
		{"more in one round", two, []contract.Exchange{ok(read("/a"), "")}},
		{"other order", two, []contract.Exchange{ok(read("/b"), ""), ok(read("/a"), "")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := round(t, tt.provider, tt.exchanges...).Failure
			if f == nil || f.Code != contract.Internal || !strings.Contains(f.Message, "not deterministic") {
				t.Fatalf("got %+v, want internal: not deterministic", f)
			}
			if strings.Contains(f.Message, "secret") {
				t.Errorf("the message holds the query: %s", f.Message)
			}
		})
	}
}

func TestRun_requestsInAnotherOrderOfMembers(t *testing.T) {
	t.Parallel()
	p := acme{create: func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		resp, err := c.Do(announce())
		if err != nil {
			return contract.CreateResult{}, err
		}
		return created(resp.Body)
	}}
	in := `{"contract":"1","input":{},"exchanges":[{"request":{"url":"https://api.acme.example/orders","method":"POST","effect":"prepare",
		"body":"{\"amount\":4999}","headers":{"content-type":"application/json"}},"response":{"status":200,"body":"r"}}]}`
	out := guest.Run(p, contract.CreatePayment, []byte(in), guest.HostFuncs{})
	if !bytes.Contains(out, []byte(`"provider_reference":"r"`)) {
		t.Errorf("got %s", out)
	}
}

func TestRun_suspends(t *testing.T) {
	t.Parallel()
	do := func(c *guest.Call) error {
		_, err := c.Do(read("/a"))
		if !errors.Is(err, guest.ErrSuspended) {
			panic(fmt.Sprintf("got %v, want ErrSuspended", err))
		}
		return err
	}
	tests := []struct {
		name   string
		create func(c *guest.Call) (contract.CreateResult, error)
	}{
		{"passes the error on", func(c *guest.Call) (contract.CreateResult, error) { return contract.CreateResult{}, do(c) }},
		{"wraps it", func(c *guest.Call) (contract.CreateResult, error) {
			return contract.CreateResult{}, fmt.Errorf("announce: %w", do(c))
		}},
		{"swallows it", func(c *guest.Call) (contract.CreateResult, error) { _ = do(c); return created("x") }},
		{"fails", func(c *guest.Call) (contract.CreateResult, error) {
			_ = do(c)
			return contract.CreateResult{}, &contract.Failure{Code: contract.Declined}
		}},
		{"panics", func(c *guest.Call) (contract.CreateResult, error) { _ = do(c); panic("no answer") }},
		{"asks for more", func(c *guest.Call) (contract.CreateResult, error) {
			_ = do(c)
			_, err := c.Do(read("/b"))
			return contract.CreateResult{}, err
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := round(t, acme{create: func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) { return tt.create(c) }})
			if a.Need == nil || len(a.Need.Requests) != 1 || a.Need.Requests[0].URL != base+"/a" {
				t.Errorf("got %+v, want the need of /a alone", a)
			}
		})
	}
}

func TestRun_failures(t *testing.T) {
	t.Parallel()
	var nilFailure *contract.Failure
	tests := []struct {
		name string
		err  error
		code contract.FailureCode
		text string
	}{
		{"failure", &contract.Failure{Code: contract.Declined, Message: "no"}, contract.Declined, "no"},
		{"wrapped failure", fmt.Errorf("announce: %w", &contract.Failure{Code: contract.Conflict, Message: "no"}), contract.Conflict, "no"},
		{"exchange error", fmt.Errorf("announce: %w", &contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: contract.SentMaybe, Message: "15 s"}),
			contract.ProviderUnavailable, "announce: timeout (sent: maybe): 15 s"},
		{"any error", errors.New("strange"), contract.Internal, "strange"},
		{"nil failure", nilFailure, contract.Internal, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := round(t, acme{create: func(*guest.Call, contract.PaymentInput) (contract.CreateResult, error) {
				return contract.CreateResult{}, tt.err
			}}).Failure
			if f == nil || f.Code != tt.code || !strings.Contains(f.Message, tt.text) {
				t.Errorf("got %+v, want %s with %q", f, tt.code, tt.text)
			}
		})
	}
}

func TestRun_panics(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		create func() (contract.CreateResult, error)
		want   string
	}{
		{"value", func() (contract.CreateResult, error) { panic("card 4111111111111111") }, "the plugin panicked in create_payment"},
		{"error", func() (contract.CreateResult, error) { panic(errors.New("card 4111111111111111")) }, "the plugin panicked in create_payment"},
		{"runtime", func() (contract.CreateResult, error) { none := strings.Fields(""); return created(none[0]) },
			"the plugin panicked in create_payment: runtime error: index out of range [0] with length 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := round(t, acme{create: func(*guest.Call, contract.PaymentInput) (contract.CreateResult, error) { return tt.create() }}).Failure
			if f == nil || f.Code != contract.Internal || f.Message != tt.want {
				t.Errorf("got %+v, want internal: %s", f, tt.want)
			}
		})
	}
}

func TestRun_badInput(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		export contract.Export
		input  string
		code   contract.FailureCode
	}{
		{"no JSON", contract.CreatePayment, `{`, contract.Internal},
		{"another contract", contract.CreatePayment, `{"contract":"2"}`, contract.Internal},
		{"no input", contract.CreatePayment, `{"contract":"1"}`, contract.InvalidRequest},
		{"operation missing", contract.RefundPayment, `{"contract":"1"}`, contract.Unsupported},
		{"operation of a shop", contract.TellShop, `{"contract":"1"}`, contract.Unsupported},
		{"no export", "pay", `{"contract":"1"}`, contract.Unsupported},
	}
	for _, tt := range tests {
		var a contract.Answer
		out := guest.Run(acme{}, tt.export, []byte(tt.input), guest.HostFuncs{})
		if err := json.Unmarshal(out, &a); err != nil || a.Failure == nil || a.Failure.Code != tt.code {
			t.Errorf("%s: got %s, %v; want a failure %s", tt.name, out, err, tt.code)
		}
	}
	if out := guest.Run(nil, contract.Describe, nil, guest.HostFuncs{}); !bytes.Contains(out, []byte("registered no provider")) {
		t.Errorf("no provider: got %s", out)
	}
}

func TestDescribe_operations(t *testing.T) {
	t.Parallel()
	m, err := conformance.Describe(t.Context(), guesttest.New(acme{}))
	if err != nil {
		t.Fatal(err)
	}
	want := []contract.Export{contract.CreatePayment, contract.GetPayment, contract.CapturePayment, contract.ListOptions}
	if fmt.Sprint(m.Operations) != fmt.Sprint(want) || m.Contract != contract.Version {
		t.Errorf("got contract %q and %v, want %q and %v", m.Contract, m.Operations, contract.Version, want)
	}
}

func TestRun_listsAreNeverNull(t *testing.T) {
	t.Parallel()
	for e, want := range map[contract.Export]string{contract.GetPayment: `{"result":{"updates":[]}}`, contract.ListOptions: `{"result":[]}`} {
		out := guest.Run(acme{}, e, contract.Canned(e), guest.HostFuncs{})
		if got := strings.TrimRight(string(out), " "); got != want {
			t.Errorf("%s: got %s, want %s", e, got, want)
		}
	}
}
