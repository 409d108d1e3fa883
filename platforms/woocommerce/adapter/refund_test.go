package main

import (
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// refunding is a shop whose own gateway pays refunds out by itself (1.5).
func refunding(c *woocommerce.Config) {
	c.Gateways = []woocommerce.Gateway{{ID: "bacs", Title: "Transfer", Refunds: true}}
}

func refundEvent(n int64, id string, m contract.Money) contract.Event {
	return contract.Event{Number: n, Type: contract.RefundSucceeded, Operation: id, Amount: m}
}

// Acceptance 4: api_refund is true where it is missing, and money would go twice.
func TestRefund_isRecordedAlone(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r conformance.Runner) {
		for currency, want := range map[string]string{"EUR": "2.50", "JPY": "250", "TND": "0.250"} {
			d := newDesk(t, refunding, func(c *woocommerce.Config) { c.Currency = currency })
			d.runner = r
			id := d.place(woocommerce.Cart{Status: "processing"})
			o := with(orderOf(d.shop(id)), "paid", "captured")
			o.Payments[0].Refunds = []contract.OrderOperation{{ID: "ref_1", Reason: "broken\nleg", Status: contract.OperationSucceeded}}
			d.delivered(d.tellOf(o, refundEvent(5, "ref_1", contract.Money{Value: 250, Currency: currency})))
			if body := d.sent("POST"); !strings.Contains(body, `"api_refund":false`) || !strings.Contains(body, `"api_restock":false`) || !strings.Contains(body, `"amount":"`+want+`"`) {
				t.Errorf("sent %s", body)
			}
			got := d.shop(id)
			if len(got.Refunds) != 1 || got.Refunds[0].Amount != want || got.Refunds[0].Paid || len(d.sim.Books().Payouts) > 0 || got.Status != "processing" {
				t.Errorf("got %+v, payouts %+v", got, d.sim.Books().Payouts)
			}
			if got.Refunds[0].Reason != "Refunded through Kassette (ref_1). broken leg" || string(got.Refunds[0].Meta[metaRefund]) != `"ref_1"` {
				t.Errorf("got %+v", got.Refunds[0])
			}
		}
	})
}

// 1.5: there is no idempotency key, so that our own mark is looked for.
func TestRefund_knownByItsMark(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.place(woocommerce.Cart{Status: "processing"})
	o := with(orderOf(d.shop(id)), "paid", "captured")
	part := contract.Money{Value: 250, Currency: "EUR"}
	if err := d.sim.Refund(id, "2.50", "by hand", false); err != nil { // somebody's own
		t.Fatal(err)
	}
	for range 2 {
		d.delivered(d.tellOf(o, refundEvent(5, "ref_1", part)))
	}
	d.delivered(d.tellOf(o, refundEvent(6, "ref_2", part)))
	if err := d.sim.Refund(id, "1.00", "The extension's note: (ref_3)", false); err != nil { // its mark is in the reason
		t.Fatal(err)
	}
	d.delivered(d.tellOf(o, refundEvent(7, "ref_3", part)))
	if len(d.writes()) > 0 {
		t.Errorf("a refund that is there was written: %v", d.writes())
	}
	if got := d.shop(id).Refunds; len(got) != 4 {
		t.Errorf("got %+v, want one by hand, two of ours and one of the extension", got)
	}
	// An operator has an event of long ago told again: it is recorded all the same.
	d.delivered(d.tell(o, 9, contract.OrderPaid))
	d.delivered(d.tellOf(o, refundEvent(8, "ref_4", part)))
	if got := d.shop(id).Refunds; len(got) != 5 {
		t.Errorf("got %+v", got)
	}
}

// The rest moves the order to refunded by itself (1.5).
func TestRefund_full(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.place(woocommerce.Cart{Status: "completed"})
	o := with(orderOf(d.shop(id)), "paid", "captured")
	d.delivered(d.tellOf(o, refundEvent(5, "ref_1", o.Amount)))
	if got := d.shop(id); got.Status != "refunded" || len(got.Refunds) != 1 {
		t.Errorf("got %+v", got)
	}
}

// Acceptance 5: a refund above what is left is a 500, and final. People read of it.
func TestRefund_refusedByTheShop(t *testing.T) {
	t.Parallel()
	for name, m := range map[string]contract.Money{"too much": {Value: 1251, Currency: "EUR"}, "another currency": {Value: 250, Currency: "USD"}} {
		d := newDesk(t)
		id := d.place(woocommerce.Cart{Status: "processing"})
		o := with(orderOf(d.shop(id)), "paid", "captured")
		for range 2 {
			_, err := d.tellOf(o, refundEvent(5, "ref_1", m))
			if f := failure(t, err); f.Code != contract.Declined {
				t.Errorf("%s: got %+v", name, f)
			}
		}
		if got := d.shop(id); len(got.Refunds) > 0 || len(got.Notes) != 1 || !strings.Contains(got.Notes[0].Text, "could not record it") {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

func TestTellShop_whatPeopleShouldSee(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		event contract.Event
		says  string
	}{
		{contract.Event{Type: contract.CaptureFailed, Amount: contract.Money{Value: 250, Currency: "EUR"}, Detail: "card\nexpired"}, "the capture of 2.50 EUR failed: card expired"},
		{contract.Event{Type: contract.RefundFailed, Operation: "ref_1", Amount: contract.Money{Value: 250, Currency: "EUR"}}, "ATTENTION: the refund of 2.50 EUR (ref_1) failed"},
		{contract.Event{Type: contract.ChargebackOpened, Payment: "pay_1", Amount: contract.Money{Value: 250, Currency: "EUR"}}, "ATTENTION: 2.50 EUR was charged back"},
		{contract.Event{Type: contract.OrderOverpaid, Detail: "overpaid: a second payment of 12.50 EUR"}, "ATTENTION: overpaid: a second payment"},
		{contract.Event{Type: contract.OrderAttend}, "ATTENTION: look at the order at the gateway. money for nobody [orphan]"},
	} {
		d := newDesk(t)
		id := d.place(woocommerce.Cart{Status: "processing"})
		o := with(orderOf(d.shop(id)), "paid", "captured")
		o.Attention = []contract.OrderAttention{{Code: "orphan", Message: "money for nobody"}}
		c.event.Number = 5
		for range 2 {
			d.delivered(d.tellOf(o, c.event))
		}
		if got := d.shop(id); len(got.Notes) != 1 || !strings.Contains(got.Notes[0].Text, c.says) || got.Notes[0].Customer || got.Status != "processing" {
			t.Errorf("%s: got %+v", c.event.Type, got.Notes)
		}
	}
}
