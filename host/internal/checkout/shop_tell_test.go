package checkout_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// placed is an order that came through the shop's adapter.
func (h *house) placed(reference string) order.Order {
	h.t.Helper()
	h.reads(contract.ReadOrderResult{Order: wants(reference, 4999)})
	r, err := h.ReadOrder(h.t.Context(), "shop", "woo", contract.Message{Method: "POST"})
	if err != nil {
		h.t.Fatal(err)
	}
	return *r.Order
}

func told(o order.Order, number int64) contract.TellInput {
	return contract.TellInput{Event: contract.Event{Number: number, Type: contract.OrderOpen}, Order: contract.Order{ID: o.ID, Reference: o.Reference}}
}

func TestTellShop_whoIsTold(t *testing.T) {
	h := newMarket(t, checkout.Account{ID: "woo-live", Shop: "shop", Provider: "woocommerce", WebhookPlugin: "woocommerce", Live: true})
	h.on(contract.TellShop, func(checkout.Call) (checkout.Ended, error) {
		return h.done(contract.TellResult{Delivered: true, ShopReference: "#7"}), nil
	})
	mine := h.placed("r1")
	of := func(platform, account string) func(*order.Order) {
		return func(o *order.Order) {
			o.Metadata = map[string]string{contract.MetadataPlatform: platform, contract.MetadataAccount: account}
		}
	}
	tests := map[string]struct {
		change  func(*order.Order)
		account string
	}{
		"of no platform":      {func(o *order.Order) { o.Metadata = nil }, ""},
		"of another platform": {of("magento", ""), ""},
		"of a payment plugin": {of("acme", ""), ""},
		"of another shop":     {func(o *order.Order) { of("woocommerce", "")(o); o.Shop = "other" }, ""},
		"by the API":          {of("woocommerce", ""), "woo"},
		"by the API, live":    {func(o *order.Order) { of("woocommerce", "")(o); o.Live = true }, "woo-live"},
		"of the account":      {func(*order.Order) {}, "woo"},
	}
	for name, tt := range tests {
		o := mine
		tt.change(&o)
		got, ok, err := h.TellShop(t.Context(), o, told(o, 1))
		if err != nil || ok != (tt.account != "") || got.Account != tt.account || ok && (got.Reference != "#7" || got.Failure != nil) {
			t.Errorf("%s: got %+v, %t, %v, want account %q", name, got, ok, err, tt.account)
		}
	}
}

func TestTellShop_failures(t *testing.T) {
	for code, final := range map[contract.FailureCode]bool{
		contract.ProviderUnavailable: false, contract.RateLimited: false, contract.Internal: false,
		contract.NotFound: true, contract.Unauthorized: true, contract.InvalidRequest: true, contract.Conflict: true,
	} {
		h := newMarket(t)
		o := h.placed("r1")
		h.on(contract.TellShop, func(checkout.Call) (checkout.Ended, error) { return failed(code, order.OutcomeKnown), nil })
		got, ok, err := h.TellShop(t.Context(), o, told(o, 1))
		if err != nil || !ok || got.Failure == nil || got.Failure.Code != code || got.Final() != final {
			t.Errorf("%s: got %+v, %t, %v", code, got, ok, err)
		}
	}
}

// An account that is not there, is of the other mode, or has a plugin of another
// kind now, leaves its orders to be told later: they are nobody else's.
func TestTellShop_accountGone(t *testing.T) {
	h := newMarket(t, checkout.Account{ID: "woo-2", Shop: "shop", Provider: "woocommerce", WebhookPlugin: "woocommerce"}, checkout.Account{ID: "odd", Shop: "shop", Provider: "woocommerce", WebhookPlugin: "acme"})
	o := h.placed("r1")
	for name, change := range map[string]func(*order.Order){
		"gone":            func(o *order.Order) { o.Metadata[contract.MetadataAccount] = "woo-9" },
		"another mode":    func(o *order.Order) { o.Live = true },
		"no shop plugin":  func(o *order.Order) { o.Metadata[contract.MetadataAccount] = "odd" },
		"another account": func(o *order.Order) { o.Metadata[contract.MetadataAccount] = "woo-2"; o.Shop = "other" },
	} {
		o := o
		o.Metadata = map[string]string{contract.MetadataPlatform: "woocommerce", contract.MetadataAccount: "woo"}
		change(&o)
		if _, ok, err := h.TellShop(t.Context(), o, told(o, 1)); !ok || err == nil {
			t.Errorf("%s: got %t, %v, want it told later", name, ok, err)
		}
	}
	if n := h.caller.count(contract.TellShop); n != 0 {
		t.Errorf("told %d times", n)
	}
}

// A plugin that cannot be had leaves its events to be told later.
func TestTellShop_pluginGone(t *testing.T) {
	h := newMarket(t)
	o := h.placed("r1")
	h.Service = checkout.New(checkout.Options{Store: h.state, Caller: h.caller, Directory: market{}, Clock: h.clock.Now, Registry: withShop{registry: h.registry, gone: true}})
	if _, ok, err := h.TellShop(t.Context(), o, told(o, 1)); !ok || !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("got %t, %v", ok, err)
	}
}

// Two nodes never tell of one order at once; of two orders they do.
func TestTellShop_oneAtATime(t *testing.T) {
	h := newMarket(t)
	o, other := h.placed("r1"), h.placed("r2")
	within := func(checkout.Call) (checkout.Ended, error) { return h.done(contract.TellResult{Delivered: true}), nil }
	h.on(contract.TellShop, func(checkout.Call) (checkout.Ended, error) {
		h.on(contract.TellShop, within)
		if _, _, err := h.TellShop(t.Context(), o, told(o, 2)); !errors.Is(err, checkout.ErrBusy) {
			t.Errorf("the same order: got %v, want %v", err, checkout.ErrBusy)
		}
		if _, _, err := h.TellShop(t.Context(), other, told(other, 1)); err != nil {
			t.Errorf("another order: %v", err)
		}
		return within(checkout.Call{})
	})
	for number := range int64(2) {
		if _, ok, err := h.TellShop(t.Context(), o, told(o, number+1)); !ok || err != nil {
			t.Errorf("event %d: got %t, %v", number+1, ok, err)
		}
	}
}

// A node that goes down while it tells leaves the order alone until its call is
// taken over, or for some minutes; one whose call left no trace does not.
func TestTellShop_nodeGone(t *testing.T) {
	h := newMarket(t)
	o := h.placed("r1")
	gone := errors.New("the node went down")
	var call checkout.Call
	h.on(contract.TellShop, func(c checkout.Call) (checkout.Ended, error) {
		call = c
		h.caller.mu.Lock()
		h.caller.resumed[c.ID] = func() (checkout.Call, checkout.Ended, error) { return c, checkout.Ended{}, gone }
		h.caller.mu.Unlock()
		return checkout.Ended{}, gone
	})
	if _, _, err := h.TellShop(t.Context(), o, told(o, 1)); !errors.Is(err, gone) {
		t.Fatalf("got %v", err)
	}
	h.on(contract.TellShop, func(checkout.Call) (checkout.Ended, error) { return h.done(contract.TellResult{Delivered: true}), nil })
	if _, _, err := h.TellShop(t.Context(), o, told(o, 1)); !errors.Is(err, checkout.ErrBusy) {
		t.Errorf("before it is taken over: got %v, want %v", err, checkout.ErrBusy)
	}
	h.caller.resumed[call.ID] = func() (checkout.Call, checkout.Ended, error) {
		return call, checkout.Ended{Failure: &contract.Failure{Code: contract.ProviderUnavailable}, Journal: &checkout.JournalEnd{Call: call.ID}}, nil
	}
	if err := h.Work(t.Context(), checkout.Alarm{Partition: 3, Member: call.ID}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.TellShop(t.Context(), o, told(o, 1)); err != nil || !slices.Contains(h.caller.ended, call.ID) {
		t.Errorf("after it was taken over: got %v, journals ended: %v", err, h.caller.ended)
	}
	h.on(contract.TellShop, func(checkout.Call) (checkout.Ended, error) { return checkout.Ended{}, gone })
	for range 2 {
		if _, _, err := h.TellShop(t.Context(), o, told(o, 2)); !errors.Is(err, gone) {
			t.Errorf("without a trace: got %v, want %v each time", err, gone)
		}
	}
}

func TestSyncShops(t *testing.T) {
	h := newMarket(t)
	var cursors []string
	pages := map[string]contract.SyncResult{
		"":   {Orders: []contract.OrderRequest{*wants("r1", 4999)}, Next: "p2", More: true},
		"p2": {Orders: []contract.OrderRequest{{Reference: "bad", Amount: eur(1), ReturnURL: "https://elsewhere.example"}, *wants("r2", 100)}, Next: "p3", Findings: []contract.Finding{{Level: contract.FindingWarning, Text: "the webhook is off", Fix: "switch it on"}}},
		"p3": {Commands: []contract.Command{{Type: contract.CommandCancel, Reference: "r1"}}, Next: "p3"},
	}
	h.on(contract.SyncShop, func(c checkout.Call) (checkout.Ended, error) {
		var in contract.SyncInput
		if err := json.Unmarshal(c.Input, &in); err != nil {
			t.Error(err)
		}
		cursors = append(cursors, in.Cursor)
		return h.done(pages[in.Cursor]), nil
	})
	h.SyncShops(t.Context())
	h.SyncShops(t.Context()) // too soon
	if want := []string{"", "p2"}; !slices.Equal(cursors, want) {
		t.Fatalf("asked from %q, want %q", cursors, want)
	}
	at, err := h.store.Synced(t.Context(), "woo")
	if err != nil || at.Cursor != "p3" || len(at.Findings) != 2 {
		t.Errorf("kept %+v, %v", at, err)
	}
	for _, ref := range []string{"r1", "r2"} {
		if _, err := h.store.FindReference(t.Context(), "shop", ref); err != nil {
			t.Errorf("order %s: %v", ref, err)
		}
	}
	h.clock.move(checkout.SyncEvery + time.Second)
	h.SyncShops(t.Context())
	ref, err := h.store.FindReference(t.Context(), "shop", "r1")
	if err != nil || ref.Status != order.Cancelled || len(cursors) != 3 {
		t.Errorf("got %+v, %v after %q", ref, err, cursors)
	}
}

func TestSyncShops_failure_isFoundAndTriedAgain(t *testing.T) {
	h := newMarket(t)
	h.on(contract.SyncShop, func(checkout.Call) (checkout.Ended, error) {
		return failed(contract.Unauthorized, order.OutcomeKnown), nil
	})
	h.SyncShops(t.Context())
	at, err := h.store.Synced(t.Context(), "woo")
	if err != nil || len(at.Findings) != 1 || at.Findings[0].Level != contract.FindingError || at.Cursor != "" || at.At.IsZero() {
		t.Errorf("kept %+v, %v", at, err)
	}
	h.clock.move(checkout.SyncEvery + time.Second)
	h.on(contract.SyncShop, func(checkout.Call) (checkout.Ended, error) { return h.done(contract.SyncResult{Next: "n"}), nil })
	h.SyncShops(t.Context())
	if at, err := h.store.Synced(t.Context(), "woo"); err != nil || len(at.Findings) != 0 || at.Cursor != "n" {
		t.Errorf("kept %+v, %v", at, err)
	}
}
