package checkout_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// bytesOnly is a registry whose active version, if any, is another than the
// one that made the payments.
type bytesOnly struct{ active *checkout.Version }

func (bytesOnly) Methods() []checkout.Offer { return nil }

func (b bytesOnly) Active(string) (checkout.Version, error) {
	if b.active == nil {
		return checkout.Version{}, checkout.ErrNotFound
	}
	return *b.active, nil
}

func (bytesOnly) Version(_ context.Context, digest string) (checkout.Version, error) {
	return checkout.Version{Plugin: order.Plugin{Name: "acme", Version: "1.0.0", Digest: digest}, Manifest: contract.Manifest{Operations: contract.Exports(contract.KindPayment)}}, nil
}

// later is the same house after a restart with other plugins.
func (h *house) later(r checkout.Registry) *house {
	next := *h
	next.Service = checkout.New(checkout.Options{
		Store: h.state, Caller: h.caller, Directory: directory{}, PublicURL: "https://pay.example", Clock: h.clock.Now, Logger: slog.New(slog.DiscardHandler), Registry: r,
	})
	h.t.Cleanup(next.Close)
	return &next
}

func version(name, v, digest string) *checkout.Version {
	return &checkout.Version{Plugin: order.Plugin{Name: name, Version: v, Digest: digest}}
}

func TestWebhook_pluginGone_runsOnBytesOfLivePayments(t *testing.T) {
	h := newHouse(t)
	o, p := h.started("r1")
	h = h.later(bytesOnly{})
	r, err := h.news(captured(p, 4999))
	if err != nil || r.Status != http.StatusOK {
		t.Fatalf("got %d, %v", r.Status, err)
	}
	if got := h.load(o.ID); got.Status() != order.Paid {
		t.Errorf("the order is %s", got.Status())
	}
	if c := h.caller.calls[len(h.caller.calls)-1]; c.Plugin.Digest != "d1" {
		t.Errorf("it ran on %+v", c.Plugin)
	}
}

func TestWebhook_pluginGone_nothingLive_isNotFound(t *testing.T) {
	h := newHouse(t).later(bytesOnly{})
	if _, err := h.news(); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("got %v", err)
	}
}

func TestWebhook_activeRefuses_olderBytesSpeakForTheirOwnPayments(t *testing.T) {
	for name, c := range map[string]struct {
		older contract.FailureCode
		code  contract.FailureCode
		want  order.Status
		ran   int
	}{
		"older takes it":        {"", contract.BadSignature, order.Paid, 2},
		"older refuses as well": {contract.InvalidRequest, contract.BadSignature, order.Pending, 2},
		"the provider is away":  {"", contract.ProviderUnavailable, order.Pending, 1},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o, p := h.started("r1")
			h = h.later(bytesOnly{version("acme", "2.0.0", "d2")})
			h.on(contract.ReceiveWebhook, func(call checkout.Call) (checkout.Ended, error) {
				switch {
				case call.Plugin.Digest == "d2":
					return failed(c.code, order.OutcomeKnown), nil
				case c.older != "":
					return failed(c.older, order.OutcomeKnown), nil
				}
				return h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}, Updates: []contract.Update{captured(p, 4999)}}), nil
			})
			before := len(h.caller.calls)
			if _, err := h.Webhook(t.Context(), "acc", contract.Message{Method: "POST"}); err != nil {
				t.Fatal(err)
			}
			if got := h.load(o.ID); got.Status() != c.want || len(h.caller.calls)-before != c.ran {
				t.Errorf("the order is %s after %d calls, want %s after %d", got.Status(), len(h.caller.calls)-before, c.want, c.ran)
			}
		})
	}
}

// revoking is a registry that knows of bytes that are revoked.
type revoking struct {
	bytesOnly
	digest string
}

func (r revoking) Revoked(digest string) bool { return digest == r.digest }

// Revoked bytes are given no message, whether another version is active or
// none is, though their payments are live.
func TestWebhook_revokedBytes_areNeverTried(t *testing.T) {
	for name, active := range map[string]*checkout.Version{"another is active": version("acme", "2.0.0", "d2"), "none is": nil} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			o, p := h.started("r1")
			h = h.later(revoking{bytesOnly{active}, "d1"})
			h.on(contract.ReceiveWebhook, func(call checkout.Call) (checkout.Ended, error) {
				if call.Plugin.Digest == "d2" {
					return failed(contract.BadSignature, order.OutcomeKnown), nil
				}
				return h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}, Updates: []contract.Update{captured(p, 4999)}}), nil
			})
			before := len(h.caller.calls)
			if _, err := h.Webhook(t.Context(), "acc", contract.Message{Method: "POST"}); (err != nil) != (active == nil) || err != nil && !errors.Is(err, checkout.ErrNotFound) {
				t.Errorf("got %v", err)
			}
			for _, c := range h.caller.calls[before:] {
				if c.Plugin.Digest == "d1" {
					t.Errorf("the revoked bytes were given the message: %+v", c)
				}
			}
			if got := h.load(o.ID); got.Status() != order.Pending {
				t.Errorf("the order is %s", got.Status())
			}
		})
	}
}

// swapping is a registry whose active version changes while it serves.
type swapping struct {
	checkout.Registry
	active atomic.Pointer[checkout.Version]
}

func (s *swapping) Active(plugin string) (checkout.Version, error) {
	if v := s.active.Load(); v != nil {
		return *v, nil
	}
	return s.Registry.Active(plugin)
}

// What anybody sends while there are no live payments hides none that is made
// after it: not from the bytes that made it, once they are active no more.
func TestWebhook_badMessageBeforeASwap_hidesNoLivePayment(t *testing.T) {
	h := newHouse(t)
	r := &swapping{Registry: h.registry}
	h = h.later(r)
	h.on(contract.ReceiveWebhook, func(checkout.Call) (checkout.Ended, error) {
		return failed(contract.BadSignature, order.OutcomeNotAttempted), nil
	})
	if r, err := h.Webhook(t.Context(), "acc", contract.Message{Method: "POST", Body: "forged"}); err != nil || r.Status != http.StatusBadRequest {
		t.Fatalf("forged: got %+v, %v", r, err)
	}
	o, p := h.started("r1")
	r.active.Store(version("acme", "2.0.0", "d2"))
	h.on(contract.ReceiveWebhook, func(call checkout.Call) (checkout.Ended, error) {
		if call.Plugin.Digest == "d2" {
			return failed(contract.BadSignature, order.OutcomeNotAttempted), nil
		}
		return h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}, Updates: []contract.Update{captured(p, 4999)}}), nil
	})
	if _, err := h.Webhook(t.Context(), "acc", contract.Message{Method: "POST", Body: "real"}); err != nil {
		t.Fatal(err)
	}
	if got := h.load(o.ID); got.Status() != order.Paid {
		t.Errorf("the order is %s, want paid", got.Status())
	}
}

// An old version cannot book money on payments of newer bytes.
func TestWebhook_olderBytes_newsOfOthersIsRefused(t *testing.T) {
	h := newHouse(t)
	h.started("r1")
	h.clock.move(time.Second)
	newer := h.later(renamed{bytesOnly{version("acme", "2.0.0", "d2")}})
	o, p := newer.started("r2")
	newer.on(contract.ReceiveWebhook, func(call checkout.Call) (checkout.Ended, error) {
		if call.Plugin.Digest == "d2" {
			return failed(contract.BadSignature, order.OutcomeKnown), nil
		}
		return h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}, Updates: []contract.Update{captured(p, 4999)}}), nil
	})
	if _, err := newer.Webhook(t.Context(), "acc", contract.Message{Method: "POST"}); err != nil {
		t.Fatal(err)
	}
	if got := newer.load(o.ID); got.Status() != order.Pending {
		t.Errorf("the order is %s by the word of older bytes", got.Status())
	}
}

// renamed offers the active version's method.
type renamed struct{ bytesOnly }

func (r renamed) Methods() []checkout.Offer {
	v := *r.active
	v.Manifest = contract.Manifest{Name: "acme", Provider: "acme", Operations: contract.Exports(contract.KindPayment)}
	return []checkout.Offer{{Version: v, Method: contract.Method{ID: "acme", Currencies: map[string]contract.Range{"EUR": {}}, Flow: contract.FlowRedirect}}}
}

// A message that a node was given by bytes that were revoked before another
// node took its call over is not booked; what was not revoked is.
func TestWebhook_takenOver_revokedBytesAreNotBelieved(t *testing.T) {
	for revoked, want := range map[string]order.Status{"d1": order.Pending, "other": order.Paid} {
		t.Run(revoked, func(t *testing.T) {
			h := newHouse(t)
			o, p := h.started("r1")
			h = h.later(revoking{bytesOnly{}, revoked})
			call := checkout.Call{
				ID: checkout.NewCallID(checkout.PartitionOfName("acc"), start), Export: contract.ReceiveWebhook, Account: "acc",
				Plugin: order.Plugin{Name: "acme", Version: "1.0.0", Digest: "d1"}, Input: []byte(`{"message":{"method":"POST","path":"/"}}`),
			}
			h.caller.resumed[call.ID] = func() (checkout.Call, checkout.Ended, error) {
				e := h.done(contract.WebhookResult{Response: contract.WebhookResponse{Status: 200}, Updates: []contract.Update{captured(p, 4999)}})
				e.Journal = &checkout.JournalEnd{Call: call.ID}
				return call, e, nil
			}
			if err := h.Work(context.WithoutCancel(t.Context()), checkout.Alarm{Partition: checkout.PartitionOfName("acc"), Member: call.ID}); err != nil {
				t.Fatal(err)
			}
			if got := h.load(o.ID); got.Status() != want {
				t.Errorf("the order is %s, want %s", got.Status(), want)
			}
			if len(h.caller.ended) != 1 || h.caller.ended[0] != call.ID {
				t.Errorf("journals ended: %v", h.caller.ended)
			}
		})
	}
}
