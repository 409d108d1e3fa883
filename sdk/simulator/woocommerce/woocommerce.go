// Package woocommerce simulates a WooCommerce shop as a payment gateway meets it
// from outside: the REST interface (orders, notes, refunds, payment gateways,
// webhooks) with its three ways to authenticate, and the webhooks that the shop
// sends, with the traps that real shops have. Shopper and merchant act by its
// methods, its queue runs when it is told to, its clock can be moved, and it
// misbehaves on demand.
//
// Numbers in comments are sections of the protocol document. Where that is silent
// the simulator's own choice is said at the declaration that makes it.
//
// It keeps its own books in memory and shares no code with the adapter that talks
// to it, so that neither repeats the other's mistakes.
package woocommerce

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Name is the simulator's name, and the path it is mounted below.
const Name = "woocommerce"

// Simulator is one shop. It is an http.Handler for the root of its mount point.
// Its methods may be called from several goroutines.
type Simulator struct {
	cfg     Config
	client  *http.Client
	clock   *control.Clock
	faults  *control.Faults
	script  *control.Script
	journal *control.Journal
	handler http.Handler

	mu         sync.Mutex
	serial     int // of orders and refunds, which are posts alike
	rows       int // of lines and meta data
	comments   int
	orders     []*order // by id
	hooks      []*hook
	queue      []delivery // webhooks that wait for the queue to run
	deliveries []DeliveryRecord
	mails      []MailRecord
	payouts    []PayoutRecord
	nonces     map[string]int64
}

// New starts a simulator; its owner must Close it.
func New(c Config) (*Simulator, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configure the woocommerce simulator: %w", err)
	}
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse } // 2, trap 5
	s := &Simulator{
		cfg: c, client: &client, clock: control.NewClock(c.Now), faults: control.NewFaults(faultKinds()...),
		script: control.NewScript(apiCalls...), journal: &control.Journal{}, serial: c.FirstID - 1, nonces: map[string]int64{},
	}
	s.handler = s.routes()
	return s, nil
}

// Name returns the constant [Name].
func (s *Simulator) Name() string { return Name }

// Close ends what the simulator does by itself, which is nothing: its queue runs
// when it is told to.
func (s *Simulator) Close() error {
	s.client.CloseIdleConnections()
	return nil
}

// Now is the shop's time.
func (s *Simulator) Now() time.Time { return s.clock.Now() }

// Faults are the fault switches.
func (s *Simulator) Faults() *control.Faults { return s.faults }

// MoveClock puts the shop's clock ahead by d, which is not negative.
func (s *Simulator) MoveClock(d time.Duration) error { return s.clock.Move(d) }

// Answer queues scripted answers.
func (s *Simulator) Answer(answers ...control.Answer) error { return s.script.Add(answers...) }

// base is the path of the REST interface (1).
const base = "/wp-json/wc/v3"

// ServeHTTP serves the shop. Without pretty permalinks the interface answers at
// ?rest_route= (1).
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	in := r.Clone(r.Context())
	if route := r.URL.Query().Get("rest_route"); route != "" {
		in.URL.Path, in.URL.RawPath = "/wp-json"+route, ""
	}
	in = in.WithContext(context.WithValue(in.Context(), askedKey{}, r.URL.EscapedPath()))
	in.URL.Path = strings.TrimSuffix(in.URL.Path, "/")
	for strings.Contains(in.URL.Path, "//") {
		in.URL.Path = strings.ReplaceAll(in.URL.Path, "//", "/")
	}
	s.handler.ServeHTTP(w, in)
}

// askedKey is the key of the path as it was asked for, which OAuth signs.
type askedKey struct{}

// call answers one request of a key. What it gives is the status and the JSON;
// an error that is no [apiError] is a bug.
type call func(r *http.Request, h http.Header) (int, any, *apiError)

// routes maps the paths of the interface to calls.
func (s *Simulator) routes() http.Handler {
	calls := &control.Calls{Clock: s.clock, Faults: s.faults, Script: s.script, Journal: s.journal}
	mux := http.NewServeMux()
	for pattern, c := range map[string]struct {
		name string
		f    call
	}{
		"GET /orders":                {callOrders, s.listOrders},
		"GET /orders/{id}":           {callOrder, s.getOrder},
		"PUT /orders/{id}":           {callChange, s.putOrder},
		"GET /orders/{id}/notes":     {callNotes, s.listNotes},
		"POST /orders/{id}/notes":    {callNote, s.postNote},
		"GET /orders/{id}/refunds":   {callRefunds, s.listRefunds},
		"POST /orders/{id}/refunds":  {callRefund, s.postRefund},
		"GET /payment_gateways/{id}": {callGateway, s.getGateway},
		"GET /webhooks":              {callWebhooks, s.listHooks},
		"GET /webhooks/{id}":         {callWebhooks, s.getHook},
		"POST /webhooks":             {callWebhook, s.postHook},
		"PUT /webhooks/{id}":         {callWebhook, s.putHook},
	} {
		method, path, _ := strings.Cut(pattern, " ")
		mux.Handle(method+" "+base+path, calls.Handle(c.name, s.serve(c.f)))
	}
	mux.Handle("/", calls.Handle("unknown", func(w http.ResponseWriter, _ *http.Request) {
		write(w, http.StatusNotFound, &apiError{http.StatusNotFound, "rest_no_route", "No route was found matching the URL and request method."})
	}))
	return mux
}

// serve lets in who shows a key, and writes what the call gives.
func (s *Simulator) serve(f call) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		w.Header().Set("Date", s.clock.Now().UTC().Format(http.TimeFormat))
		if err := s.authenticate(r); err != nil {
			write(w, err.status, err)
			return
		}
		status, v, err := f(r, w.Header())
		if err != nil {
			write(w, err.status, err)
			return
		}
		write(w, status, fields(v, r.URL.Query().Get("_fields")))
	}
}

var _ http.Handler = (*Simulator)(nil)
