package conformance_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
	"github.com/kassette-pay/kassette/sdk/guest/guesttest"
)

// plainStall is a shop without first contact, which sends each change by
// itself and never ceases to.
type plainStall struct {
	conformance.ShopWorld
	sent []contract.Message
}

func newPlainStall() (conformance.ShopWorld, error) {
	w, err := newStallWorld()
	return &plainStall{ShopWorld: w}, err
}

func (w *plainStall) Name(goods string) { w.ShopWorld.(conformance.Namer).Name(goods) }

func (*plainStall) Ping(context.Context) (contract.Message, bool) { return contract.Message{}, false }

func (w *plainStall) send(ctx context.Context) error {
	list, err := w.ShopWorld.Messages(ctx)
	w.sent = append(w.sent, list...)
	return err
}

func (w *plainStall) Place(ctx context.Context, amount contract.Money) (string, error) {
	key, err := w.ShopWorld.Place(ctx, amount)
	return key, errors.Join(err, w.send(ctx))
}

func (w *plainStall) Do(ctx context.Context, key string, act conformance.ShopAct) error {
	return errors.Join(w.ShopWorld.Do(ctx, key, act), w.send(ctx))
}

func (w *plainStall) Messages(ctx context.Context) ([]contract.Message, error) {
	err := w.send(ctx)
	sent := w.sent
	w.sent = nil
	return sent, err
}

func (w *plainStall) Lose(ctx context.Context) error {
	_, err := w.Messages(ctx)
	return err
}

// reader is a shop plugin that is told nothing.
type reader struct{ s stall }

func (p reader) Describe() contract.Manifest { return p.s.Describe() }

func (p reader) ReadOrder(c *guest.Call, in contract.ReadOrderInput) (contract.ReadOrderResult, error) {
	return p.s.ReadOrder(c, in)
}

// holdless never holds an order, as on a platform that cannot.
type holdless struct{ stall }

func (p holdless) TellShop(c *guest.Call, in contract.TellInput) (contract.TellResult, error) {
	if in.Event.Type == contract.OrderPending || in.Event.Type == contract.OrderAuthorized {
		return contract.TellResult{Delivered: true}, nil
	}
	return p.stall.TellShop(c, in)
}

// What does not apply names a field of the manifest. What a world cannot do and
// nobody denies is a problem, and what it does and the manifest denies is one.
func TestShopCheck_notApplicable(t *testing.T) {
	t.Parallel()
	plain := stallFixture
	plain.World, plain.Currencies = newPlainStall, []string{"EUR"}
	why := contract.Lacks{
		contract.Pings: "stall.md 1", contract.Disables: "stall.md 2", contract.JoinsChanges: "stall.md 3", contract.AnyDecimals: "stall.md 4",
		contract.HoldsOrders: "stall.md 5",
	}
	silent, denies := guesttest.New(stall{}), guesttest.New(holdless{stall{lacks: why}})
	tests := []struct {
		name            string
		runner          conformance.Runner
		fixture         conformance.ShopFixture
		scenario        string
		skipped, failed string
	}{
		{"tells nothing", guesttest.New(reader{}), stallFixture, "lost/paid, lost after", "/operations has no tell_shop", ""},
		{"syncs nothing", guesttest.New(reader{}), stallFixture, "sync/a new order", "/operations has no sync_shop", ""},
		{"checks nothing", guesttest.New(reader{}), stallFixture, "settings/good", "/operations has no check_settings", ""},
		{"reads all the same", guesttest.New(reader{}), stallFixture, "snapshots/cancelled", "", ""},
		{"said to have no ping", denies, plain, "ping/first contact", "/lacks/pings: stall.md 1", ""},
		{"said never to cease", denies, plain, "sync/a shop that sends no more", "/lacks/disables: stall.md 2", ""},
		{"said to join nothing", denies, plain, "snapshots/placed and dearer, joined", "/lacks/joins_changes: stall.md 3", ""},
		{"said to have few currencies", denies, plain, "orders/with 3 decimals", "/lacks/any_decimals: stall.md 4", ""},
		{"said to hold nothing", denies, plain, "order/a whole life", "", ""},
		{"lacks no ping", silent, stallFixture, "lacks/pings", "/lacks has no pings", ""},
		{"has no ping", silent, plain, "ping/first contact", "", "the world has no ping"},
		{"never ceases", silent, plain, "sync/a shop that sends no more", "", "the world is no Disabler"},
		{"joins nothing", silent, plain, "snapshots/placed and dearer, joined", "", "if this platform lacks joins_changes"},
		{"has few currencies", silent, plain, "orders/with 3 decimals", "", "ShopFixture.Currencies has none with 3 decimals"},
		{"holds nothing", guesttest.New(holdless{}), plain, "order/a whole life", "", "the order is open in the shop, want waiting"},
		{"has no ping, truly", denies, plain, "lacks/pings", "", ""},
		{"never ceases, truly", denies, plain, "lacks/disables", "", ""},
		{"joins nothing, truly", denies, plain, "lacks/joins_changes", "", ""},
		{"has few currencies, truly", denies, plain, "lacks/any_decimals", "", ""},
		{"holds nothing, truly", denies, plain, "lacks/holds_orders", "", ""},
		{"has a ping after all", denies, stallFixture, "lacks/pings", "", "and the platform does it"},
		{"joins after all", denies, stallFixture, "lacks/joins_changes", "", "and the platform does it"},
		{"has currencies after all", denies, stallFixture, "lacks/any_decimals", "", "and the platform does it"},
		{"holds after all", guesttest.New(stall{lacks: why}), stallFixture, "lacks/holds_orders", "", "and the platform does it"},
		{"shows transactions after all", guesttest.New(stall{lacks: contract.Lacks{contract.ShowsTransaction: "6"}}), stallFixture, "lacks/shows_transaction", "", "and the platform does it"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m, err := conformance.Describe(t.Context(), tt.runner)
			if err != nil {
				t.Fatal(err)
			}
			list := conformance.ShopScenarios()
			i := slices.IndexFunc(list, func(s conformance.ShopScenario) bool { return s.Family+"/"+s.Name == tt.scenario })
			if i < 0 {
				t.Fatalf("there is no scenario %q", tt.scenario)
			}
			v, err := list[i].Check(t.Context(), tt.runner, m, tt.fixture)
			if err != nil {
				t.Fatal(err)
			}
			if v.NotApplicable != tt.skipped {
				t.Errorf("got not applicable %q, want %q", v.NotApplicable, tt.skipped)
			}
			if got := strings.Join(v.Problems, "; "); (tt.failed == "") != (got == "") || !strings.Contains(got, tt.failed) {
				t.Errorf("got problems %q, want %q", got, tt.failed)
			}
		})
	}
}

// A platform that lacks all that can be lacked passes the rest.
func TestRunShop_plain(t *testing.T) {
	t.Parallel()
	f := stallFixture
	f.World, f.Currencies = newPlainStall, []string{"EUR"}
	guesttest.ConformShop(t, guesttest.New(holdless{stall{lacks: contract.Lacks{
		contract.Pings: "1", contract.Disables: "2", contract.JoinsChanges: "3", contract.AnyDecimals: "4", contract.HoldsOrders: "5",
	}}}), f)
}

// An error is the last word, and whoever has heard enough may go.
func TestRunShop_ends(t *testing.T) {
	t.Parallel()
	over, cancel := context.WithCancel(t.Context())
	cancel()
	worldless := stallFixture
	worldless.World = func() (conformance.ShopWorld, error) { return nil, errors.New("the port is taken") }
	for name, seq := range map[string]func(yield func(conformance.Verdict, error) bool){
		"manifest is not valid": conformance.RunShop(t.Context(), guesttest.New(nameless{}), stallFixture),
		"a payment plugin":      conformance.RunShop(t.Context(), guesttest.New(acme{}), stallFixture),
		"the port is taken":     conformance.RunShop(t.Context(), guesttest.New(stall{}), worldless),
		"context canceled":      conformance.RunShop(over, guesttest.New(stall{}), stallFixture),
	} {
		n := 0
		var last error
		for _, err := range seq {
			n, last = n+1, err
		}
		if n != 1 || last == nil {
			t.Errorf("%s: got %d verdicts, the last with %v", name, n, last)
		}
	}
	for v, err := range conformance.RunShop(t.Context(), guesttest.New(stall{}), stallFixture) {
		if err != nil || !v.Passed() || v.Took <= 0 {
			t.Errorf("got %+v, %v", v, err)
		}
		break
	}
}
