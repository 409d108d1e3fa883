package storetest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/store"
)

var tellingRules = []rule{
	{"tellOfNothing_isNotFound", tellNothing},
	{"eventOfTheTimelineAlone_isNotTold", tellNot},
	{"eventForTheShop_isDueUntilTold", tellDue},
	{"failedDelivery_isDueAgainThen", tellAgain},
	{"newEventWhileTelling_isToldAfter", tellMeanwhile},
	{"lostDelivery_countsWhatTheShopHas", tellLost},
	{"deadDelivery_isListedAndRedelivered", tellDead},
	{"newEvent_revivesADeadDelivery", tellRevived},
}

func cutTell(member string) (id, rest string, ok bool) { return strings.Cut(member, "/") }

func tell(id string) string { return id + checkout.TellSuffix }

// spoken is an order with an event that the shop must hear, and the claimed delivery.
func (e *env) spoken(t testing.TB, reference string) (checkout.Record, checkout.Alarm) {
	t.Helper()
	rec := e.made(t, reference)
	c := apply(t, rec, e.now(), order.Cancel{})
	c.Next = time.Time{}
	rec = e.commit(t, c)
	return rec, e.claimed(t, tell(rec.Order.ID))
}

func (e *env) tells(t testing.TB, what checkout.Telling) {
	t.Helper()
	if err := e.Tell(t.Context(), what); err != nil {
		t.Fatalf("tell %+v: %v", what, err)
	}
}

func tellNothing(t *testing.T, e *env) {
	id := checkout.NewOrderID(7, e.now())
	if err := e.Tell(t.Context(), checkout.Telling{Order: id, Told: 1}); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("tell: got %v, want %v", err, checkout.ErrNotFound)
	}
	if err := e.Redeliver(t.Context(), id); !errors.Is(err, checkout.ErrNotFound) {
		t.Errorf("redeliver: got %v, want %v", err, checkout.ErrNotFound)
	}
	rec, a := e.spoken(t, "A-1")
	a.Member = rec.Order.ID
	if err := e.Tell(t.Context(), checkout.Telling{Alarm: a, Order: rec.Order.ID, Told: 1}); err == nil {
		t.Error("tell with the order's own alarm: got no error")
	}
}

func tellNot(t *testing.T, e *env) {
	rec := e.alarmed(t, "A-1", time.Time{})
	e.nothingDue(t, rec.Order.ID)
}

func tellDue(t *testing.T, e *env) {
	rec, a := e.spoken(t, "A-1")
	e.tells(t, checkout.Telling{Alarm: a, Order: rec.Order.ID, Told: rec.Order.LastEvent})
	if got := e.load(t, rec.Order.ID); got.Told != rec.Order.LastEvent || got.Version != rec.Version {
		t.Errorf("told: got %d at version %d, want %d at %d", got.Told, got.Version, rec.Order.LastEvent, rec.Version)
	}
	e.nothingDue(t, rec.Order.ID)
	e.tells(t, checkout.Telling{Order: rec.Order.ID, Told: 1}) // it never goes back
	if got := e.load(t, rec.Order.ID); got.Told != rec.Order.LastEvent {
		t.Errorf("told: got %d, want %d", got.Told, rec.Order.LastEvent)
	}
}

func tellAgain(t *testing.T, e *env) {
	rec, a := e.spoken(t, "A-1")
	e.tells(t, checkout.Telling{Alarm: a, Order: rec.Order.ID, Told: 1, Again: e.now().Add(time.Hour), Tries: 3})
	if got := e.load(t, rec.Order.ID); got.Told != 1 || got.Tries != 3 {
		t.Errorf("got told %d, tries %d, want 1 and 3", got.Told, got.Tries)
	}
	e.nothingDue(t, rec.Order.ID)
	rec, a = e.spoken(t, "A-2")
	e.tells(t, checkout.Telling{Alarm: a, Order: rec.Order.ID, Again: e.now().Add(short), Tries: 1})
	a = e.claimed(t, tell(rec.Order.ID))
	e.tells(t, checkout.Telling{Alarm: a, Order: rec.Order.ID, Told: rec.Order.LastEvent})
	if got := e.load(t, rec.Order.ID); got.Tries != 0 {
		t.Errorf("tries after success: got %d, want 0", got.Tries)
	}
}

func tellMeanwhile(t *testing.T, e *env) {
	rec, a := e.spoken(t, "A-1")
	raise := order.Raise{Attention: order.Attention{Code: "x", Message: "look"}}
	c := apply(t, rec, e.now(), raise)
	c.Next = time.Time{}
	after := e.commit(t, c)
	if after.Order.LastEvent == rec.Order.LastEvent {
		t.Fatal("no new event")
	}
	e.nothingDue(t, rec.Order.ID)
	e.tells(t, checkout.Telling{Alarm: a, Order: rec.Order.ID, Told: rec.Order.LastEvent})
	a = e.claimed(t, tell(rec.Order.ID))
	e.tells(t, checkout.Telling{Alarm: a, Order: rec.Order.ID, Told: after.Order.LastEvent})
	e.nothingDue(t, rec.Order.ID)
}

func tellLost(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	c := apply(t, rec, e.now(), order.Cancel{})
	c.Next = time.Time{}
	rec = e.commit(t, c)
	first := e.with(t, store.Options{Hold: short}).claimed(t, tell(rec.Order.ID))
	second := e.claimed(t, tell(rec.Order.ID))
	e.tells(t, checkout.Telling{Alarm: first, Order: rec.Order.ID, Told: 1, Dead: true, Tries: 9})
	if got := e.load(t, rec.Order.ID); got.Told != 1 || got.Tries != 0 {
		t.Errorf("got told %d, tries %d, want 1 and 0", got.Told, got.Tries)
	}
	if ok, err := e.Renew(t.Context(), second); err != nil || !ok {
		t.Errorf("the second lost its delivery: got %t, %v", ok, err)
	}
}

func (e *env) deadOrders(t testing.TB, limit int) (ids []string) {
	t.Helper()
	dead, err := e.Dead(t.Context(), limit)
	if err != nil {
		t.Fatalf("dead: %v", err)
	}
	for _, d := range dead {
		if age := e.now().Sub(d.At); age < -time.Minute || age > time.Minute {
			t.Errorf("%s was given up at %s", d.Order, d.At)
		}
		ids = append(ids, d.Order)
	}
	return ids
}

func tellDead(t *testing.T, e *env) {
	var ids []string
	for _, ref := range []string{"A-1", "A-2", "A-3"} {
		rec, a := e.spoken(t, ref)
		e.tells(t, checkout.Telling{Alarm: a, Order: rec.Order.ID, Dead: true, Tries: 20})
		e.nothingDue(t, rec.Order.ID)
		ids = append(ids, rec.Order.ID)
		e.b.Pass()
	}
	if got := e.deadOrders(t, 100); strings.Join(got, " ") != strings.Join(ids, " ") {
		t.Errorf("dead: got %v, want %v", got, ids)
	}
	if got := e.deadOrders(t, 2); len(got) != 2 {
		t.Errorf("two of the dead: got %v", got)
	}
	if err := e.Redeliver(t.Context(), ids[1]); err != nil {
		t.Fatalf("redeliver: %v", err)
	}
	if got := e.deadOrders(t, 100); len(got) != 2 {
		t.Errorf("dead after redeliver: got %v", got)
	}
	if got := e.load(t, ids[1]).Tries; got != 0 {
		t.Errorf("tries after redeliver: got %d, want 0", got)
	}
	a := e.claimed(t, tell(ids[1]))
	e.tells(t, checkout.Telling{Alarm: a, Order: ids[1], Told: 99})
	e.nothingDue(t, ids[1])
}

func tellRevived(t *testing.T, e *env) {
	rec, a := e.spoken(t, "A-1")
	e.tells(t, checkout.Telling{Alarm: a, Order: rec.Order.ID, Dead: true, Tries: 20})
	c := apply(t, rec, e.now())
	c.Next = time.Time{}
	rec = e.commit(t, c) // a step without an event leaves it dead
	e.nothingDue(t, rec.Order.ID)
	c = apply(t, rec, e.now(), order.Raise{Attention: order.Attention{Code: "x", Message: "look"}})
	c.Next = time.Time{}
	e.commit(t, c)
	if got := e.deadOrders(t, 100); len(got) != 0 {
		t.Errorf("dead: got %v, want none", got)
	}
	e.claimed(t, tell(rec.Order.ID))
	if got := e.load(t, rec.Order.ID).Tries; got != 0 {
		t.Errorf("tries: got %d, want 0", got)
	}
}
