package main

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/plugintest"
	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/magento"
)

const none = "0.0000"

// TestTell_life is an order's whole life, natively and in Wasm.
func TestTell_life(t *testing.T) {
	t.Parallel()
	plugintest.BothWays(t, provider{}, func(t *testing.T, r conformance.Runner) {
		s := newRigWith(t, r, magento.Draft{Shipping: "5.00"})
		s.account.Settings["mail_pay_link"] = false
		s.told(s.event(contract.OrderOpen))
		s.told(s.event(contract.OrderPending))
		s.told(s.event(contract.OrderAuthorized))
		s.stands(magento.StatePendingPayment, none, none, 0, 0)
		s.told(s.pays(5499))
		s.stands(magento.StateProcessing, "54.9900", none, 1, 0)
		if got := s.shop().Invoices[0].Comment; !strings.Contains(got, "TX-1") || s.says("transaction TX-1") != 1 {
			t.Errorf("the transaction is not there: invoice %q, comments %+v", got, s.shop().Comments)
		}
		s.told(s.refunds(1, 250))
		s.stands(magento.StateProcessing, "54.9900", "2.5000", 1, 1)
		s.told(s.refunds(1, 5249))
		s.stands(magento.StateClosed, "54.9900", "54.9900", 1, 2)
	})
}

// An order that can be paid has its pay link once, for the shop's people and for
// the shopper, whose answer may be lost; one that awaits no payment has none.
func TestTell_open(t *testing.T) {
	t.Parallel()
	comments := "POST orders/1/comments"
	for name, tt := range map[string]struct {
		given func(s *rig)
		want  []string
		mails int
	}{
		"no mail wanted":      {func(s *rig) { s.account.Settings["mail_pay_link"] = false }, []string{comments}, 0},
		"expired since":       {func(s *rig) { s.order.Status = contract.OrderStatusExpired }, nil, 0},
		"cancelled meanwhile": {func(s *rig) { _, _ = s.world.Sim.Cancel(s.number) }, nil, 0},
		"a lost answer": {func(s *rig) {
			s.via.lose = "comments"
			s.fails(s.event(contract.OrderOpen), contract.ProviderUnavailable, "")
			s.via.writes()
		}, []string{comments}, 1},
		"open": {func(*rig) {}, []string{comments, comments}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newRig(t, magento.Draft{})
			tt.given(s)
			s.told(s.event(contract.OrderOpen))
			if w := s.via.writes(); !slices.Equal(w, tt.want) {
				t.Errorf("it came to %v, want %v", w, tt.want)
			}
			s.told(s.event(contract.OrderOpen))
			if w := s.via.writes(); len(w) > 0 || s.shop().Mails != tt.mails {
				t.Errorf("told again it came to %v and %d mails, want %d", w, s.shop().Mails, tt.mails)
			}
			for _, c := range s.shop().Comments {
				if !strings.Contains(c.Text, s.order.CheckoutURL) || c.Visible != c.Notified {
					t.Errorf("got %+v", c)
				}
			}
		})
	}
}

// An invoice with a capture would charge the consumer again (2.2).
func TestTell_paid_neverCaptures(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	s.told(s.pays(4999))
	if w := s.via.writes(); !slices.Equal(w, []string{"POST order/1/invoice", "POST orders/1/comments"}) {
		t.Errorf("got %v", w)
	}
	if !strings.Contains(s.via.posts[0], `"capture":false`) || !strings.Contains(s.via.posts[0], `"notify":false`) {
		t.Errorf("got %s", s.via.posts[0])
	}
	s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
}

// What was told is delivered again without a write, as is older news.
func TestTell_oldNews(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	pending, paid := s.event(contract.OrderPending), s.pays(4999)
	s.told(paid)
	s.via.writes()
	for _, e := range []contract.Event{paid, pending, paid} {
		s.told(e)
	}
	if w := s.via.writes(); len(w) > 0 {
		t.Errorf("old news came to %v", w)
	}
	s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
}

// A mark counts for its own order alone, up to the order's version, and only in
// comments that shoppers cannot write.
func TestTell_marksOfOthers(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"another order": "x [kassette ord_9999.9]", "beyond the order": "x [kassette ord_0001.99]", "no number": "x [kassette ord_0001.x]", "zero": "x [kassette ord_0001.0]",
		"in the middle": "[kassette ord_0001.2] x", "not closed": "[kassette ord_0001.2", "a memo not reached": "x [kassette ord_0001.2 to 1.00]", "no amount": "x [kassette ord_0001.2 to y]",
	} {
		s := newRig(t, magento.Draft{})
		if _, err := s.world.Sim.Comment(s.number, text); err != nil {
			t.Fatal(err)
		}
		s.told(s.pays(4999))
		if o := s.shop(); len(o.Invoices) != 1 {
			t.Errorf("%s: the payment was taken for told", name)
		}
	}
	s := newRig(t, magento.Draft{})
	visible := `{"statusHistory":{"comment":"hello [kassette ord_0001.2]","status":"pending_payment","is_visible_on_front":1}}`
	drivePost(s, "orders/1/comments", visible)
	s.told(s.pays(4999))
	s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
}

// A lost answer is asked about, whether what was asked for was done or not (2.2).
func TestTell_lostAnswers(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{true, false} {
		for _, path := range []string{"/invoice", "/comments", "/cancel", "/refund"} {
			s := newRig(t, magento.Draft{})
			e := s.event(contract.OrderExpired)
			if path != "/cancel" {
				e = s.pays(4999)
			}
			if path == "/refund" {
				s.told(e)
				e = s.refunds(1, 1000)
			}
			if s.via.lose = path; !done {
				s.via.lose, s.via.drop = "", path
			}
			s.fails(e, contract.ProviderUnavailable, "reset")
			s.told(e)
			s.via.writes()
			s.told(e)
			if w := s.via.writes(); len(w) > 0 {
				t.Errorf("%s, done %v: once more came to %v", path, done, w)
			}
			switch path {
			case "/cancel":
				s.stands(magento.StateCanceled, none, none, 0, 0)
			case "/refund":
				s.stands(magento.StateProcessing, "49.9900", "10.0000", 1, 1)
			default:
				s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
				if n := s.says("transaction TX-1"); n != 1 {
					t.Errorf("%s, done %v: %d comments name the transaction", path, done, n)
				}
			}
		}
	}
}

// What is not to be registered is said, and nothing else is done (4).
func TestTell_paid_attention(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(s *rig)
		value  int64
		state  magento.State
		says   string
	}{
		"after a cancellation": {func(s *rig) { s.act(s.world.Sim.Cancel) }, 4999, magento.StateCanceled, "ended in the shop"},
		"less":                 {nil, 1000, magento.StatePendingPayment, "the payment is of 10.00 EUR, the order of 49.99 EUR"},
		"a dearer order":       {func(s *rig) { s.act(func(n string) (magento.OrderRecord, error) { return s.world.Sim.Change(n, "1") }) }, 4999, magento.StatePendingPayment, "the order of 50.99 EUR"},
		"another currency":     {func(s *rig) { s.order.Amount.Currency, s.order.Captured.Currency = "USD", "USD" }, 4999, magento.StatePendingPayment, "49.99 USD"},
		"under review":         {func(s *rig) { s.act(s.world.Sim.Review) }, 4999, magento.StatePaymentReview, "accept it there"},
		"a tip alone":          {func(s *rig) { s.order.Tip.Value = 1000 }, 5000, magento.StatePendingPayment, "the payment is of 40.00 EUR"},
	} {
		s := newRig(t, magento.Draft{})
		if c.before != nil {
			c.before(s)
		}
		e := s.pays(c.value)
		s.told(e)
		s.told(e)
		s.stands(c.state, none, none, 0, 0)
		if s.says("ATTENTION") != 1 || s.says(c.says) != 1 {
			t.Errorf("%s: got %+v", name, s.shop().Comments)
		}
	}
}

// An order that a person invoiced has one invoice (2.2).
func TestTell_paid_invoicedByHand(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	s.act(func(n string) (magento.OrderRecord, error) { return s.world.Sim.Invoice(n, false) })
	s.told(s.pays(4999))
	s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
	if s.says("has an invoice already") != 1 {
		t.Errorf("got %+v", s.shop().Comments)
	}
	s = newRig(t, magento.Draft{Items: []magento.DraftItem{{SKU: "a", Price: "10.00", Quantity: "3"}}})
	drivePost(s, "order/1/invoice", `{"items":[{"order_item_id":1,"qty":1}]}`)
	s.told(s.pays(3000))
	s.stands(magento.StateProcessing, "10.0000", none, 1, 0)
	if s.says("a part of the order was invoiced before") != 1 {
		t.Errorf("got %+v", s.shop().Comments)
	}
}

// A second order of the gateway that pays the same order of the shop is said.
func TestTell_paid_twice(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	s.told(s.pays(4999))
	s.order.ID = "ord_2222"
	s.told(s.event(contract.OrderPaid))
	s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
	if s.says("ATTENTION: the order was paid before, and now again") != 1 {
		t.Errorf("got %+v", s.shop().Comments)
	}
}

// The invoice that a person makes between reading and writing is found (2.2).
func TestTell_paid_race(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(s *rig){
		"an invoice": func(s *rig) {
			s.act(func(n string) (magento.OrderRecord, error) { return s.world.Sim.Invoice(n, false) })
		},
		"a cancellation": func(s *rig) { s.act(s.world.Sim.Cancel) },
	} {
		s := newRig(t, magento.Draft{})
		e := s.pays(4999)
		s.via.to = &between{to: s.world, path: "/invoice", do: func() { act(s) }}
		s.told(e)
		if o := s.shop(); name == "an invoice" && (len(o.Invoices) != 1 || o.State != magento.StateProcessing) {
			t.Errorf("%s: got %+v", name, o)
		} else if name == "a cancellation" && (len(o.Invoices) != 0 || o.State != magento.StateCanceled || s.says("ended in the shop") != 1) {
			t.Errorf("%s: got %+v", name, o)
		}
	}
}

// A person's hold stays, and the payment counts.
func TestTell_paid_onHold(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{})
	s.act(s.world.Sim.Hold)
	s.told(s.pays(4999))
	s.stands(magento.StateHolded, "49.9900", none, 1, 0)
	s.act(s.world.Sim.Unhold)
	s.stands(magento.StateProcessing, "49.9900", none, 1, 0)
}

// Without the right to either, the comment says what is to be done.
func TestTell_paid_onHold_rights(t *testing.T) {
	t.Parallel()
	for call, says := range map[string]string{"/unhold": "do so, then invoice it offline", "/hold": "off hold now"} {
		s := newRig(t, magento.Draft{})
		s.act(s.world.Sim.Hold)
		s.via.to = denied{s.world, call}
		e := s.pays(4999)
		s.told(e)
		s.told(e)
		if o := s.shop(); s.says(says) != 1 || (len(o.Invoices) == 1) != (call == "/hold") {
			t.Errorf("%s: got %+v", call, o)
		}
	}
}

// denied is a shop that lacks one right.
type denied struct {
	http.RoundTripper
	path string
}

// RoundTrip implements [http.RoundTripper].
func (d denied) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, d.path) {
		return d.RoundTripper.RoundTrip(r)
	}
	body := `{"message":"The consumer isn't authorized to access %resources.","parameters":{"resources":"Magento_Sales::hold"}}`
	return &http.Response{StatusCode: http.StatusUnauthorized, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
}

// A virtual order is complete when it is paid, and its comment has the status that it
// has then (1).
func TestTell_paid_virtual(t *testing.T) {
	t.Parallel()
	s := newRig(t, magento.Draft{Items: []magento.DraftItem{{SKU: "g", Name: "Gift card", Price: "25.00", Virtual: true}}})
	s.told(s.pays(2500))
	s.stands(magento.StateComplete, "25.0000", none, 1, 0)
	if o := s.shop(); o.Status != "complete" || s.says("transaction TX-1") != 1 {
		t.Errorf("got %+v", o)
	}
}
