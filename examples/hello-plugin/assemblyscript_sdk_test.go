package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/hello"
	"github.com/kassette-pay/kassette/sdk/contract"
	simulator "github.com/kassette-pay/kassette/sdk/simulator/hello"
)

// round runs a round of an export without a host around it.
func round(t *testing.T, r *plugintest.Runner, e contract.Export, change func(e map[string]any)) (contract.Answer, []string, error) {
	t.Helper()
	in := map[string]any{
		"contract": contract.Version, "call": "call_1", "now": "2026-03-02T09:30:00.000Z", "entropy": make([]byte, 32),
		"settings": map[string]any{"base_url": world.Base}, "secrets": []string{"key"}, "exchanges": []any{},
		"input": map[string]any{"payment": map[string]any{"reference": "R1"}},
	}
	change(in)
	b, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var logs []string
	out, err := r.Round(t.Context(), e, b, conformance.Host{
		Call: func(contract.HostFunction, []byte) ([]byte, error) { return []byte(`{"error":"not set"}`), nil },
		Log:  func(_, text string) { logs = append(logs, text) },
	})
	if err != nil {
		return contract.Answer{}, logs, err
	}
	if len(out)%8 != 0 {
		t.Errorf("got %d bytes, want them padded to a multiple of 8", len(out))
	}
	var a contract.Answer
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%s: %v", out, err)
	}
	return a, logs, nil
}

// echo has the SDK read a document, and gives what it read.
func echo(t *testing.T, r *plugintest.Runner, input map[string]any) (contract.Answer, map[string]any) {
	t.Helper()
	a, _, err := round(t, r, contract.GetPayment, func(e map[string]any) { e["input"] = input })
	if err != nil {
		t.Fatal(err)
	}
	var shown map[string]any
	if a.Result != nil {
		if err := json.Unmarshal(a.Result, &shown); err != nil {
			t.Fatal(err)
		}
	}
	return a, shown
}

// The SDK's reader takes what Go's takes, and reads the same.
func TestAssemblyScript_json(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, assemblyScript(t, echoSource))
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	for _, doc := range []string{
		"", " ", "{", "}", "[", "]", "[1,]", "[,1]", "{,}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`, `{1:1}`, "nul", "tru3", "nan", "1 2", "[1 2]", `{"a" "b"}`, "[}", "{]",
		`"`, `"a`, `"\`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\x01\"", "\"\n\"", "01", "-", "+1", "1.", ".5", "1e", "1e+", "1.2.3", "0x10", "--1", "1-1", "'a'", "\ufeff1", "1\x00", "\x00", "[1\x00]",
		"null", "true", "false", "0", "-0", "10", "-1.50", "1e3", "1E-3", "123456789012345678", " [ ] ", "{}", `""`, `"é€😀"`, `"\"\\\/\b\f\n\r\t"`, `"\u00e9\ud83d\ude00"`, `"a\u0000b"`,
		`{"a":1,"a":2}`, `{"":{"b":[1,"2",null,true,{"c":[]}]}}`, "\t{\r\n\"a\" : [ 1 , 2 ] } ", deep(64), `{"\u0061":"b"}`,
	} {
		a, shown := echo(t, r, map[string]any{"document": doc})
		var want any
		if err := json.Unmarshal([]byte(doc), &want); err != nil {
			if a.Failure == nil {
				t.Errorf("%q: read as %s, want a failure: %v", doc, a.Result, err)
			}
			continue
		}
		if a.Failure != nil {
			t.Errorf("%q: %v", doc, a.Failure)
			continue
		}
		if !reflect.DeepEqual(shown["document"], want) || shown["quoted"] != doc {
			t.Errorf("%q: read as %v and written as %v", doc, shown["document"], shown["quoted"])
		}
	}
	if a, _ := echo(t, r, map[string]any{"document": deep(66)}); a.Failure == nil {
		t.Error("lists within each other have no bound")
	}
}

func TestAssemblyScript_bytes(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, assemblyScript(t, echoSource))
	for hex, want := range map[string]any{
		"": nil, "0": nil, "0g": nil, "00ff1": nil, "00": "AA==", "00fF": "AP8=", "00ff10": "AP8Q", "fbefbeff": "++++/w==",
	} {
		if _, shown := echo(t, r, map[string]any{"document": "1", "hex": hex}); shown["bytes"] != want {
			t.Errorf("%q: got %v, want %v", hex, shown["bytes"], want)
		}
	}
}

func TestAssemblyScript_call(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, assemblyScript(t, echoSource))
	t.Run("what the envelope says", func(t *testing.T) {
		_, shown := echo(t, r, map[string]any{"document": "1"})
		if shown["has_key"] != true || shown["now"] != "2026-03-02T09:30:00.000Z" {
			t.Errorf("got %v", shown)
		}
	})
	t.Run("an index out of range", func(t *testing.T) {
		_, logs, err := round(t, r, contract.ListOptions, func(map[string]any) {})
		if err == nil || len(logs) != 1 || !strings.Contains(logs[0], "Index out of range at ") {
			t.Errorf("got %v and log %q, want an error and where it was", err, logs)
		}
	})
	t.Run("no answer", func(t *testing.T) {
		a, _, err := round(t, r, contract.CheckSettings, func(map[string]any) {})
		if err != nil || a.Failure == nil || a.Failure.Code != contract.Internal {
			t.Errorf("got %+v, %v, want a failure", a, err)
		}
	})
	t.Run("another contract", func(t *testing.T) {
		a, _, err := round(t, r, contract.GetPayment, func(e map[string]any) { e["contract"] = "2" })
		if err != nil || a.Failure == nil || !strings.Contains(a.Failure.Message, "contract") {
			t.Errorf("got %+v, %v, want a failure", a, err)
		}
	})
}

// Later rounds ask for the same as earlier ones, or the call ends.
func TestAssemblyScript_rounds(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, assemblyScript(t, helloSource))
	first, _, err := round(t, r, contract.GetPayment, func(map[string]any) {})
	if err != nil || first.Need == nil || len(first.Need.Requests) != 1 {
		t.Fatalf("got %+v, %v, want a request", first, err)
	}
	asked, err := json.Marshal(first.Need.Requests[0])
	if err != nil {
		t.Fatal(err)
	}
	var turned map[string]any // its members come in another order
	if err := json.Unmarshal(asked, &turned); err != nil {
		t.Fatal(err)
	}
	answered := func(request any, body string) map[string]any {
		return map[string]any{"request": request, "at": "2026-03-02T09:30:00.000Z", "response": map[string]any{"status": 200, "headers": map[string]any{}, "body": body}}
	}
	const open = `{"id":"hello-1","reference":"R1","status":"open","paid":"0.00","currency":"EUR","at":"2026-03-02T09:30:00Z"}`
	other := map[string]any{"method": "GET", "url": world.Base + "/payments/R2"}
	lost := map[string]any{"request": turned, "at": "2026-03-02T09:30:00.000Z", "error": contract.ExchangeError{Kind: contract.ErrorTimeout, Sent: contract.SentMaybe, Message: "no answer"}}
	for name, c := range map[string]struct {
		exchanges []any
		code      contract.FailureCode
		says      string
	}{
		"answered":             {[]any{answered(turned, open)}, "", ""},
		"another request":      {[]any{answered(other, open)}, contract.Internal, "not deterministic"},
		"more than it asks":    {[]any{answered(turned, open), answered(turned, open)}, contract.Internal, "fewer requests"},
		"no answer":            {[]any{lost}, contract.ProviderUnavailable, "timeout: no answer"},
		"a status of nobody's": {[]any{answered(turned, strings.Replace(open, "open", "asleep", 1))}, contract.Internal, "asleep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, _, err := round(t, r, contract.GetPayment, func(e map[string]any) { e["exchanges"] = c.exchanges })
			switch {
			case err != nil:
				t.Fatal(err)
			case c.code == "" && (a.Failure != nil || !bytes.Contains(a.Result, []byte(`"pending"`))):
				t.Errorf("got %s, %v", a.Result, a.Failure)
			case c.code != "" && (a.Failure == nil || a.Failure.Code != c.code || !strings.Contains(a.Failure.Message, c.says)):
				t.Errorf("got %v, want %s: %s", a.Failure, c.code, c.says)
			}
		})
	}
}

// Each of the host's functions is reached, and its refusal is a failure.
func TestAssemblyScript_hostFunctions(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, assemblyScript(t, echoSource))
	for name, want := range map[string]contract.FailureCode{
		string(contract.SecretMAC): contract.InvalidSettings, string(contract.SecretDigest): contract.InvalidSettings,
		string(contract.VerifySignature): "", "no_such_function": contract.Internal,
	} {
		a, _, err := round(t, r, contract.CreatePayment, func(e map[string]any) { e["input"] = map[string]any{"function": name} })
		switch {
		case err != nil:
			t.Errorf("%s: %v", name, err)
		case want == "" && string(a.Result) != `{"error":"not set"}`, want != "" && (a.Failure == nil || a.Failure.Code != want):
			t.Errorf("%s: got %s, %v, want %q", name, a.Result, a.Failure, want)
		}
	}
	a, _, err := round(t, r, contract.CreatePayment, func(e map[string]any) { e["input"] = map[string]any{"function": "secret_digest"} })
	if err != nil || a.Failure == nil || !strings.Contains(a.Failure.Message, "secret_digest: not set") {
		t.Errorf("got %v, %v, want the host's reason", a.Failure, err)
	}
}

func TestAssemblyScript_macWithoutKey(t *testing.T) {
	t.Parallel()
	r := plugintest.New(t, assemblyScript(t, helloSource))
	a, _, err := round(t, r, contract.ReceiveWebhook, func(e map[string]any) {
		e["input"] = map[string]any{"message": contract.Message{Method: "POST", Body: "{}", Headers: map[string][]string{"hello-signature": {"00"}}}}
	})
	if err != nil || a.Failure == nil || a.Failure.Code != contract.InvalidSettings {
		t.Errorf("got %v, %v, want %s", a.Failure, err, contract.InvalidSettings)
	}
}

// A message of this size is one round's work, whatever it is made of: far more
// than a provider sends, and more than fits a plugin in Go.
const bigMessage = 60 << 10

func TestAssemblyScript_fuel(t *testing.T) {
	t.Parallel()
	wasm := assemblyScript(t, helloSource)
	for name, body := range map[string]string{
		"a text":      `"` + strings.Repeat("a", bigMessage-2) + `"`,
		"escapes":     `"` + strings.Repeat(`\"`, bigMessage/2-1) + `"`,
		"small lists": "[" + strings.Repeat("[],", bigMessage/3-1) + "1]",
		"bytes":       strings.Repeat("\xff", bigMessage),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := contract.Message{Method: "POST", Body: body, Headers: map[string][]string{"hello-signature": {simulator.Sign(simulator.DemoSigningKey, []byte(body))}}}
			if !utf8.ValidString(body) {
				m.Body, m.BodyBase64 = "", []byte(body)
			}
			r := plugintest.New(t, wasm)
			tr, err := conformance.Drive(t.Context(), r, conformance.Call{
				Export: contract.ReceiveWebhook, Account: world.Fixture().Account(), Input: contract.WebhookInput{Message: m},
				World: conformance.NewScript(),
			})
			if err != nil {
				t.Fatal(err)
			}
			var f *contract.Failure
			if _, err := conformance.Result[contract.WebhookResult](tr); !errors.As(err, &f) || f.Code == contract.BadSignature {
				t.Errorf("got %v, want what follows after the signature", err)
			}
			t.Logf("fuel %d of %d", r.Fuel(), contract.RoundFuel)
		})
	}
}
