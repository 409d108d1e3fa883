package checkout_test

import (
	"bytes"
	"fmt"
	"sync"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// finding is a request whose answer says that the order was there.
func (h *house) finding(key string) checkout.Request {
	r := h.request(key)
	r.Idempotency.Found = func(o order.Order, subject string) checkout.Answer {
		return checkout.Answer{Status: 200, Body: fmt.Appendf(nil, "%s %s %s", o.ID, o.Status(), subject)}
	}
	return r
}

// A create that found its order there gives the same answer for its key,
// whatever becomes of the order meanwhile.
func TestCreate_foundThere_sameKeySameAnswer(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(h *house, o order.Order){
		"nothing": func(*house, order.Order) {},
		"paid": func(h *house, o order.Order) {
			o, id, err := h.Choose(h.t.Context(), checkout.Token(o), checkout.Choice{Method: "acme"})
			if err != nil {
				h.t.Fatal(err)
			}
			p, _ := o.Payment(id)
			if _, err := h.news(captured(p, 4999)); err != nil {
				h.t.Fatal(err)
			}
		},
		"cancelled": func(h *house, o order.Order) {
			if _, err := h.Cancel(h.t.Context(), h.request(""), o.ID); err != nil {
				h.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			o := h.create("r1")
			first, err := h.Create(t.Context(), h.finding("k1"), spec("r1"))
			if err != nil || first.Order.ID != o.ID || !first.Existing {
				t.Fatalf("got %+v, %v; want the open order", first, err)
			}
			meanwhile(h, o)
			again, err := h.Create(t.Context(), h.finding("k1"), spec("r1"))
			if want := o.ID + " open "; err != nil || again.Answer == nil || again.Answer.Status != 200 || string(again.Answer.Body) != want {
				t.Errorf("got %+v, %v; want the kept answer %q", again.Answer, err, want)
			}
			h.load(o.ID)
		})
	}
}

// With a method the payment is started once, by however many at once.
func TestCreate_foundThere_withMethod_oneOfManyAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o := h.create("r1")
	s := spec("r1")
	s.Method = "acme"
	replies := make([]checkout.Reply, 8)
	var g sync.WaitGroup
	for i := range replies {
		g.Go(func() {
			var err error
			if replies[i], err = h.Create(t.Context(), h.finding("k1"), s); err != nil {
				t.Error(err)
			}
		})
	}
	g.Wait()
	kept, err := h.Create(t.Context(), h.finding("k1"), s)
	if err != nil || kept.Answer == nil || kept.Answer.Status != 200 || !bytes.HasPrefix(kept.Answer.Body, []byte(o.ID+" pending pay_")) {
		t.Fatalf("got %+v, %v; want a kept answer", kept.Answer, err)
	}
	for _, r := range replies {
		if r.Answer != nil && !bytes.Equal(r.Answer.Body, kept.Answer.Body) {
			t.Errorf("answers differ: %q and %q", r.Answer.Body, kept.Answer.Body)
		}
	}
	if n := h.caller.count(contract.CreatePayment); n != 1 || len(h.load(o.ID).Payments) != 1 {
		t.Errorf("create_payment ran %d times", n)
	}
}

// A sync is asked once for a key, and answered the same ever after; a key
// that stands for it stands for nothing else.
func TestSync_sameKeySameAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	o, p := h.started("r1")
	h.on(contract.GetPayment, func(checkout.Call) (checkout.Ended, error) {
		return h.done(contract.UpdatesResult{}), nil
	})
	first, err := h.Sync(t.Context(), h.request("k1"), o.ID)
	if err != nil || h.caller.count(contract.GetPayment) != 1 {
		t.Fatalf("got %+v, %v after %d questions", first, err, h.caller.count(contract.GetPayment))
	}
	if _, err := h.news(captured(p, 4999)); err != nil {
		t.Fatal(err)
	}
	again, err := h.Sync(t.Context(), h.request("k1"), o.ID)
	if err != nil || again.Answer == nil || !bytes.Contains(again.Answer.Body, []byte(" pending ")) || h.caller.count(contract.GetPayment) != 1 {
		t.Errorf("got %+v, %v; want the answer from before it was paid", again, err)
	}
	other := h.request("k1")
	other.Idempotency.Fingerprint = "other"
	if _, err := h.Sync(t.Context(), other, o.ID); err == nil {
		t.Error("the key of a sync was taken for another request")
	}
}
