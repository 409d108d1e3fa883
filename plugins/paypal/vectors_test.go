package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/paypal"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
	"github.com/kassette-pay/kassette/sdk/simulator/paypal"
)

// The vectors of the protocol's notes, section 12.
var (
	//go:embed testdata/p3-body.json
	p3Body string
	//go:embed testdata/p3-signature.txt
	p3Signature string
	//go:embed testdata/p3-certificate.pem
	p3Certificate string
	//go:embed testdata/p3-root.pem
	p3Root string
)

const (
	p3ID      = "0a1b2c3d-1111-11f0-9999-0123456789ab"
	p3Time    = "2026-03-02T10:15:31Z"
	p3Webhook = "8PT597110X687430L"
	p3CertURL = world.Base + "/v1/notifications/certs/CERT-360caa42-fca2a594-a5cafa77"
)

func TestP1_signedText(t *testing.T) {
	t.Parallel()
	// The published body is not at hand, its CRC-32 is: the text's shape is what counts.
	got := transmission{ID: "dfb3be50-fd74-11e4-8bf3-77339302725b", Time: "2015-05-18T15:45:13Z", WebhookID: "4JH86294D6297924G", Event: json.RawMessage("{}")}.text()
	const want = "dfb3be50-fd74-11e4-8bf3-77339302725b|2015-05-18T15:45:13Z|4JH86294D6297924G|2745614147"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestP2_crc(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{"": "0", "{}": "2745614147", "123456789": "3421780262", "Ж": "3649954193"} {
		if got := (transmission{Event: json.RawMessage(body)}).text(); got != "|||"+want {
			t.Errorf("%q: got %s, want |||%s", body, got, want)
		}
	}
	if got := (transmission{Event: json.RawMessage(p3Body)}).text(); got != "|||3450585514" || len(p3Body) != 503 {
		t.Errorf("P3's body has %d bytes and gives %s, want 503 and 3450585514", len(p3Body), got)
	}
}

// p3Message is the vector's webhook.
func p3Message() contract.Message {
	return contract.Message{Method: "POST", Path: "/webhooks/acc_1", Body: p3Body, Headers: map[string][]string{
		"paypal-transmission-id": {p3ID}, "paypal-transmission-time": {p3Time}, "paypal-cert-url": {p3CertURL}, "paypal-auth-algo": {"SHA256withRSA"},
		"paypal-transmission-sig": {strings.ReplaceAll(p3Signature, "\n", "")},
	}}
}

// receive drives receive_webhook; certificates are what their address serves.
func receive(t *testing.T, m contract.Message, settings map[string]any, roots string, steps ...conformance.Step) (contract.WebhookResult, error) {
	t.Helper()
	a := world.Account()
	a.Settings["webhook_id"], a.Roots = p3Webhook, world.Pool(roots)
	for name, value := range settings {
		a.Settings[name] = value
	}
	script := conformance.NewScript(steps...)
	tr, err := conformance.Drive(t.Context(), guesttest.New(provider{}), conformance.Call{
		Export: contract.ReceiveWebhook, Input: contract.WebhookInput{Message: m}, Account: a, World: script, Now: time.Date(2026, 3, 2, 10, 16, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return conformance.Result[contract.WebhookResult](tr)
}

// certificateAt serves the vector's certificate, tokenAt a token.
var (
	certificateAt = conformance.Step{Request: "GET " + p3CertURL, Body: p3Certificate}
	tokenAt       = conformance.Step{Request: "POST " + world.Base + "/v1/oauth2/token", Body: `{"access_token":"A21AA-a-token","token_type":"Bearer","expires_in":32400}`}
)

// p3Order is the order that P3's event is about, read again.
const p3Order = `{"id":"5O190127TN364715T","intent":"CAPTURE","status":"COMPLETED","purchase_units":[{"reference_id":"default",
	"amount":{"currency_code":"EUR","value":"12.34"},"custom_id":"ord-1001","payments":{"captures":[{"id":"2GG279541U471931P","status":"COMPLETED",
	"amount":{"currency_code":"EUR","value":"12.34"},"final_capture":true,"custom_id":"ord-1001","create_time":"2026-03-02T10:15:30Z"}]}}]}`

func TestP3_webhook(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(m *contract.Message, s map[string]any){
		"another webhook id": func(_ *contract.Message, s map[string]any) { s["webhook_id"] = "8PT597110X687430M" },
		"a space at the end": func(m *contract.Message, _ map[string]any) { m.Body += " " },
		"another time": func(m *contract.Message, _ map[string]any) {
			m.Headers["paypal-transmission-time"] = []string{"2026-03-02T10:15:59Z"}
		},
		"signature is no base64": func(m *contract.Message, _ map[string]any) { m.Headers["paypal-transmission-sig"] = []string{"?"} },
	} {
		m, s := p3Message(), map[string]any{}
		spoil(&m, s)
		var f *contract.Failure
		if _, err := receive(t, m, s, p3Root, certificateAt); !errors.As(err, &f) || f.Code != contract.BadSignature {
			t.Errorf("%s: got %v, want bad_signature", name, err)
		}
	}
	got, err := receive(t, p3Message(), nil, p3Root, certificateAt, tokenAt,
		conformance.Step{Request: "GET " + world.Base + "/v2/checkout/orders/5O190127TN364715T", Body: p3Order})
	if err != nil || len(got.Updates) != 1 {
		t.Fatalf("got %+v, %v", got, err)
	}
	u := got.Updates[0]
	if u.Type != contract.UpdateCaptured || u.Trust != contract.Verified || u.Amount != (contract.Money{Value: 1234, Currency: "EUR"}) ||
		u.Payment.Reference != "ord-1001" || u.Payment.ProviderReference != "5O190127TN364715T" || u.Item.ProviderReference != "2GG279541U471931P" {
		t.Errorf("got %+v", u)
	}
}

// Each is one way in which a certificate does not prove that PayPal signed.
func TestP3_certificate(t *testing.T) {
	t.Parallel()
	other := world.Account().Settings // of the simulator, whose root did not sign the certificate
	for name, c := range map[string]struct {
		settings map[string]any
		roots    string
		at       conformance.Step
	}{
		"another root": {other, paypal.DemoRoot, certificateAt},
		"no PEM":       {nil, p3Root, conformance.Step{Request: "GET " + p3CertURL, Body: "hello"}},
		"a large file": {nil, p3Root, conformance.Step{Request: "GET " + p3CertURL, Body: p3Certificate + strings.Repeat("\n", maxCertificate)}},
	} {
		if c.settings != nil {
			c.settings["webhook_id"] = p3Webhook
		}
		var f *contract.Failure
		if _, err := receive(t, p3Message(), c.settings, c.roots, c.at); !errors.As(err, &f) || f.Code != contract.BadSignature {
			t.Errorf("%s: got %v, want bad_signature", name, err)
		}
	}
	var f *contract.Failure
	if _, err := receive(t, p3Message(), nil, p3Root, conformance.Step{Request: "GET " + p3CertURL, Status: 404}); !errors.As(err, &f) || f.Code != contract.ProviderUnavailable {
		t.Errorf("no certificate: got %v, want provider_unavailable: PayPal sends it again", err)
	}
}

func TestP4_money(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		value          int64
		currency, want string // "" for an error
	}{
		{250050, "HUF", ""}, {1, "HUF", ""}, {150, "TWD", ""},
		{1234, "EUR", "12.34"}, {5, "EUR", "0.05"}, {1500, "JPY", "1500"}, {250000, "HUF", "2500"}, {100, "TWD", "1"},
		{99_999_999_999_999_999, "USD", "999999999999999.99"},
	} {
		m := contract.Money{Value: c.value, Currency: c.currency}
		got, err := moneyOf(m)
		if c.want == "" {
			if err == nil {
				t.Errorf("%s: got %+v, want an error", m, got)
			}
			continue
		}
		if err != nil || got.Value != c.want || got.CurrencyCode != c.currency {
			t.Errorf("%s: got %+v, %v, want %s", m, got, err, c.want)
			continue
		}
		if back, err := got.read(); err != nil || back != m {
			t.Errorf("%s: read back as %s, %v", m, back, err)
		}
	}
	for value, want := range map[string]int64{".5": 50, "007.10": 710, "12.340": 1234, "": -1, "1e3": -1, "1,00": -1, "12.345": -1} {
		got, err := money{"EUR", value}.read()
		if (want < 0) != (err != nil) || err == nil && got.Value != want {
			t.Errorf("%q: got %v, %v, want %d", value, got, err, want)
		}
	}
}

func TestP5_basicHeader(t *testing.T) {
	t.Parallel()
	a := world.Account()
	a.Settings["client_id"], a.Secrets["client_secret"] = "AbC-id", "s3:cr/et"
	script := conformance.NewScript(conformance.Step{
		Request: "POST " + world.Base + "/v1/oauth2/token", Status: 401, Body: `{"error":"invalid_client","error_description":"Client Authentication failed"}`,
		Check: func(r *http.Request, body []byte) error {
			if got := r.Header.Get("Authorization"); got != "Basic QWJDLWlkOnMzOmNyL2V0" || string(body) != "grant_type=client_credentials" {
				return fmt.Errorf("got %s, %s", got, body)
			}
			return nil
		},
	})
	tr, err := conformance.Drive(t.Context(), guesttest.New(provider{}), conformance.Call{
		Export: contract.CheckSettings, Input: contract.CheckInput{}, Account: a, World: script,
	})
	if err != nil {
		t.Fatal(err)
	}
	if r, err := conformance.Result[contract.CheckResult](tr); err != nil || r.OK || len(r.Findings) != 1 {
		t.Errorf("got %+v, %v, want one finding", r, err)
	}
}
