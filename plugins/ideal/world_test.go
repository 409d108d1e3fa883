package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/control"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// bank is the address at which the simulator stands in for the bank.
const bank = "https://api.pay.rabobank.nl"

// account is the demonstration shop's.
func account() *conformance.Account {
	return &conformance.Account{
		Settings: map[string]any{"environment": "test", "base_url": bank},
		Secrets:  map[string]string{"refresh_token": omnikassa.DemoRefreshToken, "signing_key": omnikassa.DemoSigningKey},
	}
}

// world is the simulator of the bank, and a hand on its wire.
type world struct {
	sim *omnikassa.Simulator
	api http.RoundTripper

	mu    sync.Mutex
	sent  []contract.Message
	pages map[string]string // payment page by merchantOrderId
	// edits change the next page of results that holds any.
	edits []func(page map[string]any)
}

func newWorld() (conformance.World, error) {
	w := &world{pages: map[string]string{}}
	sim, err := omnikassa.New(omnikassa.Config{
		PublicURL: bank, WebhookURL: "https://pay.example/webhooks/acc_1",
		Now: func() time.Time { return conformance.Start }, Client: &http.Client{Transport: hook{w}},
	})
	if err != nil {
		return nil, err
	}
	w.sim, w.api = sim, conformance.Handler(sim)
	return w, nil
}

// hook takes the bank's notifications.
type hook struct{ *world }

func (h hook) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, contract.Message{
		Method: r.Method, Path: r.URL.Path, Headers: map[string][]string{"content-type": {r.Header.Get("Content-Type")}}, Body: string(body), RemoteIP: "192.0.2.9",
	})
	return httptest.NewRecorder().Result(), nil
}

// RoundTrip answers the plugin. It notes payment pages, and edits results.
func (w *world) RoundTrip(r *http.Request) (*http.Response, error) {
	var asked struct {
		MerchantOrderID string `json:"merchantOrderId"`
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_ = json.Unmarshal(body, &asked)
	r.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := w.api.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	var answer map[string]any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	_ = d.Decode(&answer)
	w.mu.Lock()
	defer w.mu.Unlock()
	if page, ok := answer["redirectUrl"].(string); ok {
		w.pages[asked.MerchantOrderID] = page
	}
	if results, _ := answer["orderResults"].([]any); len(results) > 0 && len(w.edits) > 0 {
		w.edits[0](answer)
		w.edits = w.edits[1:]
		if text, err = json.Marshal(answer); err != nil {
			return nil, err
		}
	}
	resp.Body = io.NopCloser(bytes.NewReader(text))
	return resp, nil
}

func (w *world) Now() time.Time { return w.sim.Now() }

func (w *world) Advance(ctx context.Context, d time.Duration) error { return w.sim.MoveClock(ctx, d) }

func (w *world) End(ctx context.Context, p contract.Payment, e conformance.Ending) error {
	outcome := map[conformance.Ending]omnikassa.Outcome{
		conformance.Paid: omnikassa.Success, conformance.Cancelled: omnikassa.Cancelled, conformance.Expired: omnikassa.Expired,
		conformance.Declined: omnikassa.Failed, conformance.Open: omnikassa.Open,
	}[e]
	if err := w.sim.Settle(p.Reference, outcome); err != nil {
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
	if err := w.sim.Requeue(p.Reference); err != nil {
		return err
	}
	_, err := w.sim.Notify(ctx, omnikassa.NotifyAgain)
	return err
}

// Return opens the payment page, which leads back where all is done.
func (w *world) Return(p contract.Payment) (contract.Message, bool) {
	w.mu.Lock()
	page := w.pages[p.Reference]
	w.mu.Unlock()
	back := visit(w.sim, strings.TrimPrefix(page, bank)).gone
	u, err := url.Parse(back)
	if err != nil || back == "" {
		return contract.Message{}, false
	}
	return contract.Message{Method: "GET", Path: u.Path, Query: u.RawQuery}, true
}

func (w *world) Books(p contract.Payment) conformance.Books {
	books := w.sim.Books()
	o, ok := books.Order(p.Reference)
	out := conformance.Books{Known: ok, ProviderReference: o.ID, Captured: contract.Money{Currency: "EUR"}, Refunded: contract.Money{Currency: "EUR"}}
	if o.Status == "COMPLETED" {
		out.Captured.Value = o.Announcement.Amount
	}
	for _, t := range o.Transactions {
		for _, f := range books.Refunds {
			if f.TransactionID == t.ID && f.Status != "FAILED" {
				out.Refunds++
				out.Refunded.Value += f.Amount
			}
		}
	}
	return out
}

func (w *world) ForgeNext(f conformance.Forgery) bool {
	w.edits = append(w.edits, func(page map[string]any) {
		if f != conformance.ForgedContent {
			page["signature"] = forged(f, page["signature"].(string), strings.Join(pageValues(page), ","))
			return
		}
		first := page["orderResults"].([]any)[0].(map[string]any)
		first["orderStatus"], first["paidAmount"] = "COMPLETED", first["totalAmount"]
	})
	return true
}

func (w *world) Misreport(paid contract.Money) error {
	w.edits = append(w.edits, func(page map[string]any) {
		first := page["orderResults"].([]any)[0].(map[string]any)
		first["paidAmount"] = map[string]any{"currency": paid.Currency, "amount": fmt.Sprint(paid.Value)}
		page["signature"] = sign(omnikassa.DemoSigningKey, strings.Join(pageValues(page), ","))
	})
	return nil
}

func (w *world) Strangers(n int) error {
	return w.sim.Faults().Set(control.Fault{Name: "many_results", Call: "pull", Times: 1, Count: n})
}

func (w *world) Close() error { return w.sim.Close() }

// Forge changes a notification or a return.
func (w *world) Forge(m contract.Message, f conformance.Forgery) contract.Message {
	if m.Method == http.MethodGet {
		q, _ := url.ParseQuery(m.Query)
		old := q.Get("signature")
		if m.Query = strings.Replace(m.Query, old, forged(f, old, q.Get("order_id")+","+q.Get("status")), 1); f == conformance.ForgedContent {
			m.Query = strings.Replace(m.Query, "status="+q.Get("status"), "status=COMPLETED", 1)
		}
		return m
	}
	var n struct {
		Authentication, Expiry, EventName, Signature string
		POIID                                        json.Number `json:"poiId"`
	}
	_ = json.Unmarshal([]byte(m.Body), &n)
	data := strings.Join([]string{n.Authentication, n.Expiry, n.EventName, n.POIID.String()}, ",")
	if m.Body = strings.Replace(m.Body, n.Signature, forged(f, n.Signature, data), 1); f == conformance.ForgedContent {
		m.Body = strings.Replace(m.Body, `"poiId":5000`, `"poiId":5001`, 1)
	}
	return m
}

// forged makes another signature of one over data.
func forged(f conformance.Forgery, signature, data string) string {
	const foreign = "YW5vdGhlciBzaG9wJ3Mgc2lnbmluZyBrZXkh"
	switch f {
	case conformance.ForgedBad:
		if strings.HasPrefix(signature, "0") {
			return "1" + signature[1:]
		}
		return "0" + signature[1:]
	case conformance.ForgedMissing:
		return ""
	case conformance.ForgedCut:
		return signature[:len(signature)-1]
	case conformance.ForgedForeign:
		return sign(foreign, data)
	}
	return signature
}

// pageValues are the signed values of a page, in order.
func pageValues(page map[string]any) []string {
	values := []string{fmt.Sprint(page["moreOrderResultsAvailable"])}
	add := func(from map[string]any, names ...string) {
		for _, path := range names {
			name, inner, _ := strings.Cut(path, ".")
			v := from[name]
			if m, ok := v.(map[string]any); ok || inner != "" {
				v = m[inner]
			}
			if v == nil {
				v = ""
			}
			values = append(values, fmt.Sprint(v))
		}
	}
	for _, r := range page["orderResults"].([]any) {
		r := r.(map[string]any)
		add(r, "merchantOrderId", "omnikassaOrderId", "poiId", "orderStatus", "orderStatusDateTime", "errorCode",
			"paidAmount.currency", "paidAmount.amount", "totalAmount.currency", "totalAmount.amount")
		list, _ := r["transactions"].([]any)
		for _, t := range list {
			add(t.(map[string]any), "id", "paymentBrand", "type", "status", "amount.currency", "amount.amount",
				"confirmedAmount.currency", "confirmedAmount.amount", "startTime", "lastUpdateTime")
		}
	}
	return values
}

// sign is the bank's signature, by the test's own code.
func sign(key, data string) string {
	secret, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		panic(err)
	}
	mac := hmac.New(sha512.New, secret)
	mac.Write([]byte(data))
	return hex.EncodeToString(mac.Sum(nil))
}

var _ conformance.World = (*world)(nil)
