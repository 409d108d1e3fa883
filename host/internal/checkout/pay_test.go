package checkout_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestChoose_doubleClick_oneAttempt(t *testing.T) {
	h := newHouse(t)
	o := h.create("r1")
	var g sync.WaitGroup
	ids := make([]string, 8)
	for i := range ids {
		g.Go(func() {
			_, id, err := h.Choose(t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"})
			if err != nil {
				t.Error(err)
			}
			ids[i] = id
		})
	}
	g.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Errorf("attempts %v", ids)
			break
		}
	}
	if n := h.caller.count(contract.CreatePayment); n != 1 {
		t.Errorf("create_payment ran %d times", n)
	}
	h.load(o.ID)
}

func TestChoose_wrongSecret_isNotFound(t *testing.T) {
	h := newHouse(t)
	o := h.create("r1")
	for _, token := range []string{"", o.ID, o.ID + ".", o.ID + ".wrong", "ord_zz." + o.Secret, strings.ToUpper(checkout.Token(o))} {
		if _, _, err := h.Choose(t.Context(), token, checkout.Choice{Method: "acme"}); !errors.Is(err, checkout.ErrNotFound) {
			t.Errorf("token %q: %v", token, err)
		}
	}
}

func TestChoose_failure(t *testing.T) {
	for name, c := range map[string]struct {
		end    checkout.Ended
		status order.Status
		out    order.Outcome
	}{
		"nothing was sent":    {failed(contract.ProviderUnavailable, order.OutcomeNotAttempted), order.Open, order.OutcomeNotAttempted},
		"declined":            {failed(contract.Declined, order.OutcomeKnown), order.Open, order.OutcomeKnown},
		"a write got no word": {failed(contract.ProviderUnavailable, order.OutcomeUnknown), order.Open, order.OutcomeUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.on(contract.CreatePayment, func(checkout.Call) (checkout.Ended, error) { return c.end, nil })
			o := h.create("r1")
			_, _, err := h.Choose(t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"})
			var call *checkout.CallError
			if !errors.As(err, &call) || call.Outcome != c.out {
				t.Fatalf("got %v", err)
			}
			got := h.load(o.ID)
			if got.Status() != c.status || got.Payments[0].Outcome != c.out {
				t.Errorf("order %s, outcome %s", got.Status(), got.Payments[0].Outcome)
			}
			if unknown := c.out == order.OutcomeUnknown; unknown != got.Payments[0].Live() {
				t.Errorf("live %v", got.Payments[0].Live())
			}
		})
	}
}

func TestWebhook_books(t *testing.T) {
	for name, c := range map[string]struct {
		update func(order.Payment) contract.Update
		status order.Status
	}{
		"the whole amount": {func(p order.Payment) contract.Update { return captured(p, 4999) }, order.Paid},
		"less":             {func(p order.Payment) contract.Update { return captured(p, 4998) }, order.Open},
		"another currency": {func(p order.Payment) contract.Update {
			u := captured(p, 4999)
			u.Amount.Currency = "USD"
			return u
		}, order.Pending},
		"a hint": {func(p order.Payment) contract.Update { u := captured(p, 4999); u.Trust = contract.Hint; return u }, order.Pending},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			h.on(contract.GetPayment, func(checkout.Call) (checkout.Ended, error) { return h.done(contract.UpdatesResult{}), nil })
			o, p := h.started("r1")
			if r, err := h.news(c.update(p)); err != nil || r.Status != 200 {
				t.Fatalf("got %+v, %v", r, err)
			}
			if got := h.load(o.ID); got.Status() != c.status {
				t.Errorf("order is %s, want %s; attention %v", got.Status(), c.status, got.Attention())
			}
		})
	}
}

func TestWebhook_nothingVerified_booksNothing(t *testing.T) {
	h := newHouse(t)
	o, p := h.started("r1")
	h.on(contract.ReceiveWebhook, func(checkout.Call) (checkout.Ended, error) {
		e := h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}, Updates: []contract.Update{captured(p, 4999)}})
		e.Verified = false
		return e, nil
	})
	if _, err := h.Webhook(t.Context(), "acc", contract.Message{}); err != nil {
		t.Fatal(err)
	}
	if got := h.load(o.ID); got.Status() != order.Pending {
		t.Errorf("order is %s", got.Status())
	}
}

func TestWebhook_again_changesNothing(t *testing.T) {
	h := newHouse(t)
	o, p := h.started("r1")
	for range 3 {
		if _, err := h.news(captured(p, 4999)); err != nil {
			t.Fatal(err)
		}
	}
	got := h.load(o.ID)
	if got.Amounts().Captured.Value != 4999 || len(got.Attention()) > 0 {
		t.Errorf("captured %s, attention %v", got.Amounts().Captured, got.Attention())
	}
}

func TestWebhook_unknownPayment(t *testing.T) {
	stranger := contract.Update{Payment: contract.PaymentKey{ProviderReference: "late"}, Type: contract.UpdateCaptured, Amount: order.Money{Value: 4999, Currency: "EUR"}, Trust: contract.Verified}
	t.Run("accepted: the plugin's response, kept as an orphan, once", func(t *testing.T) {
		h := newHouse(t)
		for range 2 {
			if r, err := h.news(stranger); err != nil || r.Status != 200 {
				t.Fatalf("got %+v, %v", r, err)
			}
		}
		if list, err := h.store.Orphans(t.Context(), "acc"); err != nil || len(list) != 1 {
			t.Errorf("orphans %v, %v", list, err)
		}
	})
	t.Run("refused: 404", func(t *testing.T) {
		h := newHouse(t)
		h.on(contract.ReceiveWebhook, func(checkout.Call) (checkout.Ended, error) {
			return h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}, Updates: []contract.Update{stranger}}), nil
		})
		if r, err := h.Webhook(t.Context(), "acc", contract.Message{}); err != nil || r.Status != 404 {
			t.Errorf("got %+v, %v", r, err)
		}
	})
	t.Run("booked when a payment learns the reference", func(t *testing.T) {
		h := newHouse(t)
		if _, err := h.news(stranger); err != nil {
			t.Fatal(err)
		}
		h.on(contract.CreatePayment, func(checkout.Call) (checkout.Ended, error) {
			return h.done(contract.CreateResult{ProviderReference: "late", Action: contract.Action{Type: contract.ActionRedirect, URL: "https://bank.example/"}}), nil
		})
		o, _ := h.started("r1")
		if got := h.load(o.ID); got.Status() != order.Paid {
			t.Errorf("order is %s", got.Status())
		}
		if list, _ := h.store.Orphans(t.Context(), "acc"); len(list) != 0 {
			t.Errorf("orphans %v", list)
		}
	})
}

func TestWebhook_pages_journalsEndLastFirst(t *testing.T) {
	h := newHouse(t)
	o1, p1 := h.started("r1")
	o2, p2 := h.started("r2")
	pages := [][]contract.Update{{captured(p1, 4999)}, {captured(p2, 4999)}, nil}
	turn := 0
	h.on(contract.ReceiveWebhook, func(checkout.Call) (checkout.Ended, error) {
		r := contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}, Updates: pages[turn]}
		if turn < len(pages)-1 {
			r.Next = "more"
		}
		turn++
		e := h.done(r)
		e.Journal = &checkout.JournalEnd{}
		return e, nil
	})
	if r, err := h.Webhook(t.Context(), "acc", contract.Message{}); err != nil || r.Status != 200 {
		t.Fatalf("got %+v, %v", r, err)
	}
	for _, id := range []string{o1.ID, o2.ID} {
		if got := h.load(id); got.Status() != order.Paid {
			t.Errorf("order %s is %s", id, got.Status())
		}
	}
	var began []string
	for _, c := range h.caller.calls {
		if c.Export == contract.ReceiveWebhook {
			began = append(began, c.ID)
		}
	}
	slices.Reverse(began)
	if !slices.Equal(h.caller.ended, began) {
		t.Errorf("journals ended %v, want %v", h.caller.ended, began)
	}
}

func TestWebhook_failures_haveTheirStatus(t *testing.T) {
	for code, want := range map[contract.FailureCode]int{
		contract.BadSignature: 400, contract.InvalidRequest: 400, contract.Unauthorized: 400,
		contract.ProviderUnavailable: 503, contract.RateLimited: 503, contract.Conflict: 503, contract.Internal: 503,
	} {
		h := newHouse(t)
		h.on(contract.ReceiveWebhook, func(checkout.Call) (checkout.Ended, error) {
			return failed(code, order.OutcomeNotAttempted), nil
		})
		if r, err := h.Webhook(t.Context(), "acc", contract.Message{}); err != nil || r.Status != want {
			t.Errorf("%s: got %d, %v; want %d", code, r.Status, err, want)
		}
	}
	h := newHouse(t)
	if _, err := h.Webhook(t.Context(), "nobody", contract.Message{}); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("unknown account: %v", err)
	}
}
