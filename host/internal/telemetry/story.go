package telemetry

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Bounds of the story.
const (
	defaultOrders  = 200
	maxEntries     = 100
	maxCalls       = 400
	maxDetail      = 32 << 10
	maxSubscribers = 256
	// backlog is how far a subscriber may fall behind; what is then left out
	// shows as a gap in the numbers.
	backlog = 128
)

// Kind says where in the house something happened.
type Kind string

// The kinds of entry.
const (
	KindAPI      Kind = "api"
	KindRound    Kind = "round"
	KindRequest  Kind = "request"
	KindCall     Kind = "call" // a plugin operation ended
	KindWebhook  Kind = "webhook"
	KindDelivery Kind = "delivery"
	KindEvent    Kind = "event"
	KindPage     Kind = "page"
)

// Entry is one thing that happened to an order.
type Entry struct {
	// Number counts an order's entries from 1.
	Number int64     `json:"number"`
	At     time.Time `json:"at"`
	Kind   Kind      `json:"kind"`
	Title  string    `json:"title"`
	Plugin string    `json:"plugin,omitempty"`
	Export string    `json:"export,omitempty"`
	Fuel   int64     `json:"fuel,omitempty"`
	Micros int64     `json:"micros,omitempty"`
	// Status is an HTTP status, 0 where there is none.
	Status int    `json:"status,omitempty"`
	Error  string `json:"error,omitempty"`
	// Detail is any JSON; once recorded it is a [json.RawMessage] with secrets as ***.
	Detail any `json:"detail,omitempty"`
}

// StoryOptions are what a Story is made of. The zero value is a good one.
type StoryOptions struct {
	// Orders is how many orders are remembered; 200 if 0.
	Orders int
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
	// Mask knows the secrets; nil means none.
	Mask *Secrets
}

// Story keeps what happened to the latest orders, in memory, for a page that
// shows a payment go by. It holds what plugins and providers said to each
// other, secrets aside. It is safe for concurrent use.
type Story struct {
	o StoryOptions

	mu          sync.Mutex
	orders      shelf
	calls       shelf
	subscribers int
	// of holds the orders that an account's call turned out to be about.
	of map[string][]string

	feed feed
}

// NewStory makes an empty story.
func NewStory(o StoryOptions) *Story {
	if o.Orders <= 0 {
		o.Orders = defaultOrders
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Mask == nil {
		o.Mask = NewSecrets()
	}
	return &Story{o: o, orders: newShelf(o.Orders), calls: newShelf(maxCalls), of: map[string][]string{}}
}

// Record adds an entry to an order's story.
func (s *Story) Record(order string, e Entry) {
	if order == "" {
		return
	}
	e = s.clean(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders.get(order).add(e)
}

// Orders are those that are remembered, the one that something happened to last first.
func (s *Story) Orders() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := slices.DeleteFunc(slices.Clone(s.orders.names), func(name string) bool { return s.orders.byName[name].count == 0 })
	slices.Reverse(names)
	if names == nil {
		names = []string{}
	}
	return names
}

// Entries are an order's, the oldest first: at most the last hundred.
func (s *Story) Entries(order string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.orders.byName[order]; t != nil {
		return slices.Clone(t.entries)
	}
	return []Entry{}
}

// Subscribe gives an order's entries so far and, on the channel, each that
// follows, until cancel is called or the order is forgotten: then the channel
// is closed. It is closed at once where too many listen already.
func (s *Story) Subscribe(order string) (known []Entry, news <-chan Entry, cancel func()) {
	ch := make(chan Entry, backlog)
	s.mu.Lock()
	defer s.mu.Unlock()
	if order == "" || s.subscribers >= maxSubscribers {
		close(ch)
		return nil, ch, func() {}
	}
	t := s.orders.get(order)
	t.listeners = append(t.listeners, ch)
	t.left = func() { s.subscribers-- }
	s.subscribers++
	return slices.Clone(t.entries), ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		t.drop(ch)
	}
}

// Attribute says that a call of an account is about an order: what it did so
// far and will do belongs to the order's story. A webhook may be about many.
func (s *Story) Attribute(call, order string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if call == "" || order == "" || slices.Contains(s.of[call], order) || len(s.of[call]) >= s.o.Orders {
		return
	}
	t := s.calls.get(call)
	t.forget = func() { delete(s.of, call) }
	s.of[call] = append(s.of[call], order)
	for _, e := range t.entries {
		s.orders.get(order).add(e)
	}
}

// ofCall adds an entry of a plugin call: to its order, or to those that an
// account's call is about, as far as that is known.
func (s *Story) ofCall(call, order string, e Entry) {
	e = s.clean(e)
	s.feed.add(call, order, e)
	s.mu.Lock()
	defer s.mu.Unlock()
	if order != "" {
		s.orders.get(order).add(e)
		return
	}
	s.calls.get(call).add(e)
	for _, order := range s.of[call] {
		s.orders.get(order).add(e)
	}
}

// clean puts the time in, hides secrets and bounds the detail.
func (s *Story) clean(e Entry) Entry {
	if e.At.IsZero() {
		e.At = s.o.Clock()
	}
	e.At = e.At.UTC()
	e.Title, e.Error = s.o.Mask.Text(e.Title), s.o.Mask.Text(e.Error)
	if e.Detail != nil {
		e.Detail = s.detail(e.Detail)
	}
	return e
}

func (s *Story) detail(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		return json.RawMessage(`{"omitted":"it cannot be written as JSON"}`)
	}
	if len(text) > maxDetail {
		text, _ = json.Marshal(map[string]int{"omitted_bytes": len(text)}) // never fails
		return text
	}
	return s.o.Mask.Body(hideMembers(text))
}
