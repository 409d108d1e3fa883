package conformance_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestDrive_keeps(t *testing.T) {
	t.Parallel()
	after := func(d time.Duration) time.Time {
		return conformance.Start.Add(40*time.Millisecond + d - 30*time.Second)
	}
	tests := []struct {
		name   string
		status int
		body   string
		keep   contract.Keep
		token  conformance.Token
		seen   string
	}{
		{"not 2xx", 401, `{"t":"abc"}`, contract.Keep{Pointer: "/t", TTLS: 60}, conformance.Token{}, `{"t":"abc"}`},
		{"no JSON", 200, `t=abc`, contract.Keep{Pointer: "/t", TTLS: 60}, conformance.Token{}, `t=abc`},
		{"missing", 200, `{"u":"abc"}`, contract.Keep{Pointer: "/t", TTLS: 60}, conformance.Token{}, `{"u":"abc"}`},
		{"empty", 200, `{"t":""}`, contract.Keep{Pointer: "/t", TTLS: 60}, conformance.Token{}, `{"t":""}`},
		{"number", 200, `{"t":12}`, contract.Keep{Pointer: "/t", TTLS: 60}, conformance.Token{}, `{"t":12}`},
		{"no life told", 200, `{"t":"abc"}`, contract.Keep{Pointer: "/t", TTLPointer: "/ttl"}, conformance.Token{Value: "abc"}, `{"t":"***"}`},
		{"life of its own", 200, `{"t":"abc"}`, contract.Keep{Pointer: "/t", TTLS: 60}, conformance.Token{Value: "abc", Expires: after(time.Minute)}, `{"t":"***"}`},
		{"seconds", 200, `{"t" : "abc", "ttl":3600}`, contract.Keep{Pointer: "/t", TTLPointer: "/ttl", TTLS: 60}, conformance.Token{Value: "abc", Expires: after(time.Hour)}, `{"t" : "***", "ttl":3600}`},
		{"milliseconds as text", 200, `{"ttl":"3600000","t":"abc"}`, contract.Keep{Pointer: "/t", TTLPointer: "/ttl", TTLUnit: contract.UnitMilliseconds},
			conformance.Token{Value: "abc", Expires: after(time.Hour)}, `{"ttl":"3600000","t":"***"}`},
		{"escaped and deep", 200, `{"a/b":[{},{"~t":"x\/\u0079z"}]}`, contract.Keep{Pointer: "/a~1b/1/~0t", TTLS: 60},
			conformance.Token{Value: "x/yz", Expires: after(time.Minute)}, `{"a/b":[{},{"~t":"***"}]}`},
		{"long, and repeated elsewhere", 200, `{"t":"long-token-1","note":"long-token-1!"}`, contract.Keep{Pointer: "/t", TTLS: 60},
			conformance.Token{Value: "long-token-1", Expires: after(time.Minute)}, `{"t":"***","note":"***!"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			account := &conformance.Account{}
			world := conformance.NewScript(conformance.Step{Request: "GET " + base + "/x", Status: tt.status, Body: tt.body})
			tr, err := conformance.Drive(t.Context(), ask(get(func(r *contract.Request) { r.Keep = map[string]contract.Keep{"tok": tt.keep} })), call(world, account))
			if err != nil {
				t.Fatal(err)
			}
			if got := account.Tokens["tok"]; got.Value != tt.token.Value || !got.Expires.Equal(tt.token.Expires) {
				t.Errorf("got token %+v, want %+v", got, tt.token)
			}
			if got := tr.Exchanges[0].Response.Body; got != tt.seen {
				t.Errorf("the plugin sees %s, want %s", got, tt.seen)
			}
		})
	}
}

func TestDrive_secretsNamed(t *testing.T) {
	t.Parallel()
	account := &conformance.Account{
		Secrets: map[string]string{"key": "k", "user": "u"},
		Tokens:  map[string]conformance.Token{"dead": {Value: "x", Expires: conformance.Start}, "alive": {Value: "y"}},
	}
	tr, err := conformance.Drive(t.Context(), fake(func(e contract.Envelope, _ conformance.Host) (string, error) {
		return done(fmt.Sprint(e.Secrets, string(e.Settings), len(e.Entropy), e.Now.Equal(conformance.Start))), nil
	}), call(nil, account))
	if err != nil {
		t.Fatal(err)
	}
	res, err := conformance.Result[contract.CreateResult](tr)
	if want := "[alive key user]{}32 true"; err != nil || res.ProviderReference != want {
		t.Errorf("got %q, %v; want %q", res.ProviderReference, err, want)
	}
}

func TestScript(t *testing.T) {
	t.Parallel()
	s := conformance.NewScript(
		conformance.Step{Request: "GET " + base + "/x", Check: func(r *http.Request, body []byte) error {
			if r.Header.Get("Accept") == "" {
				return fmt.Errorf("no accept header, body %q", body)
			}
			return nil
		}},
	)
	if _, err := conformance.Drive(t.Context(), ask(get(nil)), call(s, nil)); err == nil || !strings.Contains(err.Error(), "step 1: no accept header") {
		t.Errorf("got %v, want the check's error", err)
	}
	if err := s.Done(); err == nil || !strings.Contains(err.Error(), "GET "+base+"/x, was not taken") {
		t.Errorf("got %v, want the step that was not taken", err)
	}
	accept := get(func(r *contract.Request) { r.Headers = map[string]string{"accept": "text/plain"} })
	if _, err := conformance.Drive(t.Context(), ask(accept), call(s, nil)); err != nil || s.Done() != nil {
		t.Errorf("got %v, then %v", err, s.Done())
	}
}

func TestDescribe_refuses(t *testing.T) {
	t.Parallel()
	r := describes(`{"contract":"1","name":"acme"}`)
	if _, err := conformance.Describe(t.Context(), r); err == nil || !strings.Contains(err.Error(), "/version: ") {
		t.Errorf("got %v, want what the manifest lacks", err)
	}
	if _, err := conformance.Describe(t.Context(), describes(`{"failure":{"code":"internal","message":"no provider"}}`)); err == nil {
		t.Error("got no error for a failure")
	}
}

// describes is a plugin that only has a manifest.
type describes string

func (d describes) Round(context.Context, contract.Export, []byte, conformance.Host) ([]byte, error) {
	return []byte(d), nil
}
