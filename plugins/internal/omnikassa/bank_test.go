package omnikassa

import (
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// shop is a plugin on an account of its own, for tests.
var shop = Issuing{Refunding{Provider{
	Name: "shop", Version: "1.0.0", Title: Name("Shop"),
	Methods: []contract.Method{{ID: "way", Title: Name("Way"), Brand: "IDEAL", Currencies: map[string]contract.Range{"EUR": {Min: 1, Max: MaxAmount}}, Flow: contract.FlowRedirect}},
}}}

const (
	// captured is the key of the vectors that were captured from the bank.
	captured = "QAhFrajUoLsKowfRo15vFXIpdbCgmI2S82idk6xPiCk="
	// secret is that of the SDK's own vectors.
	secret = "c2VjcmV0"
	expiry = "2018-08-21T14:06:29.456+02:00"
	event  = "merchant.order.status.changed"
)

// bank answers requests by the end of their path, in turn, and the last answer
// for ever. It notes what came.
type bank struct {
	t       *testing.T
	answers map[string][]reply
	asked   []asked
	key     string
	// kept is an access token of an earlier call, or "".
	kept string
}

type reply struct {
	status int
	body   string
}

type asked struct{ method, path, authorization, body string }

func newBank(t *testing.T) *bank {
	return &bank{t: t, key: captured, answers: map[string][]reply{"/gatekeeper/refresh": {{200, `{"token":"access-1","validUntil":"2018-08-22T13:16:43.961+0000","durationInMillis":3600000}`}}}}
}

// on sets what is answered to requests whose path ends so.
func (b *bank) on(path string, answers ...reply) *bank { b.answers[path] = answers; return b }

func (b *bank) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		b.t.Error(err)
	}
	b.asked = append(b.asked, asked{r.Method, r.URL.Path, r.Header.Get("Authorization"), string(body)})
	for path, list := range b.answers {
		if !strings.HasSuffix(r.URL.Path, path) {
			continue
		}
		if len(list) > 1 {
			b.answers[path] = list[1:]
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(list[0].status)
		_, _ = io.WriteString(w, list[0].body)
		return
	}
	http.NotFound(w, r)
}

// count is how many requests went to a path that ends so.
func (b *bank) count(path string) int {
	n := 0
	for _, a := range b.asked {
		if strings.HasSuffix(a.path, path) {
			n++
		}
	}
	return n
}

// drive runs an operation against the bank.
func drive[T any](b *bank, e contract.Export, input any) (T, error) {
	b.t.Helper()
	account := &conformance.Account{
		Settings: map[string]any{"environment": "test", "base_url": "https://api.pay.rabobank.nl"},
		Secrets:  map[string]string{"refresh_token": "the-refresh-token", "signing_key": b.key},
	}
	if b.kept != "" {
		account.Tokens = map[string]conformance.Token{accessToken: {Value: b.kept}}
	}
	tr, err := conformance.Drive(b.t.Context(), guesttest.New(shop), conformance.Call{Export: e, Input: input, World: conformance.Handler(b), Account: account})
	if err != nil {
		b.t.Fatal(err)
	}
	return conformance.Result[T](tr)
}

// pull has the bank notify, and hand this page out.
func (b *bank) pull(page string) (contract.WebhookResult, error) {
	b.t.Helper()
	b.on("/events/results/"+event, reply{200, page})
	return b.notify(`{"authentication":"note","expiry":"` + expiry + `","eventName":"` + event + `","poiId":5000,"signature":"` + b.sign("note", expiry, event, "5000") + `"}`)
}

func (b *bank) notify(body string) (contract.WebhookResult, error) {
	b.t.Helper()
	return drive[contract.WebhookResult](b, contract.ReceiveWebhook, contract.WebhookInput{Message: contract.Message{Method: "POST", Body: body}})
}

// sign is the bank's signature, by the test's own code.
func (b *bank) sign(values ...string) string {
	key, err := base64.StdEncoding.DecodeString(b.key)
	if err != nil {
		b.t.Fatal(err)
	}
	mac := hmac.New(sha512.New, key)
	mac.Write([]byte(strings.Join(values, ",")))
	return hex.EncodeToString(mac.Sum(nil))
}

// failed is a failure's code, or "".
func failed(err error) contract.FailureCode {
	if f, ok := err.(*contract.Failure); ok { //nolint:errorlint // it is given as it is
		return f.Code
	}
	return ""
}

// payment is one by the shop's way.
func payment() contract.Payment {
	p := contract.CannedPayment()
	p.Method, p.MethodOptions, p.Transactions, p.ProviderReference = "way", nil, nil, ""
	return p
}
