package host_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store/redistest"
	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

// Taking a plugin's file away takes its method away at the next start. What
// is open goes on from the bytes in the state: news is booked, the consumer's
// return leads on, a refund is made.
func TestPluginFileDeleted_methodIsGone_openPaymentsGoOn(t *testing.T) {
	t.Parallel()
	redis := redistest.Server(t)
	opt := options{redis: redis.URL(), stateKey: seal.NewKey().Secret(), addr: freeAddr(t)}
	first := newHouse(t, opt)
	paid := first.paid("r-1")
	pending := first.create("r-2")
	id := pending["id"].(string)
	bank := newBrowser(t).open(pending["checkout_url"].(string)).press("method", "ideal")
	left := first.create("r-3")
	first.stop()

	opt.dir, opt.bankAs = t.TempDir(), first
	h := newHouse(t, opt)
	if a := h.send("GET", "/v1/methods?amount=4999&currency=EUR", ""); a.Status != http.StatusOK || len(a.Body["items"].([]any)) != 0 {
		t.Errorf("methods: %d %s", a.Status, a.Raw)
	}
	if a := h.send("POST", "/v1/orders/"+left["id"].(string)+"/payments", `{"method": "ideal"}`); a.Status != 422 || a.text("reason") != "unknown" {
		t.Errorf("a payment by what is gone: %d %s", a.Status, a.Raw)
	}
	if b := newBrowser(t).open(left["checkout_url"].(string)); b.code != http.StatusOK || strings.Contains(b.text, `value="ideal"`) {
		t.Errorf("the page offers what is gone: %d %s", b.code, b.words())
	}

	bank.press("outcome", "success")
	o := h.wait(id, "paid")
	if !same(o["captured"], 4999, "EUR") || len(payments(o)) != 1 {
		t.Errorf("captured %v in %d payments", o["captured"], len(payments(o)))
	}
	if !strings.HasPrefix(bank.at.String(), h.shop.URL+"/thanks") {
		h.until("the return leads to the shop", func() bool {
			return strings.HasPrefix(newBrowser(t).open(pending["checkout_url"].(string)+"/return/"+payments(o)[0]["id"].(string)).at.String(), h.shop.URL+"/thanks")
		})
	}
	a := h.send("POST", "/v1/orders/"+paid["id"].(string)+"/refunds", `{"amount": {"value": 1000, "currency": "EUR"}}`, "Idempotency-Key", "k-1")
	if a.Status != http.StatusCreated || len(h.bank.Books().Refunds) != 1 {
		t.Errorf("refund: %d %s, in the bank's books %v", a.Status, a.Raw, h.bank.Books().Refunds)
	}
	h.until("the shop is told of both", func() bool { return count(h.shop.types(), "order.paid") == 2 })
	if rec, ok := h.bank.Books().Order(payments(o)[0]["provider_reference"].(string)); !ok || rec.Status != "COMPLETED" {
		t.Errorf("the bank's books: %+v, want %s", rec, omnikassa.Success)
	}
}
