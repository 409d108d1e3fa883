package guesttest_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// drive runs create_payment of a function to its end.
func drive(t *testing.T, world http.RoundTripper, account *conformance.Account,
	create func(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error),
) conformance.Transcript {
	t.Helper()
	return guesttest.Drive(t, acme{create: create}, conformance.Call{
		Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: payment}, Account: account, World: world,
	})
}

func TestDo_outcomes(t *testing.T) {
	t.Parallel()
	script := conformance.NewScript(
		conformance.Step{Request: "GET " + base + "/a", Error: &contract.ExchangeError{Kind: contract.ErrorRefused, Sent: contract.SentNo, Message: "closed"}},
		conformance.Step{Request: "GET " + base + "/b", Status: 404, Header: map[string]string{"X-Trace": "7"}, Body: "none"},
	)
	tr := drive(t, script, nil, func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		_, err := c.Do(read("/a"))
		var lost *contract.ExchangeError
		if errors.Is(err, guest.ErrSuspended) {
			return contract.CreateResult{}, err
		} else if !errors.As(err, &lost) || lost.Sent != contract.SentNo {
			return contract.CreateResult{}, fmt.Errorf("got %w, want refused", err)
		}
		resp, err := c.Do(read("/b"))
		if err != nil {
			return contract.CreateResult{}, err
		}
		return created(fmt.Sprint(resp.Status, resp.Header("x-trace"), resp.Body, c.At().After(c.Now())))
	})
	res, err := conformance.Result[contract.CreateResult](tr)
	if err != nil || res.ProviderReference != "4047nonetrue" || len(tr.Rounds) != 3 {
		t.Errorf("got %+v, %v in %d rounds", res, err, len(tr.Rounds))
	}
}

func TestDoAll(t *testing.T) {
	t.Parallel()
	var paths []contract.Request
	var steps []conformance.Step
	for i := range contract.MaxRequests + 3 {
		paths = append(paths, read(fmt.Sprintf("/%d", i)))
		step := conformance.Step{Request: fmt.Sprintf("GET %s/%d", base, i), Body: fmt.Sprint(i)}
		if i == 1 {
			step = conformance.Step{Request: step.Request, Error: &contract.ExchangeError{Kind: contract.ErrorDNS, Sent: contract.SentNo}}
		}
		steps = append(steps, step)
	}
	tr := drive(t, conformance.NewScript(steps...), nil, func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		outcomes, err := c.DoAll(paths...)
		if err != nil {
			return contract.CreateResult{}, err
		}
		var got []string
		for _, o := range outcomes {
			if o.Err != nil {
				got = append(got, "-")
				continue
			}
			got = append(got, o.Response.Body)
		}
		return created(strings.Join(got, " "))
	})
	res, err := conformance.Result[contract.CreateResult](tr)
	if want := "0 - 2 3 4 5 6 7 8 9 10"; err != nil || res.ProviderReference != want || len(tr.Rounds) != 3 {
		t.Errorf("got %q, %v in %d rounds; want %q in 3", res.ProviderReference, err, len(tr.Rounds), want)
	}
	if none := drive(t, nil, nil, func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		outcomes, err := c.DoAll()
		return contract.CreateResult{ProviderReference: fmt.Sprint(len(outcomes)), Action: contract.Action{Type: contract.ActionNone}}, err
	}); len(none.Rounds) != 1 {
		t.Errorf("nothing to do: got %d rounds, want 1", len(none.Rounds))
	}
}

func TestInterim(t *testing.T) {
	t.Parallel()
	script := conformance.NewScript(
		conformance.Step{Request: "GET " + base + "/a"},
		conformance.Step{Request: "POST " + base + "/orders"},
		conformance.Step{Request: "GET " + base + "/b"},
	)
	tr := drive(t, script, nil, func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		if _, err := c.Do(read("/a")); err != nil {
			return contract.CreateResult{}, err
		}
		c.Interim(contract.Interim{Action: contract.Action{Type: contract.ActionWait}, Exclusive: "terminal-1"})
		long := announce()
		long.TimeoutMS = 130_000
		if _, err := c.Do(long); err != nil {
			return contract.CreateResult{}, err
		}
		if _, err := c.Do(read("/b")); err != nil {
			return contract.CreateResult{}, err
		}
		return created("x")
	})
	if len(tr.Interims) != 1 || tr.Interims[0].Exclusive != "terminal-1" {
		t.Errorf("got %+v, want the interim once, with the order", tr.Interims)
	}
}

func TestRandom(t *testing.T) {
	t.Parallel()
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	see := func(entropy byte) string {
		tr := guesttest.Drive(t, acme{create: func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
			a, b := c.UUID(), c.UUID()
			if !uuid.MatchString(a) || a == b {
				return contract.CreateResult{}, fmt.Errorf("got UUIDs %s and %s", a, b)
			}
			e := c.Entropy()
			e[0]++ // a copy
			if _, err := c.Do(read("/" + a)); err != nil {
				return contract.CreateResult{}, err
			}
			return created(hex.EncodeToString(c.Random(8)) + b + hex.EncodeToString(c.Entropy()))
		}}, conformance.Call{
			Export: contract.CreatePayment, Input: contract.PaymentInput{}, Entropy: bytes.Repeat([]byte{entropy}, 32),
			World: conformance.Handler(http.NotFoundHandler()),
		})
		res, err := conformance.Result[contract.CreateResult](tr)
		if err != nil {
			t.Fatal(err)
		}
		return res.ProviderReference
	}
	if a, b := see(1), see(1); a != b {
		t.Errorf("got %s and %s from the same entropy", a, b)
	}
	if a, b := see(1), see(2); a[:52] == b[:52] {
		t.Errorf("got %s twice from other entropy", a)
	}
}

func TestSignatures(t *testing.T) {
	t.Parallel()
	account := &conformance.Account{Secrets: map[string]string{"key": "Jefe-of-the-tests"}, Settings: map[string]any{"shop": "7"}}
	mac := contract.MACRequest{Algorithm: contract.SHA512, Key: contract.Parts{contract.Sec("key")}, Data: contract.Parts{contract.Lit("77,COMPLETED")}}
	digest := contract.DigestRequest{Algorithm: contract.MD5, Data: contract.Parts{contract.Lit("7:49.99:"), contract.Sec("key")}}
	var sum, hash []byte
	code := func(err error) contract.FailureCode {
		var f *contract.Failure
		if errors.As(err, &f) {
			return f.Code
		}
		return ""
	}
	tr := drive(t, nil, account, func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		var s struct{ Shop string }
		if err := c.Settings(&s); err != nil || s.Shop != "7" {
			return contract.CreateResult{}, fmt.Errorf("settings: %+v, %w", s, err)
		}
		var wrong struct{ Shop int }
		if got := code(c.Settings(&wrong)); got != contract.InvalidSettings {
			return contract.CreateResult{}, fmt.Errorf("settings of a wrong type: got %q", got)
		}
		var err error
		if sum, err = c.MAC(mac); err != nil {
			return contract.CreateResult{}, err
		}
		if hash, err = c.Digest(digest); err != nil {
			return contract.CreateResult{}, err
		}
		other := mac
		other.Algorithm = contract.SHA1
		_, refused := c.MAC(other)
		got := fmt.Sprintln(c.CheckMAC(mac, sum), c.CheckDigest(digest, hash), len(sum), len(hash), c.HasSecret("key"), c.HasSecret("client"),
			code(c.CheckMAC(mac, sum[1:])), code(c.CheckMAC(mac, nil)), code(c.CheckDigest(digest, []byte{})), code(c.CheckDigest(digest, sum)),
			code(c.Verify(contract.VerifyRequest{Algorithm: contract.RS256, KeyPEM: "x"})), code(refused), code(c.CheckMAC(other, sum)))
		c.Log(guest.LevelWarn, "seven checks")
		return created(got)
	})
	res, err := conformance.Result[contract.CreateResult](tr)
	want := "<nil> <nil> 64 16 true false bad_signature bad_signature bad_signature bad_signature bad_signature invalid_settings invalid_settings\n"
	if err != nil || res.ProviderReference != want {
		t.Errorf("got  %q, %v\nwant %q", res.ProviderReference, err, want)
	}
	if len(tr.Logs) != 1 || tr.Logs[0] != (conformance.LogLine{Level: "warn", Text: "seven checks"}) {
		t.Errorf("got log %v", tr.Logs)
	}
	if len(tr.HostCalls) == 0 || strings.Contains(fmt.Sprintf("%s", tr.HostCalls), "Jefe") {
		t.Errorf("got host calls %s", tr.HostCalls)
	}
	if tr.Rounds[0].Input == nil || bytes.Contains(tr.Rounds[0].Input, []byte("Jefe")) {
		t.Error("the envelope holds the secret")
	}
}

func TestToken_withoutKeep(t *testing.T) {
	t.Parallel()
	tr := drive(t, nil, nil, func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		return contract.CreateResult{}, c.Token("other", fetch())
	})
	if f := tr.Answer.Failure; f == nil || f.Code != contract.Internal || !strings.Contains(f.Message, `"other"`) {
		t.Errorf("got %+v, want internal", f)
	}
}

func TestHostFunctions_missing(t *testing.T) {
	t.Parallel()
	out := guest.Run(acme{create: func(c *guest.Call, _ contract.PaymentInput) (contract.CreateResult, error) {
		_, err := c.MAC(contract.MACRequest{})
		return contract.CreateResult{}, err
	}}, contract.CreatePayment, contract.Canned(contract.CreatePayment), guest.HostFuncs{})
	if !bytes.Contains(out, []byte("secret_mac: there is none here")) {
		t.Errorf("got %s", out)
	}
}
