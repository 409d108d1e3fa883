package storetest

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/seal"
	"github.com/kassette-pay/kassette/host/internal/store"
)

var recordRules = []rule{
	{"recordMovedElsewhere_isNotRead", recordMoved},
	{"recordChanged_isNotRead", recordChanged},
	{"recordOfAnotherKey_isNotRead", recordOtherKey},
	{"recordOfAnOldKey_isRead", recordOldKey},
	{"recordOfANewerSchema_isRefusedByName", recordNewer},
	{"scriptsForgotten_areGivenAgain", scriptsForgotten},
	{"cancelledCaller_getsItsOwnError", cancelledCaller},
}

// field finds the one key of a kind and reads a field of its hash.
func (e *env) key(t testing.TB, kind string, nth int) string {
	t.Helper()
	for _, name := range sorted(keys(t, e.b.Client)) {
		if strings.HasPrefix(name[8:], kind) {
			if nth == 0 {
				return name
			}
			nth--
		}
	}
	t.Fatalf("no key of kind %s", kind)
	return ""
}

// unreadable expects that nothing of an order is read, and that the error
// holds none of it.
func (e *env) unreadable(t testing.TB, id string, want error) {
	t.Helper()
	_, loaded := e.Load(t.Context(), id)
	_, _, listed := e.List(t.Context(), shop, checkout.Filter{Limit: 10})
	for what, err := range map[string]error{"load": loaded, "list": listed} {
		if !errors.Is(err, want) {
			t.Errorf("%s: got %v, want %v", what, err, want)
			continue
		}
		for _, s := range Secrets {
			if strings.Contains(err.Error(), s) {
				t.Errorf("%s: the error holds %q: %v", what, s, err)
			}
		}
	}
}

func recordMoved(t *testing.T, e *env) {
	a, b := e.made(t, "A-1"), e.made(t, "A-2")
	first, second := e.key(t, "order:", 0), e.key(t, "order:", 1)
	doc, err := e.b.Client.HGet(t.Context(), first, "doc").Result()
	if err == nil {
		err = e.b.Client.HSet(t.Context(), second, "doc", doc).Err()
	}
	if err != nil {
		t.Fatalf("move the document: %v", err)
	}
	moved := a
	if strings.HasSuffix(second, b.Order.ID) {
		moved = b
	}
	e.unreadable(t, moved.Order.ID, store.ErrRecord)
	rec := e.paid(t, e.made(t, "A-3"))
	events := e.eventsKey(t, rec.Order.ID)
	last := e.b.Client.LIndex(t.Context(), events, -1).Val()
	if err := e.b.Client.LSet(t.Context(), events, 0, last).Err(); err != nil {
		t.Fatalf("move an event: %v", err)
	}
	if _, err := e.Events(t.Context(), rec.Order.ID, 1, 10); !errors.Is(err, store.ErrRecord) {
		t.Errorf("events: got %v, want %v", err, store.ErrRecord)
	}
}

func (e *env) eventsKey(t testing.TB, id string) string {
	t.Helper()
	return "k:{p" + mustPartition(t, id).String() + "}:events:" + id
}

func recordChanged(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	for name, doc := range map[string]string{"nothing": "", "text": "{}", "zeros": strings.Repeat("\x00", 100)} {
		if err := e.b.Client.HSet(t.Context(), e.key(t, "order:", 0), "doc", doc).Err(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		e.unreadable(t, rec.Order.ID, store.ErrRecord)
	}
	for _, record := range []string{"", "x", "1", "1 ord_x open", "1 ord_x open maybe 10 EUR", "1 ord_x open true ten EUR"} {
		if err := e.b.Client.Set(t.Context(), e.key(t, "ref:", 0), record, 0).Err(); err != nil {
			t.Fatalf("%q: %v", record, err)
		}
		if _, err := e.FindReference(t.Context(), shop, "A-1"); !errors.Is(err, store.ErrRecord) {
			t.Errorf("reference %q: got %v, want %v", record, err, store.ErrRecord)
		}
	}
}

func recordOtherKey(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	other := e.with(t, store.Options{Seal: newRing(t, seal.NewKey())})
	other.unreadable(t, rec.Order.ID, seal.ErrUnknownKey)
}

func recordOldKey(t *testing.T, e *env) {
	old, fresh := seal.NewKey(), seal.NewKey()
	before := e.with(t, store.Options{Seal: newRing(t, old)})
	rec := before.made(t, "A-1")
	if err := before.PutToken(t.Context(), account, "access", Secrets[secretToken], e.now().Add(time.Hour)); err != nil {
		t.Fatalf("put token: %v", err)
	}
	after := e.with(t, store.Options{Seal: newRing(t, fresh, old)})
	rec = after.commit(t, apply(t, after.load(t, rec.Order.ID), e.now(), reserve(rec.Order, e.now())))
	if got, _, err := after.Token(t.Context(), account, "access"); err != nil || got != Secrets[secretToken] {
		t.Errorf("token: got %q, %v", got, err)
	}
	if events, err := after.Events(t.Context(), rec.Order.ID, 1, 10); err != nil || int64(len(events)) != rec.Order.LastEvent {
		t.Errorf("events: got %d, %v", len(events), err)
	}
	before.unreadable(t, rec.Order.ID, seal.ErrUnknownKey) // it was written with the new key
}

func recordNewer(t *testing.T, e *env) {
	c := newOrder(t, "A-1", e.now())
	c.Order.Schema = order.Schema + 1
	if _, err := e.Create(t.Context(), c); err != nil {
		t.Fatalf("create: %v", err)
	}
	e.unreadable(t, c.Order.ID, checkout.ErrSchema)
	if _, err := e.Load(t.Context(), c.Order.ID); err == nil || !strings.Contains(err.Error(), "reads schema 2") {
		t.Errorf("load: got %v, want the schema that is needed", err)
	}
	flush(t, e.b.Client)
	rec := e.made(t, "A-1")
	if err := e.b.Client.HSet(t.Context(), e.key(t, "order:", 0), "schema", 7).Err(); err != nil {
		t.Fatalf("change the schema: %v", err)
	}
	e.unreadable(t, rec.Order.ID, checkout.ErrSchema)
	if err := e.b.Client.Set(t.Context(), e.key(t, "ref:", 0), "9 something else", 0).Err(); err != nil {
		t.Fatalf("change the reference: %v", err)
	}
	if _, err := e.FindReference(t.Context(), shop, "A-1"); !errors.Is(err, checkout.ErrSchema) {
		t.Errorf("reference: got %v, want %v", err, checkout.ErrSchema)
	}
}

func scriptsForgotten(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	for range 2 {
		if err := e.b.Client.ScriptFlush(t.Context()).Err(); err != nil {
			t.Fatalf("script flush: %v", err)
		}
		rec = e.commit(t, apply(t, rec, e.now()))
		e.claims(t, rec.Order.ID)
		e.leases(t, "node_1", time.Hour, true)
	}
}

func cancelledCaller(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Load(ctx, rec.Order.ID); !errors.Is(err, context.Canceled) || errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("cancelled: got %v, want %v alone", err, context.Canceled)
	}
	ctx, cancel = context.WithDeadline(t.Context(), time.Now().Add(-time.Second))
	defer cancel()
	if _, err := e.Load(ctx, rec.Order.ID); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, checkout.ErrUnavailable) {
		t.Errorf("too late: got %v, want %v", err, context.DeadlineExceeded)
	}
}
