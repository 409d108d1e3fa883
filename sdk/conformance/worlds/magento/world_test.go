package magento_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/conformance"
	world "github.com/kassette-pay/kassette/sdk/conformance/worlds/magento"
	"github.com/kassette-pay/kassette/sdk/contract"
)

func open(t *testing.T) *world.World {
	t.Helper()
	w, err := world.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

// Every forgery changes a message, and what has no signature stays as it is.
func TestForge(t *testing.T) {
	t.Parallel()
	w := open(t)
	good, ok := w.Ping(t.Context())
	if !ok {
		t.Fatal("there is no ping")
	}
	seen := map[string]conformance.Forgery{}
	for _, f := range conformance.Forgeries() {
		bad := w.Forge(good, f)
		key := bad.Header("webhook-signature") + bad.Body
		if twin, ok := seen[key]; ok || reflect.DeepEqual(bad, good) {
			t.Errorf("%s changes nothing, or the same as %q", f, twin)
		}
		seen[key] = f
		bare := contract.Message{Method: "POST", Body: good.Body}
		if got := w.Forge(bare, f); !reflect.DeepEqual(got, bare) {
			t.Errorf("%s changes what is not signed: %+v", f, got)
		}
	}
}

// Each act leaves the order as its name says.
func TestDo(t *testing.T) {
	t.Parallel()
	for act, want := range map[conformance.ShopAct]conformance.ShopBooks{
		conformance.ShopCancels: {Known: true, State: conformance.ShopCancelled}, conformance.ShopShips: {Known: true, State: conformance.ShopWaiting},
		conformance.ShopPays: {Known: true, State: conformance.ShopPaid, Payments: 1}, conformance.ShopHolds: {Known: true, State: conformance.ShopWaiting},
		conformance.ShopChanges: {Known: true, State: conformance.ShopOpen}, conformance.ShopNotes: {Known: true, State: conformance.ShopOpen}, conformance.ShopDeletes: {},
	} {
		w := open(t)
		for _, currency := range []string{"EUR", "JPY", "TND"} {
			amount := contract.Money{Value: 12_345, Currency: currency}
			key, err := w.Place(t.Context(), amount)
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Do(t.Context(), key, act); err != nil {
				t.Fatal(err)
			}
			got := w.Books(key)
			if got.Known != want.Known || got.State != want.State || got.Payments != want.Payments || got.Charged != 0 || act == conformance.ShopPays && got.Paid != amount {
				t.Errorf("%s: got %+v", act, got)
			}
		}
		if err := w.Do(t.Context(), "99", act); err == nil {
			t.Errorf("%s an order that there is not", act)
		}
	}
	if err := open(t).Do(t.Context(), "1", "dances"); err == nil {
		t.Error("an unknown act went well")
	}
}

func TestMessages(t *testing.T) {
	t.Parallel()
	w := open(t)
	key, err := w.Place(t.Context(), contract.Money{Value: 100, Currency: "EUR"})
	if err != nil {
		t.Fatal(err)
	}
	count := func(want int, what string) {
		t.Helper()
		list, err := w.Messages(t.Context())
		if err != nil || len(list) != want {
			t.Errorf("%s: got %d messages, %v, want %d", what, len(list), err, want)
		}
	}
	count(1, "a new order")
	count(0, "nothing new")
	if err := w.Repeat(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	count(1, "once more")
	if err := w.Advance(t.Context(), 10*time.Hour); err != nil {
		t.Fatal(err)
	}
	count(1, "the cleaner's cancellation")
	if err := w.Repeat(t.Context(), key); err != nil {
		t.Fatal(err)
	}
	if err := w.Lose(t.Context()); err != nil {
		t.Fatal(err)
	}
	count(0, "what was lost")
	if err := w.Repeat(t.Context(), "99"); err == nil {
		t.Error("news of no order went out again")
	}
}
