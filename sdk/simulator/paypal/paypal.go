// Package paypal simulates PayPal's REST API: OAuth 2 client credentials,
// Orders v2, Payments v2 and webhooks v1, as in PayPal's OpenAPI documents
// (Orders 2.13, Payments 2.5, Webhooks 1.11), with the buyer's approval page.
// It is for demonstrations and tests: outcomes are chosen on the page or by the
// control API, its clock can be moved, and it misbehaves on demand. PayPal's own
// server SDKs can be pointed at it.
//
// Where PayPal's documents are silent the simulator's own choice is said at the
// declaration that makes it.
//
// It keeps its own books in memory and shares no code with the plugin that talks
// to it, so that neither repeats the other's mistakes.
package paypal

import (
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Name is the simulator's name, and the path it is mounted below.
const Name = "paypal"

// Simulator is one merchant's account. It is an http.Handler for the root of
// its mount point. Its methods may be called from several goroutines.
type Simulator struct {
	cfg     Config
	key     *rsa.PrivateKey
	client  *http.Client
	clock   *control.Clock
	faults  *control.Faults
	script  *control.Script
	journal *control.Journal
	due     *control.Agenda // expiry of orders and authorizations
	post    *control.Agenda // webhooks: a slow listener holds up nothing else
	handler http.Handler

	mu             sync.Mutex
	base           string               // for links: the configured one, or that of the latest call
	tokens         map[string]time.Time // access tokens and when they end
	issued         int
	orders         map[string]*order
	list           []*order // in order of creation
	authorizations map[string]*authorization
	captures       map[string]*capture
	refunds        map[string]*refund
	answers        map[string]stored // by idempotency key
	plans          []Outcome
	refundPlans    []string
	hooks          []*hook
	events         []*event
	deliveries     []DeliveryRecord
	certificates   map[string]bool // the addresses of the certificate that were handed out
}

// New starts a simulator; its owner must Close it.
func New(c Config) (*Simulator, error) {
	c, key, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configure the paypal simulator: %w", err)
	}
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Simulator{
		cfg: c, key: key, client: &client, clock: control.NewClock(c.Now), faults: control.NewFaults(faultKinds()...),
		script: control.NewScript(apiCalls...), journal: &control.Journal{}, base: c.PublicURL,
		tokens: map[string]time.Time{}, orders: map[string]*order{}, authorizations: map[string]*authorization{},
		captures: map[string]*capture{}, refunds: map[string]*refund{}, answers: map[string]stored{}, certificates: map[string]bool{},
	}
	if c.WebhookURL != "" {
		s.hooks = append(s.hooks, &hook{ID: c.WebhookID, URL: c.WebhookURL, Types: []eventType{{Name: "*"}}})
	}
	s.due, s.post = control.NewAgenda(s.clock), control.NewAgenda(s.clock)
	s.handler = s.routes()
	return s, nil
}

// Name returns the constant [Name].
func (s *Simulator) Name() string { return Name }

// ServeHTTP serves the API and the approval page. Double slashes count as one,
// and a slash at the end as none: client libraries join base and path that way.
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

// Close ends what the simulator does by itself, and waits for it: a webhook
// under way is broken off, none is sent any more.
func (s *Simulator) Close() error {
	s.due.Close()
	s.post.Close()
	s.client.CloseIdleConnections()
	return nil
}

// Now is the provider's time.
func (s *Simulator) Now() time.Time { return s.clock.Now() }

// Faults are the fault switches.
func (s *Simulator) Faults() *control.Faults { return s.faults }

// routes maps paths to calls.
func (s *Simulator) routes() http.Handler {
	calls := &control.Calls{Clock: s.clock, Faults: s.faults, Script: s.script, Journal: s.journal}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/oauth2/token", calls.Handle(callToken, s.token))
	for _, c := range []struct {
		pattern, call string
		do            operation
	}{
		{"POST /v2/checkout/orders", callCreate, s.createOrder},
		{"GET /v2/checkout/orders/{id}", callOrder, s.getOrder},
		{"PATCH /v2/checkout/orders/{id}", callPatch, s.patchOrder},
		{"POST /v2/checkout/orders/{id}/capture", callCaptureOrder, s.captureOrder},
		{"POST /v2/checkout/orders/{id}/authorize", callAuthorizeOrder, s.authorizeOrder},
		{"GET /v2/payments/authorizations/{id}", callAuthorization, s.getAuthorization},
		{"POST /v2/payments/authorizations/{id}/capture", callCapture, s.captureAuthorization},
		{"POST /v2/payments/authorizations/{id}/reauthorize", callReauthorize, s.reauthorize},
		{"POST /v2/payments/authorizations/{id}/void", callVoid, s.void},
		{"GET /v2/payments/captures/{id}", callGetCapture, s.getCapture},
		{"POST /v2/payments/captures/{id}/refund", callRefund, s.refundCapture},
		{"GET /v2/payments/refunds/{id}", callGetRefund, s.getRefund},
		{"POST /v1/notifications/verify-webhook-signature", callVerify, s.verifySignature},
		{"POST /v1/notifications/webhooks", callWebhooks, s.addHook},
		{"GET /v1/notifications/webhooks", callWebhooks, s.listHooks},
		{"GET /v1/notifications/webhooks/{id}", callWebhooks, s.getHook},
		{"DELETE /v1/notifications/webhooks/{id}", callWebhooks, s.deleteHook},
		{"GET /v1/notifications/webhooks-events/{id}", callWebhooks, s.getEvent},
		{"POST /v1/notifications/webhooks-events/{id}/resend", callWebhooks, s.resendEvent},
		{"POST /v1/notifications/simulate-event", callWebhooks, s.simulateEvent},
	} {
		mux.HandleFunc(c.pattern, calls.Handle(c.call, s.api(c.call, c.do)))
	}
	mux.HandleFunc("GET "+certificatePath+"{name}", calls.Handle(callCertificate, s.certificate))
	mux.HandleFunc("GET "+pagePath, calls.Handle(callPage, s.showPage))
	mux.HandleFunc("POST "+pagePath, calls.Handle(callPage, s.choose))
	mux.HandleFunc("/", calls.Handle("unknown", func(w http.ResponseWriter, _ *http.Request) {
		s.write(w, http.StatusNotFound, failed(http.StatusNotFound))
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
