package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

// A refund is told once: by a comment, and an offline credit memo (2.2, 4).
func TestRefund_once(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{Shipping: "5.00"})
	s.told(s.pays(5499))
	s.via.writes()
	e := s.refunds(1, 1250)
	s.told(e)
	if w := s.via.writes(); !slices.Equal(w, []string{"POST orders/1/comments", "POST order/1/refund"}) {
		t.Errorf("got %v", w)
	}
	body := s.via.posts[len(s.via.posts)-1]
	for _, part := range []string{`"adjustment_positive":"12.50"`, `"shipping_amount":0`, `"qty":0`, `"notify":false`} {
		if !strings.Contains(body, part) {
			t.Errorf("got %s, want %s in it", body, part)
		}
	}
	for range 2 {
		s.told(e)
	}
	if w := s.via.writes(); len(w) > 0 {
		t.Errorf("once more came to %v", w)
	}
	s.stands(magento.StateProcessing, "54.9900", "12.5000", 1, 1)
	if s.says("12.50 EUR was refunded (ref_1_1, RTX)") != 1 {
		t.Errorf("got %+v", s.shop().Comments)
	}
}

// All at once is all lines, whose stock the shop can count; what has no line is an
// amount alone.
func TestRefund_whole(t *testing.T) {
	t.Parallel()
	for _, fee := range []string{"", "1.00"} {
		s := newRig(t, magento.Draft{Shipping: "5.00", Fee: fee})
		s.told(s.pays(s.order.Amount.Value))
		s.told(s.refunds(1, s.order.Amount.Value))
		o := s.shop()
		s.stands(magento.StateClosed, o.GrandTotal, o.GrandTotal, 1, 1)
		if whole := !strings.Contains(s.via.posts[len(s.via.posts)-1], "items"); whole != (fee == "") {
			t.Errorf("fee %q: got %s", fee, s.via.posts[len(s.via.posts)-1])
		}
	}
}

// A lost answer among several refunds: each is recorded, and none twice.
func TestRefund_severalAndLost(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{true, false} {
		s := newRig(t, magento.Draft{})
		s.told(s.pays(4999))
		first, second := s.refunds(1, 1000), s.refunds(1, 2000)
		if s.via.lose = "/refund"; !done {
			s.via.lose, s.via.drop = "", "/refund"
		}
		s.fails(first, contract.ProviderUnavailable, "reset")
		for _, e := range []contract.Event{first, second, first, second} {
			s.told(e)
		}
		s.stands(magento.StateProcessing, "49.9900", "30.0000", 1, 2)
		if memos := s.shop().CreditMemos; memos[0].Total != "10.0000" || memos[1].Total != "20.0000" {
			t.Errorf("done %v: got %+v", done, memos)
		}
		if s.says("was refunded") != 2 {
			t.Errorf("done %v: got %+v", done, s.shop().Comments)
		}
	}
}

// The adjustment is in the base currency, the refund in the shopper's (1, 2.2).
func TestRefund_baseCurrency(t *testing.T) {
	t.Parallel()
	for charged, want := range map[string][2]string{inOrder: {"112.5000", "10.0000"}, inBase: {"112.5000", "10.0000"}} {
		s := newRig(t, magento.Draft{Method: "none"}) // so that the first order is no business of the gateway
		s.account.Settings["charged"] = charged
		s.place(magento.Draft{Currency: "SEK", BaseCurrency: "EUR", Rate: "11.25", Items: []magento.DraftItem{{SKU: "a", Price: "450.00"}}})
		all, part := int64(45000), int64(11250)
		if charged == inBase {
			all, part = 4000, 1000
		}
		if s.order.Amount.Value != all {
			t.Fatalf("%s: got %s", charged, s.order.Amount)
		}
		s.told(s.pays(all))
		s.told(s.refunds(1, part))
		o := s.shop()
		s.stands(magento.StateProcessing, "450.0000", want[0], 1, 1)
		if o.BaseRefunded != want[1] {
			t.Errorf("%s: got %+v", charged, o)
		}
		s.told(s.refunds(1, all-part))
		s.stands(magento.StateClosed, "450.0000", "450.0000", 1, 2)
	}
}

// What the shop has recorded itself is not recorded again, and a payment that it
// never had is not taken from it.
func TestRefund_recordedAlready(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	s.told(s.pays(4999))
	s.act(func(n string) (magento.OrderRecord, error) { return s.world.Sim.CreditMemo(n, "10.00", false) })
	s.told(s.refunds(1, 1000))
	s.stands(magento.StateProcessing, "49.9900", "10.0000", 1, 1)
	if s.says("shows it already") != 1 {
		t.Errorf("got %+v", s.shop().Comments)
	}
	second := s.pays(4999)
	second.Type = contract.OrderOverpaid
	s.told(second)
	s.told(s.refunds(2, 4999))
	s.stands(magento.StateProcessing, "49.9900", "10.0000", 1, 1)
}

func TestRefund_ofNothing(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]func(s *rig){"after a cancellation": func(s *rig) { s.act(s.world.Sim.Cancel) }, "never told": nil} {
		s := newRig(t, magento.Draft{})
		e := s.pays(4999)
		if before != nil {
			before(s)
			s.told(e)
		}
		s.told(s.refunds(1, 4999))
		if o := s.shop(); o.Refunded != none || len(o.CreditMemos) > 0 || s.says("holds no such payment") != 1 {
			t.Errorf("%s: got %+v", name, o)
		}
	}
	s := newRig(t, magento.Draft{})
	s.told(s.pays(4999))
	e := s.refunds(1, 1000)
	e.Amount.Currency = "USD"
	for range 2 {
		s.fails(e, contract.Conflict, "not of what was paid")
	}
	s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
	if s.says("not of what was paid") != 1 {
		t.Errorf("got %+v", s.shop().Comments)
	}
}

// A refused credit memo is a final failure, said in the shop too; one that somebody
// made meanwhile is no failure.
func TestRefund_refused(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	s.told(s.pays(4999))
	script(s, "refund", 400, `{"message":"The most money available to refund is %1.","parameters":["3.00"]}`)
	e := s.refunds(1, 1000)
	s.fails(e, contract.InvalidRequest, "available to refund is 3.00.")
	script(s, "refund", 400, `{"message":"The most money available to refund is %1.","parameters":["3.00"]}`)
	s.fails(e, contract.InvalidRequest, "available to refund is 3.00.")
	if s.says("The shop refuses the credit memo: The most money available to refund is 3.00.") != 1 {
		t.Errorf("got %+v", s.shop().Comments)
	}
	s.told(e)
	s.stands(magento.StateProcessing, "49.9900", "10.0000", 1, 1)

	s = newRig(t, magento.Draft{})
	s.told(s.pays(4999))
	s.via.to = &between{to: s.world, path: "/refund", do: func() {
		s.act(func(n string) (magento.OrderRecord, error) { return s.world.Sim.CreditMemo(n, "49.99", false) })
	}}
	s.told(s.refunds(1, 4999))
	s.stands(magento.StateClosed, "49.9900", "49.9900", 1, 1)
}

// Amounts of currencies without decimals, and with three.
func TestRefund_decimals(t *testing.T) {
	t.Parallel()
	for currency, want := range map[string][2]string{"JPY": {"5000.0000", "1234.0000"}, "TND": {"5.0000", "1.2300"}} {
		s := newRig(t, magento.Draft{Currency: currency, Items: []magento.DraftItem{{SKU: "a", Price: strings.TrimSuffix(want[0], ".0000")}}})
		part := int64(1234)
		if currency == "TND" {
			part = 1230
		}
		s.told(s.pays(5000))
		s.told(s.refunds(1, part))
		s.stands(magento.StateProcessing, want[0], want[1], 1, 1)
	}
}
