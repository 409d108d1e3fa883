package paypal

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Statuses of orders, authorizations, captures and refunds (openapi).
const (
	statusCreated           = "CREATED"
	statusPayerAction       = "PAYER_ACTION_REQUIRED"
	statusApproved          = "APPROVED"
	statusCompleted         = "COMPLETED"
	statusVoided            = "VOIDED"
	statusPending           = "PENDING"
	statusDeclined          = "DECLINED"
	statusDenied            = "DENIED"
	statusFailed            = "FAILED"
	statusCaptured          = "CAPTURED"
	statusPartiallyCaptured = "PARTIALLY_CAPTURED"
	statusRefunded          = "REFUNDED"
	statusPartiallyRefunded = "PARTIALLY_REFUNDED"
)

func (s *Simulator) orderAnswer(status int, o *order, base string) answer {
	v := s.view(o, base)
	return answer{status: status, full: v, minimal: short{v.ID, v.Status, v.Links}}
}

// known finds an order that is not gone. One that was not carried out in its
// time is gone, as far as GET and capture go.
func (s *Simulator) known(q *request) (*order, *apiError) {
	o, ok := s.orders[q.id]
	if !ok || o.gone(q.now) {
		return nil, missing("order_id", q.id)
	}
	return o, nil
}

// gone says whether the order ended without being carried out.
func (o *order) gone(now time.Time) bool {
	return o.status != statusCompleted && !now.Before(o.expires)
}

// missing is the error of an id that nobody knows.
func missing(name, id string) *apiError {
	e := refuse("INVALID_RESOURCE_ID")
	e.Details[0].Field, e.Details[0].Value, e.Details[0].Location = name, id, "path"
	return e
}

// getOrder answers GET /v2/checkout/orders/{id}.
func (s *Simulator) getOrder(q *request) (answer, *apiError) {
	o, e := s.known(q)
	if e != nil {
		return answer{}, e
	}
	return s.short(callOrder, answer{status: http.StatusOK, full: s.view(o, q.base)}), nil
}

// short makes the captures of an answer one unit short, where a fault says so.
func (s *Simulator) short(call string, a answer) answer {
	v, ok := a.full.(orderView)
	if !ok || !s.faults.On(faultWrongAmount, call) {
		return a
	}
	for _, u := range v.Units {
		for i := range u.paid() {
			c := &u.Payments.Captures[i]
			n, _ := cents(c.Amount, "", "", true) // its own amount
			c.Amount = amount(n-1, c.Amount.CurrencyCode)
		}
	}
	return a
}

func (u unitView) paid() []captureView {
	if u.Payments == nil {
		return nil
	}
	return u.Payments.Captures
}

// captureOrder answers POST /v2/checkout/orders/{id}/capture.
func (s *Simulator) captureOrder(q *request) (answer, *apiError) {
	o, e := s.known(q)
	if e != nil {
		return answer{}, e
	}
	switch {
	case o.intent != intentCapture:
		return answer{}, refuse("ACTION_DOES_NOT_MATCH_INTENT")
	case o.status == statusCompleted:
		return answer{}, refuse("ORDER_ALREADY_CAPTURED")
	}
	if e := s.carryOut(o); e != nil {
		return answer{}, e
	}
	for _, u := range o.units {
		s.take(&capture{order: o, unit: u, total: u.total, final: true, invoice: u.InvoiceID}, o.pending, q.now)
	}
	s.completed(o, q.now)
	return s.short(callCaptureOrder, s.orderAnswer(http.StatusCreated, o, q.base)), nil
}

// authorizeOrder answers POST /v2/checkout/orders/{id}/authorize.
func (s *Simulator) authorizeOrder(q *request) (answer, *apiError) {
	o, ok := s.orders[q.id]
	switch {
	case !ok:
		return answer{}, missing("order_id", q.id)
	case o.gone(q.now):
		return answer{}, refuse("ORDER_EXPIRED")
	case o.intent != intentAuthorize:
		return answer{}, refuse("ACTION_DOES_NOT_MATCH_INTENT")
	case o.status == statusCompleted:
		return answer{}, refuse("ORDER_ALREADY_AUTHORIZED")
	}
	if e := s.carryOut(o); e != nil {
		return answer{}, e
	}
	s.authorize(o, o.units[0], o.units[0].total, o.pending, q.now, q.now.Add(s.cfg.AuthorizedLife))
	s.completed(o, q.now)
	return s.orderAnswer(http.StatusCreated, o, q.base), nil
}

// carryOut checks what stands in the way of capture and authorize. A buyer
// whose means were declined must act again: the simulator's choice.
func (s *Simulator) carryOut(o *order) *apiError {
	if o.status != statusApproved {
		return refuse("ORDER_NOT_APPROVED")
	}
	for _, u := range o.units {
		if s.cfg.UniqueInvoices && u.InvoiceID != "" && s.paidInvoice(u.InvoiceID) {
			return refuseField("DUPLICATE_INVOICE_ID", "/purchase_units/0/invoice_id", u.InvoiceID)
		}
	}
	if o.declines > 0 {
		o.declines--
		o.declined, o.approved, o.status = true, nil, statusCreated
		if o.funding != nil {
			o.status = statusPayerAction
		}
		return refuse("INSTRUMENT_DECLINED")
	}
	return nil
}

func (s *Simulator) paidInvoice(invoice string) bool {
	for _, c := range s.captures {
		if c.invoice == invoice && c.status != statusDeclined {
			return true
		}
	}
	return false
}

func (s *Simulator) completed(o *order, now time.Time) {
	o.status, o.updated = statusCompleted, now
	s.tell("CHECKOUT.ORDER.COMPLETED", o, now)
}

// expireAt has an order end. One that was approved and not carried out is told.
func (s *Simulator) expireAt(o *order, at time.Time) {
	s.due.At(at, func(_ context.Context, due time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if o.gone(due) && o.status == statusApproved {
			s.tell("CHECKOUT.PAYMENT-APPROVAL.REVERSED", o, due)
		}
	})
}

// patch is one step of a JSON Patch.
type patch struct {
	Op    string          `json:"op"`
	Path  string          `json:"path"`
	Value json.RawMessage `json:"value"`
}

// patchOrder answers PATCH /v2/checkout/orders/{id}: texts, ids and the whole
// amount of a purchase unit that is named by its reference.
func (s *Simulator) patchOrder(q *request) (answer, *apiError) {
	o, e := s.known(q)
	if e != nil {
		return answer{}, e
	}
	var steps []patch
	if e := q.decode(&steps); e != nil {
		return answer{}, e
	}
	if len(steps) == 0 {
		return answer{}, refuseField("MISSING_REQUIRED_PARAMETER", "/0/op", "")
	}
	if o.status == statusCompleted {
		return answer{}, refuse("ORDER_ALREADY_COMPLETED")
	}
	changed := *o
	changed.units = nil
	for _, u := range o.units {
		copied := *u
		changed.units = append(changed.units, &copied)
	}
	for _, p := range steps {
		if e := changed.apply(p); e != nil {
			return answer{}, e
		}
	}
	o.units, o.updated = changed.units, q.now
	return answer{status: http.StatusNoContent}, nil
}

func (o *order) apply(p patch) *apiError {
	if p.Op != "replace" && p.Op != "add" {
		return refuseField("INVALID_PATCH_OPERATION", "/0/op", p.Op)
	}
	rest, ok := strings.CutPrefix(p.Path, "/purchase_units/@reference_id=='")
	reference, member, found := strings.Cut(rest, "'/")
	i := slices.IndexFunc(o.units, func(u *unit) bool { return u.ReferenceID == reference })
	if !ok || !found || i < 0 {
		return refuseField("NOT_PATCHABLE", "/0/path", p.Path)
	}
	if !slices.Contains([]string{"amount", "description", "custom_id", "invoice_id", "soft_descriptor"}, member) {
		return refuseField("NOT_PATCHABLE", "/0/path", p.Path)
	}
	members := map[string]any{}
	raw, _ := json.Marshal(o.units[i].unitRequest) // what was read once
	_ = json.Unmarshal(raw, &members)
	members[member] = p.Value
	raw, err := json.Marshal(members)
	if err != nil {
		return refuseField("INVALID_PARAMETER_SYNTAX", "/0/value", "")
	}
	u, e := readUnit(raw, "/purchase_units/"+reference, false)
	if e == nil {
		o.units[i] = u
	}
	return e
}
