package checkout_test

import (
	"context"
	"errors"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

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
