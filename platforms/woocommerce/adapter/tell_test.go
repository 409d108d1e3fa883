package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

// The mapping table of section 4, from every status of the shop's order: what the
// gateway's order is, and what the shop's becomes.
func TestTellShop_table(t *testing.T) {
	t.Parallel()
	const none = ""
	all := []string{woocommerce.Pending, woocommerce.Failed, woocommerce.OnHold, woocommerce.Processing, woocommerce.Completed, woocommerce.Cancelled, woocommerce.Refunded, woocommerce.Trash}
	for name, c := range map[string]struct {
		event           contract.EventType
		status, payment string
		become          map[string]string // by the status before; none: it stays
		flags           []string          // statuses from which a note asks for attention
	}{
		"open":      {contract.OrderOpen, "open", none, nil, nil},
		"failed":    {contract.OrderOpen, "open", "failed", map[string]string{"pending": "failed", "on-hold": "failed"}, nil},
		"given up":  {contract.OrderOpen, "open", "cancelled", map[string]string{"on-hold": "pending"}, nil},
		"timed out": {contract.OrderOpen, "open", "expired", map[string]string{"on-hold": "pending"}, nil},
		"pending":   {contract.OrderPending, "pending", "pending", map[string]string{"pending": "on-hold", "failed": "on-hold"}, nil},
		"authorized": {contract.OrderAuthorized, "authorized", "authorized", map[string]string{"pending": "on-hold", "failed": "on-hold"},
			[]string{"cancelled", "refunded", "trash", "processing", "completed"}},
		"paid": {contract.OrderPaid, "paid", "captured", map[string]string{"pending": "processing", "failed": "processing", "on-hold": "processing"},
			[]string{"cancelled", "refunded", "trash"}},
		"cancelled":                        {contract.OrderCancelled, "cancelled", none, map[string]string{"pending": "cancelled", "failed": "cancelled", "on-hold": "cancelled"}, nil},
		"expired":                          {contract.OrderExpired, "expired", "expired", map[string]string{"pending": "cancelled", "failed": "cancelled", "on-hold": "cancelled"}, nil},
		"superseded":                       {contract.OrderSuperseded, "cancelled", none, nil, nil},
		"late open of what was superseded": {contract.OrderOpen, "cancelled", none, nil, nil},
		"captured":                         {contract.CaptureSucceeded, "pending", "captured", nil, nil},
		"to be known":                      {"order.invented", "invented", none, nil, nil},
	} {
		for _, before := range all {
			t.Run(name+" from "+before, func(t *testing.T) {
				t.Parallel()
				d := newDesk(t)
				id := d.place(woocommerce.Cart{Status: before})
				o := with(orderOf(d.shop(id)), c.status, c.payment)
				if c.payment == none {
					o.Payments = nil
				}
				d.delivered(d.tell(o, 2, c.event))
				want := c.become[before]
				if want == none {
					want = before
				}
				got := d.shop(id)
				if got.Status != want {
					t.Errorf("got %s, want %s", got.Status, want)
				}
				flagged := slices.ContainsFunc(got.Notes, func(n woocommerce.NoteRecord) bool { return strings.Contains(n.Text, "ATTENTION") })
				if flagged != slices.Contains(c.flags, before) {
					t.Errorf("attention: %v, notes %+v", flagged, got.Notes)
				}
				// The same news, older news, and a lost answer: nothing more is written.
				for _, n := range []int64{2, 1} {
					d.delivered(d.tell(o, n, c.event))
					if n == 2 && len(d.writes()) > 0 {
						t.Errorf("told again it wrote %v", d.writes())
					}
				}
				if again := d.shop(id); again.Status != got.Status || again.TransactionID != got.TransactionID {
					t.Errorf("older news made %+v of %+v", again, got)
				}
			})
		}
	}
}

// While the shopper is on the way the order stays as it is (4, created and
// redirected); it is held when the provider is waited for.
func TestTellShop_onTheWay(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		action *contract.OrderAction
		want   string
	}{{&contract.OrderAction{Type: contract.ActionRedirect}, "pending"}, {&contract.OrderAction{Type: contract.ActionForm}, "pending"}, {&contract.OrderAction{Type: contract.ActionNone}, "on-hold"}, {nil, "on-hold"}} {
		d := newDesk(t)
		id := d.place(woocommerce.Cart{})
		o := with(orderOf(d.shop(id)), "pending", "pending")
		o.Payments[0].Action = c.action
		d.delivered(d.tell(o, 2, contract.OrderPending))
		if got := d.shop(id); got.Status != c.want || string(got.Meta[metaCheckout]) != `"ord_1"` {
			t.Errorf("%+v: got %+v, want %s", c.action, got, c.want)
		}
	}
}

// 1.4: set_paid where the order needs payment, the status where it is on hold.
func TestTellShop_paid(t *testing.T) {
	t.Parallel()
	bothWays(t, func(t *testing.T, r conformance.Runner) {
		for before, c := range map[string]struct {
			cart woocommerce.Cart
			body string
			want string
		}{
			"pending": {woocommerce.Cart{}, `{"set_paid":true,"transaction_id":"tr-1",`, "processing"},
			"failed":  {woocommerce.Cart{Status: "failed"}, `{"set_paid":true,"transaction_id":"tr-1",`, "processing"},
			"on-hold": {woocommerce.Cart{Status: "on-hold"}, `{"status":"processing","transaction_id":"tr-1",`, "processing"},
			"digital": {woocommerce.Cart{Lines: []woocommerce.CartLine{{Name: "Song", Total: "1.00", Digital: true}}}, `{"set_paid":true,"transaction_id":"tr-1",`, "completed"},
		} {
			d := newDesk(t)
			d.runner = r
			id := d.place(c.cart)
			d.delivered(d.tell(with(orderOf(d.shop(id)), "paid", "captured"), 3, contract.OrderPaid))
			if !strings.HasPrefix(d.sent("PUT"), c.body) {
				t.Errorf("%s: sent %s, want %s…", before, d.sent("PUT"), c.body)
			}
			got := d.shop(id)
			if got.Status != c.want || got.TransactionID != "tr-1" || got.Payments != 1 || got.Paid.IsZero() {
				t.Errorf("%s: got %+v", before, got)
			}
			if w := d.writes(); len(w) != 2 || w[0] != fmt.Sprintf("POST /orders/%d/notes", id) || w[1] != fmt.Sprintf("PUT /orders/%d", id) {
				t.Errorf("%s: wrote %v, want the note and one change", before, w)
			}
		}
	})
}

// Acceptance 3: a transaction that the order has is not overwritten.
func TestTellShop_transactionStays(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		before func(s *woocommerce.Simulator, id int) error
		tx     string
		says   string
	}{
		"booked by hand":            {func(s *woocommerce.Simulator, id int) error { return s.PayByHand(id, "by-hand") }, "by-hand", "paid before (by-hand)"},
		"booked by hand, no number": {func(s *woocommerce.Simulator, id int) error { return s.PayByHand(id, "") }, "tr-1", "paid by ideal (tr-1)"},
		"put back to pending": {func(s *woocommerce.Simulator, id int) error {
			_ = s.PayByHand(id, "by-hand")
			return s.SetStatus(id, "pending")
		}, "by-hand", "paid before"},
		"a number, and not paid": {func(s *woocommerce.Simulator, id int) error {
			_ = s.PayByHand(id, "theirs")
			return s.SetStatus(id, "on-hold")
		}, "theirs", "paid before"},
		"the same number, by somebody": {func(s *woocommerce.Simulator, id int) error { return s.PayByHand(id, "tr-1") }, "tr-1", ""},
	} {
		d := newDesk(t)
		id := d.place(woocommerce.Cart{})
		if err := c.before(d.sim, id); err != nil {
			t.Fatal(err)
		}
		was := d.shop(id)
		d.delivered(d.tell(with(orderOf(was), "paid", "captured"), 3, contract.OrderPaid))
		got := d.shop(id)
		if got.TransactionID != c.tx || got.Status != was.Status || got.Payments != was.Payments {
			t.Errorf("%s: got %+v, was %+v", name, got, was)
		}
		notes := got.Notes[len(was.Notes):]
		if c.says == "" && len(notes) > 0 || c.says != "" && (len(notes) != 1 || !strings.Contains(notes[0].Text, c.says)) {
			t.Errorf("%s: got notes %+v, want one that says %q", name, notes, c.says)
		}
	}
}

// Never processing where amount or currency differs, or less was taken (4).
func TestTellShop_mismatch(t *testing.T) {
	t.Parallel()
	eur := func(v int64) contract.Money { return contract.Money{Value: v, Currency: "EUR"} }
	for name, c := range map[string]struct {
		change func(o *contract.Order)
		paid   bool
	}{
		"less":                      {func(o *contract.Order) { o.Amount, o.Captured = eur(1249), eur(1249) }, false},
		"more":                      {func(o *contract.Order) { o.Amount, o.Captured = eur(1251), eur(1251) }, false},
		"another currency":          {func(o *contract.Order) { o.Amount.Currency, o.Captured.Currency = "USD", "USD" }, false},
		"a part was taken":          {func(o *contract.Order) { o.Captured = eur(1249) }, false},
		"a tip in place of money":   {func(o *contract.Order) { o.Tip = eur(100) }, false},
		"a tip beside it":           {func(o *contract.Order) { o.Tip, o.Captured = eur(100), eur(1350) }, true},
		"a surcharge beside it":     {func(o *contract.Order) { o.Surcharge, o.Captured = eur(30), eur(1280) }, true},
		"a final part, rest let go": {func(o *contract.Order) { o.Captured, o.Released = eur(1000), eur(250) }, true},
	} {
		for _, before := range []string{"pending", "failed", "on-hold"} {
			d := newDesk(t)
			id := d.place(woocommerce.Cart{Status: before})
			o := with(orderOf(d.shop(id)), "paid", "captured")
			c.change(&o)
			d.delivered(d.tell(o, 3, contract.OrderPaid))
			got := d.shop(id)
			want := map[bool]string{true: "processing", false: "on-hold"}[c.paid]
			if got.Status != want || (got.Payments == 1) != c.paid || !c.paid && got.TransactionID != "" {
				t.Errorf("%s from %s: got %+v, want %s", name, before, got, want)
			}
		}
	}
}

// Somebody puts the order on hold, or cancels it, between our reading and our
// writing: set_paid is ignored then (1.4), and the adapter looks what came of it.
func TestTellShop_changedInBetween(t *testing.T) {
	t.Parallel()
	for between, want := range map[string]string{"on-hold": "processing", "cancelled": "cancelled"} {
		for _, lost := range []bool{false, true} {
			d := newDesk(t)
			id := d.place(woocommerce.Cart{})
			o := with(orderOf(d.shop(id)), "paid", "captured")
			shop, puts := d.via, 0
			d.via = roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Method != http.MethodPut {
					return shop.RoundTrip(r)
				}
				if puts++; puts == 1 {
					if err := d.sim.SetStatus(id, between); err != nil {
						return nil, err
					}
				}
				resp, err := shop.RoundTrip(r)
				if lost && puts == 1 { // and the gateway goes down
					return nil, &contract.ExchangeError{Kind: contract.ErrorLost, Sent: contract.SentMaybe, Message: "the host crashed"}
				}
				return resp, err
			})
			r, err := d.tell(o, 3, contract.OrderPaid)
			if lost {
				if failure(t, err).Code != contract.ProviderUnavailable {
					t.Errorf("got %v", err)
				}
				r, err = d.tell(o, 3, contract.OrderPaid)
			}
			d.delivered(r, err)
			got := d.shop(id)
			if got.Status != want || want == "cancelled" && !strings.Contains(fmt.Sprint(got.Notes), "is cancelled in the shop") {
				t.Errorf("%s, lost %v: got %+v, want %s", between, lost, got, want)
			}
		}
	}
}

func TestTellShop_reopens(t *testing.T) {
	t.Parallel()
	d := newDesk(t).set("reopen_cancelled", true)
	id := d.place(woocommerce.Cart{Status: "cancelled"})
	d.delivered(d.tell(with(orderOf(d.shop(id)), "paid", "captured"), 3, contract.OrderPaid))
	if got := d.shop(id); got.Status != "processing" || got.Payments != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestTellShop_payLink(t *testing.T) {
	t.Parallel()
	for _, mails := range []bool{true, false} {
		d := newDesk(t)
		if !mails {
			d.set("mail_pay_link", false)
		}
		id := d.place(woocommerce.Cart{})
		o := orderOf(d.shop(id))
		d.delivered(d.tell(o, 1, contract.OrderOpen))
		got := d.shop(id)
		if string(got.Meta[metaPayLink]) != `"ord_1"` || string(got.Meta[metaCheckout]) != `"ord_1"` || string(got.Meta[metaTold]) != `"ord_1:1:open"` {
			t.Errorf("got %s", got.Meta)
		}
		if len(got.Notes) != 1 || got.Notes[0].Customer != mails || !strings.Contains(got.Notes[0].Text, o.CheckoutURL) {
			t.Errorf("got %+v", got.Notes)
		}
		// It is open again after a try that failed: the link is not mailed once more.
		d.delivered(d.tell(with(o, "pending", "pending"), 2, contract.OrderPending))
		d.delivered(d.tell(with(o, "open", "failed"), 4, contract.OrderOpen))
		if n := len(d.sim.Books().Mails); n != map[bool]int{true: 1, false: 0}[mails] {
			t.Errorf("%d mails", n)
		}
	}
	d := newDesk(t)
	for locale, says := range map[string]string{"nl-NL": "Hier kun je", "de": "Hier können Sie", "xx": "You can pay", "": "You can pay"} {
		o := orderOf(d.shop(d.place(woocommerce.Cart{})))
		o.Locale = locale
		d.delivered(d.tell(o, 1, contract.OrderOpen))
		if mails := d.sim.Books().Mails; !strings.HasPrefix(mails[len(mails)-1].Text, says) {
			t.Errorf("%s: got %+v", locale, mails[len(mails)-1])
		}
	}
}

// The shop's order lives on under another order of the gateway: what ends of the
// one before it is no news.
func TestTellShop_superseded(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.place(woocommerce.Cart{})
	first := orderOf(d.shop(id))
	second := first
	second.ID, second.CheckoutURL = "ord_2", "https://pay.example/pay/ord_2.token"
	d.delivered(d.tell(first, 1, contract.OrderOpen))
	d.delivered(d.tell(second, 1, contract.OrderOpen))
	for n, e := range []contract.EventType{contract.OrderSuperseded, contract.OrderCancelled, contract.OrderExpired, contract.OrderPending} {
		status := strings.TrimPrefix(string(e), "order.")
		if e == contract.OrderSuperseded {
			status = "cancelled"
		}
		d.delivered(d.tell(with(first, status, "pending"), int64(n)+2, e))
		if got := d.shop(id); got.Status != "pending" || string(got.Meta[metaCheckout]) != `"ord_2"` {
			t.Fatalf("%s of the one before: got %+v", e, got)
		}
	}
	d.delivered(d.tell(with(second, "paid", "captured"), 2, contract.OrderPaid))
	if got := d.shop(id); got.Status != "processing" || string(got.Meta[metaPaidBy]) != `"ord_2"` {
		t.Errorf("got %+v", got)
	}
}

func TestTellShop_notOurs(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	id := d.place(woocommerce.Cart{})
	for name, change := range map[string]func(o *contract.Order){
		"another key":      func(o *contract.Order) { o.Reference = o.Reference[:len(o.Reference)-8] + "00000000" },
		"another order's":  func(o *contract.Order) { o.Reference = "9" + o.Reference },
		"an order of none": func(o *contract.Order) { o.Metadata = map[string]string{"order_id": "999"} },
		"a path":           func(o *contract.Order) { o.Metadata = map[string]string{"order_id": "101/notes"} },
		"no id":            func(o *contract.Order) { o.Metadata = map[string]string{"order_id": ""} },
	} {
		o := with(orderOf(d.shop(id)), "paid", "captured")
		change(&o)
		_, err := d.tell(o, 3, contract.OrderPaid)
		if f := failure(t, err); f.Code != contract.NotFound || len(strings.Fields(f.Message)) < 8 || len(d.writes()) > 0 {
			t.Errorf("%s: got %+v, wrote %v", name, f, d.writes())
		}
	}
}

// Every write's answer is lost once: told again, all is there once.
func TestTellShop_lostAnswers(t *testing.T) {
	t.Parallel()
	for name, tell := range map[string]func(d *desk, o contract.Order) (contract.TellResult, error){
		"open": func(d *desk, o contract.Order) (contract.TellResult, error) { return d.tell(o, 3, contract.OrderOpen) },
		"paid": func(d *desk, o contract.Order) (contract.TellResult, error) {
			return d.tell(with(o, "paid", "captured"), 3, contract.OrderPaid)
		},
		"attention": func(d *desk, o contract.Order) (contract.TellResult, error) {
			return d.tellOf(o, contract.Event{Number: 3, Type: contract.OrderAttend, Detail: "orphan: news of nobody"})
		},
		"refund": func(d *desk, o contract.Order) (contract.TellResult, error) {
			return d.tellOf(o, contract.Event{Number: 3, Type: contract.RefundSucceeded, Operation: "ref_1", Amount: contract.Money{Value: 250, Currency: "EUR"}})
		},
	} {
		clean := newDesk(t)
		id := clean.place(woocommerce.Cart{})
		clean.delivered(tell(clean, orderOf(clean.shop(id))))
		want := clean.shop(id)
		for at := range clean.writes() {
			d := newDesk(t)
			id := d.place(woocommerce.Cart{})
			o := orderOf(d.shop(id))
			shop, n := d.via, 0
			d.via = roundTrip(func(r *http.Request) (*http.Response, error) {
				b, err := io.ReadAll(r.Body)
				if err != nil {
					return nil, err
				}
				r.Body = io.NopCloser(bytes.NewReader(b))
				resp, err := shop.RoundTrip(r)
				if r.Method == http.MethodGet {
					return resp, err
				}
				if n++; n-1 == at {
					return nil, &contract.ExchangeError{Kind: contract.ErrorReset, Sent: contract.SentYes, Message: "reset"}
				}
				return resp, err
			})
			if _, err := tell(d, o); failure(t, err).Code != contract.ProviderUnavailable {
				t.Errorf("%s, write %d: got %v", name, at, err)
			}
			d.delivered(tell(d, o))
			got := d.shop(id)
			if got.Status != want.Status || len(got.Notes) != len(want.Notes) || len(got.Refunds) != len(want.Refunds) || got.Payments != want.Payments {
				t.Errorf("%s, write %d: got %+v, want %+v", name, at, got, want)
			}
		}
	}
}
