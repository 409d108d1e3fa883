// Package bambora simulates the European online checkout of Bambora, now
// Worldline: checkout sessions in both request dialects, the payment window,
// return and callbacks with their MD5 hash, capture, credit and delete,
// transactions and their operations, payment types, response codes, the check of
// the credentials, and payment requests. It is for demonstrations and tests:
// outcomes are chosen in its payment window or by its control API, its clock can
// be moved, and it misbehaves on demand.
//
// Every host of the provider (checkout-api, window, transaction, merchant, data,
// login) is served at one address: their paths do not collide. Where the
// provider's documents are silent the simulator's own choice is said at the
// declaration that makes it.
//
// It keeps its own books in memory and shares no code with the plugin that talks
// to it, so that neither repeats the other's mistakes.
package bambora

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
const Name = "bambora"

// Simulator is one merchant's account. It is an http.Handler for the root of its
// mount point. Its methods may be called from several goroutines.
type Simulator struct {
	cfg     Config
	client  *http.Client
	clock   *control.Clock
	faults  *control.Faults
	script  *control.Script
	journal *control.Journal
	post    *control.Agenda // callbacks
	handler http.Handler

	mu        sync.Mutex
	hour      time.Duration
	sessions  map[string]*session // by token
	list      []*session          // in the order they were made
	txs       map[string]*transaction
	txList    []*transaction
	requests  map[string]*paymentRequest
	serial    int64 // of transactions, operations and payment requests
	plans     []Plan
	callbacks []CallbackRecord
}

// New starts a simulator; its owner must Close it.
func New(c Config) (*Simulator, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configure the bambora simulator: %w", err)
	}
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Simulator{
		cfg: c, client: &client, clock: control.NewClock(c.Now), faults: control.NewFaults(faultKinds()...),
		script: control.NewScript(apiCalls...), journal: &control.Journal{}, hour: c.Hour,
		sessions: map[string]*session{}, txs: map[string]*transaction{}, requests: map[string]*paymentRequest{},
	}
	s.post = control.NewAgenda(s.clock)
	s.handler = s.routes()
	return s, nil
}

// Name returns the constant [Name].
func (s *Simulator) Name() string { return Name }

// ServeHTTP serves the API and the payment window. Double slashes count as one,
// and a slash at the end as none: clients join base and path that way.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if len(path) > 1 {
		path = strings.TrimSuffix(path, "/")
	}
	if path != r.URL.Path {
		clean := r.Clone(r.Context())
		clean.URL.Path, clean.URL.RawPath = path, ""
		r = clean
	}
	s.handler.ServeHTTP(w, r)
}

// Close ends what the simulator does by itself, and waits for it: a callback
// under way is broken off, none is sent any more.
func (s *Simulator) Close() error {
	s.post.Close()
	s.client.CloseIdleConnections()
	return nil
}

// Now is the provider's time.
func (s *Simulator) Now() time.Time { return s.clock.Now() }

// Faults are the fault switches.
func (s *Simulator) Faults() *control.Faults { return s.faults }

// MoveClock puts the provider's clock ahead by d, which is not negative, and
// waits until the callbacks that fell due were sent and answered. It must not be
// called from within a callback.
func (s *Simulator) MoveClock(ctx context.Context, d time.Duration) error {
	if err := s.clock.Move(d); err != nil {
		return err
	}
	return s.post.Settle(ctx)
}

// routes maps the paths of all hosts.
func (s *Simulator) routes() http.Handler {
	calls := &control.Calls{Clock: s.clock, Faults: s.faults, Script: s.script, Journal: s.journal}
	mux := http.NewServeMux()
	for pattern, c := range map[string]struct {
		name string
		f    func(http.ResponseWriter, *http.Request)
	}{
		"POST /sessions":                                 {callSession, s.createSession},
		"POST /checkout":                                 {callSession, s.createSession},
		"POST /transactions/{tx}/capture":                {callCapture, s.change(s.capture)},
		"POST /transactions/{tx}/credit":                 {callCredit, s.change(s.credit)},
		"POST /transactions/{tx}/delete":                 {callDelete, s.change(s.remove)},
		"GET /transactions/{tx}":                         {callTransaction, s.readTransaction},
		"GET /paymenttypes":                              {callTypes, s.listTypes},
		"GET /responsecodes/{source}/{code}":             {callCodes, s.responseCode},
		"POST /paymentrequests":                          {callRequests, s.createRequest},
		"GET /paymentrequests":                           {callRequests, s.listRequests},
		"GET /paymentrequests/{id}":                      {callRequests, s.readRequest},
		"DELETE /paymentrequests/{id}":                   {callRequests, s.deleteRequest},
		"POST /paymentrequests/{id}/email-notifications": {callRequests, s.mailRequest},
		"GET /transactions/{tx}/transactionoperations":   {callOperations, s.readOperations},
		"GET /merchant/functionpermissionsandfeatures":   {callLogin, s.permissions},
	} {
		mux.Handle(pattern, calls.Handle(c.name, s.authorized(c.f)))
	}
	mux.Handle("GET /{token}", calls.Handle(callWindow, s.showWindow))
	mux.Handle("POST /{token}", calls.Handle(callWindow, s.submitWindow))
	mux.Handle("/", calls.Handle("unknown", func(w http.ResponseWriter, _ *http.Request) {
		s.refuse(w, &apiError{http.StatusNotFound, codeNotFound, "Simulator of Bambora's online checkout: there is nothing at this method and path."})
	}))
	return mux
}

// authorized lets in who shows the merchant's credentials (document, 2).
func (s *Simulator) authorized(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		user, password, ok := r.BasicAuth()
		if !ok || user != s.cfg.AccessToken+"@"+s.cfg.MerchantNumber || password != s.cfg.SecretToken {
			s.refuse(w, &apiError{http.StatusUnauthorized, codeAuth, "Access denied: the access token, merchant number or secret token is wrong."})
			return
		}
		next(w, r)
	}
}

// publicURL is the base for links, from the configuration or from the request.
func (s *Simulator) publicURL(r *http.Request) string {
	switch {
	case s.cfg.PublicURL != "":
		return s.cfg.PublicURL
	case r.TLS != nil:
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// next gives the next number. The caller holds s.mu.
func (s *Simulator) next() int64 {
	s.serial++
	return s.serial
}

var _ http.Handler = (*Simulator)(nil)
