package storetest

import (
	"encoding/json"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

var orderRules = []rule{
	{"loadOfNothing_isNotFound", loadOfNothing},
	{"createThenLoad_givesTheSame", createThenLoad},
	{"createWithTakenReference_writesNothing", createTaken},
	{"createOfOneReferenceAtOnce_makesOneOrder", createAtOnce},
	{"createAfterTheOldOneEnded_makesANewOne", createAfterEnd},
	{"commitOfAnOldVersion_writesNothing", commitMoved},
	{"commitsOfOneVersionAtOnce_oneWins", commitAtOnce},
	{"commitOfNothing_isNotFound", commitGone},
	{"commitWithAGapInTheEvents_isRefused", commitGap},
	{"commitWithAnothersAlarmOrJournal_isRefused", commitForeign},
	{"events_haveNoGap", eventsInOrder},
	{"busy_isClearedByItsOwnCall", busy},
}

func loadOfNothing(t *testing.T, e *env) {
	for _, id := range []string{"", "ord_", "nonsense", "ord_zz01ARZ3NDEKTSV4RRFFQ69G5FAV", checkout.NewOrderID(7, e.now())} {
		if _, err := e.Load(t.Context(), id); !errors.Is(err, checkout.ErrNotFound) {
			t.Errorf("load %q: got %v, want %v", id, err, checkout.ErrNotFound)
		}
	}
	if _, err := e.FindReference(t.Context(), shop, "A-1"); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("find reference: got %v, want %v", err, checkout.ErrNotFound)
	}
}

func createThenLoad(t *testing.T, e *env) {
	c := newOrder(t, "A-1", e.now())
	rec := e.create(t, c)
	if rec.Version != 1 || rec.Told != 0 || rec.Tries != 0 || rec.Busy != nil {
		t.Errorf("record: got %+v", rec)
	}
	same(t, "order", rec.Order, c.Order)
	ref, err := e.FindReference(t.Context(), shop, "A-1")
	if want := (checkout.Reference{Order: c.Order.ID, Status: order.Open, Amount: eur(1000)}); err != nil || ref != want {
		t.Errorf("reference: got %+v, %v, want %+v", ref, err, want)
	}
	events, err := e.Events(t.Context(), c.Order.ID, 1, 100)
	if err != nil {
		t.Fatalf("events: %v", err)
	}
	same(t, "events", events, c.Events)
}

func createTaken(t *testing.T, e *env) {
	first, second := newOrder(t, "A-1", e.now()), newOrder(t, "A-1", e.now())
	rec := e.create(t, first)
	reserved := apply(t, rec, e.now(), reserve(rec.Order, e.now()))
	e.commit(t, reserved)
	got, err := e.Create(t.Context(), second)
	want := checkout.Reference{Order: first.Order.ID, Status: reserved.Order.Status(), Live: true, Amount: eur(1000)}
	if err != nil || got.Taken == nil || *got.Taken != want {
		t.Fatalf("second create: got %+v, %v, want taken by %+v", got.Taken, err, want)
	}
	if _, err := e.Load(t.Context(), second.Order.ID); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("second order: got %v, want %v", err, checkout.ErrNotFound)
	}
	e.create(t, newOrder(t, "A-2", e.now())) // another reference is free
}

func createAtOnce(t *testing.T, e *env) {
	const n = 12
	made := make([]checkout.Creation, n)
	for i := range made {
		made[i] = newOrder(t, "A-1", e.now())
	}
	got := make([]checkout.Created, n)
	errs := make([]error, n)
	atOnce(n, func(i int) { got[i], errs[i] = e.Create(t.Context(), made[i]) })
	winner := ""
	for i := range got {
		if errs[i] != nil {
			t.Fatalf("create %d: %v", i, errs[i])
		}
		if got[i].Taken == nil {
			if winner != "" {
				t.Errorf("orders %s and %s were both made", winner, made[i].Order.ID)
			}
			winner = made[i].Order.ID
		}
	}
	for i := range got {
		if got[i].Taken != nil && got[i].Taken.Order != winner {
			t.Errorf("create %d: taken by %s, want %s", i, got[i].Taken.Order, winner)
		}
	}
}

func createAfterEnd(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	e.commit(t, apply(t, rec, e.now(), order.Cancel{}))
	next := e.made(t, "A-1")
	ref, err := e.FindReference(t.Context(), shop, "A-1")
	if err != nil || ref.Order != next.Order.ID || ref.Status != order.Open {
		t.Errorf("reference: got %+v, %v, want order %s", ref, err, next.Order.ID)
	}
	expire := apply(t, next, next.Order.ExpiresAt.Add(time.Second), order.Expire{})
	if got := e.commit(t, expire).Order.Status(); got != order.Expired {
		t.Fatalf("second order: got %s, want expired", got)
	}
	e.made(t, "A-1")
}

func commitMoved(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	stale := apply(t, rec, e.now(), order.Cancel{})
	e.commit(t, apply(t, rec, e.now(), reserve(rec.Order, e.now())))
	before := e.dump(t)
	if _, err := e.Commit(t.Context(), stale); !errors.Is(err, checkout.ErrMoved) {
		t.Fatalf("stale commit: got %v, want %v", err, checkout.ErrMoved)
	}
	e.unchanged(t, before)
}

func commitAtOnce(t *testing.T, e *env) {
	const n = 12
	rec := e.made(t, "A-1")
	var won, moved atomic.Int32
	steps := make([]checkout.Commit, n)
	for i := range steps {
		steps[i] = apply(t, rec, e.now(), reserve(rec.Order, e.now()))
	}
	atOnce(n, func(i int) {
		switch _, err := e.Commit(t.Context(), steps[i]); {
		case err == nil:
			won.Add(1)
		case errors.Is(err, checkout.ErrMoved):
			moved.Add(1)
		default:
			t.Errorf("commit %d: %v", i, err)
		}
	})
	after := e.load(t, rec.Order.ID)
	if won.Load() != 1 || moved.Load() != n-1 || after.Version != 2 || len(after.Order.Payments) != 1 {
		t.Errorf("got %d won, %d moved, version %d, %d payments", won.Load(), moved.Load(), after.Version, len(after.Order.Payments))
	}
}

func commitGone(t *testing.T, e *env) {
	c := newOrder(t, "A-1", e.now())
	rec := checkout.Record{Order: c.Order, Version: 1}
	if _, err := e.Commit(t.Context(), apply(t, rec, e.now(), order.Cancel{})); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("commit: got %v, want %v", err, checkout.ErrNotFound)
	}
}

func commitGap(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	before := e.dump(t)
	for name, change := range map[string]func(*checkout.Commit){
		"missing event": func(c *checkout.Commit) { c.Events = c.Events[:0] },
		"wrong number":  func(c *checkout.Commit) { c.Events[0].Number += 5 },
		"skipped":       func(c *checkout.Commit) { c.Order.LastEvent++; c.Events[0].Number++ },
	} {
		c := apply(t, rec, e.now(), reserve(rec.Order, e.now()))
		change(&c)
		if _, err := e.Commit(t.Context(), c); err == nil || errors.Is(err, checkout.ErrUnavailable) {
			t.Errorf("%s: got %v, want refused", name, err)
		}
	}
	e.unchanged(t, before)
}

func commitForeign(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	p := mustPartition(t, rec.Order.ID)
	for name, change := range map[string]func(*checkout.Commit){
		"alarm of another order":         func(c *checkout.Commit) { c.Alarm = &checkout.Alarm{Partition: p, Member: "ord_x", Token: 1} },
		"alarm of another partition":     func(c *checkout.Commit) { c.Alarm = &checkout.Alarm{Partition: p + 1, Member: rec.Order.ID, Token: 1} },
		"journal of another partition":   func(c *checkout.Commit) { c.Journal = &checkout.JournalEnd{Call: checkout.NewCallID(p+1, e.now())} },
		"reference of another partition": func(c *checkout.Commit) { c.Order.Reference = "another" },
	} {
		c := apply(t, rec, e.now(), order.Cancel{})
		change(&c)
		if _, err := e.Commit(t.Context(), c); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
	if got := e.load(t, rec.Order.ID).Version; got != 1 {
		t.Errorf("version: got %d, want 1", got)
	}
}

func eventsInOrder(t *testing.T, e *env) {
	rec := e.paid(t, e.made(t, "A-1"))
	all, err := e.Events(t.Context(), rec.Order.ID, 0, 1000)
	if err != nil || int64(len(all)) != rec.Order.LastEvent {
		t.Fatalf("events: got %d, %v, want %d", len(all), err, rec.Order.LastEvent)
	}
	for i, ev := range all {
		if ev.Number != int64(i+1) {
			t.Errorf("event %d has number %d", i+1, ev.Number)
		}
	}
	some, err := e.Events(t.Context(), rec.Order.ID, 2, 2)
	if err != nil {
		t.Fatalf("events: %v", err)
	}
	same(t, "events 2 and 3", some, all[1:3])
	for _, none := range [][2]int64{{1000, 10}, {1, 0}} {
		if got, err := e.Events(t.Context(), rec.Order.ID, none[0], int(none[1])); err != nil || len(got) != 0 {
			t.Errorf("events from %d, limit %d: got %d, %v", none[0], none[1], len(got), err)
		}
	}
}

func busy(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	r := reserve(rec.Order, e.now())
	c := apply(t, rec, e.now(), r)
	want := checkout.Busy{Payment: r.Payment, Call: "call_1", Export: contract.CreatePayment, Until: e.now().Add(time.Minute).UTC(), Interim: true}
	c.SetBusy = &want
	rec = e.commit(t, c)
	if rec.Busy == nil || *rec.Busy != want {
		t.Fatalf("busy: got %+v, want %+v", rec.Busy, want)
	}
	c = apply(t, rec, e.now())
	c.ClearBusy = "call_2"
	if rec = e.commit(t, c); rec.Busy == nil {
		t.Fatal("another call cleared it")
	}
	c = apply(t, rec, e.now())
	c.ClearBusy = "call_1"
	if rec = e.commit(t, c); rec.Busy != nil {
		t.Errorf("busy: got %+v, want none", rec.Busy)
	}
}

func mustPartition(t testing.TB, id string) checkout.Partition {
	t.Helper()
	p, err := checkout.PartitionOfID(id)
	if err != nil {
		t.Fatalf("partition: %v", err)
	}
	return p
}

// same compares by JSON.
func same(t testing.TB, what string, got, want any) {
	t.Helper()
	g, errGot := json.Marshal(got)
	w, errWant := json.Marshal(want)
	if errGot != nil || errWant != nil {
		t.Fatalf("encode %s: %v, %v", what, errGot, errWant)
	}
	if string(g) != string(w) {
		t.Errorf("%s: got %.2000s, want %.2000s", what, g, w)
	}
}
