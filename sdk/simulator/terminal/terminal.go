// Package terminal simulates card terminals that speak nexo Retailer 3.1 in JSON
// over HTTP, as those of Westpay do: login, payment, refund, reversal, abort,
// transaction status, diagnosis, administration, and what a terminal posts to
// X-Callback-Url. It is for demonstrations and tests: a person plays the
// customer on its page, which is the terminal's display, or a script does, or
// the last two digits of the amount; its clock can be moved, and it misbehaves
// on demand.
//
// Section numbers in this package are those of the project's protocol notes on
// nexo terminals. A payment whose amount says nothing waits for the person at
// the page, up to 120 seconds as a terminal does; where nobody opens the page
// it is approved after a while, as if a customer had tapped a card: see
// [DefaultUnattended].
//
// It keeps its own books in memory and shares no code with the plugin that talks
// to it, so that neither repeats the other's mistakes.
package terminal

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Name is the simulator's name, and the path it is mounted below.
const Name = "terminal"

// The demonstration's terminals: ids of 8 digits, as Westpay has them.
const (
	DemoPOIID      = "80000091"
	DemoOtherPOIID = "80000092"
	// DemoSaleID is a till for demonstrations; a terminal takes any.
	DemoSaleID = "GW1"
)

// How long a terminal waits for its customer, and the simulated customer for
// somebody to open the page.
const (
	DefaultPatience = 120 * time.Second // section 10
	// DefaultUnattended is where the simulator departs from section 10, which has
	// a payment approved at once whose amount decides nothing. Whoever plays the
	// customer begins the payment in a shop and only then opens the page, often
	// for the first time: nothing tells beforehand that they will, and a payment
	// that is approved at once is over when they come. A test that wants it at
	// once scripts the outcome success, or takes an amount that ends in 43.
	DefaultUnattended = 20 * time.Second
	// Never, as Config.Unattended, leaves every payment to the page.
	Never = time.Duration(-1)
)

// Config is what a simulator is made of; the zero value is the demonstration.
type Config struct {
	// POIIDs are the terminals that this process plays, 1 to 32 characters each.
	POIIDs []string
	// Unattended is after how long a payment is approved that nobody looks at.
	Unattended time.Duration
	Now        func() time.Time // base of the terminals' clock; time.Now unless given
	Client     *http.Client     // posts to X-Callback-Url
}

// Simulator is a shop's terminals. It is an http.Handler for the root of its
// mount point. Its methods may be called from several goroutines.
type Simulator struct {
	cfg     Config
	clock   *control.Clock
	faults  *control.Faults
	script  *control.Script
	journal *control.Journal
	due     *control.Agenda // customers' delays and the end of their patience
	post    *control.Agenda // callbacks: a slow till holds up no terminal
	calls   *control.Calls
	handler http.Handler
	closed  chan struct{}
	closing sync.Once

	mu       sync.Mutex
	byAmount bool
	devices  map[string]*device
	lastID   int64         // of transactions
	arrived  chan struct{} // closed when a payment begins
	posted   []CallbackRecord
}

// New starts a simulator; its owner must Close it.
func New(c Config) (*Simulator, error) {
	if len(c.POIIDs) == 0 {
		c.POIIDs = []string{DemoPOIID, DemoOtherPOIID}
	}
	if c.Unattended == 0 {
		c.Unattended = DefaultUnattended
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: 5 * time.Second}
	}
	s := &Simulator{
		cfg: c, clock: control.NewClock(c.Now), faults: control.NewFaults(faultKinds()...), script: control.NewScript(nexoCalls...),
		journal: &control.Journal{}, closed: make(chan struct{}), byAmount: true, devices: map[string]*device{}, arrived: make(chan struct{}),
	}
	for _, id := range c.POIIDs {
		if id == "" || len(id) > 32 || s.devices[id] != nil {
			return nil, fmt.Errorf("configure the terminal simulator: POIID %q is empty, longer than 32 characters or there twice", id)
		}
		s.devices[id] = newDevice(id)
	}
	s.lastID = s.clock.Now().Unix() * 100 // 12 digits that no earlier process gave
	s.due, s.post = control.NewAgenda(s.clock), control.NewAgenda(s.clock)
	s.calls = &control.Calls{Clock: s.clock, Faults: s.faults, Script: s.script, Journal: s.journal}
	s.handler = s.routes()
	return s, nil
}

// Name returns the constant [Name].
func (s *Simulator) Name() string { return Name }

// ServeHTTP serves the nexo endpoint, the display's page and the sandbox's
// script. Double slashes count as one: tills join base and path that way.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if path != r.URL.Path {
		clean := r.Clone(r.Context())
		clean.URL.Path, clean.URL.RawPath = path, ""
		r = clean
	}
	s.handler.ServeHTTP(w, r)
}

// routes takes paths as they are: a till's base may end in a slash or not.
func (s *Simulator) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/nexo", s.nexo)
	mux.HandleFunc("/nexo/{$}", s.nexo)
	mux.HandleFunc("GET /{$}", s.calls.Handle(callPage, s.showDisplay))
	mux.HandleFunc("POST /{$}", s.calls.Handle(callPage, s.pressButton))
	mux.HandleFunc("GET /sandbox/terminals/{poi}", s.sandbox(s.deviceState))
	mux.HandleFunc("PUT /sandbox/terminals/{poi}", s.sandbox(s.configure))
	mux.HandleFunc("POST /sandbox/terminals/{poi}/next", s.sandbox(s.scriptNext))
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Simulator of card terminals: there is POST /nexo for tills, and GET / is the display.", http.StatusNotFound)
	})
	return mux
}

// Close ends what the simulator does by itself, and waits for it. Tills that
// wait for a payment are left without an answer.
func (s *Simulator) Close() error {
	s.closing.Do(func() {
		close(s.closed)
		s.due.Close()
		s.post.Close()
		s.cfg.Client.CloseIdleConnections()
	})
	return nil
}

// Now is the terminals' time.
func (s *Simulator) Now() time.Time { return s.clock.Now() }

// Faults are the fault switches.
func (s *Simulator) Faults() *control.Faults { return s.faults }

// MoveClock puts the clock ahead and waits until all that is due by then has
// happened, callbacks included.
func (s *Simulator) MoveClock(ctx context.Context, d time.Duration) error {
	if err := s.clock.Move(d); err != nil {
		return err
	}
	if err := s.due.Settle(ctx); err != nil {
		return err
	}
	return s.post.Settle(ctx)
}

// ids lists the terminals in the order of the configuration.
func (s *Simulator) ids() []string { return slices.Clone(s.cfg.POIIDs) }

var _ http.Handler = (*Simulator)(nil)
