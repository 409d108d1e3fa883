package magento

import (
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/platforms/internal/shoptest"
)

// TestPayment pays, gives up, refunds and cancels at a real gateway with a
// plugin and its provider: what the module sends is taken there, and what the
// gateway tells is understood.
func TestPayment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gateway := shoptest.House(t, s.url)
	owner := newShopper(t, s)
	settings := map[string]string{"active": "1", "url": gateway, "test_key": shoptest.APIKey, "test_secret": shoptest.NoticeSecret, "choice": "shop"}
	if got := owner.do("configure", map[string]any{"settings": settings}); got.Methods != 2 {
		t.Fatalf("the connection: got %+v, want two methods", got)
	}
	t.Run("paid and refunded", func(t *testing.T) { paysAndRefunds(t, s) })
	t.Run("given up, then paid by the page of choice", func(t *testing.T) { givesUp(t, s) })
	t.Run("cancelled by the shop", func(t *testing.T) { cancels(t, s) })
}

func paysAndRefunds(t *testing.T, s site) {
	v := newShopper(t, s)
	o := v.do("place", map[string]any{"chosen": map[string]string{"kassette_method": "ideal"}})
	v.Open(s.url + "/kassette/redirect") // straight to the bank
	v.Press("outcome", "success")
	v.Back(s.url, "/checkout/onepage/success")
	o = v.until(o.ID, "processing/processing")
	if len(o.Invoices) != 1 || o.Invoices[0] == "" || o.Paid != "49.9900" || o.Mails != 1 {
		t.Errorf("the paid order: %+v", o)
	}
	if got := v.do("refund", map[string]any{"id": o.ID, "amount": "2.5000"}); got.Error != "" {
		t.Errorf("refund: %s", got.Error)
	}
	if got := v.do("refund", map[string]any{"id": o.ID, "amount": "47.5000"}); got.Error == "" {
		t.Error("more was refunded than was left")
	}
	if got := v.do("refund", map[string]any{"id": o.ID, "amount": "47.4900"}); got.Error != "" {
		t.Errorf("refund of the rest: %s", got.Error)
	}
	v.do("cron", nil)
	o = v.until(o.ID, "closed/closed")
	if want := []string{"2.5000", "47.4900"}; !slices.Equal(o.Creditmemos, want) || len(o.Invoices) != 1 {
		t.Errorf("credit memos %v and invoices %v, want %v and one", o.Creditmemos, o.Invoices, want)
	}
}

func givesUp(t *testing.T, s site) {
	v := newShopper(t, s)
	o := v.do("place", map[string]any{"chosen": map[string]string{"kassette_method": "ideal"}})
	v.Open(s.url + "/kassette/redirect")
	v.Press("outcome", "cancelled")
	shoptest.Eventually(t, "the gateway offers another try", func() bool {
		if strings.Contains(v.Page, `name="method"`) {
			return true
		}
		v.Open(v.At.String()) // it waits for the bank's word, and has a way back to the shop too
		return false
	})
	v.Follow(s.url + "/kassette/return")
	v.Back(s.url, "/checkout/cart")
	o = v.until(o.ID, "canceled/canceled")
	if len(o.Invoices) != 0 || o.Paid != "" {
		t.Errorf("the order that was given up: %+v", o)
	}
	o = v.do("place", nil)
	v.Open(s.url + "/kassette/redirect")
	v.Press("method", "ideal") // at the gateway's own page
	v.Press("outcome", "success")
	v.Back(s.url, "/checkout/onepage/success")
	if o = v.until(o.ID, "processing/processing"); len(o.Invoices) != 1 {
		t.Errorf("the second order: %+v", o)
	}
}

func cancels(t *testing.T, s site) {
	v := newShopper(t, s)
	o := v.do("place", nil)
	v.Open(s.url + "/kassette/redirect")
	pay := v.At.String()
	if o = v.do("cancel", map[string]any{"id": o.ID}); o.Outbox != 0 {
		t.Errorf("the gateway has not heard of the cancellation: %+v", o)
	}
	v.Open(pay)
	if strings.Contains(v.Page, `name="method"`) {
		t.Error("a cancelled order can still be paid at the gateway")
	}
}
