// Package robokassa simulates the payment provider Robokassa for one shop: the
// payment page in all six hashes, ResultURL with its repeats, SuccessURL and
// FailURL, holds with ResultUrl2, confirmation and cancellation, recurring
// charges, payments by saved cards, the XML interfaces, invoices by link, and
// refunds, as in docs.robokassa.ru and the provider's own client libraries. It
// is for demonstrations and tests: outcomes are chosen on its payment page or by
// its control API, its clock can be moved, and it misbehaves on demand.
//
// It serves the hosts auth and services of the provider at once: their paths
// do not meet. Names of parameters and paths are taken in any letter case.
// Where the provider's documents are silent the simulator's own choice is said
// at the declaration that makes it.
//
// It keeps its own books in memory and shares no code with the plugin that
// talks to it, so that neither repeats the other's mistakes.
package robokassa

import (
	"context"
	"crypto/rsa"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Name is the simulator's name, and the path it is mounted below.
const Name = "robokassa"

// Simulator is one shop at the provider. It is an http.Handler for the root of
// its mount point. Its methods may be called from several goroutines.
type Simulator struct {
	cfg     Config
	key     *rsa.PrivateKey
	client  *http.Client
	clock   *control.Clock
	faults  *control.Faults
	script  *control.Script
	journal *control.Journal
	due     *control.Agenda // expiry, ends of holds, refunds
	post    *control.Agenda // notifications: a slow shop holds up nothing else
	handler http.Handler

	mu          sync.Mutex
	serial      int64
	operations  map[int64]*operation // by InvId; a test payment's number is free again
	tests       map[int64]*operation
	pages       map[string]*operation
	list        []*operation // in order of start
	invoices    []*invoice
	refunds     []*refund
	plans       []Outcome
	refundPlans []string
	notes       []NotificationRecord
}

// New starts a simulator; its owner must Close it.
func New(c Config) (*Simulator, error) {
	c, key, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configure the robokassa simulator: %w", err)
	}
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Simulator{
		cfg: c, key: key, client: &client, clock: control.NewClock(c.Now), faults: control.NewFaults(faultKinds()...),
		script: control.NewScript(apiCalls...), journal: &control.Journal{}, serial: firstAssigned,
		operations: map[int64]*operation{}, tests: map[int64]*operation{}, pages: map[string]*operation{},
	}
	s.due, s.post = control.NewAgenda(s.clock), control.NewAgenda(s.clock)
	s.handler = s.routes()
	return s, nil
}

// Name returns the constant [Name].
func (s *Simulator) Name() string { return Name }

// ServeHTTP serves the provider's pages and calls. Letter case of paths does
// not matter, double slashes count as one, and one at the end as none.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.ToLower(r.URL.Path)
	for strings.Contains(path, "//") {
		path = strings.ReplaceAll(path, "//", "/")
	}
	if path = strings.TrimRight(path, "/"); path == "" {
		path = "/"
	}
	in := r.Clone(r.Context())
	in.URL.Path, in.URL.RawPath = path, ""
	s.handler.ServeHTTP(w, in)
}

// Close ends what the simulator does by itself, and waits for it: a
// notification under way is broken off, none is sent any more.
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

// MoveClock puts the clock ahead and waits until all that fell due has run.
func (s *Simulator) MoveClock(ctx context.Context, ahead time.Duration) error {
	if err := s.clock.Move(ahead); err != nil {
		return err
	}
	if err := s.due.Settle(ctx); err != nil {
		return err
	}
	return s.post.Settle(ctx)
}

// routes maps the lower-case paths.
func (s *Simulator) routes() http.Handler {
	calls := &control.Calls{Clock: s.clock, Faults: s.faults, Script: s.script, Journal: s.journal}
	mux := http.NewServeMux()
	const services = "/merchant/webservice/service.asmx/"
	for path, call := range map[string]struct {
		name string
		h    http.HandlerFunc
	}{
		"/merchant/index.aspx":                                     {callPage, s.showStart},
		"/merchant/indexjson.aspx":                                 {callIndexJSON, s.startJSON},
		"/merchant/index/{page}":                                   {callPage, s.showPage},
		"/merchant/invoice/{invoice}":                              {callPage, s.showInvoice},
		"/merchant/pay":                                            {callPage, s.pay},
		"POST /merchant/payment/cofpayment":                        {callSaved, s.showSaved},
		"POST /merchant/payment/confirm":                           {callConfirm, s.confirm},
		"POST /merchant/payment/cancel":                            {callCancel, s.cancel},
		"POST /merchant/recurring":                                 {callRecurring, s.recurring},
		services + "opstateext":                                    {callState, s.opStateExt},
		services + "opstate":                                       {callState, s.opStateExt},
		services + "getcurrencies":                                 {callCurrencies, s.getCurrencies},
		services + "getpaymentmethods":                             {callMethods, s.getPaymentMethods},
		services + "calcoutsumm":                                   {callCalc, s.calcOutSumm},
		services + "getrates":                                      {callRates, s.getRates},
		"POST /invoiceservicewebapi/api/createinvoice":             {callInvoice, s.createInvoice},
		"POST /invoiceservicewebapi/api/deactivateinvoice":         {callInvoice, s.deactivateInvoice},
		"POST /invoiceservicewebapi/api/getinvoiceinformationlist": {callInvoice, s.listInvoices},
		"POST /refundservice/refund/create":                        {callRefund, s.createRefund},
		"GET /refundservice/refund/getstate":                       {callRefundState, s.refundState},
		"GET /jwtsign.cer":                                         {"certificate", s.certificate},
	} {
		mux.Handle(path, calls.Handle(call.name, call.h))
	}
	mux.Handle("/", calls.Handle("unknown", func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "Simulator of Robokassa: there is nothing at this method and path. The payment page is /Merchant/Index.aspx.", http.StatusNotFound)
	}))
	return mux
}

var _ http.Handler = (*Simulator)(nil)
