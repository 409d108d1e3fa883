// Package storetest holds every store to the same rules: [Exercise] runs one
// suite on whatever Redis it is given. It is for tests.
package storetest

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/kassette-pay/kassette/host/internal/call"
	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/directory"
	"github.com/kassette-pay/kassette/host/internal/registry"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store"
)

// Store is all that a store does: what the use cases and the calls ask for,
// and what reports do.
type Store interface {
	checkout.Store
	call.Journal
	call.Vault
	Pinned(ctx context.Context, digest string) (int64, error)
	registry.State
	directory.State
}

// Backend is a Redis with an empty state for each rule.
type Backend struct {
	// Open opens a store, as a further node would, and closes it when the test ends.
	Open func(t testing.TB, o store.Options) Store
	// Client is a client of its own, to look at what is written.
	Client redis.UniversalClient
	// Now is the clock of the backend, Pass lets a little time pass on it: a
	// second or so on a clock that is moved, a moment on a real one.
	Now  func() time.Time
	Pass func()
}

// short is a time to live that a rule waits for, hold the same for alarms
// that are meant to be lost.
const short = 400 * time.Millisecond

// rule is one thing that every store does.
type rule struct {
	name string
	hold func(t *testing.T, e *env)
}

// env is what a rule works with: a node, and the means to have others.
type env struct {
	Store
	b    Backend
	ring *seal.Ring
}

func (e *env) now() time.Time { return e.b.Now() }

// Exercise runs the suite. After each rule it looks at every key and value
// that the rule left behind.
func Exercise(t *testing.T, b Backend) {
	for _, group := range []struct {
		name  string
		rules []rule
	}{
		{"orders", orderRules}, {"replacing", replacingRules}, {"hostile", hostileRules}, {"claims", claimRules},
		{"endings", endingRules}, {"book", bookRules}, {"finding", findingRules}, {"alarms", alarmRules}, {"telling", tellingRules},
		{"healing", healingRules},
		{"calls", callRules}, {"accounts", accountRules}, {"records", recordRules}, {"plugins", pluginRules}, {"shops", shopRules},
	} {
		for _, r := range group.rules {
			t.Run(group.name+"/"+r.name, func(t *testing.T) {
				flush(t, b.Client)
				e := &env{b: b, ring: newRing(t, seal.NewKey())}
				e.Store = e.open(t, store.Options{})
				r.hold(t, e)
				e.inspect(t)
			})
		}
	}
}

// open is a further node on the same state.
func (e *env) open(t testing.TB, o store.Options) Store {
	t.Helper()
	if o.Seal == nil {
		o.Seal = e.ring
	}
	return e.b.Open(t, o)
}

// with is the same state through a node with other options.
func (e *env) with(t testing.TB, o store.Options) *env {
	t.Helper()
	return &env{Store: e.open(t, o), b: e.b, ring: e.ring}
}

// until lets time pass until it is so.
func (e *env) until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !is(); e.b.Pass() {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func newRing(t testing.TB, keys ...seal.Key) *seal.Ring {
	t.Helper()
	ring, err := seal.NewRing(keys...)
	if err != nil {
		t.Fatalf("make a ring: %v", err)
	}
	return ring
}

// at once runs f n times at the same moment.
func atOnce(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() { <-start; f(i) })
	}
	close(start)
	wg.Wait()
}
