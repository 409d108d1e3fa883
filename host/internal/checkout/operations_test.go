package checkout_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func hmacHex(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// paid is an order that was paid in full.
func (h *house) paid(reference string) (order.Order, order.Payment) {
	h.t.Helper()
	o, p := h.started(reference)
	if _, err := h.news(captured(p, 4999)); err != nil {
		h.t.Fatal(err)
	}
	return h.load(o.ID), p
}

// refunds makes the provider refund at once.
func (h *house) refunds() {
	h.on(contract.RefundPayment, func(c checkout.Call) (checkout.Ended, error) {
		return h.done(contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: "ext-" + c.Operation}), nil
	})
}

func eur(v int64) order.Money { return order.Money{Value: v, Currency: "EUR"} }

// A provider behind a proxy may have refunded what was answered with 502.
func TestRefund_failedThoughMoneyMayHaveMoved_keepsTheReservation(t *testing.T) {
	for name, c := range map[string]struct {
		outcome  order.Outcome
		reserved int64
	}{"answered": {order.OutcomeKnown, 0}, "not answered": {order.OutcomeUnknown, 4999}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o, p := h.paid("r1")
			h.on(contract.RefundPayment, func(checkout.Call) (checkout.Ended, error) {
				e := h.done(contract.OperationResult{Status: contract.OperationFailed})
				e.Outcome = c.outcome
				return e, nil
			})
			_, err := h.Refund(t.Context(), h.request("k"), o.ID, checkout.OperationSpec{})
			var failed *checkout.CallError
			if !errors.As(err, &failed) || failed.Outcome != c.outcome {
				t.Errorf("got %v, want a failure with outcome %s", err, c.outcome)
			}
			got, _ := h.load(o.ID).Payment(p.ID)
			if a := got.Amounts(); a.Reserved != eur(c.reserved) {
				t.Errorf("reserved %s, want %s", a.Reserved, eur(c.reserved))
			}
		})
	}
}

func TestRefund_refused_beforeAnyRequest(t *testing.T) {
	for name, c := range map[string]struct {
		spec   checkout.OperationSpec
		reason string
	}{
		"over the rest":    {checkout.OperationSpec{Amount: eur(5000)}, "amount_exceeds_rest"},
		"another currency": {checkout.OperationSpec{Amount: order.Money{Value: 1, Currency: "USD"}}, "currency_differs"},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o, _ := h.paid("r1")
			_, err := h.Refund(t.Context(), h.request("k"), o.ID, c.spec)
			var refused *order.RefusedError
			if !errors.As(err, &refused) || refused.Reason != c.reason {
				t.Fatalf("got %v", err)
			}
			if h.caller.count(contract.RefundPayment) > 0 {
				t.Error("the provider was asked")
			}
		})
	}
	h := newHouse(t)
	o := h.create("r1")
	if _, err := h.Refund(t.Context(), h.request("k"), o.ID, checkout.OperationSpec{}); err == nil {
		t.Error("an unpaid order was refunded")
	}
	if _, err := h.Refund(t.Context(), h.request(""), o.ID, checkout.OperationSpec{}); err == nil {
		t.Error("a refund without a key")
	}
	stranger := h.request("k")
	stranger.Key.Shop = "other"
	if _, err := h.Refund(t.Context(), stranger, o.ID, checkout.OperationSpec{}); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("another shop's order: %v", err)
	}
}

func TestRefund_sameKey_oneRefund(t *testing.T) {
	h := newHouse(t)
	h.refunds()
	o, _ := h.paid("r1")
	first, err := h.Refund(t.Context(), h.request("k"), o.ID, checkout.OperationSpec{Amount: eur(1000)})
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Refund(t.Context(), h.request("k"), o.ID, checkout.OperationSpec{Amount: eur(1000)})
	if err != nil || again.Answer == nil {
		t.Fatalf("got %+v, %v", again, err)
	}
	other := h.request("k")
	other.Idempotency.Fingerprint = "another-body"
	if _, err := h.Refund(t.Context(), other, o.ID, checkout.OperationSpec{Amount: eur(2)}); !errors.Is(err, checkout.ErrKeyReused) {
		t.Errorf("another body: %v", err)
	}
	got := h.load(o.ID)
	if got.Amounts().Refunded != eur(1000) || len(got.Payments[0].Refunds) != 1 || got.Payments[0].Refunds[0].ID != first.Subject {
		t.Errorf("refunds %+v", got.Payments[0].Refunds)
	}
}

func TestRefund_manyAtOnce_neverExceedTheRest(t *testing.T) {
	h := newHouse(t)
	h.refunds()
	o, _ := h.paid("r1")
	var g sync.WaitGroup
	for i := range 8 {
		g.Go(func() {
			_, err := h.Refund(t.Context(), h.request(string(rune('a'+i))), o.ID, checkout.OperationSpec{Amount: eur(1000)})
			var refused *order.RefusedError
			if err != nil && !errors.As(err, &refused) {
				t.Error(err)
			}
		})
	}
	g.Wait()
	got := h.load(o.ID)
	if got.Amounts().Refunded != eur(4000) || got.RefundStatus() != order.RefundPartial {
		t.Errorf("refunded %s", got.Amounts().Refunded)
	}
}

// A refund that is pending at a terminal gives it back with the answer that ends it.
func TestRefund_pendingAtATerminal_releasesItWhenFinal(t *testing.T) {
	h := newHouse(t)
	o, p := h.paid("r1")
	h.on(contract.RefundPayment, func(c checkout.Call) (checkout.Ended, error) {
		err := c.OnInterim(t.Context(), contract.Interim{Action: contract.Action{Type: contract.ActionWait}, Exclusive: "t1"})
		return h.done(contract.OperationResult{Status: contract.OperationPending, ProviderReference: "ext"}), err
	})
	if _, err := h.Refund(t.Context(), h.request("k"), o.ID, checkout.OperationSpec{}); err != nil {
		t.Fatal(err)
	}
	h.Close() // the call has ended
	if len(h.caller.released) != 0 {
		t.Errorf("released %v while the refund is pending", h.caller.released)
	}
	h.on(contract.GetRefund, func(checkout.Call) (checkout.Ended, error) {
		return h.done(contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: "ext"}), nil
	})
	h.clock.move(10 * time.Minute)
	h.ring()
	if want := []string{"t1 " + p.ID}; !slices.Equal(h.caller.released, want) {
		t.Errorf("released %v, want %v", h.caller.released, want)
	}
}

func TestRefund_unknown_keepsItsReservationUntilAsked(t *testing.T) {
	h := newHouse(t)
	o, _ := h.paid("r1")
	h.on(contract.RefundPayment, func(checkout.Call) (checkout.Ended, error) {
		return failed(contract.ProviderUnavailable, order.OutcomeUnknown), nil
	})
	_, err := h.Refund(t.Context(), h.request("k"), o.ID, checkout.OperationSpec{})
	var call *checkout.CallError
	if !errors.As(err, &call) || call.Outcome != order.OutcomeUnknown {
		t.Fatalf("got %v", err)
	}
	if got := h.load(o.ID); got.Amounts().Reserved != eur(4999) {
		t.Errorf("reserved %s", got.Amounts().Reserved)
	}
	h.on(contract.GetRefund, func(checkout.Call) (checkout.Ended, error) {
		return h.done(contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: "ext"}), nil
	})
	if _, err := h.Sync(t.Context(), h.request(""), o.ID); err != nil {
		t.Fatal(err)
	}
	if got := h.load(o.ID); got.Amounts().Refunded != eur(4999) || got.Amounts().Reserved != eur(0) {
		t.Errorf("refunded %s, reserved %s", got.Amounts().Refunded, got.Amounts().Reserved)
	}
}

func TestCapture_inParts(t *testing.T) {
	h := newHouse(t)
	s := spec("r1")
	s.Capture = contract.CaptureManual
	r, err := h.Create(t.Context(), h.request(""), s)
	if err != nil {
		t.Fatal(err)
	}
	_, id, err := h.Choose(t.Context(), checkout.Token(r.Order), checkout.Choice{Method: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	p, _ := h.load(r.Order.ID).Payment(id)
	u := captured(p, 4999)
	u.Type = contract.UpdateAuthorized
	if _, err := h.news(u); err != nil {
		t.Fatal(err)
	}
	h.on(contract.CapturePayment, func(c checkout.Call) (checkout.Ended, error) {
		return h.done(contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: "ext-" + c.Operation}), nil
	})
	for _, part := range []checkout.OperationSpec{{Amount: eur(1000)}, {Amount: eur(2000), Final: true}} {
		if _, err := h.Capture(t.Context(), h.request("k"+part.Amount.Decimal()), r.Order.ID, part); err != nil {
			t.Fatal(err)
		}
	}
	got := h.load(r.Order.ID)
	if a := got.Amounts(); got.Status() != order.Paid || a.Captured != eur(3000) || a.Released != eur(1999) {
		t.Errorf("order %s, captured %s, released %s", got.Status(), a.Captured, a.Released)
	}
}

// TestTip_isBesideTheOrder: 55.00 with a tip of 5.00 pays 50.00, and all of it
// can be given back.
func TestTip_isBesideTheOrder(t *testing.T) {
	for _, currency := range []string{"EUR", "JPY", "TND"} {
		t.Run(currency, func(t *testing.T) {
			h := newHouse(t)
			h.refunds()
			of := func(v int64) order.Money { return order.Money{Value: v, Currency: currency} }
			for _, c := range []struct {
				captured, tip int64
				status        order.Status
				attention     int
			}{{5400, 500, order.Open, 1}, {5500, 500, order.Paid, 0}, {5500, 0, order.Paid, 1}} {
				s := spec(fmt.Sprint(c.captured, c.tip))
				s.Amount, s.Method = of(5000), "acme"
				o := h.must(h.Create(t.Context(), h.request(""), s)).Order
				u := captured(o.Payments[0], c.captured)
				u.Tip = of(c.tip)
				if _, err := h.news(u); err != nil {
					t.Fatal(err)
				}
				got := h.load(o.ID)
				if got.Status() != c.status || len(got.Attention()) != c.attention || got.Amounts().Tip != of(c.tip) {
					t.Errorf("captured %d, tip %d: %s, attention %v", c.captured, c.tip, got.Status(), got.Attention())
				}
				h.must(h.Refund(t.Context(), h.request("k"), o.ID, checkout.OperationSpec{}))
				if got := h.load(o.ID); got.Amounts().Refunded != of(c.captured) || got.RefundStatus() != order.RefundFull {
					t.Errorf("refunded %s, %s", got.Amounts().Refunded, got.RefundStatus())
				}
			}
		})
	}
}
