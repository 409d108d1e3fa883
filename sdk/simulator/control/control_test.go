package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestHandler_statusOfErrors(t *testing.T) {
	t.Parallel()
	fails := func(err error) func(context.Context, []byte) (any, error) {
		return func(context.Context, []byte) (any, error) { return nil, err }
	}
	h := Handler(API{Next: fails(Bad("no")), Faults: fails(&Problem{409, "late"}), Clock: fails(errors.New("broken")),
		Notify: func(_ context.Context, b []byte) (any, error) { return string(b), nil }, Books: func() any { return make(chan int) }})
	for _, c := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{"POST", "/next", "", 400, `"error": "no"`},
		{"POST", "/faults", "", 409, `"error": "late"`},
		{"POST", "/clock", "", 500, `"error": "broken"`},
		{"POST", "/notify", "hello", 200, `"hello"`},
		{"GET", "/books", "", 500, `"error"`},
		{"GET", "/next", "", 404, "POST /next"},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, c.path, strings.NewReader(c.body)))
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.want) || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%s %s: got %d %s, want %d with %s", c.method, c.path, w.Code, w.Body, c.status, c.want)
		}
	}
}

func TestDuration(t *testing.T) {
	t.Parallel()
	var in struct{ D Duration }
	if err := Decode([]byte(`{"D":"90s"}`), &in); err != nil || time.Duration(in.D) != 90*time.Second {
		t.Errorf("got %v, %v", in.D, err)
	}
	if b, err := json.Marshal(in); err != nil || string(b) != `{"D":"1m30s"}` {
		t.Errorf("got %s, %v", b, err)
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c := NewClock(func() time.Time { return base })
	if err := c.Move(-time.Second); err == nil || !c.Now().Equal(base) {
		t.Errorf("back: got %v and %v", err, c.Now())
	}
	if err := c.Move(time.Hour); err != nil || !c.Now().Equal(base.Add(time.Hour)) || !c.Base().Equal(base) {
		t.Errorf("ahead: got %v, %v", err, c.Now())
	}
}

func TestAgenda_inOrderAndOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := NewClock(nil)
		a := NewAgenda(clock)
		start := clock.Now()
		var mu sync.Mutex
		var log []string
		add := func(text string) {
			mu.Lock()
			defer mu.Unlock()
			log = append(log, text)
		}
		ran := func() []string {
			mu.Lock()
			defer mu.Unlock()
			return slices.Clone(log)
		}
		var tick func(context.Context, time.Time)
		tick = func(_ context.Context, due time.Time) {
			add("tick " + due.Sub(start).String())
			a.At(due.Add(time.Minute), tick)
		}
		note := func(text string) func(context.Context, time.Time) {
			return func(context.Context, time.Time) { add(text) }
		}
		a.At(start.Add(90*time.Second), note("between"))
		a.At(start.Add(time.Minute), tick)
		a.At(start.Add(time.Minute), note("second of the same time"))
		a.At(start.Add(-time.Hour), note("overdue"))
		a.Hold()
		if err := clock.Move(3 * time.Minute); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if err := a.Settle(ctx); err == nil {
			t.Error("settled while held")
		}
		cancel()
		a.Release()
		if err := a.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
		want := []string{"overdue", "tick 1m0s", "second of the same time", "between", "tick 2m0s", "tick 3m0s"}
		if got := ran(); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		time.Sleep(time.Minute) // the bubble's clock: no time passes
		synctest.Wait()
		if got := ran(); got[len(got)-1] != "tick 4m0s" {
			t.Errorf("got %v, want a tick by the timer", got)
		}
		a.Close()
		a.At(clock.Now(), note("too late"))
		if err := a.Settle(t.Context()); err != nil || slices.Contains(ran(), "too late") {
			t.Errorf("after Close: got %v, %v", ran(), err)
		}
	})
}

func TestFaults_takeCountsDown(t *testing.T) {
	t.Parallel()
	f := NewFaults(Kind{Name: "a", Calls: []string{"x", "y"}}, Kind{Name: "b", Calls: []string{"x"}})
	if err := f.Set(Fault{Name: "a", Call: "x", Times: 2}, Fault{Name: "a", Call: "z"}); err == nil || len(f.Active()) != 0 {
		t.Errorf("got %v and %v, want all or nothing", err, f.Active())
	}
	if err := f.Set(Fault{Name: "a", Call: "x", Times: 2}, Fault{Name: "b"}); err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		name, call string
		on         bool
	}{{"a", "y", false}, {"a", "x", true}, {"a", "x", true}, {"a", "x", false}, {"b", "y", false}, {"b", "x", true}, {"b", "x", true}, {"c", "x", false}} {
		if got := f.On(c.name, c.call); got != c.on {
			t.Errorf("%d: %s on %s: got %v, want %v", i, c.name, c.call, got, c.on)
		}
	}
	if err := f.Clear("b"); err != nil || len(f.Active()) != 0 {
		t.Errorf("got %v, %v", err, f.Active())
	}
}

func TestJournal_keepsTheLast(t *testing.T) {
	t.Parallel()
	var j Journal
	for i := range journalSize + 5 {
		j.Add(Request{Status: i})
	}
	kept, total := j.All()
	if total != journalSize+5 || len(kept) != journalSize || kept[0].Status != 5 || kept[len(kept)-1].Status != journalSize+4 {
		t.Errorf("got %d of %d, from %d to %d", len(kept), total, kept[0].Status, kept[len(kept)-1].Status)
	}
}

func TestAddMember(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{}`, `{ }`, `{"a":1}`} {
		if got := AddMember([]byte(text)); !json.Valid(got) || !strings.Contains(string(got), "addedUnannounced") {
			t.Errorf("%s: got %s", text, got)
		}
	}
	if got := AddMember([]byte(`[1]`)); string(got) != `[1]` {
		t.Errorf("a list: got %s", got)
	}
}

func TestCalls_clientGoneWhileWaiting(t *testing.T) {
	t.Parallel()
	c := &Calls{Clock: NewClock(nil), Faults: NewFaults(TransportFaults("x")...), Script: NewScript("x"), Journal: &Journal{}}
	if err := c.Faults.Set(Fault{Name: SlowAnswer}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	carriedOut := false
	c.Handle("x", func(http.ResponseWriter, *http.Request) { carriedOut = true })(w, httptest.NewRequestWithContext(ctx, "GET", "/", nil))
	if kept, _ := c.Journal.All(); carriedOut || len(kept) != 1 || kept[0].Fault != SlowAnswer {
		t.Errorf("got %+v, carried out %v", kept, carriedOut)
	}
}
