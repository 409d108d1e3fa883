package checkout

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/host/internal/order"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Options are what a Service is made of. All but the functions are needed.
type Options struct {
	Store     Store
	Caller    Caller
	Registry  Registry
	Directory Directory
	// PublicURL is where consumers and providers reach the host, with its
	// path prefix and without a slash at the end.
	PublicURL string
	Clock     Clock
	Logger    *slog.Logger
	// BreakerOpen says that an account's provider is not answering, so that its
	// methods are not offered; nil: never.
	BreakerOpen func(account string) bool
	// Committed hears of each commit to an order, so that what is due at once
	// is done at once; nil: nobody.
	Committed func(order string)
	// Happened hears of each event that was committed; nil: nobody.
	Happened func(order.Event)
	// Booked hears which orders an account's call brought news for; nil: nobody.
	Booked func(call, order string)
}

// Times of the use cases.
const (
	// waitBusy is how long a use case waits for another call on the order.
	waitBusy = 10 * time.Second
	// busyLease is after how long a call that has not ended is taken over: its
	// longest request, the intent's life, and a margin.
	busyLease = contract.MaxTimeout + 35*time.Second
	// busyInterim is the same for a call that goes on in the background.
	busyInterim = contract.MaxInterimTimeout + 35*time.Second
	// maxTries bounds how often a lost race is run again.
	maxTries = 32
)

// Service runs the use cases. It is safe for concurrent use.
type Service struct {
	o          Options
	background tasks
	waiters    waiters
	live       liveVersions
	flood      flood
}

var (
	_ API      = (*Service)(nil)
	_ Consumer = (*Service)(nil)
	_ Webhooks = (*Service)(nil)
)

// New makes a Service.
func New(o Options) *Service {
	return &Service{o: o, waiters: waiters{byOrder: map[string][]chan struct{}{}}}
}

// Close waits for the calls that go on in the background. Those that begin
// after it keep their callers waiting.
func (s *Service) Close() { s.background.wait() }

// tasks are what goes on in the background.
type tasks struct {
	mu     sync.Mutex
	ending bool
	under  sync.WaitGroup
}

// run does something in the background, or at once where that ends.
func (t *tasks) run(do func()) {
	t.mu.Lock()
	ending := t.ending
	if !ending {
		t.under.Go(do)
	}
	t.mu.Unlock()
	if ending {
		do()
	}
}

func (t *tasks) wait() {
	t.mu.Lock()
	t.ending = true
	t.mu.Unlock()
	t.under.Wait()
}

// now is the clock in UTC, in whole milliseconds: what is kept is what was decided on.
func (s *Service) now() time.Time { return s.o.Clock().UTC().Truncate(time.Millisecond) }

// load reads an order of the key's shop; another shop's is not found.
func (s *Service) load(ctx context.Context, k Key, id string) (Record, error) {
	if _, err := PartitionOfID(id); err != nil {
		return Record{}, fmt.Errorf("order %q: %w", id, ErrNotFound)
	}
	rec, err := s.o.Store.Load(ctx, id)
	if err != nil {
		return Record{}, fmt.Errorf("read order %s: %w", id, err)
	}
	if rec.Order.Shop != k.Shop || rec.Order.Live != k.Live {
		return Record{}, fmt.Errorf("order %q: %w", id, ErrNotFound)
	}
	return rec, nil
}

// view is a payment as its plugin sees it.
func (s *Service) view(o order.Order, p order.Payment) contract.Payment {
	back := s.o.PublicURL + "/pay/" + Token(o)
	return order.PluginView(o, p, order.URLs{
		Return:  back + "/return/" + p.ID,
		Cancel:  back,
		Webhook: s.o.PublicURL + "/webhooks/" + p.Account,
	})
}

// Token is the secret part of an order's pay link.
func Token(o order.Order) string { return o.ID + "." + o.Secret }

func encode(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil { // types of the contract always encode
		panic(fmt.Sprintf("encode %T: %v", v, err))
	}
	return b
}

// waiters wakes those who watch an order when this node commits to it.
type waiters struct {
	mu      sync.Mutex
	byOrder map[string][]chan struct{}
}

func (w *waiters) watch(id string) <-chan struct{} {
	c := make(chan struct{})
	w.mu.Lock()
	w.byOrder[id] = append(w.byOrder[id], c)
	w.mu.Unlock()
	return c
}

func (w *waiters) wake(id string) {
	w.mu.Lock()
	list := w.byOrder[id]
	delete(w.byOrder, id)
	w.mu.Unlock()
	for _, c := range list {
		close(c)
	}
}

func (w *waiters) forget(id string, c <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	list := w.byOrder[id]
	for i := range list {
		if list[i] == c {
			list[i] = list[len(list)-1]
			w.byOrder[id] = list[:len(list)-1]
			break
		}
	}
	if len(w.byOrder[id]) == 0 {
		delete(w.byOrder, id)
	}
}

// pause waits for a commit to the order on this node, or d.
func (s *Service) pause(ctx context.Context, id string, d time.Duration) error {
	c := s.waiters.watch(id)
	defer s.waiters.forget(id, c)
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c:
		return nil
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func decode(b json.RawMessage, v any) error { return json.Unmarshal(b, v) }
