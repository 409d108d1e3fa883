// Package omnikassa simulates the online payment API of Rabo OmniKassa 2.0, now
// Rabo Smart Pay: tokens, order announce, hosted payment page, return,
// notifications, status pull, brands, issuers, order details, refunds and stored
// cards, as in the bank's API manual (1.7) and its official client libraries
// (1.18). It is for demonstrations and tests:
// outcomes are chosen on its payment page or by its control API, its clock can
// be moved, and it misbehaves on demand.
//
// It serves the paths of the current hosts (/omnikassa-api/…, the newest calls at
// the root) and of the older sandbox (/omnikassa-api-sandbox/…) at once. Where
// the bank's documents are silent the simulator's own choice is said at the
// declaration that makes it.
//
// It keeps its own books in memory and shares no code with the plugin that talks
// to it, so that neither repeats the other's mistakes.
package omnikassa

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
const Name = "omnikassa"

// Simulator is one shop's account at the bank. It is an http.Handler for the root
// of its mount point. Its methods may be called from several goroutines.
type Simulator struct {
	cfg     Config
	keys    [][]byte
	client  *http.Client
	clock   *control.Clock
	faults  *control.Faults
	script  *control.Script
	journal *control.Journal
	due     *control.Agenda // expiry, late outcomes, refunds
	post    *control.Agenda // notifications: a slow webhook holds up nothing else
	handler http.Handler

	mu          sync.Mutex
	webhook     string
	minute      time.Duration
	byAmount    bool
	tokens      map[string]token
	issued      map[tokenKind]int
	orders      map[string]*order // by id
	pages       map[string]*order // by payment page token
	list        []*order          // in order of announce
	txs         map[string]*transaction
	refunds     []*refund
	cards       map[string][]*card // by shopper
	queue       []*result          // not yet pulled, oldest first
	repeating   bool               // a repeat of the notification is in the agenda
	plans       []Plan
	refundPlans []string
	lastSent    map[int]letter // by signing key
	pulls       []PullRecord
	notes       []NotificationRecord
}

// New starts a simulator; its owner must Close it.
func New(c Config) (*Simulator, error) {
	c, keys, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configure the omnikassa simulator: %w", err)
	}
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Simulator{
		cfg: c, keys: keys, client: &client, clock: control.NewClock(c.Now), faults: control.NewFaults(faultKinds()...),
		script: control.NewScript(apiCalls...), journal: &control.Journal{},
		webhook: c.WebhookURL, minute: c.Minute, byAmount: c.OutcomeByAmount,
		tokens: map[string]token{}, issued: map[tokenKind]int{}, orders: map[string]*order{}, pages: map[string]*order{},
		txs: map[string]*transaction{}, cards: map[string][]*card{}, lastSent: map[int]letter{},
	}
	s.due, s.post = control.NewAgenda(s.clock), control.NewAgenda(s.clock)
	s.handler = s.routes()
	return s, nil
}

// Name returns the constant [Name].
func (s *Simulator) Name() string { return Name }

// ServeHTTP serves the bank's API and the payment page. Double slashes count as
// one: client libraries join base and path that way.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.Contains(r.URL.Path, "//") {
		clean := r.Clone(r.Context())
		for strings.Contains(clean.URL.Path, "//") {
			clean.URL.Path = strings.ReplaceAll(clean.URL.Path, "//", "/")
		}
		clean.URL.RawPath = ""
		r = clean
	}
	s.handler.ServeHTTP(w, r)
}

// Close ends what the simulator does by itself, and waits for it: a notification
// under way is broken off, none is sent any more.
func (s *Simulator) Close() error {
	s.due.Close()
	s.post.Close()
	s.client.CloseIdleConnections()
	return nil
}

// SetWebhookURL changes where notifications go. Results that wait are notified
// at once.
func (s *Simulator) SetWebhookURL(url string) error {
	if err := checkURL(url); err != nil {
		return fmt.Errorf("set the webhook: %w", err)
	}
	s.mu.Lock()
	s.webhook = url
	waiting := len(s.queue) > 0
	s.mu.Unlock()
	if waiting && url != "" {
		s.post.At(s.clock.Now(), func(ctx context.Context, due time.Time) { s.notifyAll(ctx, due) })
	}
	return nil
}

// Now is the provider's time.
func (s *Simulator) Now() time.Time { return s.clock.Now() }

// Faults are the fault switches.
func (s *Simulator) Faults() *control.Faults { return s.faults }

// routes maps the paths of all layouts.
func (s *Simulator) routes() http.Handler {
	calls := &control.Calls{Clock: s.clock, Faults: s.faults, Script: s.script, Journal: s.journal}
	mux := http.NewServeMux()
	const transaction = "/order/server/api/v2/refund/transactions/{transaction}"
	for _, base := range []string{"/omnikassa-api", "/omnikassa-api-sandbox", ""} {
		if base != "" {
			mux.Handle("GET "+base+"/gatekeeper/refresh", calls.Handle(callRefresh, s.refresh))
			mux.Handle("POST "+base+"/order/server/api/v2/order", calls.Handle(callAnnounce, s.announce))
			mux.Handle("GET "+base+"/order/server/api/events/results/{event}", calls.Handle(callPull, s.pull(1)))
			mux.Handle("GET "+base+"/order/server/api/v2/events/results/{event}", calls.Handle(callPull, s.pull(2)))
			mux.Handle("GET "+base+"/order/server/api/payment-brands", calls.Handle(callBrands, s.listBrands))
			mux.Handle("GET "+base+"/ideal/server/api/v2/issuers", calls.Handle(callIssuers, s.listIssuers))
			mux.Handle("POST "+base+transaction+"/refunds", calls.Handle(callRefund, s.startRefund))
			mux.Handle("GET "+base+transaction+"/refunds/{refund}", calls.Handle(callRefundDetails, s.refundByID))
			mux.Handle("GET "+base+transaction+"/refundable-details", calls.Handle(callRefundableDetails, s.refundableDetails))
		}
		mux.Handle("GET "+base+"/v2/orders/{order}", calls.Handle(callOrder, s.orderByID))
		mux.Handle("GET "+base+"/v1/shopper-payment-details", calls.Handle(callCards, s.listCards))
		mux.Handle("DELETE "+base+"/v1/shopper-payment-details/{card}", calls.Handle(callDeleteCard, s.deleteCard))
	}
	mux.Handle("GET "+pagePath, calls.Handle(callPage, s.showStart))
	mux.Handle("POST "+pagePath, calls.Handle(callPage, s.chooseBrand))
	mux.Handle("GET "+payPath, calls.Handle(callPage, s.showPay))
	mux.Handle("POST "+payPath, calls.Handle(callPage, s.pay))
	mux.Handle("GET "+resultPath, calls.Handle(callPage, s.showResult))
	mux.Handle("GET "+logoPath+"{file}", calls.Handle("logo", s.logo))
	mux.Handle("/", calls.Handle("unknown", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Simulator of Rabo OmniKassa: there is nothing at this method and path. The API is below /omnikassa-api/.", http.StatusNotFound)
	}))
	return mux
}

// publicURL is the base for links, from the configuration or from the request.
func (s *Simulator) publicURL(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

var _ http.Handler = (*Simulator)(nil)
