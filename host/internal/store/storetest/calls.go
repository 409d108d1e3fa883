package storetest

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/host/internal/store"
)

var callRules = []rule{
	{"journalOfNothing_isNoJournal", journalNone},
	{"secondIntent_writesNothing", intentTwice},
	{"intentsAtOnce_oneWins", intentAtOnce},
	{"journal_isReadAsItWasWritten", journalRead},
	{"bigAnswers_areKept", journalBig},
	{"unfinishedJournal_neverEnds", journalUnfinished},
	{"endedJournal_isKeptForItsTime", journalEnded},
	{"commit_endsTheJournalOfItsCall", journalCommitted},
	{"intentOfAnAccount_ringsAndItsEndDropsIt", intentAlarm},
}

func (e *env) newCall() string { return checkout.NewCallID(checkout.PartitionOfName(account), e.now()) }

func (e *env) intends(t testing.TB, call, field string, fields map[string][]byte, want bool) {
	t.Helper()
	if got, err := e.Intent(t.Context(), call, field, fields, time.Time{}); err != nil || got != want {
		t.Fatalf("intent %s of %s: got %t, %v, want %t", field, call, got, err, want)
	}
}

func journalNone(t *testing.T, e *env) {
	for _, id := range []string{"", "call_", "nonsense", e.newCall()} {
		if _, err := e.Read(t.Context(), id); !errors.Is(err, checkout.ErrNoJournal) {
			t.Errorf("read %q: got %v, want %v", id, err, checkout.ErrNoJournal)
		}
	}
	if err := e.End(t.Context(), checkout.JournalEnd{Call: e.newCall()}); err != nil {
		t.Errorf("end of a journal that is not there: %v", err)
	}
	if err := e.End(t.Context(), checkout.JournalEnd{Call: "nonsense"}); err == nil {
		t.Error("end of no call: got no error")
	}
}

func intentTwice(t *testing.T, e *env) {
	id := e.newCall()
	e.intends(t, id, "intent.0", map[string][]byte{"intent.0": []byte("a"), "input": []byte(Secrets[secretInput])}, true)
	before := e.dump(t)
	other := e.with(t, store.Options{})
	other.intends(t, id, "intent.0", map[string][]byte{"intent.0": []byte("a"), "more": []byte("b")}, false)
	e.unchanged(t, before)
	other.intends(t, id, "intent.1", map[string][]byte{"intent.1": []byte("b")}, true)
}

func intentAtOnce(t *testing.T, e *env) {
	id := e.newCall()
	var won atomic.Int32
	atOnce(12, func(i int) {
		ok, err := e.Intent(t.Context(), id, "intent.0", map[string][]byte{"intent.0": {byte(i)}, "owner": {byte(i)}}, time.Time{})
		if err != nil {
			t.Errorf("intent: %v", err)
		}
		if ok {
			won.Add(1)
		}
	})
	got, err := e.Read(t.Context(), id)
	if err != nil || won.Load() != 1 || !bytes.Equal(got["intent.0"], got["owner"]) {
		t.Errorf("got %d winners, fields %v, %v", won.Load(), got, err)
	}
}

func journalRead(t *testing.T, e *env) {
	id := e.newCall()
	want := map[string][]byte{"intent.0": []byte("a"), "input": []byte(Secrets[secretInput]), "empty": {}, "binary": {0, 255, '\n'}}
	e.intends(t, id, "intent.0", want, true)
	for name, value := range map[string][]byte{"answer.0": []byte("b"), "answer.1": []byte("c")} {
		want[name] = value
		if err := e.Write(t.Context(), id, map[string][]byte{name: value}); err != nil {
			t.Fatalf("write: %v", err)
		}
	}
	if err := e.Write(t.Context(), id, nil); err != nil {
		t.Errorf("write of nothing: %v", err)
	}
	got, err := e.Read(t.Context(), id)
	if err != nil {
		t.Fatalf("read: %v", err)
	}
	same(t, "journal", got, want)
}

func journalBig(t *testing.T, e *env) {
	id := e.newCall()
	noise := make([]byte, 448<<10)
	_, _ = rand.Read(noise)
	want := map[string][]byte{"noise": noise, "text": []byte(strings.Repeat(Secrets[secretInput], 20000))}
	if err := e.Write(t.Context(), id, want); err != nil {
		t.Fatalf("write: %v", err)
	}
	got, err := e.Read(t.Context(), id)
	if err != nil || !bytes.Equal(got["noise"], noise) || !bytes.Equal(got["text"], want["text"]) {
		t.Errorf("read: got %d and %d bytes, %v", len(got["noise"]), len(got["text"]), err)
	}
	for name, values := range e.dump(t) {
		for _, v := range values {
			if len(v) > len(noise)+100 {
				t.Errorf("%s: %d bytes, want what repeats compressed", name, len(v))
			}
		}
	}
}

// journalTime is the time to live of the one journal there is.
func (e *env) journalTime(t testing.TB) time.Duration {
	t.Helper()
	for name, ttl := range e.times(t) {
		if strings.HasPrefix(name, "call:") {
			return ttl
		}
	}
	t.Fatal("no journal")
	return 0
}

func journalUnfinished(t *testing.T, e *env) {
	id := e.newCall()
	e.intends(t, id, "intent.0", nil, true)
	if err := e.Write(t.Context(), id, map[string][]byte{"answer.0": []byte("x")}); err != nil {
		t.Fatalf("write: %v", err)
	}
	if ttl := e.journalTime(t); ttl >= 0 {
		t.Errorf("it ends in %s", ttl)
	}
}

func journalEnded(t *testing.T, e *env) {
	e = e.with(t, store.Options{JournalTTL: short})
	id := e.newCall()
	e.intends(t, id, "intent.0", nil, true)
	if err := e.End(t.Context(), checkout.JournalEnd{Call: id, Fields: map[string][]byte{"read.0": []byte("x")}}); err != nil {
		t.Fatalf("end: %v", err)
	}
	if got, err := e.Read(t.Context(), id); err == nil && string(got["read.0"]) != "x" {
		t.Errorf("read: got %v, want the last field", got)
	}
	e.until(t, "the journal is gone", func() bool {
		_, err := e.Read(t.Context(), id)
		return errors.Is(err, checkout.ErrNoJournal)
	})
}

func journalCommitted(t *testing.T, e *env) {
	rec := e.made(t, "A-1")
	id := checkout.NewCallID(mustPartition(t, rec.Order.ID), e.now())
	e.intends(t, id, "intent.0", nil, true)
	c := apply(t, rec, e.now(), reserve(rec.Order, e.now()))
	c.Journal = &checkout.JournalEnd{Call: id, Fields: map[string][]byte{"read.0": []byte("x")}}
	e.commit(t, c)
	got, err := e.Read(t.Context(), id)
	if err != nil || string(got["read.0"]) != "x" || len(got) != 2 {
		t.Errorf("read: got %v, %v", got, err)
	}
	if ttl := e.journalTime(t); ttl < 119*24*time.Hour || ttl > 120*24*time.Hour {
		t.Errorf("the journal of an order that goes on ends in %s, want 120 days", ttl)
	}
	flush(t, e.b.Client)
	rec = e.made(t, "A-2")
	id = checkout.NewCallID(mustPartition(t, rec.Order.ID), e.now())
	c = apply(t, rec, e.now(), order.Cancel{})
	c.Journal = &checkout.JournalEnd{Call: id, Fields: map[string][]byte{"read.0": []byte("x")}}
	e.commit(t, c) // a journal may begin with its end
	if ttl := e.journalTime(t); ttl < 29*24*time.Hour || ttl > 30*24*time.Hour {
		t.Errorf("the journal of a final order ends in %s, want 30 days", ttl)
	}
}

func intentAlarm(t *testing.T, e *env) {
	id := e.newCall()
	if ok, err := e.Intent(t.Context(), id, "intent.0", nil, past(e)); err != nil || !ok {
		t.Fatalf("intent: got %t, %v", ok, err)
	}
	if !e.duePartition(t, id) {
		t.Error("the partition is not due")
	}
	a := e.claimed(t, id)
	if err := e.PutBack(t.Context(), a, past(e)); err != nil {
		t.Fatalf("put back: %v", err)
	}
	a = e.claimed(t, id)
	if err := e.End(t.Context(), checkout.JournalEnd{Call: id}); err != nil {
		t.Fatalf("end: %v", err)
	}
	if ok, err := e.Renew(t.Context(), a); err != nil || ok {
		t.Errorf("renew after the end: got %t, %v", ok, err)
	}
	e.nothingDue(t, id)
	quiet := e.newCall()
	e.intends(t, quiet, "intent.0", nil, true)
	e.nothingDue(t, quiet)
}
