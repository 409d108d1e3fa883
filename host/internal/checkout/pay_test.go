package checkout_test

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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

func TestReturn_isAHint(t *testing.T) {
	h := newHouse(t)
	o, p := h.started("r1")
	asked := 0
	h.on(contract.CompletePayment, func(c checkout.Call) (checkout.Ended, error) {
		return h.done(contract.UpdatesResult{Updates: []contract.Update{{Payment: contract.PaymentKey{ID: p.ID}, Type: contract.UpdateCaptured, Amount: p.Amount, Trust: contract.Hint}}}), nil
	})
	h.on(contract.GetPayment, func(c checkout.Call) (checkout.Ended, error) {
		asked++
		return h.done(contract.UpdatesResult{}), nil
	})
	got, action, err := h.Return(t.Context(), checkout.Token(o), p.ID, contract.Message{Query: "status=paid"})
	if err != nil || action != nil {
		t.Fatal(action, err)
	}
	if got.Status() != order.Pending || asked != 1 {
		t.Errorf("order is %s, asked %d times", got.Status(), asked)
	}
}

func TestReturn_secondAction(t *testing.T) {
	again := contract.Action{Type: contract.ActionRedirect, URL: "https://bank.example/again"}
	none := contract.Action{Type: contract.ActionNone}
	for name, c := range map[string]struct {
		news   contract.UpdateType
		action *contract.Action
		want   *contract.Action
		kept   string
		asked  int
	}{
		"paid with it":       {contract.UpdateCaptured, &again, nil, "https://bank.example/pay", 0},
		"authorized with it": {contract.UpdateAuthorized, &again, nil, "https://bank.example/pay", 1},
		"none":               {contract.UpdatePending, nil, nil, "https://bank.example/pay", 1},
		"nothing to be done": {contract.UpdatePending, &none, nil, "https://bank.example/pay", 1},
		"other means":        {contract.UpdatePending, &again, &again, "https://bank.example/again", 0},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o, p := h.started("r1")
			h.on(contract.CompletePayment, func(checkout.Call) (checkout.Ended, error) {
				u := contract.Update{Type: c.news, Amount: p.Amount, Trust: contract.Verified}
				return h.done(contract.UpdatesResult{Updates: []contract.Update{u}, Action: c.action}), nil
			})
			h.on(contract.GetPayment, func(checkout.Call) (checkout.Ended, error) { return h.done(contract.UpdatesResult{}), nil })
			_, action, err := h.Return(t.Context(), checkout.Token(o), p.ID, contract.Message{})
			if err != nil || !reflect.DeepEqual(action, c.want) {
				t.Errorf("got %+v, %v, want %+v", action, err, c.want)
			}
			if got, _ := h.load(o.ID).Payment(p.ID); got.Action.URL != c.kept {
				t.Errorf("kept %s, want %s", got.Action.URL, c.kept)
			}
			if n := h.caller.count(contract.GetPayment); n != c.asked {
				t.Errorf("asked %d times, want %d", n, c.asked)
			}
		})
	}
}

// Nobody waits for the action of a completion that the provider's word began;
// the consumer finds it on the page.
func TestApproved_secondAction_isKept(t *testing.T) {
	h := newHouse(t)
	o, p := h.started("r1")
	h.on(contract.CompletePayment, func(checkout.Call) (checkout.Ended, error) {
		return h.done(contract.UpdatesResult{Action: &contract.Action{Type: contract.ActionRedirect, URL: "https://bank.example/again"}}), nil
	})
	if _, err := h.news(contract.Update{Payment: contract.PaymentKey{ID: p.ID}, Type: contract.UpdateApproved, Trust: contract.Verified}); err != nil {
		t.Fatal(err)
	}
	if got, _ := h.load(o.ID).Payment(p.ID); got.Action.URL != "https://bank.example/again" {
		t.Errorf("kept %s", got.Action.URL)
	}
}

func TestReturn_forged_leavesTheOrderOpen(t *testing.T) {
	h := newHouse(t)
	o, p := h.started("r1")
	h.on(contract.CompletePayment, func(checkout.Call) (checkout.Ended, error) {
		return failed(contract.BadSignature, order.OutcomeNotAttempted), nil
	})
	_, _, err := h.Return(t.Context(), checkout.Token(o), p.ID, contract.Message{})
	var call *checkout.CallError
	if !errors.As(err, &call) || call.Failure.Code != contract.BadSignature {
		t.Fatalf("got %v", err)
	}
	got := h.load(o.ID)
	if q, _ := got.Payment(p.ID); !q.Live() {
		t.Errorf("the attempt is %s: a forged return ended it", q.Status())
	}
}

func TestLeave_isSigned(t *testing.T) {
	h := newHouse(t)
	o, p := h.started("r1")
	if _, err := h.news(captured(p, 4999)); err != nil {
		t.Fatal(err)
	}
	o = h.load(o.ID)
	_, shop, err := h.Open(t.Context(), checkout.Token(o))
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(h.Leave(o, shop))
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if u.Path != "/thanks" || q.Get("order") != o.ID || q.Get("status") != "paid" || q.Get("reference") != "r1" {
		t.Errorf("got %s", u)
	}
	// echo -n … | openssl dgst -sha256 -hmac: computed apart from the code.
	if want := hmacHex("secret-of-the-shop", "return.v1\n"+o.ID+"\npaid\nr1\n"+q.Get("timestamp")); q.Get("signature") != want {
		t.Errorf("signature %s, want %s", q.Get("signature"), want)
	}
}

func TestLeave_shopsOwnQuery_staysAsItIs(t *testing.T) {
	const own = "z=1&a=%7e&flag&status=mine&a=b+c&bad=%zz;x"
	for given, want := range map[string]string{
		"https://shop.example/thanks?" + own:           "https://shop.example/thanks?" + own + "&order=",
		"https://shop.example/thanks?" + own + "#done": "https://shop.example/thanks?" + own + "&order=",
		"https://shop.example/thanks?":                 "https://shop.example/thanks?order=",
		"https://shop.example/thanks":                  "https://shop.example/thanks?order=",
	} {
		h := newHouse(t)
		o := h.create("r 1&2")
		o.ReturnURL, o.CancelURL = given, ""
		_, shop, err := h.Open(t.Context(), checkout.Token(o))
		if err != nil {
			t.Fatal(err)
		}
		got := h.Leave(o, shop)
		if !strings.HasPrefix(got, want+o.ID+"&status=open&reference=r+1%262&timestamp=") || !strings.Contains(got, "&signature=") || strings.HasSuffix(given, "#done") != strings.HasSuffix(got, "#done") {
			t.Errorf("%s: got %s", given, got)
		}
	}
}

func TestApproved_completesByItself(t *testing.T) {
	h := newHouse(t)
	o, p := h.started("r1")
	h.on(contract.CompletePayment, func(checkout.Call) (checkout.Ended, error) {
		u := captured(p, 4999)
		u.Payment = contract.PaymentKey{ID: p.ID}
		return h.done(contract.UpdatesResult{Updates: []contract.Update{u}}), nil
	})
	if _, err := h.news(contract.Update{Payment: contract.PaymentKey{Reference: p.Reference}, Type: contract.UpdateApproved, Trust: contract.Verified}); err != nil {
		t.Fatal(err)
	}
	if got := h.load(o.ID); got.Status() != order.Paid {
		t.Errorf("order is %s", got.Status())
	}
}

func TestInterim_consumerGoesOn_callEndsInTheBackground(t *testing.T) {
	h := newHouse(t)
	o := h.create("r1")
	tapped := make(chan struct{})
	h.on(contract.CreatePayment, func(c checkout.Call) (checkout.Ended, error) {
		err := c.OnInterim(context.Background(), contract.Interim{Action: contract.Action{Type: contract.ActionWait, Text: contract.Text{"en": "Look at the terminal"}}, Exclusive: "t1"})
		if err != nil {
			return checkout.Ended{}, err
		}
		<-tapped
		u := contract.Update{Payment: contract.PaymentKey{ID: c.Payment}, Type: contract.UpdateCaptured, Amount: o.Amount, Trust: contract.Verified}
		return h.done(contract.CreateResult{Action: contract.Action{Type: contract.ActionNone}, Updates: []contract.Update{u}}), nil
	})
	got, id, err := h.Choose(t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	if p, _ := got.Payment(id); p.Action == nil || p.Action.Type != contract.ActionWait {
		t.Fatalf("action %+v", p.Action)
	}
	close(tapped)
	h.Close()
	if got := h.load(o.ID); got.Status() != order.Paid {
		t.Errorf("order is %s", got.Status())
	}
	if want := []string{"t1 " + id}; !slices.Equal(h.caller.released, want) {
		t.Errorf("released %v, want %v", h.caller.released, want)
	}
}

func TestWork_expiresAndAsksFirst(t *testing.T) {
	h := newHouse(t)
	o, _ := h.started("r1")
	asked := 0
	h.on(contract.GetPayment, func(checkout.Call) (checkout.Ended, error) {
		asked++
		return h.done(contract.UpdatesResult{}), nil
	})
	for range 400 {
		if h.load(o.ID).Final() {
			break
		}
		h.clock.move(5 * time.Minute)
		h.ring()
	}
	if got := h.load(o.ID); got.Status() != order.Expired || asked == 0 {
		t.Errorf("order is %s, asked %d times", got.Status(), asked)
	}
}
