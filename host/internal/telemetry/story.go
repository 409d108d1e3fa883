package telemetry

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Bounds of the story.
const (
	maxOrders      = 200
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
	Status string    `json:"status,omitempty"`
	// Detail is any JSON; once recorded it is a [json.RawMessage] with secrets as ***.
	Detail any `json:"detail,omitempty"`
}

// Story keeps what happened to the last orders, in memory, for a page that
// shows a payment go by. It is for demos and development: it holds what
// plugins and providers said to each other, secrets aside. It is safe for
// concurrent use.
type Story struct {
	secrets *Secrets
	clock   func() time.Time

	mu          sync.Mutex
	orders      shelf
	calls       shelf
	subscribers int
	// of holds the orders that an account's call turned out to be about.
	of map[string][]string
}

// NewStory makes an empty story. Secrets may be nil, as may clock.
func NewStory(secrets *Secrets, clock func() time.Time) *Story {
	if secrets == nil {
		secrets = &Secrets{}
	}
	if clock == nil {
		clock = time.Now
	}
	return &Story{secrets: secrets, clock: clock, orders: newShelf(maxOrders), calls: newShelf(maxCalls), of: map[string][]string{}}
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

// Entries are an order's, oldest first: at most the last hundred.
func (s *Story) Entries(order string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.orders.find(order); t != nil {
		return slices.Clone(t.entries)
	}
	return nil
}

// Subscribe gives an order's entries from now on, until cancel is called or
// the order is forgotten: then the channel is closed. Who wants all of them
// subscribes first, reads [Story.Entries], and leaves out numbers seen twice.
func (s *Story) Subscribe(order string) (entries <-chan Entry, cancel func()) {
	ch := make(chan Entry, backlog)
	s.mu.Lock()
	defer s.mu.Unlock()
	if order == "" || s.subscribers >= maxSubscribers {
		close(ch)
		return ch, func() {}
	}
	t := s.orders.get(order)
	t.listeners = append(t.listeners, ch)
	s.subscribers++
	t.gone = func(n int) { s.subscribers -= n }
	return ch, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		t.drop(ch)
	}
}

// callEntry adds an entry of a plugin call: to its order, or to those that an
// account's call is about, as far as that is known.
func (s *Story) callEntry(call, order string, e Entry) {
	if order != "" {
		s.Record(order, e)
		return
	}
	e = s.clean(e)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls.get(call).add(e)
	for _, order := range s.of[call] {
		s.orders.get(order).add(e)
	}
}

// Attribute says that a call of an account is about an order: what it did so
// far and will do belongs to the order's story. A webhook may be about many.
func (s *Story) Attribute(call, order string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if call == "" || order == "" || slices.Contains(s.of[call], order) || len(s.of[call]) >= maxOrders {
		return
	}
	t := s.calls.get(call)
	t.forget = func() { delete(s.of, call) }
	s.of[call] = append(s.of[call], order)
	for _, e := range t.entries {
		s.orders.get(order).add(e)
	}
}

// clean puts the time in, hides secrets and bounds the detail.
func (s *Story) clean(e Entry) Entry {
	if e.At.IsZero() {
		e.At = s.clock()
	}
	e.At = e.At.UTC()
	e.Title, e.Status = s.secrets.Text(e.Title), s.secrets.Text(e.Status)
	if e.Detail != nil {
		e.Detail = s.detail(e.Detail)
	}
	return e
}

// secretWords are the names of members and headers that a story never shows.
// It shows more than a log: signatures and bodies are what it is about.
var secretWords = map[string]bool{
	"authorization": true, "token": true, "tokens": true, "secret": true, "secrets": true, "password": true, "passphrase": true,
	"credential": true, "credentials": true, "cookie": true, "cookies": true,
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
	return s.secrets.Body(hideMembers(text))
}
