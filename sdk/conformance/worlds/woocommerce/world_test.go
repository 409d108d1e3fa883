package woocommerce_test

import (
	"reflect"
	"testing"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/woocommerce"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/simulator/woocommerce"
)

func start(t *testing.T) *world.World {
	t.Helper()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// Every forgery changes a webhook; the ping has no signature to change.
func TestForge(t *testing.T) {
	t.Parallel()
	w := start(t)
	if _, err := w.Place(t.Context(), contract.Money{Value: 1250, Currency: "EUR"}); err != nil {
		t.Fatal(err)
	}
	list, err := w.Messages(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("got %d messages, %v", len(list), err)
	}
	good := list[0]
	if good.Header("x-wc-webhook-signature") != world.Sign(woocommerce.DemoWebhookSecret, good.Body) {
		t.Error("a webhook bears another signature")
	}
	ping, ok := w.Ping(t.Context())
	for _, f := range conformance.Forgeries() {
		if bad := w.Forge(good, f); reflect.DeepEqual(bad, good) {
			t.Errorf("%s changes nothing", f)
		}
		if !ok || !reflect.DeepEqual(w.Forge(ping, f), ping) {
			t.Errorf("%s changes the ping", f)
		}
	}
	if good.Header("x-wc-webhook-signature") != world.Sign(woocommerce.DemoWebhookSecret, good.Body) {
		t.Error("a forgery changed the message that it was made of")
	}
}

func TestBooks(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), t.Context()
	for _, amount := range []contract.Money{{Value: 1250, Currency: "EUR"}, {Value: 1250, Currency: "JPY"}, {Value: 1250, Currency: "TND"}} {
		key, err := w.Place(ctx, amount)
		if err != nil {
			t.Fatal(err)
		}
		zero := contract.Money{Currency: amount.Currency}
		open := conformance.ShopBooks{Known: true, Reference: w.Books(key).Reference, State: conformance.ShopOpen, Paid: zero, Refunded: zero}
		if got := w.Books(key); !reflect.DeepEqual(got, open) || got.Reference == key {
			t.Errorf("got %+v, want %+v", got, open)
		}
		if err := w.Do(ctx, key, conformance.ShopPays); err != nil {
			t.Fatal(err)
		}
		if got := w.Books(key); got.State != conformance.ShopPaid || got.Paid != amount || got.Payments != 1 || got.Transaction != "by-hand" || len(got.Notes) != 1 {
			t.Errorf("paid: got %+v", got)
		}
		for act, state := range map[conformance.ShopAct]conformance.ShopState{
			conformance.ShopCancels: conformance.ShopCancelled, conformance.ShopHolds: conformance.ShopWaiting, conformance.ShopShips: conformance.ShopPaid,
		} {
			if err := w.Do(ctx, key, act); err != nil || w.Books(key).State != state {
				t.Errorf("%s: got %+v, %v", act, w.Books(key), err)
			}
		}
		if err := w.Do(ctx, key, conformance.ShopDeletes); err != nil || w.Books(key).Known {
			t.Errorf("deleted: got %+v, %v", w.Books(key), err)
		}
	}
	for _, key := range []string{"", "x", "9"} {
		if w.Books(key).Known || w.Do(ctx, key, conformance.ShopCancels) == nil {
			t.Errorf("%q is known", key)
		}
	}
}

func TestLoseAndDisable(t *testing.T) {
	t.Parallel()
	w, ctx := start(t), t.Context()
	key, err := w.Place(ctx, contract.Money{Value: 1250, Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Lose(ctx); err != nil {
		t.Fatal(err)
	}
	heard := func() int {
		list, err := w.Messages(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	if n := heard(); n != 0 || w.Disabled() {
		t.Errorf("%d messages were not lost, disabled: %v", n, w.Disabled())
	}
	if err := w.Repeat(ctx, key); err != nil || heard() != 1 {
		t.Errorf("it was not repeated: %v", err)
	}
	if err := w.Disable(ctx); err != nil || !w.Disabled() {
		t.Fatal("it is not disabled")
	}
	if err := w.Repeat(ctx, key); err != nil || heard() != 0 {
		t.Errorf("a disabled webhook was sent: %v", err)
	}
}
