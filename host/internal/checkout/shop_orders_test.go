package checkout_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// market is the directory with a shop platform beside the provider: a test
// account and, where it says so, another one.
type market struct {
	directory
	more []checkout.Account
}

func (m market) Accounts(shop string) []checkout.Account {
	if shop != "shop" {
		return nil
	}
	return append(m.directory.Accounts(shop), append([]checkout.Account{{ID: "woo", Shop: "shop", Provider: "woocommerce", WebhookPlugin: "woocommerce"}}, m.more...)...)
}

func (m market) All() []checkout.Account { return m.Accounts("shop") }

func (m market) Account(id string) (checkout.Account, error) {
	i := slices.IndexFunc(m.All(), func(a checkout.Account) bool { return a.ID == id })
	if i < 0 {
		return checkout.Account{}, checkout.ErrNotFound
	}
	return m.All()[i], nil
}

// withShop has the plugin of the shop platform beside the provider's; gone says
// that its bytes are not there.
type withShop struct {
	registry
	gone bool
}

func (r withShop) Active(plugin string) (checkout.Version, error) {
	if plugin != "woocommerce" {
		return r.registry.Active(plugin)
	}
	if r.gone {
		return checkout.Version{}, checkout.ErrNotFound
	}
	return checkout.Version{
		Plugin:   order.Plugin{Name: "woocommerce", Version: "1.0.0", Digest: "w1"},
		Manifest: contract.Manifest{Name: "woocommerce", Kind: contract.KindShop, Provider: "woocommerce", Operations: contract.Exports(contract.KindShop)},
	}, nil
}

// newMarket is a house whose shop has an adapter.
func newMarket(t *testing.T, more ...checkout.Account) *house {
	t.Helper()
	h := newHouse(t)
	h.logs = &bytes.Buffer{}
	h.Service = checkout.New(checkout.Options{
		Store: h.state, Caller: h.caller, Directory: market{more: more}, PublicURL: "https://pay.example", Clock: h.clock.Now, Logger: slog.New(slog.NewTextHandler(h.logs, nil)), Registry: withShop{registry: h.registry},
	})
	t.Cleanup(h.Close)
	return h
}

// reads makes the shop's plugin find this in any message.
func (h *house) reads(r contract.ReadOrderResult) {
	if r.Response.Status == 0 {
		r.Response.Status = http.StatusOK
	}
	h.on(contract.ReadOrder, func(checkout.Call) (checkout.Ended, error) { return h.done(r), nil })
}

func (h *house) posts() (checkout.ShopReply, error) {
	return h.ReadOrder(h.t.Context(), "shop", "", contract.Message{Method: "POST", Path: "/v1/shops/shop/orders", Body: "{}", RemoteIP: "192.0.2.9"})
}

// wants is an order as a shop's plugin reads it.
func wants(reference string, value int64) *contract.OrderRequest {
	return &contract.OrderRequest{
		Reference: reference, Amount: eur(value), ReturnURL: "https://shop.example/thanks", Locale: "nl-NL",
		Metadata: map[string]string{contract.MetadataOrderID: "7", contract.MetadataPlatform: "another"},
	}
}

func TestReadOrder_whoMayAsk(t *testing.T) {
	account := func(id, plugin string) checkout.Account {
		return checkout.Account{ID: id, Shop: "shop", Provider: plugin, WebhookPlugin: plugin}
	}
	tests := map[string]struct {
		shop, account string
		more          []checkout.Account
		want          error
	}{
		"no such shop":        {"nobody", "", nil, checkout.ErrNotFound},
		"no such account":     {"shop", "woo-2", nil, checkout.ErrNotFound},
		"a provider's":        {"shop", "acc", nil, checkout.ErrNotFound},
		"several, none named": {"shop", "", []checkout.Account{account("woo-live", "woocommerce")}, checkout.ErrWhichAccount},
		"several, one named":  {"shop", "woo-live", []checkout.Account{account("woo-live", "woocommerce")}, nil},
		"the only one":        {"shop", "", nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := newMarket(t, tt.more...)
			h.reads(contract.ReadOrderResult{Response: contract.WebhookResponse{Status: 204}})
			r, err := h.ReadOrder(t.Context(), tt.shop, tt.account, contract.Message{})
			if !errors.Is(err, tt.want) || (tt.want == nil) != (r.Response.Status == 204) {
				t.Errorf("got %+v, %v, want %v", r, err, tt.want)
			}
			if ran := h.caller.count(contract.ReadOrder); ran > 0 != (tt.want == nil) {
				t.Errorf("the plugin ran %d times", ran)
			}
		})
	}
}

// What a plugin did not verify asks for nothing, whatever it says.
func TestReadOrder_unverified(t *testing.T) {
	for name, r := range map[string]contract.ReadOrderResult{
		"an order": {Order: wants("r1", 4999)}, "a command": {Commands: []contract.Command{{Type: contract.CommandCancel, Reference: "r1"}}},
	} {
		h := newMarket(t)
		before := h.create("r1")
		r.Response.Status = 200
		h.on(contract.ReadOrder, func(checkout.Call) (checkout.Ended, error) {
			e := h.done(r)
			e.Verified = false
			return e, nil
		})
		reply, err := h.posts()
		if err != nil || reply.Response.Status != http.StatusBadRequest || reply.Order != nil || h.load(before.ID).LastEvent != before.LastEvent {
			t.Errorf("%s: got %+v, %v", name, reply, err)
		}
	}
}

func TestReadOrder_failures(t *testing.T) {
	for code, want := range map[contract.FailureCode]int{contract.BadSignature: 400, contract.InvalidRequest: 400, contract.ProviderUnavailable: 503, contract.Internal: 503} {
		h := newMarket(t)
		h.on(contract.ReadOrder, func(checkout.Call) (checkout.Ended, error) { return failed(code, order.OutcomeKnown), nil })
		if r, err := h.posts(); err != nil || r.Response.Status != want {
			t.Errorf("%s: got %+v, %v, want %d", code, r, err, want)
		}
	}
	h := newMarket(t)
	h.on(contract.ReadOrder, func(checkout.Call) (checkout.Ended, error) {
		return checkout.Ended{}, checkout.ErrUnavailable
	})
	if _, err := h.posts(); !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}

// An order is made once, belongs to the adapter's platform whatever the plugin
// says, and is found again while it is open, under way and paid.
func TestReadOrder_makesAndFindsTheOrder(t *testing.T) {
	h := newMarket(t)
	h.reads(contract.ReadOrderResult{Order: wants("r1", 4999)})
	first, err := h.posts()
	if err != nil || first.Order == nil || first.Existing {
		t.Fatalf("got %+v, %v", first, err)
	}
	if m := first.Order.Metadata; m[contract.MetadataPlatform] != "woocommerce" || m[contract.MetadataOrderID] != "7" || first.Order.NotifyURL != "" || first.Order.Live {
		t.Errorf("got %+v", first.Order)
	}
	if first.Order.LastEvent != 2 { // the shop is told that it is open: nobody reads the answer
		t.Errorf("it has %d events, want two", first.Order.LastEvent)
	}
	again, err := h.posts()
	if err != nil || again.Order == nil || again.Order.ID != first.Order.ID || !again.Existing {
		t.Errorf("again: got %+v, %v", again, err)
	}
	h.reads(contract.ReadOrderResult{Order: wants("r1", 5999)})
	dearer, err := h.posts()
	if err != nil || dearer.Order == nil || dearer.Order.ID == first.Order.ID || dearer.Order.Amount != eur(5999) {
		t.Fatalf("dearer: got %+v, %v", dearer, err)
	}
	if o := h.load(first.Order.ID); o.SupersededBy != dearer.Order.ID {
		t.Errorf("the first is %s, superseded by %q", o.Status(), o.SupersededBy)
	}
	_, id, err := h.Choose(t.Context(), checkout.Token(*dearer.Order), checkout.Choice{Method: "acme"})
	if err != nil {
		t.Fatal(err)
	}
	h.reads(contract.ReadOrderResult{Order: wants("r1", 6999)})
	if r, err := h.posts(); err != nil || r.Order == nil || r.Order.ID != dearer.Order.ID || !r.Existing {
		t.Errorf("while a payment is under way: got %+v, %v", r, err)
	}
	p, _ := h.load(dearer.Order.ID).Payment(id)
	if _, err := h.news(captured(p, 5999)); err != nil {
		t.Fatal(err)
	}
	if r, err := h.posts(); err != nil || r.Order == nil || r.Order.Status() != order.Paid || !r.Existing {
		t.Errorf("once paid: got %+v, %v", r, err)
	}
	if n := len(h.caller.ended); n != 0 {
		t.Errorf("%d journals were ended that nobody began", n)
	}
}

// An order that cannot be paid here is said in the log, with its member: a shop
// that is refused ceases to send.
func TestReadOrder_refusedOrder_isNotRefusedToTheShop(t *testing.T) {
	foreign, lines := wants("r1", 4999), wants("r2", 4999)
	foreign.ReturnURL = "https://elsewhere.example/"
	lines.Lines = []contract.Line{{Name: "one", Kind: contract.LinePhysical, Quantity: "1", Amount: eur(1)}}
	for member, bad := range map[string]*contract.OrderRequest{"/return_url": foreign, "/lines": lines} {
		h := newMarket(t)
		h.reads(contract.ReadOrderResult{Order: bad})
		if r, err := h.posts(); err != nil || r.Order != nil || r.Response.Status != http.StatusOK || !strings.Contains(h.logs.String(), member) {
			t.Errorf("%s: got %+v, %v, log %s", member, r, err, h.logs)
		}
	}
}

// Two accounts of a platform may have one reference each: neither touches the
// other's order.
func TestReadOrder_twoAccounts(t *testing.T) {
	h := newMarket(t, checkout.Account{ID: "woo-2", Shop: "shop", Provider: "woocommerce", WebhookPlugin: "woocommerce"})
	first := h.placed("r1")
	h.reads(contract.ReadOrderResult{Order: wants("r1", 5999)})
	r, err := h.ReadOrder(t.Context(), "shop", "woo-2", contract.Message{})
	if err != nil || r.Order != nil {
		t.Errorf("got %+v, %v", r, err)
	}
	if o := h.load(first.ID); o.Status() != order.Open || o.Amount != eur(4999) || o.Metadata[contract.MetadataAccount] != "woo" {
		t.Errorf("the other account's order is %s of %s, %v", o.Status(), o.Amount, o.Metadata)
	}
}

// A shop's extension that begins a payment of an order which the adapter asked
// for has an order of its own, of which it hears itself.
func TestReadOrder_thenTheExtension(t *testing.T) {
	h := newMarket(t)
	mine := h.placed("r1")
	theirs := h.must(h.Create(t.Context(), h.request("k1"), spec("r1"))).Order
	if theirs.ID == mine.ID || theirs.NotifyURL == "" || h.load(mine.ID).SupersededBy != theirs.ID {
		t.Errorf("got order %s with notices to %q", theirs.ID, theirs.NotifyURL)
	}
	h.reads(contract.ReadOrderResult{Order: wants("r1", 4999)})
	if r, err := h.posts(); err != nil || r.Order == nil || r.Order.ID != theirs.ID {
		t.Errorf("the adapter then: got %+v, %v, want the extension's order", r, err)
	}
}

// A capture that failed can be asked for again.
func TestReadOrder_captureAgainAfterAFailure(t *testing.T) {
	h := newMarket(t)
	o, _ := h.authorized("r1", eur(4999))
	h.reads(contract.ReadOrderResult{Commands: []contract.Command{{Type: contract.CommandCapture, Reference: "r1"}}})
	for i, status := range []contract.OperationStatus{contract.OperationFailed, contract.OperationFailed, contract.OperationSucceeded} {
		h.ends(contract.CapturePayment, status)
		if _, err := h.posts(); err != nil || h.caller.count(contract.CapturePayment) != i+1 {
			t.Fatalf("try %d: got %v after %d captures", i+1, err, h.caller.count(contract.CapturePayment))
		}
	}
	if got := h.load(o.ID).Status(); got != order.Paid {
		t.Errorf("the order is %s", got)
	}
}

func TestReadOrder_commands(t *testing.T) {
	cancel := contract.Command{Type: contract.CommandCancel, Reference: "r1"}
	capture := contract.Command{Type: contract.CommandCapture, Reference: "r1"}
	tests := map[string]struct {
		given    func(h *house) order.Order
		command  contract.Command
		status   order.Status
		captures int
	}{
		"cancel an unknown order": {func(h *house) order.Order { return h.create("r2") }, cancel, order.Open, 0},
		"cancel a paid order":     {func(h *house) order.Order { o, _ := h.paid("r1"); return o }, cancel, order.Paid, 0},
		"cancel an open order":    {func(h *house) order.Order { return h.create("r1") }, cancel, order.Cancelled, 0},
		"capture an open order":   {func(h *house) order.Order { return h.create("r1") }, capture, order.Open, 0},
		"capture a paid order":    {func(h *house) order.Order { o, _ := h.paid("r1"); return o }, capture, order.Paid, 0},
		"capture an authorised order": {func(h *house) order.Order {
			o, _ := h.authorized("r1", eur(4999))
			return o
		}, capture, order.Paid, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := newMarket(t)
			h.ends(contract.CapturePayment, contract.OperationSucceeded)
			o := tt.given(h)
			h.reads(contract.ReadOrderResult{Commands: []contract.Command{tt.command}})
			for range 3 { // shops say a thing more than once
				if r, err := h.posts(); err != nil || r.Response.Status != 200 || r.Order != nil {
					t.Fatalf("got %+v, %v", r, err)
				}
			}
			if got := h.load(o.ID).Status(); got != tt.status {
				t.Errorf("the order is %s, want %s", got, tt.status)
			}
			if n := h.caller.count(contract.CapturePayment); n != tt.captures {
				t.Errorf("captured %d times, want %d", n, tt.captures)
			}
		})
	}
}

// A live order is none of a test account's, and the other way round.
func TestReadOrder_commandForAnotherMode(t *testing.T) {
	h := newMarket(t)
	r := checkout.Request{Key: checkout.Key{ID: "k", Shop: "shop", Live: true}}
	live, err := h.Create(t.Context(), r, spec("r1"))
	if err != nil {
		t.Fatal(err)
	}
	h.reads(contract.ReadOrderResult{Commands: []contract.Command{{Type: contract.CommandCancel, Reference: "r1"}}})
	if _, err := h.posts(); err != nil || h.load(live.Order.ID).Status() != order.Open {
		t.Errorf("got %v, the order is %s", err, h.load(live.Order.ID).Status())
	}
	h.reads(contract.ReadOrderResult{Order: wants("r1", 4999)})
	if r, err := h.posts(); err != nil || r.Order != nil {
		t.Errorf("an order of the same reference: got %+v, %v", r, err)
	}
}

func TestReadOrder_takenOver(t *testing.T) {
	h := newMarket(t)
	call := checkout.Call{ID: checkout.NewCallID(3, start), Export: contract.ReadOrder, Account: "woo", Plugin: order.Plugin{Name: "woocommerce", Digest: "w1"}}
	h.caller.resumed[call.ID] = func() (checkout.Call, checkout.Ended, error) {
		e := h.done(contract.ReadOrderResult{Response: contract.WebhookResponse{Status: 200}, Order: wants("r1", 4999)})
		e.Journal = &checkout.JournalEnd{Call: call.ID}
		return call, e, nil
	}
	if err := h.Work(context.WithoutCancel(t.Context()), checkout.Alarm{Partition: 3, Member: call.ID}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.FindReference(t.Context(), "shop", "r1"); err != nil {
		t.Errorf("the order was not made: %v", err)
	}
	if !slices.Equal(h.caller.ended, []string{call.ID}) {
		t.Errorf("journals ended: %v", h.caller.ended)
	}
}
