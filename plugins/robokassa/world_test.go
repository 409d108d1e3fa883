package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
)

// home is the address at which the simulator stands in for the provider.
const home = "https://pay.simulator.example"

// The shop's fixed addresses.
const (
	resultURL = "https://pay.example/webhooks/acc_1"
	returnURL = "https://pay.example/return/acc_1"
)

// account is the demonstration shop's, with holds, refunds and questions.
func account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{
			"environment": "test", "simulator": true, "merchant_login": robokassa.DemoLogin, "auth_url": home, "services_url": home,
			"hash_algorithm": robokassa.DemoHash, "result_key": robokassa.DemoResultKey,
		},
		Secrets: map[string]string{
			"password1": robokassa.DemoPassword1, "password2": robokassa.DemoPassword2, "password3": robokassa.DemoPassword3,
		},
	}
}

// world is the simulator of the provider, and a hand on its wire.
type world struct {
	sim *robokassa.Simulator
	http.RoundTripper

	mu   sync.Mutex
	sent []contract.Message
	// said is an amount that the next news is to name.
	said *contract.Money
	// strangers are news of other orders that come before the next.
	strangers int
}

func newWorld() (conformance.World, error) { return worldOf(robokassa.Config{}) }

// worldOf is a world whose simulator is set so.
func worldOf(c robokassa.Config) (*world, error) {
	w := &world{}
	sim, err := robokassa.New(robokassa.Config{
		PublicURL: home, ResultURL: resultURL, BuyerFee: c.BuyerFee,
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: hook{w}},
	})
	if err != nil {
		return nil, err
	}
	w.sim, w.RoundTripper = sim, conformance.Handler(sim)
	return w, nil
}

// hook takes the provider's notifications and accepts them.
type hook struct{ *world }

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	m := contract.Message{
		Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Headers: map[string][]string{"content-type": {r.Header.Get("Content-Type")}}, Body: string(body), RemoteIP: "185.59.216.65",
	}
	form, err := url.ParseQuery(m.Body)
	answer := httptest.NewRecorder()
	_, _ = fmt.Fprint(answer, "OK"+form.Get("InvId"))
	if err != nil || form.Get("InvId") == "" { // ResultUrl2
		h.sent = append(h.sent, m)
		return answer.Result(), nil
	}
	for i := range h.strangers {
		h.sent = append(h.sent, stranger(m, i))
	}
	h.strangers = 0
	if h.said != nil {
		m.Body, h.said = restated(form, *h.said), nil
	}
	h.sent = append(h.sent, m)
	return answer.Result(), nil
}

// stranger is true news of an order that another system of the shop started.
func stranger(m contract.Message, i int) contract.Message {
	m.Body = signed(url.Values{"OutSum": {"10.000000"}, "InvId": {fmt.Sprint(100_001 + i)}, "shp_interface": {"link"}}, robokassa.DemoPassword2).Encode()
	return m
}

// restated is a notice that names another amount, truly signed.
func restated(form url.Values, paid contract.Money) string {
	form.Set("OutSum", paid.Decimal())
	form.Del("out_summ")
	form.Set("Shp_cur", paid.Currency)
	return signed(form, robokassa.DemoPassword2).Encode()
}

// signed signs a notice, by the test's own code.
func signed(form url.Values, password string) url.Values {
	var shop []string
	for name, values := range form {
		if strings.HasPrefix(strings.ToLower(name), "shp_") {
			shop = append(shop, name+"="+values[0])
		}
	}
	slices.SortFunc(shop, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	sum := sha256.Sum256([]byte(strings.Join(append([]string{form.Get("OutSum"), form.Get("InvId"), password}, shop...), ":")))
	form.Set("SignatureValue", strings.ToUpper(hex.EncodeToString(sum[:])))
	form.Del("crc")
	return form
}

func (w *world) Now() time.Time { return w.sim.Now() }

func (w *world) Advance(ctx context.Context, d time.Duration) error { return w.sim.MoveClock(ctx, d) }

// Follow posts the form, as the buyer's browser does.
func (w *world) Follow(_ context.Context, _ contract.Payment, a contract.Action) error {
	if v := visit(w.sim, a); !strings.Contains(v.html, "outcome") {
		return errors.New("the payment page says: " + v.html)
	}
	return nil
}

func (w *world) End(ctx context.Context, p contract.Payment, e conformance.Ending) error {
	outcome := map[conformance.Ending]robokassa.Outcome{
		conformance.Paid: robokassa.Success, conformance.Cancelled: robokassa.Cancelled, conformance.Expired: robokassa.Expired,
		conformance.Declined: robokassa.Failed, conformance.Open: robokassa.Open,
	}[e]
	if e == conformance.Expired {
		if err := w.sim.MoveClock(ctx, p.ExpiresAt.Sub(w.sim.Now())-time.Second); err != nil {
			return err
		}
	}
	if err := w.sim.Settle(p.Number, outcome); err != nil {
		return err
	}
	return w.sim.MoveClock(ctx, 0)
}

func (w *world) Messages(ctx context.Context) ([]contract.Message, error) {
	if err := w.sim.MoveClock(ctx, 0); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.sent
	w.sent = nil
	return list, nil
}

func (w *world) Repeat(ctx context.Context, p contract.Payment) error {
	_, err := w.sim.Notify(ctx, p.Number)
	return err
}

func (w *world) Return(p contract.Payment) (contract.Message, bool) {
	u, err := url.Parse(w.sim.Return(p.Number))
	if err != nil || u.Host == "" {
		return contract.Message{}, false
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}, true
}

func (w *world) Books(p contract.Payment) conformance.Books {
	books := w.sim.Books()
	o, ok := books.Payment(p.Number)
	none := contract.Money{Currency: p.Amount.Currency}
	out := conformance.Books{Known: ok, Authorized: none, Captured: none, Refunded: none}
	if !ok {
		return out
	}
	out.ProviderReference = fmt.Sprint(o.InvID)
	switch o.State {
	case robokassa.StateHold:
		out.Authorized.Value = o.Charged
	case robokassa.StatePaid:
		out.Captured.Value, out.Captures = o.Charged, 1
	}
	for _, f := range books.Refunds {
		if f.InvID == o.InvID && f.Label != "canceled" {
			out.Refunds++
			out.Refunded.Value += f.Amount
		}
	}
	return out
}

// ForgeNext has nothing to forge: no answer of the provider is signed.
func (w *world) ForgeNext(conformance.Forgery) bool { return false }

func (w *world) Misreport(paid contract.Money) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.sent) > 0 { // it is under way already
		form, err := url.ParseQuery(w.sent[0].Body)
		w.sent[0].Body = restated(form, paid)
		return err
	}
	w.said = &paid
	return nil
}

func (w *world) Strangers(n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strangers = n
	return nil
}

func (w *world) Close() error { return w.sim.Close() }

// Forge changes a notice or a return; FailURL has no signature.
func (w *world) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	text := &m.Body
	if m.Method == http.MethodGet {
		text = &m.Query
	}
	form, err := url.ParseQuery(*text)
	old := form.Get("SignatureValue")
	if err != nil || old == "" {
		return m
	}
	form.Del("crc")
	switch f {
	case conformance.ForgedBad:
		form.Set("SignatureValue", map[bool]string{true: "1", false: "0"}[old[0] == '0']+old[1:])
	case conformance.ForgedMissing:
		form.Del("SignatureValue")
	case conformance.ForgedCut:
		form.Set("SignatureValue", old[:len(old)-2])
	case conformance.ForgedForeign:
		form = signed(form, "another shop's password")
	case conformance.ForgedContent:
		form.Set("OutSum", "0.010000")
		form.Del("out_summ")
	}
	*text = form.Encode()
	return m
}

// Acknowledged: OK and the number, or any 2xx to ResultUrl2.
func (w *world) Acknowledged(m contract.Message, r contract.WebhookResponse) bool {
	form, err := url.ParseQuery(m.Body)
	if number := form.Get("InvId"); err == nil && number != "" {
		return r.Status == http.StatusOK && r.Body == "OK"+number
	}
	return r.Status >= 200 && r.Status < 300
}

var (
	_ conformance.Follower     = (*world)(nil)
	_ conformance.Acknowledger = (*world)(nil)
)
