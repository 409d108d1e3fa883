package order

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestRepeat_decides(t *testing.T) {
	t.Parallel()
	changed, other := int64(4000), "USD"
	for _, c := range []struct {
		name    string
		prepare func(*world)
		same    RepeatVerdict
		changed RepeatVerdict
	}{
		{"open", func(*world) {}, RepeatSame, RepeatSupersede},
		{"live attempt", func(w *world) { w.begin("pay_1") }, RepeatSame, RepeatConflict},
		{"attempt failed", func(w *world) { w.begin("pay_1"); w.do(w.says("pay_1", contract.UpdateFailed, 0, 1)) }, RepeatSame, RepeatSupersede},
		{"paid in part", func(w *world) { w.paid("pay_1", 1000) }, RepeatSame, RepeatConflict},
		{"time over", func(w *world) { w.now = w.o.ExpiresAt }, RepeatSupersede, RepeatSupersede},
		{"time over, attempt live", func(w *world) { w.begin("pay_1"); w.now = w.o.ExpiresAt }, RepeatSame, RepeatConflict},
		{"authorized", func(w *world) { w.authorized("pay_1") }, RepeatPaid, RepeatPaid},
		{"paid", func(w *world) { w.paid("pay_1", 5000) }, RepeatPaid, RepeatPaid},
		{"cancelled", func(w *world) { w.do(Cancel{}) }, RepeatNew, RepeatNew},
		{"expired", func(w *world) { w.now = w.o.ExpiresAt; w.do(Expire{}) }, RepeatNew, RepeatNew},
	} {
		t.Run(c.name, func(t *testing.T) {
			inEach(t, nil, func(t *testing.T, w *world) {
				c.prepare(w)
				for amount, want := range map[Money]RepeatVerdict{w.money(5000): c.same, w.money(changed): c.changed, {Value: 5000, Currency: other}: c.changed} {
					if got := Repeat(w.o, amount, w.now); got != want {
						t.Errorf("%s: got %s, want %s", amount, got, want)
					}
				}
			})
		})
	}
}

func TestAvailableActions_sayWhyNot(t *testing.T) {
	t.Parallel()
	elsewhere := generous()
	elsewhere.Refund = &contract.RefundRule{Elsewhere: contract.Text{"en": "In the provider's account."}}
	for _, c := range []struct {
		name                    string
		prepare                 func(*world)
		cancel, capture, refund string // reasons; empty: possible
	}{
		{"open", func(*world) {}, "", "not_authorized", "nothing_captured"},
		{"authorized", func(w *world) { w.authorized("pay_1") }, "", "", "nothing_captured"},
		{"paid", func(w *world) { w.paid("pay_1", 5000) }, "paid", "amount_exceeds_rest", ""},
		{"cancelled", func(w *world) { w.begin("pay_1"); w.do(Cancel{}) }, "order_closed", "order_closed", "nothing_captured"},
		{"refund elsewhere", func(w *world) {
			w.reserveWith("pay_1", elsewhere)
			w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 1))
		}, "paid", "amount_exceeds_rest", "refund_elsewhere"},
	} {
		t.Run(c.name, func(t *testing.T) {
			inEach(t, manual, func(t *testing.T, w *world) {
				c.prepare(w)
				got := map[Action]ActionOffer{}
				for _, offer := range w.o.AvailableActions(w.now) {
					got[offer.Action] = offer
					if (offer.Reason == "") == (offer.Detail != "") {
						t.Errorf("offer %+v", offer)
					}
				}
				for a, want := range map[Action]string{ActionCancel: c.cancel, ActionCapture: c.capture, ActionRefund: c.refund} {
					if got[a].Reason != want {
						t.Errorf("%s: reason %q, want %q", a, got[a].Reason, want)
					}
					if want == "" && a != ActionCancel && got[a].Amount != w.money(5000) {
						t.Errorf("%s: at most %s", a, got[a].Amount)
					}
				}
				if c.refund == "refund_elsewhere" && got[ActionRefund].Text["en"] == "" {
					t.Error("it does not say where")
				}
			})
		})
	}
}

// TestAvailableActions_holdWhatTheySay: what is offered is taken, in full, and
// what is not is refused for the reason given.
func TestAvailableActions_holdWhatTheySay(t *testing.T) {
	t.Parallel()
	with := func(change func(*contract.Rules), news ...func(*world)) func(*world) {
		return func(w *world) {
			r := generous()
			change(&r)
			w.reserveWith("pay_1", r)
			w.started("pay_1")
			for _, f := range news {
				f(w)
			}
		}
	}
	same := func(*contract.Rules) {}
	held := func(w *world) { w.do(w.says("pay_1", contract.UpdateAuthorized, 5000, 5)) }
	taken := func(w *world) { w.do(w.says("pay_1", contract.UpdateCaptured, 5000, 5)) }
	part := func(w *world) { w.do(w.says("pay_1", contract.UpdateRefunded, 1000, 6, "B")) }
	for _, c := range []struct {
		name    string
		prepare func(*world)
		action  Action
		reason  string
		amount  int64
	}{
		{"capture, all of it", with(same, held), ActionCapture, "", 5000},
		{"capture, a rest", with(same, held, func(w *world) { w.do(RequestCapture{ID: "cap_0", Amount: w.money(2000)}) }), ActionCapture, "", 3000},
		{"capture, window over", with(same, held, func(w *world) { w.now = start.Add(8 * day) }), ActionCapture, "window_over", 0},
		{"capture, nothing left", with(same, held, func(w *world) { w.do(RequestCapture{ID: "cap_0"}) }), ActionCapture, "amount_exceeds_rest", 0},
		{"capture, in the back office only", with(func(r *contract.Rules) { r.Capture.Manual = false }, held), ActionCapture, "not_supported", 0},
		{"capture, cancellation under way", with(same, held, func(w *world) { w.do(RequestCancelPayment{Payment: "pay_1"}) }), ActionCapture, "cancel_requested", 0},
		{"refund, all of it", with(same, taken), ActionRefund, "", 5000},
		{"refund, a rest", with(same, taken, part), ActionRefund, "", 4000},
		{"refund, parts only", with(func(r *contract.Rules) { r.Refund.Full = false }, taken), ActionRefund, "", 4999},
		{"refund, whole only", with(func(r *contract.Rules) { r.Refund.Partial = false }, taken), ActionRefund, "", 5000},
		{"refund, whole only after a part", with(func(r *contract.Rules) { r.Refund.Partial = false }, taken, part), ActionRefund, "partial_not_supported", 0},
		{"refund, one only", with(func(r *contract.Rules) { r.Refund.Multiple = false }, taken, part), ActionRefund, "multiple_not_supported", 0},
		{"refund, window over", with(same, taken, func(w *world) { w.now = start.Add(61 * day) }), ActionRefund, "window_over", 0},
		{"refund, all went back", with(same, taken, func(w *world) { w.do(RequestRefund{ID: "ref_0"}) }), ActionRefund, "amount_exceeds_rest", 0},
		{"refund, none at all", with(func(r *contract.Rules) { r.Refund = nil }, taken), ActionRefund, "not_supported", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			inEach(t, manual, func(t *testing.T, w *world) {
				c.prepare(w)
				var got ActionOffer
				for _, offer := range w.o.AvailableActions(w.now) {
					if offer.Action == c.action {
						got = offer
					}
				}
				if got.Reason != c.reason || got.Amount.Value != c.amount || (c.reason != "") == (got.Detail == "") {
					t.Fatalf("offer %+v, want %q, %d", got, c.reason, c.amount)
				}
				var ask Change = RequestRefund{ID: "ref_1", Payment: "pay_1", Amount: got.Amount}
				if c.action == ActionCapture {
					ask = RequestCapture{ID: "cap_1", Payment: "pay_1", Amount: got.Amount}
				}
				if c.reason == "" {
					w.do(ask)
				} else {
					w.refused(ask, c.reason)
				}
			})
		})
	}
}

func TestPluginView_showsThePayment(t *testing.T) {
	t.Parallel()
	inEach(t, func(s *Spec) {
		s.Capture, s.Locale = contract.CaptureManual, ""
		s.Lines = []contract.Line{{Name: "a", Kind: contract.LinePhysical, Quantity: "1", Amount: s.Amount}}
	}, func(t *testing.T, w *world) {
		w.authorized("pay_1")
		w.do(RequestCapture{ID: "cap_1", Payment: "pay_1"})
		w.do(OperationEnded{Payment: "pay_1", Export: contract.CapturePayment, Operation: "cap_1", At: w.now,
			Result: contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: "A", State: []byte(`{"s":1}`)}})
		w.do(RequestRefund{ID: "ref_1", Amount: w.money(100), Lines: []contract.Line{{Name: "a", Kind: contract.LineDigital, Quantity: "1", Amount: w.money(100)}}, IdempotencyKey: "k"})
		p := w.payment("pay_1")
		v := PluginView(w.o, p, URLs{Return: "r", Cancel: "c", Webhook: "h"})
		if v.OrderReference != "1001" || v.Status != "captured" || v.Locale != "en" || v.ReturnURL != "r" || v.CancelURL != "c" || v.WebhookURL != "h" ||
			v.Totals.Captured != w.money(5000) || v.Totals.Authorized != w.money(5000) || len(v.Captures) != 1 || len(v.Refunds) != 1 || len(v.Lines) != 1 || string(v.State) != `{"s":1}` {
			t.Errorf("view %+v", v)
		}
		if r := v.Refunds[0]; r.ID != "ref_1" || r.Amount != w.money(100) || r.Status != contract.OperationPending || r.IdempotencyKey != "k" || len(r.Lines) != 1 {
			t.Errorf("refund %+v", r)
		}
		if _, err := json.Marshal(v); err != nil {
			t.Error(err)
		}
		p.Amount = w.money(1)
		if v := PluginView(w.o, p, URLs{}); len(v.Lines) != 0 {
			t.Error("lines that do not add up to the payment's amount")
		}
	})
}

func TestBook_hasALineForEachBooking(t *testing.T) {
	t.Parallel()
	inEach(t, nil, func(t *testing.T, w *world) {
		w.begin("pay_1")
		w.do(w.tipped("pay_1", 5500, 500, 0, "A"))
		w.do(w.says("pay_1", contract.UpdateRefunded, 1000, 9, "B"))
		w.do(w.says("pay_1", contract.UpdateChargedBack, 700, 9, "C"))
		w.do(w.says("pay_1", contract.UpdateChargedBack, 900, 9))
		want := []BookLine{
			{Type: "capture", Amount: w.money(5500), Tip: w.money(500), Fee: w.money(7), ProviderReference: "A"},
			{Type: "refund", Amount: w.money(1000), ProviderReference: "B"},
			{Type: "chargeback", Amount: w.money(700), ProviderReference: "C"},
			{Type: "chargeback", Amount: w.money(200)},
		}
		var got []BookLine
		for _, e := range w.events {
			if line, ok := Book(w.o, e); ok {
				if line.ID != EventID(w.o.ID, e.Number) || line.At != e.At || line.Shop != "shop" || line.Order != w.o.ID || line.Reference != "1001" || line.Method != "m-pay_1" || line.Account != "acc" {
					t.Errorf("line %+v of event %d", line, e.Number)
				}
				got = append(got, BookLine{Type: line.Type, Amount: line.Amount, Tip: line.Tip, Fee: line.Fee, ProviderReference: line.ProviderReference})
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
	})
}

func TestCheck_findsWhatIsBroken(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(o *Order, events *[]Event){
		"newer schema":         func(o *Order, _ *[]Event) { o.Schema = Schema + 1 },
		"too many payments":    func(o *Order, _ *[]Event) { o.Payments = make([]Payment, MaxAttempts+1) },
		"two currencies":       func(o *Order, _ *[]Event) { o.Payments[0].Amount.Currency = "USD" },
		"expires too late":     func(o *Order, _ *[]Event) { o.Payments[0].ExpiresAt = o.ExpiresAt.Add(1) },
		"id twice":             func(o *Order, _ *[]Event) { o.Payments = append(o.Payments, o.Payments[0]) },
		"status of a refund":   func(o *Order, _ *[]Event) { o.Payments[0].Refunds[0].Status = contract.OperationSucceeded },
		"money without events": func(o *Order, _ *[]Event) { put(&o.Payments[0].News.Totals, contract.UpdateCaptured, 5001) },
		"paid and cancelled":   func(o *Order, _ *[]Event) { o.CancelledAt = start },
		"event lost":           func(_ *Order, e *[]Event) { *e = (*e)[:len(*e)-1] },
		"gap":                  func(_ *Order, e *[]Event) { (*e)[2].Number++ },
		"no such edge":         func(_ *Order, e *[]Event) { (*e)[1].Order.Status = Cancelled },
		"no such edge of a payment": func(_ *Order, e *[]Event) {
			for i := range *e {
				if (*e)[i].Of != nil {
					(*e)[i].Of.Status = PaymentCaptured
					return
				}
			}
		},
		"last snapshot": func(_ *Order, e *[]Event) { (*e)[len(*e)-1].Order.RefundStatus = RefundFull },
		"booked twice": func(_ *Order, e *[]Event) {
			for i := range *e {
				if (*e)[i].Type == CaptureSucceeded {
					(*e)[i].Booked.Value *= 2
				}
			}
		},
		"never paid":      func(o *Order, _ *[]Event) { o.Payments[0].News = News{} },
		"payment unknown": func(o *Order, _ *[]Event) { o.Payments[0].ID = "pay_2" },
	} {
		t.Run(name, func(t *testing.T) {
			inEach(t, nil, func(t *testing.T, w *world) {
				w.paid("pay_1", 5000)
				w.do(RequestRefund{ID: "ref_1", Amount: w.money(100)})
				o, events := w.o.clone(), slices.Clone(w.events)
				for i, e := range events {
					if e.Of != nil {
						of := *e.Of
						events[i].Of = &of
					}
				}
				spoil(&o, &events)
				if err := Check(o, events); err == nil {
					t.Error("nothing found")
				}
			})
		})
	}
}

func TestTold_isWithoutTheTimeline(t *testing.T) {
	t.Parallel()
	told := Told()
	if len(told) != 15 || slices.Contains(told, PaymentChanged) || slices.Contains(told, OrderCreated) {
		t.Errorf("told %v", told)
	}
}

func TestErrors_sayWhat(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		want string
	}{
		{&LiveAttemptError{Payment: "pay_1"}, "attempt pay_1 is under way"},
		{refuse("window_over", "until %s", start.Format(time.DateOnly)), "window_over: until 2026-03-01"},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}
