package call

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/host/internal/checkout"
	"github.com/kassette-pay/kassette/host/internal/egress"
	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

const callID = "call_7f01J"

// afterAll is later than any call may be at work.
const afterAll = 10 * time.Minute

// gate stops whoever comes to its point first: a node that crashes there, or
// is only slow and goes on when it is opened.
type gate struct {
	point   string
	once    sync.Once
	reached chan struct{}
	opened  chan struct{}
}

func newGate(point string) *gate {
	return &gate{point: point, reached: make(chan struct{}), opened: make(chan struct{})}
}

func (g *gate) pass(point string) error {
	if point == g.point {
		first := false
		g.once.Do(func() { first = true })
		if first {
			close(g.reached)
			<-g.opened
		}
	}
	return nil
}

// stopped starts a call on node a that stops at a point. The func lets it go on
// and gives its end.
func (r *room) stopped(c checkout.Call, point string) func() (checkout.Ended, error) {
	g := newGate(point)
	r.journal.before = func(field string) error { return g.pass("before " + field) }
	r.journal.after = func(field string) error { return g.pass("after " + field) }
	inner := r.answer
	r.answer = func(o egress.Outbound) egress.Answer {
		if o.Request.URL == payURL {
			_ = g.pass("sent")
		}
		if inner != nil {
			return inner(o)
		}
		return r.ok("{}")
	}
	var e checkout.Ended
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		e, err = r.runner("a").Run(context.Background(), c)
		_ = g.pass("end")
	}()
	<-g.reached
	return func() (checkout.Ended, error) {
		close(g.opened)
		<-done
		return e, err
	}
}

func TestResume_crashAtEachStep(t *testing.T) {
	t.Parallel()
	write, keyed, pull, prepare := post(payURL), post(payURL), get(payURL), post(payURL)
	yes := true
	keyed.Repeat, pull.Consumes, prepare.Effect = &yes, true, contract.Prepare
	lostEnd := func(o order.Outcome) [2]string { return [2]string{string(contract.ProviderUnavailable), string(o)} }
	good := func(o order.Outcome) [2]string { return [2]string{"", string(o)} }
	tests := []struct {
		name    string
		request contract.Request
		point   string
		ends    [2]string // failure and outcome of the resumed call; empty: there is no journal
		sent    int       // in all, with the first node slow and alive
	}{
		{"write, before its intent", write, "before step:0", [2]string{}, 0},
		{"write, between intent and sending", write, "after step:0", lostEnd(order.OutcomeUnknown), 0},
		{"write, between sending and answer", write, "sent", lostEnd(order.OutcomeUnknown), 1},
		{"write, before its answer is journaled", write, "before step:1", lostEnd(order.OutcomeUnknown), 1},
		{"write, after its answer is journaled", write, "after step:1", good(order.OutcomeKnown), 1},
		{"write, before the commit that ends it", write, "end", good(order.OutcomeKnown), 1},
		{"repeatable write, between intent and sending", keyed, "after step:0", good(order.OutcomeKnown), 1},
		{"repeatable write, between sending and answer", keyed, "sent", good(order.OutcomeKnown), 2},
		{"repeatable write, after its answer is journaled", keyed, "after step:1", good(order.OutcomeKnown), 1},
		{"pull, between intent and sending", pull, "after step:0", lostEnd(order.OutcomeNotAttempted), 0},
		{"pull, between sending and answer", pull, "sent", lostEnd(order.OutcomeNotAttempted), 1},
		{"pull, after its answer is journaled", pull, "after step:1", good(order.OutcomeNotAttempted), 1},
		{"prepare, between sending and answer", prepare, "sent", lostEnd(order.OutcomeNotAttempted), 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, asking(get(statusURL), tt.request, get(statusURL)))
			c := r.call(contract.CapturePayment)
			goOn := r.stopped(c, tt.point)
			r.later(afterAll)
			got, e, err := r.runner("b").Resume(context.Background(), callID, nil)
			if tt.ends == [2]string{} {
				if !errors.Is(err, checkout.ErrNoJournal) {
					t.Errorf("Resume: got %+v, %v; want ErrNoJournal", e, err)
				}
			} else {
				if err != nil || [2]string{string(code(e)), string(e.Outcome)} != tt.ends {
					t.Errorf("Resume: got failure %v, %q, %v; want %q", e.Failure, e.Outcome, err, tt.ends)
				}
				if got.Order != c.Order || got.Export != c.Export || got.Plugin != c.Plugin || string(got.Input) != string(c.Input) {
					t.Errorf("Resume: got call %+v, want %+v", got, c)
				}
			}
			if first, err := goOn(); !errors.Is(err, ErrElsewhere) && tt.point != "end" {
				t.Errorf("the slow node: got %+v, %v; want ErrElsewhere", first, err)
			}
			sent := 0
			for _, u := range r.urls() {
				if u == payURL {
					sent++
				}
			}
			if sent != tt.sent {
				t.Errorf("sent %d times, want %d", sent, tt.sent)
			}
		})
	}
}

func TestResume_tooEarly_elsewhere(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(post(payURL)))
	goOn := r.stopped(r.call(contract.CapturePayment), "sent")
	r.later(intentLife + contract.DefaultTimeout + grace - time.Second)
	if _, _, err := r.runner("b").Resume(context.Background(), callID, nil); !errors.Is(err, ErrElsewhere) {
		t.Errorf("got %v, want ErrElsewhere", err)
	}
	if e, err := goOn(); err != nil || e.Failure != nil {
		t.Errorf("the node that was at work: got %+v, %v", e, err)
	}
}

func TestResume_manyAtOnce_oneGoesOn(t *testing.T) {
	t.Parallel()
	yes := true
	keyed := post(payURL)
	keyed.Repeat = &yes
	for name, request := range map[string]contract.Request{"write": post(payURL), "repeatable write": keyed} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, asking(request, post(statusURL)))
			goOn := r.stopped(r.call(contract.CapturePayment), "sent")
			r.later(afterAll)
			var won, lost int
			var mu sync.Mutex
			var wg sync.WaitGroup
			start := make(chan struct{})
			for range 16 {
				wg.Go(func() {
					<-start
					_, _, err := r.runner("b").Resume(context.Background(), callID, nil)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						won++
					case errors.Is(err, ErrElsewhere):
						lost++
					default:
						t.Error(err)
					}
				})
			}
			close(start)
			wg.Wait()
			if won != 1 || lost != 15 {
				t.Errorf("%d went on and %d stopped, want 1 and 15", won, lost)
			}
			before := len(r.urls())
			if _, err := goOn(); !errors.Is(err, ErrElsewhere) {
				t.Errorf("the slow node: got %v, want ErrElsewhere", err)
			}
			if n := len(r.urls()); n != before {
				t.Errorf("the slow node sent %d more requests", n-before)
			}
		})
	}
}

func TestResume_crashedAgain_thirdNodeGoesOn(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(post(payURL), post(statusURL)))
	goOn := r.stopped(r.call(contract.CapturePayment), "after step:1") // the answer is there
	defer func() { _, _ = goOn() }()
	r.later(afterAll)
	r.journal.before = func(field string) error { // the second node takes over and is cut off
		if field == fieldStep(3) {
			return checkout.ErrUnavailable
		}
		return nil
	}
	if _, _, err := r.runner("b").Resume(context.Background(), callID, nil); !errors.Is(err, checkout.ErrUnavailable) {
		t.Fatalf("got %v, want ErrUnavailable", err)
	}
	r.journal.before = nil
	r.later(afterAll)
	_, e, err := r.runner("c").Resume(context.Background(), callID, nil)
	if err != nil || e.Failure != nil || e.Outcome != order.OutcomeKnown || strings.Join(r.urls(), " ") != payURL+" "+statusURL {
		t.Errorf("got %+v, %v after %v", e, err, r.urls())
	}
}

func TestResume_ended_sameEndAgain(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(post(payURL)))
	a := r.runner("a")
	want := r.run(r.call(contract.CapturePayment))
	if err := a.End(context.Background(), callID, want.Journal); err != nil {
		t.Fatal(err)
	}
	_, got, err := a.Resume(context.Background(), callID, nil)
	want.Journal = nil
	if err != nil || text(t, got) != text(t, want) || len(r.sent) != 1 {
		t.Errorf("got %s, %v; want %s", text(t, got), err, text(t, want))
	}
}

func TestRunner_End_withoutJournal(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking())
	if err := r.runner("a").End(context.Background(), callID, nil); err != nil || !r.journal.ended[callID] {
		t.Errorf("got %v", err)
	}
}

func TestResume_unknownCall_isGivenUpForGood(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(post(payURL)))
	for range 2 {
		if _, _, err := r.runner("b").Resume(context.Background(), callID, nil); !errors.Is(err, checkout.ErrNoJournal) {
			t.Errorf("got %v, want ErrNoJournal", err)
		}
	}
	if _, err := r.runner("a").Run(context.Background(), r.call(contract.CapturePayment)); !errors.Is(err, ErrElsewhere) || len(r.sent) != 0 {
		t.Errorf("Run afterwards: got %v after %d requests, want ErrElsewhere and none", err, len(r.sent))
	}
	if !r.journal.ended[callID] {
		t.Error("what gives it up would stay for ever")
	}
}

func TestResume_answerTooLargeForTheJournal(t *testing.T) {
	t.Parallel()
	r := newRoom(t, asking(get(statusURL), post(payURL)))
	r.answer = func(o egress.Outbound) egress.Answer {
		if o.Request.URL == statusURL {
			return r.ok(strings.Repeat("x", contract.MaxAnswer))
		}
		return r.ok("{}")
	}
	goOn := r.stopped(r.call(contract.CapturePayment), "after step:1")
	r.later(afterAll)
	_, e, err := r.runner("b").Resume(context.Background(), callID, nil)
	if err != nil || code(e) != contract.Internal || !strings.Contains(e.Failure.Message, ErrReplay.Error()) || e.Outcome != order.OutcomeUnknown {
		t.Errorf("got %+v, %v; want %v, unknown", e, err, ErrReplay)
	}
	_, _ = goOn()
	size := 0
	for _, b := range r.journal.calls[callID] {
		size += len(b)
	}
	if size > maxJournal {
		t.Errorf("the journal has %d bytes, at most %d are allowed", size, maxJournal)
	}
}

func TestResume_settingsChangedMeanwhile_sumsAsBefore(t *testing.T) {
	t.Parallel()
	var sums []string
	r := newRoom(t, native{provider: capturer(func(c *guest.Call, _ contract.CaptureInput) (contract.OperationResult, error) {
		sum, err := c.MAC(contract.MACRequest{Algorithm: contract.SHA256, Key: contract.Parts{contract.Sec("key")}, Data: contract.Parts{contract.Lit("x")}})
		if err != nil {
			return succeeded, err
		}
		sums = append(sums, string(sum))
		_, err = c.Do(post(payURL))
		return succeeded, err
	})})
	goOn := r.stopped(r.call(contract.CapturePayment), "after step:1")
	r.later(afterAll)
	r.account.Secrets = map[string]string{"key": "another secret"}
	if _, e, err := r.runner("b").Resume(context.Background(), callID, nil); err != nil || e.Failure != nil {
		t.Errorf("got %+v, %v", e, err)
	}
	_, _ = goOn()
	for _, s := range sums {
		if s != sums[0] {
			t.Error("a host function answered otherwise after the secret was changed")
		}
	}
}

func TestResume_exclusive(t *testing.T) {
	t.Parallel()
	yes := true
	for name, tt := range map[string]struct {
		holder string
		sent   int
	}{"still ours": {"", 2}, "gone to another payment": {"pay_2", 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, native{provider: creator(func(c *guest.Call) (contract.CreateResult, error) {
				c.Interim(contract.Interim{Action: contract.Action{Type: contract.ActionWait}, Exclusive: "t1"})
				req := post(payURL)
				req.Repeat = &yes
				_, err := c.Do(req)
				return news(contract.UpdateCaptured), err
			})})
			c := r.call(contract.CreatePayment)
			commits := 0
			c.OnInterim = func(context.Context, contract.Interim) error { commits++; return nil }
			goOn := r.stopped(c, "sent")
			r.later(2 * time.Hour) // the lease is over
			if tt.holder != "" {
				_, _ = r.vault.Lease(context.Background(), accountID, leaseExclusive+"t1", tt.holder, time.Hour)
			}
			_, e, err := r.runner("b").Resume(context.Background(), callID, c.OnInterim)
			if err != nil || len(r.sent) != tt.sent || commits != 1 {
				t.Errorf("got %+v, %v after %d requests and %d commits; want %d and 1", e, err, len(r.sent), commits, tt.sent)
			}
			if h := r.vault.holder(accountID, leaseExclusive+"t1"); h != tt.holder {
				t.Errorf("the terminal is held by %q, want %q", h, tt.holder)
			}
			_, _ = goOn()
		})
	}
}

func TestResume_badJournal(t *testing.T) {
	t.Parallel()
	begin := text(t, entry{By: "a", Begin: &frozen{Call: checkout.Call{ID: callID, Account: accountID}, Entropy: make([]byte, 32), Settings: json.RawMessage("{}")}})
	for name, fields := range map[string]map[string][]byte{
		"no beginning":              {fieldStep(0): []byte(`{"by":"a"}`)},
		"only an end":               {fieldEnd: []byte(`{"by":"a","end":{"outcome":"known","at":"2026-01-02T03:04:05Z"}}`)},
		"no JSON":                   {fieldStep(0): []byte("x")},
		"neither answer nor error":  {fieldStep(0): []byte(begin), fieldStep(1): []byte(`{"by":"a","rounds":[[{"request":{"method":"GET","url":"x"},"at":"2026-01-02T03:04:05Z"}]]}`)},
		"answers without a request": {fieldStep(0): []byte(strings.Replace(begin, `"by":"a"`, `"by":"a","intent":{"not_after":"2026-01-02T03:04:05Z"}`, 1)), fieldStep(1): []byte(`{"by":"a","rounds":[[{"request":{"method":"","url":""},"at":"2026-01-02T03:04:05Z","response":{"status":200}}]]}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRoom(t, asking())
			r.journal.calls[callID] = fields
			if _, _, err := r.runner("b").Resume(context.Background(), callID, nil); err == nil || errors.Is(err, checkout.ErrNoJournal) || !strings.Contains(err.Error(), callID) {
				t.Errorf("got %v, want an error that names the call", err)
			}
		})
	}
}

func FuzzReadRecord(f *testing.F) {
	f.Add([]byte(`{"by":"a","begin":{"call":{},"now":"2026-01-02T03:04:05Z","entropy":"","settings":{}}}`), []byte(`{"by":"b","rounds":[[{}]],"intent":{}}`))
	f.Fuzz(func(_ *testing.T, first, second []byte) {
		_, _ = readRecord(map[string][]byte{fieldStep(0): first, fieldStep(1): second, fieldStep(2): first}) // it must not panic
	})
}
