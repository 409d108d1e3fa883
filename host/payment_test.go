package host_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/simulator/omnikassa"
)

func TestPayment_success_shopIsTold(t *testing.T) {
	h := newHouse(t, options{})
	o := h.create("r-1")
	id := o["id"].(string)
	b := newBrowser(t).open(o["checkout_url"].(string))
	if !strings.Contains(b.text, "49,99") || !strings.Contains(b.text, "r-1") {
		t.Errorf("the page lacks amount or reference:\n%s", b.text)
	}
	b.press("method", "ideal").press("outcome", "success")
	o = h.wait(id, "paid")
	if got := o["captured"]; !same(got, 4999, "EUR") {
		t.Errorf("captured %v", got)
	}
	h.until("the shop is told", func() bool { return slices.Contains(h.shop.types(), "order.paid") })
	if want := []string{"order.pending", "capture.succeeded", "order.paid"}; !slices.Equal(h.shop.types(), want) {
		t.Errorf("told %v, want %v", h.shop.types(), want)
	}
	if rec, ok := h.bank.Books().Order(o["payments"].([]any)[0].(map[string]any)["provider_reference"].(string)); !ok || rec.Status != "COMPLETED" {
		t.Errorf("the bank's books: %+v", rec)
	}
}

func same(money any, value float64, currency string) bool {
	m, ok := money.(map[string]any)
	return ok && m["value"] == value && m["currency"] == currency
}

func TestPayment_cancelledThenPaidAtSecondAttempt(t *testing.T) {
	h := newHouse(t, options{})
	o := h.create("r-1")
	id := o["id"].(string)
	b := newBrowser(t).open(o["checkout_url"].(string)).press("method", "ideal").press("outcome", "cancelled")
	h.wait(id, "open")
	b.open(o["checkout_url"].(string)).press("method", "ideal").press("outcome", "success")
	o = h.wait(id, "paid")
	if n := len(o["payments"].([]any)); n != 2 {
		t.Errorf("%d payments, want 2", n)
	}
}

func TestPayment_consumerNeverReturns_isPaid(t *testing.T) {
	h := newHouse(t, options{})
	o := h.create("r-1")
	b := newBrowser(t).open(o["checkout_url"].(string)).press("method", "ideal")
	b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	b.press("outcome", "success")
	h.wait(o["id"].(string), "paid")
}

func TestPayment_openThenSuccess(t *testing.T) {
	h := newHouse(t, options{})
	o := h.create("r-1")
	id := o["id"].(string)
	newBrowser(t).open(o["checkout_url"].(string)).press("method", "ideal").press("outcome", "open")
	o = h.wait(id, "pending")
	ref := o["payments"].([]any)[0].(map[string]any)["provider_reference"].(string)
	if err := h.bank.Settle(ref, omnikassa.Success); err != nil {
		t.Fatal(err)
	}
	h.wait(id, "paid")
}
