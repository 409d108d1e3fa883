package checkout_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func TestCreate_refused_changesNothing(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*checkout.CreateSpec)
		is     func(error) bool
	}{
		"return URL of a stranger": {func(s *checkout.CreateSpec) { s.ReturnURL = "https://evil.example/" }, func(err error) bool {
			var u *checkout.URLError
			return errors.As(err, &u) && u.Pointer == "/return_url"
		}},
		"notice URL of a stranger": {func(s *checkout.CreateSpec) { s.NotifyURL = "https://shop.example.evil.example/" }, func(err error) bool { return errors.Is(err, checkout.ErrURL) }},
		"URL with a user":          {func(s *checkout.CreateSpec) { s.CancelURL = "https://shop.example@evil.example/" }, invalid("/cancel_url")},
		"URL by another scheme":    {func(s *checkout.CreateSpec) { s.ReturnURL = "http://shop.example/" }, func(err error) bool { return errors.Is(err, checkout.ErrURL) }},
		"no amount":                {func(s *checkout.CreateSpec) { s.Amount.Value = 0 }, invalid("/amount/value")},
		"options beyond bounds": {func(s *checkout.CreateSpec) {
			s.Method, s.MethodOptions = "acme", map[string]string{"option": strings.Repeat("a", 2049)}
		}, invalid("/method_options")},
		"unknown method":      {func(s *checkout.CreateSpec) { s.Method = "nope" }, refusedMethod("unknown")},
		"method and currency": {func(s *checkout.CreateSpec) { s.Method, s.Amount.Currency = "acme", "USD" }, refusedMethod("currency")},
		"method and amount":   {func(s *checkout.CreateSpec) { s.Method, s.Amount.Value = "acme", 100001 }, refusedMethod("amount")},
		"restricted":          {func(s *checkout.CreateSpec) { s.Method, s.Methods = "acme", []string{"other"} }, refusedMethod("restricted")},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			s := spec("r1")
			c.change(&s)
			_, err := h.Create(t.Context(), h.request("k1"), s)
			if !c.is(err) {
				t.Fatalf("got %v", err)
			}
			if _, err := h.store.FindReference(t.Context(), "shop", "r1"); !errors.Is(err, checkout.ErrNotFound) {
				t.Errorf("the order is there: %v", err)
			}
			if len(h.caller.calls) > 0 {
				t.Error("the plugin was called")
			}
		})
	}
}

func invalid(pointer string) func(error) bool {
	return func(err error) bool {
		var e *order.InvalidError
		return errors.As(err, &e) && strings.HasPrefix(e.Problems[0].Pointer, strings.TrimSuffix(pointer, "/value"))
	}
}

func refusedMethod(reason string) func(error) bool {
	return func(err error) bool {
		var e *checkout.MethodError
		return errors.As(err, &e) && e.Reason == reason
	}
}

func TestCreate_sameKey(t *testing.T) {
	h := newHouse(t)
	first, err := h.Create(t.Context(), h.request("k1"), spec("r1"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := h.Create(t.Context(), h.request("k1"), spec("r1"))
	if err != nil || again.Answer == nil {
		t.Fatalf("got %+v, %v; want the kept answer", again, err)
	}
	if !bytes.HasPrefix(again.Answer.Body, []byte(first.Order.ID)) || again.Answer.Status != 201 {
		t.Errorf("got %d %s", again.Answer.Status, again.Answer.Body)
	}
	other := h.request("k1")
	other.Idempotency.Fingerprint = "other"
	if _, err := h.Create(t.Context(), other, spec("r2")); !errors.Is(err, checkout.ErrKeyReused) {
		t.Errorf("another body: got %v", err)
	}
}

func TestCreate_sameReference(t *testing.T) {
	dearer := func() checkout.CreateSpec { s := spec("r1"); s.Amount.Value = 5999; return s }
	t.Run("open and the same: the open order", func(t *testing.T) {
		h := newHouse(t)
		o := h.create("r1")
		r, err := h.Create(t.Context(), h.request(""), spec("r1"))
		if err != nil || !r.Existing || r.Order.ID != o.ID {
			t.Fatalf("got %s existing %v, %v", r.Order.ID, r.Existing, err)
		}
	})
	t.Run("changed cart: superseded", func(t *testing.T) {
		h := newHouse(t)
		o := h.create("r1")
		r, err := h.Create(t.Context(), h.request(""), dearer())
		if err != nil || r.Order.ID == o.ID {
			t.Fatalf("got %s, %v", r.Order.ID, err)
		}
		if old := h.load(o.ID); old.Status() != order.Cancelled || old.SupersededBy != r.Order.ID {
			t.Errorf("the old order is %s, superseded by %q", old.Status(), old.SupersededBy)
		}
	})
	t.Run("changed cart under a live attempt: conflict", func(t *testing.T) {
		h := newHouse(t)
		o, _ := h.started("r1")
		var taken *checkout.ReferenceError
		if _, err := h.Create(t.Context(), h.request(""), dearer()); !errors.As(err, &taken) || taken.Order.ID != o.ID {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("paid: already paid", func(t *testing.T) {
		h := newHouse(t)
		_, p := h.started("r1")
		if _, err := h.news(captured(p, 4999)); err != nil {
			t.Fatal(err)
		}
		var taken *checkout.ReferenceError
		if _, err := h.Create(t.Context(), h.request(""), spec("r1")); !errors.As(err, &taken) || taken.Reason != "already_paid" {
			t.Fatalf("got %v", err)
		}
	})
	t.Run("cancelled: a new order", func(t *testing.T) {
		h := newHouse(t)
		o := h.create("r1")
		if _, err := h.Cancel(t.Context(), h.request(""), o.ID); err != nil {
			t.Fatal(err)
		}
		if next := h.create("r1"); next.ID == o.ID {
			t.Error("the cancelled order came back")
		}
	})
}

func TestCreate_withMethod_oneOfManyAtOnce_startsOnePayment(t *testing.T) {
	h := newHouse(t)
	s := spec("r1")
	s.Method = "acme"
	var g sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		g.Go(func() {
			r, err := h.Create(t.Context(), h.request("k1"), s)
			switch {
			case err != nil:
				answers[i] = err.Error()
			case r.Answer != nil:
				answers[i] = string(r.Answer.Body)
			default:
				a := h.request("k1").Idempotency.Render(r.Order, r.Subject)
				answers[i] = string(a.Body)
			}
		})
	}
	g.Wait()
	for _, a := range answers {
		if a != answers[0] {
			t.Errorf("answers differ: %q and %q", a, answers[0])
		}
	}
	if n := h.caller.count(contract.CreatePayment); n != 1 {
		t.Errorf("create_payment ran %d times", n)
	}
}

func TestCreate_nodeGoneBeforeAnswer_repeatGivesOnePayment(t *testing.T) {
	h := newHouse(t)
	s := spec("r1")
	s.Method = "acme"
	gone := errors.New("the node is gone")
	h.on(contract.CreatePayment, func(checkout.Call) (checkout.Ended, error) { return checkout.Ended{}, gone })
	if _, err := h.Create(t.Context(), h.request("k1"), s); !errors.Is(err, gone) {
		t.Fatalf("got %v", err)
	}
	// Another node takes the call over: its journal has the bank's answer.
	ref, err := h.store.FindReference(t.Context(), "shop", "r1")
	if err != nil {
		t.Fatal(err)
	}
	rec, _ := h.store.Load(t.Context(), ref.Order)
	if rec.Busy == nil {
		t.Fatal("no call runs")
	}
	lost := h.caller.calls[0]
	h.caller.resumed[rec.Busy.Call] = func() (checkout.Call, checkout.Ended, error) {
		return lost, h.done(contract.CreateResult{ProviderReference: "ext", Action: contract.Action{Type: contract.ActionRedirect, URL: "https://bank.example/pay"}}), nil
	}
	h.clock.move(2 * time.Minute)
	h.ring()
	r, err := h.Create(t.Context(), h.request("k1"), s)
	if err != nil {
		t.Fatal(err)
	}
	o := h.load(ref.Order)
	if len(o.Payments) != 1 || o.Payments[0].Action == nil {
		t.Errorf("payments: %+v", o.Payments)
	}
	again, err := h.Create(t.Context(), h.request("k1"), s)
	if err != nil || again.Answer == nil {
		t.Fatalf("got %+v, %v; want the kept answer", again, err)
	}
	if r.Answer != nil && !bytes.Equal(r.Answer.Body, again.Answer.Body) {
		t.Error("two answers")
	}
}

// ring runs what is due.
func (h *house) ring() {
	h.t.Helper()
	due, err := h.store.DuePartitions(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	for _, p := range due {
		alarms, err := h.store.ClaimDue(h.t.Context(), p, 25)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, a := range alarms {
			if strings.HasSuffix(a.Member, checkout.TellSuffix) {
				continue
			}
			if err := h.Work(h.t.Context(), a); err != nil {
				h.t.Fatal(err)
			}
		}
	}
}
