package bench

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// operation is a request whose round trips are counted.
type operation struct {
	name string
	// want is how many it takes: a rise is a cost that somebody has to mean.
	want int64
	// prepare does what comes before, and gives what is counted.
	prepare func(b testing.TB) (request func(b testing.TB))
}

// operations are counted with the bank's token kept already.
func (t tripper) operations() []operation {
	return []operation{
		{"create", 1, func(testing.TB) func(testing.TB) {
			return func(b testing.TB) { t.order(b, spec(newReference(), "", 4999)) }
		}},
		{"create-with-a-key", 2, func(testing.TB) func(testing.TB) { // and the key's claim
			return func(b testing.TB) {
				reference := newReference()
				t.order(b, spec(reference, "", 4999), "Idempotency-Key", reference)
			}
		}},
		{"create-superseding-a-changed-cart", 3, func(b testing.TB) func(testing.TB) { // and two more
			reference := newReference()
			t.order(b, spec(reference, "", 4999))
			return func(b testing.TB) { t.order(b, spec(reference, "", 5000)) }
		}},
		{"cancel-an-order", 2, func(b testing.TB) func(testing.TB) { // a transition: read, commit
			id := t.order(b, spec(newReference(), "", 4999))
			return func(b testing.TB) { t.post(b, "/v1/orders/"+id+"/cancel", nil) }
		}},
		// Read, reserve, the kept token; intent and answer of the announcement;
		// the bank's reference, commit, orphans of that reference.
		{"start-a-payment", 8, func(b testing.TB) func(testing.TB) {
			id := t.order(b, spec(newReference(), "", 4999))
			return func(b testing.TB) { t.post(b, "/v1/orders/"+id+"/payments", []byte(`{"method":"ideal"}`)) }
		}},
		{"create-and-start-a-payment", 8, func(testing.TB) func(testing.TB) { // the read is spared
			return func(b testing.TB) { t.order(b, spec(newReference(), "ideal", 4999)) }
		}},
		{"webhook-of-one-result", 13, t.paid},
	}
}

// newTripper is a gateway whose alarms do not run, so that all round trips are
// a request's own.
func newTripper(b testing.TB) tripper {
	b.Helper()
	p := newProxy(b, redistest.Server(b).Addr())
	at := newBank(b)
	t := tripper{gateway: newGateway(b, p.addr(), at), proxy: p, bank: at, callers: newCallers(b, 1)}
	t.order(b, spec(newReference(), "ideal", 4999)) // the bank's token is kept from here on
	return t
}

// count runs an operation once.
func (t tripper) count(b testing.TB, op operation) int64 {
	b.Helper()
	request := op.prepare(b)
	before := t.proxy.trips.Load()
	request(b)
	return t.proxy.trips.Load() - before
}

// TestTrips holds requests to the round trips that the design of the state
// gives them.
func TestTrips(t *testing.T) {
	t.Parallel()
	r := newTripper(t)
	for _, op := range r.operations() {
		if got := r.count(t, op); got != op.want {
			t.Errorf("%s: got %d round trips, want %d", op.name, got, op.want)
		}
	}
}

// BenchmarkTrips tells them for the table of numbers.
func BenchmarkTrips(b *testing.B) {
	t := newTripper(b)
	for _, op := range t.operations() {
		b.Run(op.name, func(b *testing.B) {
			for b.Loop() {
				if got := t.count(b, op); got != op.want {
					b.Fatalf("got %d round trips, want %d", got, op.want)
				}
			}
			b.ReportMetric(0, "ns/op") // counts alone
			b.ReportMetric(float64(op.want), "round-trips")
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
func (t tripper) post(b testing.TB, path string, body []byte, headers ...string) []byte {
	b.Helper()
	status, answer, err := t.callers.post(t.gateway.url+path, body, headers...)
	if err != nil || status >= http.StatusMultipleChoices {
		b.Fatalf("%s: %d %s %v", path, status, answer, err)
	}
	return answer
}

// order makes one and gives its id.
func (t tripper) order(b testing.TB, body []byte, headers ...string) string {
	b.Helper()
	var o struct{ ID string }
	if err := json.Unmarshal(t.post(b, "/v1/orders", body, headers...), &o); err != nil {
		b.Fatal(err)
	}
	return o.ID
}

// paid has the consumer pay at the bank, and the bank tell of it.
func (t tripper) paid(b testing.TB) func(testing.TB) {
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
	return func(b testing.TB) {
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
