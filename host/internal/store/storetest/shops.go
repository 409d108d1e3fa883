package storetest

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store"
)

var shopRules = []rule{
	{"record_isSwappedForTheOneThatWasRead", shopsRecord},
	{"recordAtOnce_oneWins", shopsAtOnce},
	{"record_isHeldToItsPlaceAndKeys", shopsMoved},
	{"record_ofANewerVersion_isRefused", shopsNewer},
}

func shopsRecord(t *testing.T, e *env) {
	long := strings.Repeat(Secrets[secretShop]+" ", 5000) // as much as is compressed
	holds := func(name, want string, version int64) {
		t.Helper()
		doc, got, err := e.ShopsRecord(t.Context())
		if err != nil || string(doc) != want || got != version {
			t.Errorf("%s: got %d bytes of version %d, %v, want %d of %d", name, len(doc), got, err, len(want), version)
		}
		if got, err := e.ShopsVersion(t.Context()); err != nil || got != version {
			t.Errorf("%s: got version %d, %v, want %d", name, got, err, version)
		}
	}
	holds("nothing written", "", 0)
	for _, step := range []struct {
		name    string
		version int64
		doc     string
		want    bool
		holds   string
		is      int64
	}{
		{"one that is not there yet", 1, "never", false, "", 0},
		{"the first", 0, Secrets[secretShop], true, Secrets[secretShop], 1},
		{"the first once more", 0, "never", false, Secrets[secretShop], 1},
		{"the next", 1, long, true, long, 2},
		{"one that was changed meanwhile", 1, "never", false, long, 2},
		{"an empty one", 2, "", true, "", 3},
	} {
		got, err := e.SwapShopsRecord(t.Context(), step.version, []byte(step.doc))
		if err != nil || got != step.want {
			t.Errorf("%s: got %t, %v, want %t", step.name, got, err, step.want)
		}
		holds(step.name, step.holds, step.is)
	}
}

func shopsAtOnce(t *testing.T, e *env) {
	var won atomic.Int32
	atOnce(12, func(i int) {
		ok, err := e.SwapShopsRecord(t.Context(), 0, fmt.Appendf(nil, "of %d", i))
		if err != nil {
			t.Errorf("swap: %v", err)
		}
		if ok {
			won.Add(1)
		}
	})
	if won.Load() != 1 {
		t.Errorf("%d wrote, want 1", won.Load())
	}
}

func shopsMoved(t *testing.T, e *env) {
	if _, err := e.SwapShopsRecord(t.Context(), 0, []byte(Secrets[secretShop])); err != nil {
		t.Fatalf("swap: %v", err)
	}
	other := e.with(t, store.Options{Seal: newRing(t, seal.NewKey())})
	if doc, _, err := other.ShopsRecord(t.Context()); !errors.Is(err, store.ErrRecord) || doc != nil {
		t.Errorf("with other state keys: got %d bytes, %v, want %v", len(doc), err, store.ErrRecord)
	}
	if _, err := e.SwapPluginRecords(t.Context(), checkout.PluginSwap{Plugin: "all", Doc: []byte("a plugin")}); err != nil {
		t.Fatalf("swap: %v", err)
	}
	sealed, err := e.b.Client.HGet(t.Context(), e.key(t, "plugins", 0), "d:all").Result()
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	place := e.key(t, "shops", 0)
	for what, fields := range map[string][]any{"another record": {"d:all", sealed}, "no number": {"v:all", "many"}} {
		if err := e.b.Client.HSet(t.Context(), place, fields...).Err(); err != nil {
			t.Fatalf("write: %v", err)
		}
		if doc, _, err := e.ShopsRecord(t.Context()); !errors.Is(err, store.ErrRecord) || doc != nil {
			t.Errorf("%s: got %d bytes, %v, want %v", what, len(doc), err, store.ErrRecord)
		}
	}
}

func shopsNewer(t *testing.T, e *env) {
	place := e.shopsPlace(t)
	if err := e.b.Client.HSet(t.Context(), place, "v:all", 1, "d:all", e.ring.Seal(place+"/all", []byte{99, 0, '{', '}'})).Err(); err != nil {
		t.Fatalf("write: %v", err)
	}
	if doc, _, err := e.ShopsRecord(t.Context()); !errors.Is(err, checkout.ErrSchema) || doc != nil {
		t.Errorf("got %d bytes, %v, want %v", len(doc), err, checkout.ErrSchema)
	}
}

// shopsPlace is the key of the shops' record.
func (e *env) shopsPlace(t *testing.T) string {
	t.Helper()
	if _, err := e.SwapShopsRecord(t.Context(), 0, []byte("{}")); err != nil {
		t.Fatalf("swap: %v", err)
	}
	return e.key(t, "shops", 0)
}
