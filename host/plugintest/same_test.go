package plugintest_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/host/plugintest/testdata/sample"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

const key = "c2lnbmluZy1rZXktb2Ytc2FtcGxl"

func account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"shop": "shop <1> & söner"},
		Secrets:  map[string]string{"key": key, "refresh": "refresh-token-1"},
	}
}

// world is the sample's provider. Its orders want the fresh token.
func world() http.RoundTripper {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /refresh", func(w http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(w, `{"token":"access-token-1","duration":3600000}`)
	})
	mux.HandleFunc("POST /orders", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer access-token-1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprint(w, "ref/\xc3\xa9\x31")
	})
	mux.HandleFunc("GET /orders/{id}", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("order-" + r.PathValue("id")))
	})
	return conformance.Handler(mux)
}

func webhook(signature string) contract.WebhookInput {
	return contract.WebhookInput{Message: contract.Message{
		Method: "POST", Path: "/webhooks/acc_1", BodyBase64: []byte{0xff, 0, 'b', 'o', 'd', 'y'},
		Headers: map[string][]string{"x-signature": {signature}},
	}}
}

func TestNativeAndWasm_sameBytes(t *testing.T) {
	wasm := plugintest.New(t, plugintest.Build(t, "./testdata/plugin"))
	native := guesttest.New(sample.Provider{})
	sum := md5.Sum([]byte(key + "\xff\x00body"))
	payment := contract.Payment{ID: "pay_1", Reference: "A1B2C3D4E5F6G7H8J9K0L1M2", Amount: contract.Money{Value: 4999, Currency: "EUR"}}
	stale := func() *conformance.Account {
		a := account()
		a.Tokens = map[string]conformance.Token{"access_token": {Value: "withdrawn-token"}}
		return a
	}
	tests := []struct {
		name    string
		call    conformance.Call
		account func() *conformance.Account
		rounds  int
		fail    contract.FailureCode
	}{
		{"operation missing", conformance.Call{Export: contract.CapturePayment, Input: contract.CaptureInput{}}, account, 1, contract.Unsupported},
		{"input of a wrong type", conformance.Call{Export: contract.CreatePayment, Input: []int{1}}, account, 1, contract.InvalidRequest},
		{"panic", conformance.Call{Export: contract.GetPayment, Input: contract.PaymentInput{}}, account, 1, contract.Internal},
		{"secret not set", conformance.Call{Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: payment}},
			func() *conformance.Account { return &conformance.Account{} }, 1, contract.InvalidSettings},
		{"wrong signature", conformance.Call{Export: contract.ReceiveWebhook, Input: webhook("00ff")}, account, 1, contract.BadSignature},
		{"empty signature", conformance.Call{Export: contract.ReceiveWebhook, Input: webhook("")}, account, 1, contract.BadSignature},
		{"webhook", conformance.Call{Export: contract.ReceiveWebhook, Input: webhook(hex.EncodeToString(sum[:]))}, account, 2, ""},
		{"create without token", conformance.Call{Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: payment}}, account, 3, ""},
		{"create with a stale token", conformance.Call{Export: contract.CreatePayment, Input: contract.PaymentInput{Payment: payment}}, stale, 4, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			drive := func(r conformance.Runner) conformance.Transcript {
				c := tt.call
				c.Account, c.World = tt.account(), world()
				tr, err := conformance.Drive(t.Context(), r, c)
				if err != nil {
					t.Fatal(err)
				}
				return tr
			}
			a, b := drive(native), drive(wasm)
			if len(a.Rounds) != tt.rounds || len(b.Rounds) != tt.rounds {
				t.Fatalf("got %d rounds natively and %d in Wasm, want %d", len(a.Rounds), len(b.Rounds), tt.rounds)
			}
			for i := range a.Rounds {
				if !bytes.Equal(a.Rounds[i].Output, b.Rounds[i].Output) {
					t.Errorf("round %d\nnative: %s\nWasm:   %s", i+1, a.Rounds[i].Output, b.Rounds[i].Output)
				}
			}
			if fmt.Sprint(a.Logs) != fmt.Sprint(b.Logs) {
				t.Errorf("got log %v natively and %v in Wasm", a.Logs, b.Logs)
			}
			var code contract.FailureCode
			if f := b.Answer.Failure; f != nil {
				code = f.Code
			}
			if code != tt.fail {
				t.Errorf("got failure %q (%v), want %q", code, b.Answer.Failure, tt.fail)
			}
		})
	}
	if fuel := wasm.Fuel(); fuel <= 0 || fuel > contract.RoundFuel {
		t.Errorf("got fuel %d, want 1 to %d", fuel, contract.RoundFuel)
	}
	t.Logf("the dearest round used %d of %d", wasm.Fuel(), contract.RoundFuel)
}

func TestDescribe_sameBytes(t *testing.T) {
	t.Parallel()
	host := conformance.Host{}
	wasm, err := plugintest.New(t, plugintest.Build(t, "./testdata/plugin")).Round(t.Context(), contract.Describe, nil, host)
	if err != nil {
		t.Fatal(err)
	}
	native, err := guesttest.New(sample.Provider{}).Round(t.Context(), contract.Describe, nil, host)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(wasm, native) {
		t.Errorf("native: %s\nWasm:   %s", native, wasm)
	}
}

func TestCanned_sameBytes(t *testing.T) {
	t.Parallel()
	wasm, native := plugintest.New(t, plugintest.Build(t, "./testdata/plugin")), guesttest.New(sample.Provider{})
	for _, e := range contract.CannedExports() {
		host := conformance.Host{
			Call: func(contract.HostFunction, []byte) ([]byte, error) { return []byte(`{"error":"not set"}`), nil },
			Log:  func(string, string) {},
		}
		a, err := native.Round(t.Context(), e, contract.Canned(e), host)
		if err != nil {
			t.Fatal(err)
		}
		b, err := wasm.Round(t.Context(), e, contract.Canned(e), host)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(a, b) {
			t.Errorf("%s\nnative: %s\nWasm:   %s", e, a, b)
		}
		if _, err := contract.DecodeAnswer(e, b); err != nil {
			t.Errorf("%s: %v", e, err)
		}
	}
}

func TestBuild_size(t *testing.T) {
	t.Parallel()
	if n := len(plugintest.Build(t, "./testdata/plugin")); n >= 4<<20 {
		t.Errorf("got a module of %d bytes, want less than 4 MiB", n)
	}
}
