package conformance_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
)

const base = "https://api.acme.example"

// fake is a plugin that is a function of its envelope.
type fake func(e contract.Envelope, host conformance.Host) (string, error)

func (f fake) Round(_ context.Context, export contract.Export, input []byte, host conformance.Host) ([]byte, error) {
	if export == contract.Describe {
		return json.Marshal(manifest())
	}
	var e contract.Envelope
	if err := json.Unmarshal(input, &e); err != nil {
		return nil, err
	}
	out, err := f(e, host)
	return []byte(out), err
}

func manifest() contract.Manifest {
	return contract.Manifest{
		Contract: "1", Name: "acme", Version: "1.0.0", Kind: contract.KindPayment, Provider: "acme",
		Title: contract.Text{"en": "Acme"}, Hosts: []string{"api.acme.example"},
		Operations: []contract.Export{contract.CreatePayment, contract.GetPayment},
		SettingsSchema: json.RawMessage(`{"type":"object","properties":{
			"base":{"type":"string","x-host":true},
			"user":{"type":"string","x-secret-use":["basic"]},
			"consumer":{"type":"string","x-secret-use":["oauth1"]},
			"key":{"type":"string","x-secret-use":["header","bearer"]}}}`),
		Methods: []contract.Method{{ID: "acme", Title: contract.Text{"en": "Acme"}, Flow: contract.FlowForm, Currencies: map[string]contract.Range{"EUR": {}}}},
	}
}

// done is a result that carries a text.
func done(text string) string {
	b, _ := json.Marshal(text)
	return `{"result":{"action":{"type":"none"},"provider_reference":` + string(b) + `}}`
}

// ask asks for one request and then answers what came.
func ask(r contract.Request) fake {
	return func(e contract.Envelope, _ conformance.Host) (string, error) {
		if len(e.Exchanges) == 0 {
			b, err := json.Marshal(contract.Answer{Need: &contract.Need{Requests: []contract.Request{r}}})
			return string(b), err
		}
		x := e.Exchanges[0]
		if x.Error != nil {
			return done(string(x.Error.Kind) + " " + string(x.Error.Sent)), nil //nolint:nilerr // told in the result
		}
		return done(fmt.Sprint(x.Response.Status, " ", string(x.Response.Bytes()))), nil
	}
}

func call(world http.RoundTripper, account *conformance.Account) conformance.Call {
	return conformance.Call{Export: contract.CreatePayment, Input: contract.PaymentInput{}, World: world, Account: account}
}

func get(change func(r *contract.Request)) contract.Request {
	r := contract.Request{Method: "GET", URL: base + "/x"}
	if change != nil {
		change(&r)
	}
	return r
}

// echo answers with the request's credentials.
func echo() http.RoundTripper {
	return conformance.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprintf(w, "%s|%s", r.Header.Get("Authorization"), r.Header.Get("X-Key"))
	}))
}

func TestDrive_breaches(t *testing.T) {
	t.Parallel()
	n := 0
	tests := []struct {
		name   string
		runner fake
		call   conformance.Call
		want   string
	}{
		{"does not run", func(contract.Envelope, conformance.Host) (string, error) { return "", errors.New("trap") }, call(nil, nil), "round 1: trap"},
		{"no answer", func(contract.Envelope, conformance.Host) (string, error) { return "", nil }, call(nil, nil), "round 1: output: it is empty"},
		{"bad answer", func(contract.Envelope, conformance.Host) (string, error) { return `{"result":null}`, nil }, call(nil, nil), "round 1: /result: it is null"},
		{"not deterministic", func(contract.Envelope, conformance.Host) (string, error) { n++; return done(fmt.Sprint(n)), nil }, call(nil, nil), "not deterministic"},
		{"never done", func(contract.Envelope, conformance.Host) (string, error) {
			return `{"need":{"requests":[{"method":"GET","url":"` + base + `/"}]}}`, nil
		}, call(echo(), nil), "no result after 8 rounds"},
		{"host not granted", ask(get(func(r *contract.Request) { r.URL = "https://evil.example/" })), call(echo(), nil), "host https://evil.example is neither"},
		{"host without TLS", ask(get(func(r *contract.Request) { r.URL = "http://api.acme.example/" })), call(echo(), nil), "host http://api.acme.example is neither"},
		{"other port", ask(get(func(r *contract.Request) { r.URL = base + ":8443/" })), call(echo(), nil), "is neither"},
		{"no world", ask(get(nil)), call(nil, nil), "no world"},
		{"secret not set", ask(get(func(r *contract.Request) { r.Auth = &contract.Auth{Bearer: "key"} })), call(echo(), nil), `secret "key" is not set`},
		{"use not allowed", ask(get(func(r *contract.Request) { r.Auth = &contract.Auth{Bearer: "user"} })),
			call(echo(), &conformance.Account{Secrets: map[string]string{"user": "shop-user"}}), `secret "user" may not be used for bearer`},
		{"token in a header", ask(get(func(r *contract.Request) {
			r.Auth = &contract.Auth{Header: &contract.AuthHeader{Name: "x-key", Value: contract.Parts{contract.Sec("t")}}}
		})), call(echo(), &conformance.Account{Tokens: map[string]conformance.Token{"t": {Value: "token"}}}), `secret "t" may not be used for header`},
		{"OAuth 1 with a secret of another use", ask(get(func(r *contract.Request) {
			r.Auth = &contract.Auth{OAuth1: &contract.OAuth1{Method: contract.OAuthSHA1, In: contract.OAuthQuery, ConsumerKey: contract.Parts{contract.Lit("k")}, ConsumerSecret: contract.Parts{contract.Sec("key")}}}
		})), call(echo(), &conformance.Account{Secrets: map[string]string{"key": "k"}}), `secret "key" may not be used for oauth1`},
		{"keep over a secret", ask(get(func(r *contract.Request) { r.Keep = map[string]contract.Keep{"key": {Pointer: "/t", TTLS: 60}} })),
			call(conformance.NewScript(conformance.Step{Request: "GET " + base + "/x", Body: `{"t":"abc"}`}), nil), `keep "key": a secret of the settings schema`},
		{"unknown secret", ask(get(nil)), call(echo(), &conformance.Account{Secrets: map[string]string{"other": "x"}}), `"other" is no secret`},
		{"secret among settings", ask(get(nil)), call(echo(), &conformance.Account{Settings: map[string]any{"key": "x"}}), `"key" is a secret`},
		{"not in the script", ask(get(nil)), call(conformance.NewScript(), nil), "not in the script"},
		{"host function of no name", func(_ contract.Envelope, h conformance.Host) (string, error) {
			_, err := h.Call("secret_reveal", []byte("{}"))
			return "", err
		}, call(nil, nil), `host function "secret_reveal"`},
		{"all answers too large", func(e contract.Envelope, _ conformance.Host) (string, error) {
			if len(e.Exchanges) > 0 {
				return done(""), nil
			}
			one := `{"method":"GET","url":"` + base + `/"}`
			return `{"need":{"requests":[` + one + "," + one + "," + one + `]}}`, nil
		}, call(conformance.Handler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(make([]byte, 200<<10))
		})), nil), "all answers have"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := conformance.Drive(t.Context(), tt.runner, tt.call)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want an error with %q", err, tt.want)
			}
		})
	}
}

func TestDrive_credentials(t *testing.T) {
	t.Parallel()
	account := &conformance.Account{
		Settings: map[string]any{"base": "http://127.0.0.1:8099/api"},
		Secrets:  map[string]string{"user": "u", "key": "k"},
		Tokens:   map[string]conformance.Token{"t": {Value: "tok", Expires: conformance.Start.Add(time.Hour)}},
	}
	tests := []struct {
		name string
		url  string
		auth *contract.Auth
		want string
	}{
		{"none", base, nil, "200 |"},
		{"bearer", base, &contract.Auth{Bearer: "key"}, "200 Bearer k|"},
		{"token", base, &contract.Auth{Bearer: "t"}, "200 Bearer tok|"},
		{"basic", base, &contract.Auth{Basic: &[2]contract.Parts{{contract.Sec("user")}, {contract.Lit("p:"), contract.Sec("user")}}}, "200 Basic dTpwOnU=|"},
		{"header", base, &contract.Auth{Header: &contract.AuthHeader{Name: "x-key", Value: contract.Parts{contract.Lit("Key "), contract.Sec("key")}}}, "200 |Key k"},
		{"host of a setting", "http://127.0.0.1:8099", nil, "200 |"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tr, err := conformance.Drive(t.Context(), ask(get(func(r *contract.Request) { r.URL, r.Auth = tt.url+"/x", tt.auth })), call(echo(), account))
			if err != nil {
				t.Fatal(err)
			}
			res, err := conformance.Result[contract.CreateResult](tr)
			if err != nil || res.ProviderReference != tt.want {
				t.Errorf("got %q, %v; want %q", res.ProviderReference, err, tt.want)
			}
		})
	}
}

// Each request is signed anew, and the signature is put where it was asked for.
func TestDrive_oauth1(t *testing.T) {
	t.Parallel()
	var seen []string
	world := conformance.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header.Get("Authorization"), r.URL.RawQuery)
	}))
	account := &conformance.Account{Secrets: map[string]string{"consumer": "consumer-secret"}}
	for _, in := range []string{contract.OAuthHeader, contract.OAuthHeader, contract.OAuthQuery} {
		auth := contract.OAuth1{Method: contract.OAuthSHA256, In: in, ConsumerKey: contract.Parts{contract.Lit("ck")}, ConsumerSecret: contract.Parts{contract.Sec("consumer")}}
		if _, err := conformance.Drive(t.Context(), ask(get(func(r *contract.Request) { r.Auth = &contract.Auth{OAuth1: &auth} })), call(world, account)); err != nil {
			t.Fatal(err)
		}
	}
	const header = `OAuth oauth_consumer_key="ck", oauth_nonce="`
	if !strings.HasPrefix(seen[0], header) || seen[1] != "" || !strings.HasPrefix(seen[2], header) || seen[2] == seen[0] {
		t.Errorf("in the header: got %q", seen[:4])
	}
	if !strings.HasPrefix(seen[5], "oauth_consumer_key=ck&oauth_nonce=") || !strings.Contains(seen[5], "&oauth_signature=") || seen[4] != "" {
		t.Errorf("in the query: got %q", seen[4:])
	}
}

func TestDrive_answers(t *testing.T) {
	t.Parallel()
	secrets := &conformance.Account{
		Secrets: map[string]string{"key": "long-secret", "user": "short"},
		Tokens:  map[string]conformance.Token{"t": {Value: "token", Expires: conformance.Start}},
	}
	body := func(b string) http.RoundTripper {
		return conformance.NewScript(conformance.Step{Request: "GET " + base + "/x", Status: 201, Body: b})
	}
	slow := conformance.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	tests := []struct {
		name  string
		req   contract.Request
		world http.RoundTripper
		want  string
	}{
		{"too large", get(nil), body(strings.Repeat("x", contract.MaxAnswer+1)), "too_large yes"},
		{"reset", get(nil), broken{}, "reset maybe"},
		{"no answer in time", get(func(r *contract.Request) { r.TimeoutMS = 1 }), answersLate{slow}, "timeout maybe"},
		{"token run out", get(func(r *contract.Request) { r.Auth = &contract.Auth{Bearer: "t"} }), echo(), "blocked no"},
		{"secrets", get(nil), body("a long-secret, a short one"), "201 a ***, a short one"},
		{"bytes", get(nil), body("\xff long-secret"), "201 \xff ***"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tr, err := conformance.Drive(t.Context(), ask(tt.req), call(tt.world, secrets))
			if err != nil {
				t.Fatal(err)
			}
			var want contract.CreateResult
			if err := json.Unmarshal([]byte(strings.TrimSuffix(strings.TrimPrefix(done(tt.want), `{"result":`), "}")), &want); err != nil {
				t.Fatal(err)
			}
			res, err := conformance.Result[contract.CreateResult](tr)
			if err != nil || res.ProviderReference != want.ProviderReference {
				t.Errorf("got %q, %v; want %q", res.ProviderReference, err, want.ProviderReference)
			}
		})
	}
}

// broken is a world whose connections break.
type broken struct{}

func (broken) RoundTrip(*http.Request) (*http.Response, error) { return nil, errors.New("EOF") }

// answersLate gives the context's error once the handler is through.
type answersLate struct{ http.RoundTripper }

func (a answersLate) RoundTrip(r *http.Request) (*http.Response, error) {
	if _, err := a.RoundTripper.RoundTrip(r); err != nil {
		return nil, err
	}
	return nil, r.Context().Err()
}
