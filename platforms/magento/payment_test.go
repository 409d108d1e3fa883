package magento

import (
	"slices"
	"strings"
	"testing"
)

// TestPayment pays, gives up, refunds and cancels at a real gateway with a
// plugin and its provider: what the module sends is taken there, and what the
// gateway tells is understood.
func TestPayment(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	gateway := newHouse(t, s.url)
	owner := newShopper(t, s)
	settings := map[string]string{"active": "1", "url": gateway, "test_key": apiKey, "test_secret": noticeSecret, "choice": "shop"}
	if got := owner.do("configure", map[string]any{"settings": settings}); got.Methods != 1 {
		t.Fatalf("the connection: got %+v, want one method", got)
	}
	t.Run("paid and refunded", func(t *testing.T) { paysAndRefunds(t, s) })
	t.Run("given up, then paid by the page of choice", func(t *testing.T) { givesUp(t, s) })
	t.Run("cancelled by the shop", func(t *testing.T) { cancels(t, s) })
}

func paysAndRefunds(t *testing.T, s site) {
	v := newShopper(t, s)
	o := v.do("place", map[string]any{"chosen": map[string]string{"kassette_method": "ideal"}})
	v.open(s.url + "/kassette/redirect") // straight to the bank
	v.press("outcome", "success")
	v.back("/checkout/onepage/success")
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
	v.open(s.url + "/kassette/redirect")
	v.press("outcome", "cancelled")
	eventually(t, "the gateway offers another try", func() bool {
		if strings.Contains(v.page, `name="method"`) {
			return true
		}
		v.open(v.at.String()) // it waits for the bank's word, and has a way back to the shop too
		return false
	})
	v.follow(s.url + "/kassette/return")
	v.back("/checkout/cart")
	o = v.until(o.ID, "canceled/canceled")
	if len(o.Invoices) != 0 || o.Paid != "" {
		t.Errorf("the order that was given up: %+v", o)
	}
	o = v.do("place", nil)
	v.open(s.url + "/kassette/redirect")
	v.press("method", "ideal") // at the gateway's own page
	v.press("outcome", "success")
	v.back("/checkout/onepage/success")
	if o = v.until(o.ID, "processing/processing"); len(o.Invoices) != 1 {
		t.Errorf("the second order: %+v", o)
	}
}

func cancels(t *testing.T, s site) {
	v := newShopper(t, s)
	o := v.do("place", nil)
	v.open(s.url + "/kassette/redirect")
	pay := v.at.String()
	if o = v.do("cancel", map[string]any{"id": o.ID}); o.Outbox != 0 {
		t.Errorf("the gateway has not heard of the cancellation: %+v", o)
	}
	v.open(pay)
	if strings.Contains(v.page, `name="method"`) {
		t.Error("a cancelled order can still be paid at the gateway")
	}
}
