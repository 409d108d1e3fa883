package storetest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

var findingRules = []rule{
	{"paymentOfAnotherAccount_isNotFound", findForeign},
	{"payment_isFoundByWhatTheProviderKnows", findPayment},
	{"learn_neverTakesFromAnother", learn},
	{"numbers_areTakenOnce", numbers},
	{"live_holdsWhatIsNotFinal", live},
	{"plugin_bytesGoAndComeAgain", bytesGo},
	{"plugin_neededUntilTheLastRefundWindow", needed},
	{"list_givesEachOrderOnceNewestFirst", list},
	{"list_ofOneMillisecond", listTies},
	{"list_filters", listFilter},
	{"listWithABadCursorOrLimit_isRefused", listRefused},
}

func (e *env) finds(t testing.TB, account string, k contract.PaymentKey, want string) {
	t.Helper()
	got, err := e.FindPayment(t.Context(), account, k)
	if want == "" && !errors.Is(err, checkout.ErrNotFound) || want != "" && (err != nil || got != want) {
		t.Errorf("find %+v of %s: got %q, %v, want %q", k, account, got, err, want)
	}
}

func findForeign(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	r := reserve(rec.Order, e.now())
	e.commit(t, apply(t, rec, e.now(), r))
	to := checkout.PaymentAddress{Order: rec.Order.ID, Payment: r.Payment}
	if _, err := e.NextNumber(t.Context(), account, 1, to); err != nil {
		t.Fatalf("number: %v", err)
	}
	if _, err := e.Learn(t.Context(), account, "psp-1", to); err != nil {
		t.Fatalf("learn: %v", err)
	}
	for _, k := range []contract.PaymentKey{{Reference: r.Reference}, {Number: 1}, {ProviderReference: "psp-1"}, {ID: r.Payment}} {
		e.finds(t, "acc_2", k, "")
	}
	for _, k := range []contract.PaymentKey{
		{}, {Reference: "short"}, {Reference: "ZZ" + r.Reference[2:]}, {Reference: r.Reference[:22] + "{}"}, {Number: 2}, {Number: -1},
		{ProviderReference: "psp"}, {ProviderReference: "psp-1\n"}, {ID: "pay_x"},
	} {
		e.finds(t, account, k, "")
	}
}

func findPayment(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	r := reserve(rec.Order, e.now())
	rec = e.commit(t, apply(t, rec, e.now(), r))
	to := checkout.PaymentAddress{Order: rec.Order.ID, Payment: r.Payment}
	n, err := e.NextNumber(t.Context(), account, 700, to)
	if err != nil || n != 700 {
		t.Fatalf("number: got %d, %v, want 700", n, err)
	}
	foreign := "psp{1}: ü\n"
	if ok, err := e.Learn(t.Context(), account, foreign, to); err != nil || !ok {
		t.Fatalf("learn: got %t, %v", ok, err)
	}
	for _, k := range []contract.PaymentKey{
		{Reference: r.Reference}, {Number: n}, {ProviderReference: foreign}, {ID: r.Payment},
		{Reference: "unknown", ProviderReference: foreign}, {Number: 5, ID: r.Payment},
	} {
		e.finds(t, account, k, rec.Order.ID)
	}
	e.commit(t, apply(t, rec, e.now(), captured(r.Payment, e.now())))
	e.finds(t, account, contract.PaymentKey{Reference: r.Reference}, rec.Order.ID)
	e.finds(t, account, contract.PaymentKey{ID: r.Payment}, "") // a final one is found by the others alone
}

func learn(t *testing.T, e *env) {
	a, b := checkout.PaymentAddress{Order: "ord_a", Payment: "pay_a"}, checkout.PaymentAddress{Order: "ord_b", Payment: "pay_b"}
	for _, step := range []struct {
		account string
		to      checkout.PaymentAddress
		want    bool
	}{{account, a, true}, {account, a, true}, {account, b, false}, {"acc_2", b, true}, {account, a, true}} {
		if got, err := e.Learn(t.Context(), step.account, "psp-1", step.to); err != nil || got != step.want {
			t.Errorf("learn for %s of %s: got %t, %v, want %t", step.to.Payment, step.account, got, err, step.want)
		}
	}
	e.finds(t, account, contract.PaymentKey{ProviderReference: "psp-1"}, "ord_a")
}

func numbers(t *testing.T, e *env) {
	const n = 20
	got := make([]int64, n)
	atOnce(n, func(i int) {
		var err error
		to := checkout.PaymentAddress{Order: fmt.Sprint("ord_", i), Payment: "pay_x"}
		if got[i], err = e.NextNumber(t.Context(), account, 1000, to); err != nil {
			t.Errorf("number %d: %v", i, err)
		}
	})
	for i, number := range got {
		e.finds(t, account, contract.PaymentKey{Number: number}, fmt.Sprint("ord_", i))
	}
	slices.Sort(got)
	if got = slices.Compact(got); len(got) != n || got[0] != 1000 || got[n-1] != 1000+n-1 {
		t.Errorf("numbers: got %v", got)
	}
	for _, next := range []struct{ start, want int64 }{{1000, 1020}, {1, 1021}, {5000, 5000}, {1, 5001}} {
		if number, err := e.NextNumber(t.Context(), account, next.start, checkout.PaymentAddress{Order: "o", Payment: "p"}); err != nil || number != next.want {
			t.Errorf("with start %d: got %d, %v, want %d", next.start, number, err, next.want)
		}
	}
}

func live(t *testing.T, e *env) {
	want := map[checkout.PaymentAddress]bool{}
	for i := range 5 {
		rec := e.made(t, fmt.Sprint("A-", i))
		r := reserve(rec.Order, e.now())
		e.commit(t, apply(t, rec, e.now(), r))
		want[checkout.PaymentAddress{Order: rec.Order.ID, Payment: r.Payment}] = true
	}
	e.paid(t, e.made(t, "paid"))
	got, err := e.Live(t.Context(), account)
	if err != nil || len(got) != len(want) {
		t.Fatalf("live: got %v, %v, want %d", got, err, len(want))
	}
	for _, to := range got {
		if !want[to] {
			t.Errorf("live: %+v is not", to)
		}
	}
	if n, err := e.Pinned(t.Context(), plugin.Digest); err != nil || n != int64(len(want)) {
		t.Errorf("pinned: got %d, %v, want %d", n, err, len(want))
	}
	if got, err := e.Live(t.Context(), "acc_2"); err != nil || len(got) != 0 {
		t.Errorf("live of another account: got %v, %v", got, err)
	}
}

// needed asks until when final payments need their plugin's bytes.
func needed(t *testing.T, e *env) {
	until := func() time.Time {
		t.Helper()
		at, err := e.PluginNeeded(t.Context(), plugin.Digest)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	rec := e.made(t, "open")
	e.commit(t, apply(t, rec, e.now(), reserve(rec.Order, e.now())))
	if at := until(); !at.IsZero() {
		t.Errorf("a payment that is not final: until %s", at)
	}
	const day = 24 * time.Hour
	start, last := e.now(), time.Duration(0)
	for i, c := range []struct{ window, want int }{{0, 400}, {60, 400}, {500, 500}, {10, 500}} {
		rec := e.made(t, fmt.Sprint("paid-", i))
		r := reserve(rec.Order, e.now())
		r.Rules.Refund.WindowDays = c.window
		rec = e.commit(t, apply(t, rec, e.now(), r))
		rec = e.commit(t, apply(t, rec, e.now(), started(r.Payment, e.now())))
		e.commit(t, apply(t, rec, e.now(), captured(r.Payment, e.now())))
		got, want := until().Sub(start), time.Duration(c.want)*day
		if got < want-time.Second || got > want+time.Hour || got < last {
			t.Errorf("payment %d, refunds for %d days: needed for %s, want %s", i, c.window, got, want)
		}
		last = got
	}
	if at, err := e.PluginNeeded(t.Context(), "other"); err != nil || !at.IsZero() {
		t.Errorf("other bytes: until %s, %v", at, err)
	}
	if n, err := e.Pinned(t.Context(), plugin.Digest); err != nil || n != 1 {
		t.Errorf("pinned: %d, %v, want the open one", n, err)
	}
}

// bytesGo lets a plugin's bytes go, and takes them in again.
func bytesGo(t *testing.T, e *env) {
	b := []byte("\x00asm of this test")
	sum := sha256.Sum256(b)
	digest := hex.EncodeToString(sum[:])
	for range 2 {
		if err := e.PutPlugin(t.Context(), digest, b); err != nil {
			t.Fatal(err)
		}
		if got, err := e.Plugin(t.Context(), digest); err != nil || !bytes.Equal(got, b) {
			t.Errorf("kept: %q, %v", got, err)
		}
		for range 2 { // twice: gone is gone
			if err := e.DropPlugin(t.Context(), digest); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := e.Plugin(t.Context(), digest); !errors.Is(err, checkout.ErrNotFound) {
			t.Errorf("let go: %v", err)
		}
	}
}

// pages lists everything by pages, and checks that each order comes once.
func (e *env) pages(t testing.TB, f checkout.Filter) (ids []string) {
	t.Helper()
	for range 1000 {
		items, next, err := e.List(t.Context(), shop, f)
		if err != nil || len(items) > f.Limit {
			t.Fatalf("list: got %d orders, %v", len(items), err)
		}
		for _, o := range items {
			if slices.Contains(ids, o.ID) {
				t.Errorf("order %s comes twice", o.ID)
			}
			ids = append(ids, o.ID)
		}
		if next == "" {
			return ids
		}
		f.Cursor = next
	}
	t.Fatal("list: no end")
	return nil
}

func list(t *testing.T, e *env) {
	const n = 120
	base := e.now()
	want := make([]string, n)
	for i := range n {
		want[n-1-i] = e.create(t, newOrder(t, fmt.Sprint("A-", i), base.Add(time.Duration(i)*time.Second))).Order.ID
	}
	foreign := newOrder(t, "A-1", base)
	foreign.Order.Shop = "shop_2"
	foreign.Order.ID = checkout.NewOrderID(checkout.PartitionOf("shop_2", "A-1"), base)
	e.create(t, foreign)
	for _, limit := range []int{1, 7, 50, 120, 256} {
		if got := e.pages(t, checkout.Filter{Limit: limit}); !slices.Equal(got, want) {
			t.Errorf("by %d: got %d orders %v, want %d", limit, len(got), got, n)
		}
	}
}

func listTies(t *testing.T, e *env) {
	const n = 40
	at := e.now()
	for i := range n {
		c := newOrder(t, "A-1", at)
		c.Order.Reference = fmt.Sprint("tie-", i)
		c.Order.ID = checkout.NewOrderID(checkout.PartitionOf(shop, c.Order.Reference), at)
		e.create(t, c)
	}
	for _, limit := range []int{1, 3, 64} {
		if got := e.pages(t, checkout.Filter{Limit: limit}); len(got) != n {
			t.Errorf("by %d: got %d orders, want %d", limit, len(got), n)
		}
	}
}

func listFilter(t *testing.T, e *env) {
	base := e.now().Truncate(time.Second)
	var cancelled []string
	for i := range 30 {
		rec := e.create(t, newOrder(t, fmt.Sprint("A-", i), base.Add(time.Duration(i)*time.Minute)))
		if i%10 == 0 {
			e.commit(t, apply(t, rec, e.now(), order.Cancel{}))
			cancelled = append([]string{rec.Order.ID}, cancelled...)
		}
	}
	if got := e.pages(t, checkout.Filter{Limit: 2, Status: order.Cancelled}); !slices.Equal(got, cancelled) {
		t.Errorf("cancelled: got %v, want %v", got, cancelled)
	}
	if got := e.pages(t, checkout.Filter{Limit: 4, Status: order.Paid}); len(got) != 0 {
		t.Errorf("paid: got %v, want none", got)
	}
	f := checkout.Filter{Limit: 4, CreatedFrom: base.Add(5 * time.Minute), CreatedTo: base.Add(16 * time.Minute)}
	if got := e.pages(t, f); len(got) != 11 {
		t.Errorf("minutes 5 to 15: got %d orders, want 11", len(got))
	}
}

func listRefused(t *testing.T, e *env) {
	e.made(t, "A-1")
	for _, limit := range []int{0, -1, 257} {
		if _, _, err := e.List(t.Context(), shop, checkout.Filter{Limit: limit}); err == nil || errors.Is(err, checkout.ErrUnavailable) {
			t.Errorf("limit %d: got %v, want refused", limit, err)
		}
	}
	for _, cursor := range []string{"x", "AAAA", "MTIzIG9yZF94", "====", "\x00"} {
		if _, _, err := e.List(t.Context(), shop, checkout.Filter{Limit: 1, Cursor: cursor}); !errors.Is(err, checkout.ErrCursor) {
			t.Errorf("cursor %q: got %v, want %v", cursor, err, checkout.ErrCursor)
		}
	}
}
