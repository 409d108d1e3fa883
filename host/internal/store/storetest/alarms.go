package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/store"
)

var alarmRules = []rule{
	{"whatIsNotDue_isNotClaimed", alarmNotYet},
	{"claim_takesEachOnce", alarmOnce},
	{"claimByManyAtOnce_takesEachOnce", alarmAtOnce},
	{"claim_takesAtMostItsLimitTheOldestFirst", alarmLimit},
	{"commit_finishesItsAlarm", alarmFinished},
	{"commitWithNothingDue_leavesNoAlarm", alarmNone},
	{"commitByAnotherWhileHeld_keepsTheNewTime", alarmMeanwhile},
	{"putBack_isDueThen", alarmPutBack},
	{"heldTooLong_isDueAgainAndFenced", alarmFenced},
	{"lostAlarm_doesNotStopTheStep", alarmLost},
	{"renewed_staysHeld", alarmRenewed},
}

// alarmed is an order that has nothing to tell and whose alarm rings at a time.
func (e *env) alarmed(t testing.TB, reference string, at time.Time) checkout.Record {
	t.Helper()
	c := newOrder(t, reference, e.now())
	c.Next = at
	for i := range c.Events {
		c.Events[i].Type = order.OrderCreated
	}
	return e.create(t, c)
}

// claims claims what is due of an order.
func (e *env) claims(t testing.TB, id string) []checkout.Alarm {
	t.Helper()
	got, err := e.ClaimDue(t.Context(), mustPartition(t, id), 25)
	if err != nil {
		t.Fatalf("claim: %v", err)
	}
	return got
}

// claimed waits until the one alarm with this name is claimed.
func (e *env) claimed(t testing.TB, member string) checkout.Alarm {
	t.Helper()
	var got []checkout.Alarm
	id, _, _ := cutTell(member)
	e.until(t, member+" is due", func() bool { got = e.claims(t, id); return len(got) > 0 })
	if len(got) != 1 || got[0].Member != member || got[0].Token == 0 {
		t.Fatalf("claimed %+v, want %s", got, member)
	}
	return got[0]
}

func (e *env) nothingDue(t testing.TB, id string) {
	t.Helper()
	if got := e.claims(t, id); len(got) != 0 {
		t.Errorf("claimed %+v, want nothing", got)
	}
}

func (e *env) duePartition(t testing.TB, id string) bool {
	t.Helper()
	due, err := e.DuePartitions(t.Context())
	if err != nil {
		t.Fatalf("due partitions: %v", err)
	}
	return slices.Contains(due, mustPartition(t, id))
}

func past(e *env) time.Time { return e.now().Add(-time.Second) }

func alarmNotYet(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", e.now().Add(time.Hour))
	e.nothingDue(t, rec.Order.ID)
	if e.duePartition(t, rec.Order.ID) {
		t.Error("the partition is due")
	}
}

func alarmOnce(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", past(e))
	if !e.duePartition(t, rec.Order.ID) {
		t.Error("the partition is not due")
	}
	e.claimed(t, rec.Order.ID)
	e.nothingDue(t, rec.Order.ID)
	if e.duePartition(t, rec.Order.ID) {
		t.Error("the partition is due though the alarm is held")
	}
}

func alarmAtOnce(t *testing.T, e *env) {
	const n, nodes = 100, 4
	p := checkout.Partition(7)
	want := map[string]bool{}
	for range n {
		id := checkout.NewCallID(p, e.now())
		if _, err := e.Intent(t.Context(), id, "i", map[string][]byte{"i": nil}, past(e)); err != nil {
			t.Fatalf("intent: %v", err)
		}
		want[id] = true
	}
	got := make([][]checkout.Alarm, nodes)
	stores := make([]Store, nodes)
	for i := range stores {
		stores[i] = e.open(t, store.Options{})
	}
	atOnce(nodes, func(i int) {
		for {
			some, err := stores[i].ClaimDue(t.Context(), p, 7)
			if err != nil || len(some) > 7 {
				t.Errorf("claim: got %d, %v", len(some), err)
			}
			if len(some) == 0 {
				return
			}
			got[i] = append(got[i], some...)
		}
	})
	tokens := map[int64]bool{}
	for _, a := range slices.Concat(got...) {
		if !want[a.Member] || tokens[a.Token] {
			t.Errorf("claimed %+v twice, or its token", a)
		}
		delete(want, a.Member)
		tokens[a.Token] = true
	}
	if len(want) != 0 {
		t.Errorf("%d were not claimed", len(want))
	}
}

func alarmLimit(t *testing.T, e *env) {
	p := checkout.Partition(7)
	var want []string
	for i := range 10 {
		id := checkout.NewCallID(p, e.now())
		if _, err := e.Intent(t.Context(), id, "i", nil, past(e).Add(time.Duration(i-100)*time.Second)); err != nil {
			t.Fatalf("intent: %v", err)
		}
		want = append(want, id)
	}
	for i := 0; i < len(want); i += 4 {
		got, err := e.ClaimDue(t.Context(), p, 4)
		if err != nil {
			t.Fatalf("claim: %v", err)
		}
		var ids []string
		for _, a := range got {
			ids = append(ids, a.Member)
		}
		if w := want[i:min(i+4, len(want))]; fmt.Sprint(sorted(ids)) != fmt.Sprint(sorted(w)) {
			t.Errorf("claim %d: got %v, want %v", i, ids, w)
		}
	}
}

func sorted(s []string) []string { s = slices.Clone(s); slices.Sort(s); return s }

func alarmFinished(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", past(e))
	a := e.claimed(t, rec.Order.ID)
	c := apply(t, rec, e.now())
	c.Alarm, c.Next = &a, past(e)
	rec = e.commit(t, c)
	next := e.claimed(t, rec.Order.ID) // it rings again at the new time
	if ok, err := e.Renew(t.Context(), a); err != nil || ok {
		t.Errorf("renew the finished one: got %t, %v", ok, err)
	}
	if next.Token == a.Token {
		t.Errorf("both have token %d", a.Token)
	}
}

func alarmNone(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", e.now().Add(time.Hour))
	c := apply(t, rec, e.now())
	c.Next = time.Time{}
	e.commit(t, c)
	for name, values := range e.dump(t) {
		if len(values) > 0 && (name[8:] == "due" || name[8:] == "held") {
			t.Errorf("%s: got %v, want nothing", name, values)
		}
	}
}

func alarmMeanwhile(t *testing.T, e *env) {
	for _, end := range []string{"drop", "put back"} {
		rec := e.alarmed(t, "A-"+end, past(e))
		a := e.claimed(t, rec.Order.ID)
		c := apply(t, rec, e.now())
		c.Next = past(e)
		e.commit(t, c)
		e.nothingDue(t, rec.Order.ID) // the first still works on it
		var err error
		if end == "drop" {
			err = e.Drop(t.Context(), a)
		} else {
			err = e.PutBack(t.Context(), a, e.now().Add(time.Hour))
		}
		if err != nil {
			t.Fatalf("%s: %v", end, err)
		}
		e.claimed(t, rec.Order.ID)
	}
}

func alarmPutBack(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", past(e))
	a := e.claimed(t, rec.Order.ID)
	if err := e.PutBack(t.Context(), a, e.now().Add(time.Hour)); err != nil {
		t.Fatalf("put back: %v", err)
	}
	e.nothingDue(t, rec.Order.ID)
	rec = e.alarmed(t, "A-2", past(e))
	a = e.claimed(t, rec.Order.ID)
	if err := e.PutBack(t.Context(), a, e.now().Add(short)); err != nil {
		t.Fatalf("put back: %v", err)
	}
	a = e.claimed(t, rec.Order.ID)
	if err := e.Drop(t.Context(), a); err != nil {
		t.Fatalf("drop: %v", err)
	}
	e.nothingDue(t, rec.Order.ID)
}

func alarmFenced(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", past(e))
	first := e.with(t, store.Options{Hold: short}).claimed(t, rec.Order.ID)
	second := e.claimed(t, rec.Order.ID) // the first's node is gone
	if second.Token <= first.Token {
		t.Errorf("token %d after %d", second.Token, first.Token)
	}
	if ok, err := e.Renew(t.Context(), first); err != nil || ok {
		t.Errorf("renew by the first: got %t, %v", ok, err)
	}
	if err := e.PutBack(t.Context(), first, past(e)); err != nil {
		t.Errorf("put back by the first: %v", err)
	}
	if err := e.Drop(t.Context(), first); err != nil {
		t.Errorf("drop by the first: %v", err)
	}
	e.nothingDue(t, rec.Order.ID)
	if ok, err := e.Renew(t.Context(), second); err != nil || !ok {
		t.Errorf("renew by the second: got %t, %v", ok, err)
	}
}

func alarmLost(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", past(e))
	first := e.with(t, store.Options{Hold: short}).claimed(t, rec.Order.ID)
	second := e.claimed(t, rec.Order.ID)
	c := apply(t, rec, e.now(), reserve(rec.Order, e.now()))
	c.Alarm = &first
	if rec = e.commit(t, c); rec.Version != 2 {
		t.Errorf("version: got %d, want 2", rec.Version)
	}
	if ok, err := e.Renew(t.Context(), second); err != nil || !ok {
		t.Errorf("the second lost its alarm: got %t, %v", ok, err)
	}
}

func alarmRenewed(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", past(e))
	a := e.with(t, store.Options{Hold: short}).claimed(t, rec.Order.ID)
	if ok, err := e.Renew(t.Context(), a); err != nil || !ok { // for as long as this node holds: a minute
		t.Fatalf("renew: got %t, %v", ok, err)
	}
	for end := e.now().Add(2 * short); e.now().Before(end); e.b.Pass() {
		e.nothingDue(t, rec.Order.ID)
	}
	e.claims(t, rec.Order.ID)
	if err := e.Drop(t.Context(), a); err != nil {
		t.Errorf("drop: %v", err)
	}
}
