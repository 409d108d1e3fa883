package bench

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// BenchmarkTrips counts round trips to Redis. The gateway's alarms do not
// run, so that all of them are a request's own; a request whose count is
// not that of the one before it fails.
func BenchmarkTrips(b *testing.B) {
	p := newProxy(b, redistest.Server(b).Addr())
	at := newBank(b)
	t := tripper{gateway: newGateway(b, p.addr(), at), proxy: p, bank: at, callers: newCallers(b, 1)}
	t.order(b, spec(newReference(), "ideal", 4999)) // the bank's token is kept from here on
	for _, op := range []struct {
		name string
		// prepare does what comes before, and gives what is counted.
		prepare func(b *testing.B) (request func(b *testing.B))
	}{
		{"create", func(b *testing.B) func(*testing.B) {
			return func(b *testing.B) { t.order(b, spec(newReference(), "", 4999)) }
		}},
		{"create-with-a-key", func(b *testing.B) func(*testing.B) {
			return func(b *testing.B) {
				reference := newReference()
				t.order(b, spec(reference, "", 4999), "Idempotency-Key", reference)
			}
		}},
		{"create-superseding-a-changed-cart", func(b *testing.B) func(*testing.B) {
			reference := newReference()
			t.order(b, spec(reference, "", 4999))
			return func(b *testing.B) { t.order(b, spec(reference, "", 5000)) }
		}},
		{"cancel-an-order", func(b *testing.B) func(*testing.B) {
			id := t.order(b, spec(newReference(), "", 4999))
			return func(b *testing.B) { t.post(b, "/v1/orders/"+id+"/cancel", nil) }
		}},
		{"start-a-payment", func(b *testing.B) func(*testing.B) {
			id := t.order(b, spec(newReference(), "", 4999))
			return func(b *testing.B) { t.post(b, "/v1/orders/"+id+"/payments", []byte(`{"method":"ideal"}`)) }
		}},
		{"create-and-start-a-payment", func(b *testing.B) func(*testing.B) {
			return func(b *testing.B) { t.order(b, spec(newReference(), "ideal", 4999)) }
		}},
		{"webhook-of-one-result", t.paid},
	} {
		b.Run(op.name, func(b *testing.B) {
			last := int64(-1)
			for b.Loop() {
				request := op.prepare(b)
				before := p.trips.Load()
				request(b)
				got := p.trips.Load() - before
				if last >= 0 && got != last {
					b.Fatalf("got %d round trips after %d", got, last)
				}
				last = got
			}
			b.ReportMetric(0, "ns/op") // counts alone
			b.ReportMetric(float64(last), "round-trips")
		})
	}
}

// tripper speaks to a gateway whose Redis is behind a proxy.
type tripper struct {
	gateway gateway
	proxy   *proxy
	bank    bank
	callers callers
}

// post sends a request that has to go well.
func (t tripper) post(b *testing.B, path string, body []byte, headers ...string) []byte {
	b.Helper()
	status, answer, err := t.callers.post(t.gateway.url+path, body, headers...)
	if err != nil || status >= http.StatusMultipleChoices {
		b.Fatalf("%s: %d %s %v", path, status, answer, err)
	}
	return answer
}

// order makes one and gives its id.
func (t tripper) order(b *testing.B, body []byte, headers ...string) string {
	b.Helper()
	var o struct{ ID string }
	if err := json.Unmarshal(t.post(b, "/v1/orders", body, headers...), &o); err != nil {
		b.Fatal(err)
	}
	return o.ID
}

// paid has the consumer pay at the bank, and the bank tell of it.
func (t tripper) paid(b *testing.B) func(*testing.B) {
	b.Helper()
	var o struct {
		Payments []struct {
			ProviderReference string `json:"provider_reference"`
		}
	}
	if err := json.Unmarshal(t.post(b, "/v1/orders", spec(newReference(), "ideal", 4999)), &o); err != nil || len(o.Payments) != 1 {
		b.Fatalf("got %+v, %v", o, err)
	}
	if err := t.bank.Settle(o.Payments[0].ProviderReference, omnikassa.Success); err != nil {
		b.Fatal(err)
	}
	if err := t.bank.MoveClock(b.Context(), 0); err != nil { // nobody is told yet
		b.Fatal(err)
	}
	return func(b *testing.B) {
		if err := t.bank.SetWebhookURL(t.gateway.url + "/webhooks/rabo"); err != nil {
			b.Fatal(err)
		}
		sent, err := t.bank.Notify(b.Context(), omnikassa.NotifyAgain)
		if err != nil || len(sent) != 1 || !sent[0].Processed {
			b.Fatalf("the bank sent %+v, %v", sent, err)
		}
		if err := t.bank.SetWebhookURL(""); err != nil {
			b.Fatal(err)
		}
	}
}
