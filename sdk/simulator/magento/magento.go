// Package magento simulates the REST API of a Magento Open Source 2.4.8 shop, and
// the outbox of the gateway's own module in it: orders with their states, invoices,
// credit memos, comments, cancellation, lists by searchCriteria, integrations with
// OAuth 1.0a and their rights. It is for demonstrations and tests: shoppers and
// administrators act by its methods or its control API, its clock can be moved, and
// it misbehaves on demand.
//
// "Document" in comments is the protocol document of Magento 2. Where that is
// silent the simulator does what Magento's source does, and says so at the
// declaration.
//
// It keeps its own books in memory, the charges that a careless caller makes
// included, and shares no code with the adapter that talks to it, so that neither
// repeats the other's mistakes.
package magento

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/kassette-pay/kassette/sdk/simulator/control"
)

// Name is the simulator's name, and the path it is mounted below.
const Name = "magento"

// maxBody bounds a request, in bytes.
const maxBody = 1 << 20

// Simulator is one shop. It is an http.Handler for the root of its mount point. Its
// methods may be called from several goroutines.
type Simulator struct {
	cfg     Config
	client  *http.Client
	clock   *control.Clock
	faults  *control.Faults
	script  *control.Script
	journal *control.Journal
	post    *control.Agenda // the outbox and the cron jobs
	routes  []route

	mu       sync.Mutex
	orders   []*order // by entity_id, from 1 on
	invoices []*order // the order of each invoice, by the invoice's id
	memos    int
	counts   map[int]int // orders of each store
	serial   int         // of items, comments and transactions
	outbox   []*row
	nonces   map[string]bool
	admins   map[string]time.Time // administrators' tokens, and until when
}

// New starts a simulator; its owner must Close it.
func New(c Config) (*Simulator, error) {
	c, err := c.withDefaults()
	if err != nil {
		return nil, fmt.Errorf("configure the magento simulator: %w", err)
	}
	client := *c.Client
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := &Simulator{
		cfg: c, client: &client, clock: control.NewClock(c.Now), faults: control.NewFaults(faultKinds()...),
		script: control.NewScript(apiCalls...), journal: &control.Journal{},
		counts: map[int]int{}, nonces: map[string]bool{}, admins: map[string]time.Time{},
	}
	s.routes = s.table()
	s.post = control.NewAgenda(s.clock)
	s.post.At(s.clock.Now().Add(time.Hour), s.hourly)
	return s, nil
}

// Name returns the constant [Name].
func (s *Simulator) Name() string { return Name }

// Close ends what the simulator does by itself, and waits for it.
func (s *Simulator) Close() error {
	s.post.Close()
	s.client.CloseIdleConnections()
	return nil
}

// Now is the shop's time.
func (s *Simulator) Now() time.Time { return s.clock.Now() }

// Faults are the fault switches.
func (s *Simulator) Faults() *control.Faults { return s.faults }

// Script queues answers in place of the shop's own.
func (s *Simulator) Script() *control.Script { return s.script }

// MoveClock puts the shop's clock ahead by d, which is not negative, and waits
// until what fell due was done: the outbox, and the hourly cleaner.
func (s *Simulator) MoveClock(ctx context.Context, d time.Duration) error {
	if err := s.clock.Move(d); err != nil {
		return err
	}
	return s.post.Settle(ctx)
}

// route is a call of the API: below V1, with {} for a number.
type route struct {
	method, path string
	name, right  string
	do           func(call) (any, *apiError)
}

// table lists the calls with the right that each needs, as webapi.xml has them.
// invoice and refund stand below order, the others below orders (document, 2.2).
func (s *Simulator) table() []route {
	return []route{
		{"GET", "orders/{}", callOrder, RightView, s.readOrder},
		{"GET", "orders", callOrders, RightView, s.list((*order).objects)},
		{"POST", "order/{}/invoice", callInvoice, RightInvoice, s.invoiceOrder},
		{"POST", "order/{}/refund", callRefund, RightCreditMemo, s.refundOrder},
		{"POST", "invoice/{}/refund", callOnlineRefund, RightCreditMemo, s.refundInvoice},
		{"POST", "orders/{}/comments", callComment, RightComment, s.addComment},
		{"POST", "orders/{}/cancel", callCancel, RightCancel, s.cancelOrder},
		{"POST", "orders/{}/hold", callHold, RightHold, s.holdOrder},
		{"POST", "orders/{}/unhold", callHold, RightUnhold, s.unholdOrder},
		{"POST", "orders/{}/emails", callEmail, RightEmails, s.mailOrder},
		{"GET", "orders/{}/statuses", callStatus, RightView, s.readStatus},
		{"GET", "invoices", callInvoices, RightInvoices, s.list((*order).invoiceObjects)},
		{"POST", "invoices/{}/capture", callCapture, RightInvoices, s.captureInvoice},
		{"POST", "invoices/{}/void", callVoid, RightInvoices, s.voidInvoice},
		{"GET", "creditmemos", callCreditMemos, RightCreditMemos, s.list((*order).memoObjects)},
		{"GET", "transactions", callTransactions, RightTransactions, s.list((*order).transactionObjects)},
		{"POST", "integration/admin/token", callToken, "", s.adminToken},
	}
}

// call is a request that has found its route.
type call struct {
	r    *http.Request
	id   int // the number in the path
	body []byte
}

// read reads the body. Unknown members are passed over at the top, and refused
// within, as the shop's input processor does.
func (c call) read(into any) *apiError {
	if len(c.body) == 0 {
		return nil
	}
	var top map[string]json.RawMessage
	if err := json.Unmarshal(c.body, &top); err != nil {
		return bad("Decoding error: %1", "Syntax error")
	}
	for name, raw := range top {
		one, _ := json.Marshal(map[string]json.RawMessage{name: raw}) // it came from there
		d := json.NewDecoder(strings.NewReader(string(one)))
		d.DisallowUnknownFields()
		err := d.Decode(into)
		if err != nil && strings.Contains(err.Error(), strconv.Quote(name)) {
			continue
		}
		if err != nil {
			return bad("Error occurred during \"%1\" processing. %2", name, err.Error())
		}
	}
	return nil
}

// ServeHTTP serves the REST API below /rest.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, id := s.match(r)
	name := "unknown"
	if found != nil {
		name = found.name
	}
	calls := &control.Calls{Clock: s.clock, Faults: s.faults, Script: s.script, Journal: s.journal}
	calls.Handle(name, func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			s.refuse(w, refusal(http.StatusRequestEntityTooLarge, "Request entity too large."))
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		v, e := s.serve(found, call{r, id, body})
		if e != nil {
			s.refuse(w, e)
			return
		}
		if fields := r.URL.Query().Get("fields"); fields != "" {
			v = trim(v, fields)
		}
		s.write(w, http.StatusOK, v)
	})(w, r)
}

// serve checks right and content type, in the shop's order, and does the call.
func (s *Simulator) serve(found *route, c call) (any, *apiError) {
	if found == nil {
		return nil, noRoute()
	}
	who, e := s.caller(c.r)
	if e != nil {
		return nil, e
	}
	if found.right != "" && !who.may(found.right) {
		return nil, unauthorized(found.right)
	}
	if c.r.Method != http.MethodGet {
		kind, _, err := mime.ParseMediaType(c.r.Header.Get("Content-Type"))
		switch {
		case kind == "application/xml" || kind == "text/xml":
			return nil, bad("The simulator reads JSON alone.")
		case err != nil || kind != "application/json": // document, 2
			return nil, bad("Server cannot understand Content-Type HTTP header media type %1", c.r.Header.Get("Content-Type"))
		}
	}
	return found.do(c)
}

// match finds the route: /rest/{store}/V1/… with a store's code or all, or
// /rest/V1/… for the default store (document, 2).
func (s *Simulator) match(r *http.Request) (*route, int) {
	path, below := strings.CutPrefix(r.URL.Path, "/rest/")
	if !below {
		return nil, 0
	}
	for _, store := range append([]string{"all"}, s.cfg.Stores...) {
		if rest, ok := strings.CutPrefix(path, store+"/"); ok {
			path = rest
			break
		}
	}
	path, below = strings.CutPrefix(path, "V1/")
	if !below {
		return nil, 0
	}
	for i, one := range s.routes {
		if one.method != r.Method {
			continue
		}
		before, after, numbered := strings.Cut(one.path, "{}")
		if !numbered && path == one.path {
			return &s.routes[i], 0
		}
		text, ok := strings.CutPrefix(path, before)
		text, ends := strings.CutSuffix(text, after)
		if id, err := strconv.Atoi(text); numbered && ok && ends && err == nil {
			return &s.routes[i], id
		}
	}
	return nil, 0
}

// readOrder serves GET /V1/orders/{id}, by entity_id.
func (s *Simulator) readOrder(c call) (any, *apiError) {
	o, e := s.find(c.id)
	if e != nil {
		return nil, e
	}
	return o.object(), nil
}

// list serves a list by searchCriteria.
func (s *Simulator) list(of func(*order) []object) func(call) (any, *apiError) {
	return func(c call) (any, *apiError) {
		var all []object
		for _, o := range s.orders {
			if !o.deleted {
				all = append(all, of(o)...)
			}
		}
		return search(c.r.URL.Query(), all)
	}
}

func (o *order) objects() []object { return []object{o.object()} }

// next gives the next number. The caller holds s.mu.
func (s *Simulator) next() int {
	s.serial++
	return s.serial
}

func (s *Simulator) nextInvoice() int { return len(s.invoices) + 1 }

func (s *Simulator) nextMemo() int {
	s.memos++
	return s.memos
}

var _ http.Handler = (*Simulator)(nil)
