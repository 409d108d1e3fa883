// Package robokassa is Robokassa as the conformance kit guides it: its simulator,
// the demonstration shop, and a hand on its wire.
//
// It knows a payment by its number. The shop is in roubles.
package robokassa

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds/browser"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/robokassa"
)

// Fixture is the provider as the kit meets it.
func Fixture() conformance.Fixture {
	return conformance.Fixture{
		Account: Account, Payment: Roubles,
		World: func() (conformance.World, error) { return New(robokassa.Config{}) },
	}
}

// Roubles makes a payment one in roubles, lines and all.
func Roubles(p *contract.Payment) {
	const rub = "RUB"
	p.Amount.Currency = rub
	p.Lines = nil
	for _, l := range contract.CannedPayment().Lines {
		l.UnitPrice.Currency, l.Amount.Currency, l.TaxAmount.Currency = rub, rub, rub
		p.Lines = append(p.Lines, l)
	}
}

// Home is the address at which the simulator stands in for the provider.
const Home = "https://pay.simulator.example"

// The shop's fixed addresses.
const (
	ResultURL = "https://pay.example/webhooks/acc_1"
	ReturnURL = "https://pay.example/return/acc_1"
)

// Account is the demonstration shop's, with holds, refunds and questions.
func Account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{
			"environment": "test", "simulator": true, "merchant_login": robokassa.DemoLogin, "auth_url": Home, "services_url": Home,
			"hash_algorithm": robokassa.DemoHash, "result_key": robokassa.DemoResultKey,
		},
		Secrets: map[string]string{
			"password1": robokassa.DemoPassword1, "password2": robokassa.DemoPassword2, "password3": robokassa.DemoPassword3,
		},
	}
}

// World is the simulator of the provider, and a hand on its wire.
type World struct {
	Sim *robokassa.Simulator
	http.RoundTripper

	mu   sync.Mutex
	sent []contract.Message
	// said is an amount that the next news is to name.
	said *contract.Money
	// strangers are news of other orders that come before the next.
	strangers int
}

// New starts the provider anew, with the buyer's fee of a configuration. Its
// owner must Close it.
func New(c robokassa.Config) (*World, error) {
	w := &World{}
	sim, err := robokassa.New(robokassa.Config{
		PublicURL: Home, ResultURL: ResultURL, BuyerFee: c.BuyerFee,
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: hook{w}},
	})
	if err != nil {
		return nil, err
	}
	w.Sim, w.RoundTripper = sim, conformance.Handler(sim)
	return w, nil
}

// hook takes the provider's notifications and accepts them.
type hook struct{ *World }

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

// Now is the provider's time.
func (w *World) Now() time.Time { return w.Sim.Now() }

// Advance lets time pass.
func (w *World) Advance(ctx context.Context, d time.Duration) error { return w.Sim.MoveClock(ctx, d) }

// Start carries an action out as the gateway's page does: it posts the form.
func Start(site http.Handler, a contract.Action) *browser.Browser {
	form := url.Values{}
	for _, f := range a.Fields {
		form.Add(f[0], f[1])
	}
	path := a.URL
	if u, err := url.Parse(a.URL); err == nil {
		path = u.Path
	}
	return browser.Post(site, path, form)
}

// Follow posts the form, as the buyer's browser does.
func (w *World) Follow(_ context.Context, _ contract.Payment, a contract.Action) error {
	if b := Start(w.Sim, a); !strings.Contains(b.HTML, "outcome") {
		return errors.New("the payment page says: " + b.HTML)
	}
	return nil
}

// End ends a payment on the provider's page.
func (w *World) End(ctx context.Context, p contract.Payment, e conformance.Ending) error {
	outcome := map[conformance.Ending]robokassa.Outcome{
		conformance.Paid: robokassa.Success, conformance.Cancelled: robokassa.Cancelled, conformance.Expired: robokassa.Expired,
		conformance.Declined: robokassa.Failed, conformance.Open: robokassa.Open,
	}[e]
	if e == conformance.Expired {
		if err := w.Sim.MoveClock(ctx, p.ExpiresAt.Sub(w.Sim.Now())-time.Second); err != nil {
			return err
		}
	}
	if err := w.Sim.Settle(p.Number, outcome); err != nil {
		return err
	}
	return w.Sim.MoveClock(ctx, 0)
}

// Messages gives what was sent since it was last asked.
func (w *World) Messages(ctx context.Context) ([]contract.Message, error) {
	if err := w.Sim.MoveClock(ctx, 0); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.sent
	w.sent = nil
	return list, nil
}

// Repeat has the news of a payment sent once more.
func (w *World) Repeat(ctx context.Context, p contract.Payment) error {
	_, err := w.Sim.Notify(ctx, p.Number)
	return err
}

// Return is where the provider leads the browser.
func (w *World) Return(p contract.Payment) (contract.Message, bool) {
	u, err := url.Parse(w.Sim.Return(p.Number))
	if err != nil || u.Host == "" {
		return contract.Message{}, false
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}, true
}

// Books is what the provider knows of a payment.
func (w *World) Books(p contract.Payment) conformance.Books {
	books := w.Sim.Books()
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
func (w *World) ForgeNext(conformance.Forgery) bool { return false }

// Misreport has the next news name another amount.
func (w *World) Misreport(paid contract.Money) error {
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

// Strangers puts news of other orders before the next.
func (w *World) Strangers(n int) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.strangers = n
	return nil
}

// Close ends the provider.
func (w *World) Close() error { return w.Sim.Close() }

// Acknowledged takes OK and the number for a yes, or any 2xx to ResultUrl2.
func (w *World) Acknowledged(m contract.Message, r contract.WebhookResponse) bool {
	form, err := url.ParseQuery(m.Body)
	if number := form.Get("InvId"); err == nil && number != "" {
		return r.Status == http.StatusOK && r.Body == "OK"+number
	}
	return r.Status >= 200 && r.Status < 300
}

var (
	_ conformance.Follower     = (*World)(nil)
	_ conformance.Acknowledger = (*World)(nil)
)
