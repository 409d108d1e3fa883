package paypal

import (
	"encoding/json"
	"maps"
	"net/http"
)

const (
	ordersPath         = "/v2/checkout/orders/"
	authorizationsPath = "/v2/payments/authorizations/"
	capturesPath       = "/v2/payments/captures/"
	refundsPath        = "/v2/payments/refunds/"
)

// view is an order as a GET answers it.
func (s *Simulator) view(o *order, base string) orderView {
	v := orderView{ID: o.id, Intent: o.intent, Status: o.status, Source: o.source(), Payer: o.approved,
		Created: stamp(o.created), Links: s.orderLinks(o, base)}
	if o.updated.After(o.created) {
		v.Updated = stamp(o.updated)
	}
	for _, u := range o.units {
		v.Units = append(v.Units, s.unit(u, base))
	}
	return v
}

func (s *Simulator) unit(u *unit, base string) unitView {
	v := unitView{ReferenceID: u.ReferenceID, Amount: u.Amount, Payee: s.payee(), Description: u.Description, CustomID: u.CustomID,
		InvoiceID: u.InvoiceID, SoftDescriptor: u.SoftDescriptor, Items: u.Items, Shipping: u.Shipping}
	if len(u.authorizations)+len(u.captures) == 0 {
		return v
	}
	v.Payments = &paymentsView{}
	for _, a := range u.authorizations {
		v.Payments.Authorizations = append(v.Payments.Authorizations, s.authorization(a, base))
	}
	for _, c := range u.captures {
		v.Payments.Captures = append(v.Payments.Captures, s.capture(c, base))
	}
	for _, r := range u.refunds {
		v.Payments.Refunds = append(v.Payments.Refunds, s.refund(r, base))
	}
	return v
}

// orderLinks are those of a state: the exact sets are the simulator's choice
// where no recorded answer tells.
func (s *Simulator) orderLinks(o *order, base string) []link {
	links := []link{self(base, ordersPath+o.id)}
	page := base + pagePath + "?token=" + o.id
	carryOut := link{base + ordersPath + o.id + "/capture", "capture", http.MethodPost}
	if o.intent == intentAuthorize {
		carryOut = link{base + ordersPath + o.id + "/authorize", "authorize", http.MethodPost}
	}
	update := link{base + ordersPath + o.id, "update", http.MethodPatch}
	switch o.status {
	case statusPayerAction:
		return append(links, link{page, "payer-action", http.MethodGet})
	case statusCreated:
		return append(links, link{page, "approve", http.MethodGet}, update, carryOut)
	case statusApproved:
		return append(links, update, carryOut)
	}
	return links
}

// source is payment_source of an answer: the buyer once there is one.
func (o *order) source() map[string]any {
	if o.funding == nil && o.approved == nil {
		return nil
	}
	paypal := map[string]any{}
	if p := o.approved; p != nil {
		maps.Copy(paypal, map[string]any{"email_address": p.Email, "account_id": p.PayerID, "account_status": "VERIFIED", "name": p.Name, "address": p.Address})
	}
	return map[string]any{"paypal": paypal}
}

func (s *Simulator) authorization(a *authorization, base string) authorizationView {
	up, path := base+ordersPath+a.order.id, base+authorizationsPath+a.id
	v := authorizationView{ID: a.id, Status: a.status, Amount: amount(a.total, a.order.currency()), CustomID: a.unit.CustomID, InvoiceID: a.unit.InvoiceID,
		Protection: eligible(), Payee: s.payee(), Expiration: stamp(a.expires), Created: stamp(a.created), Updated: stamp(a.updated),
		Links: []link{{path, "self", http.MethodGet}}}
	v.Related.IDs.Order = a.order.id
	if a.open() {
		v.Links = append(v.Links, link{path + "/capture", "capture", http.MethodPost}, link{path + "/void", "void", http.MethodPost}, link{path + "/reauthorize", "reauthorize", http.MethodPost})
	}
	v.Links = append(v.Links, link{up, "up", http.MethodGet})
	return v
}

func (s *Simulator) capture(c *capture, base string) captureView {
	currency := c.order.currency()
	v := captureView{ID: c.id, Status: c.status, Amount: amount(c.total, currency), Final: c.final, CustomID: c.unit.CustomID, InvoiceID: c.invoice, Note: c.note,
		Protection: eligible(), Payee: s.payee(), Created: stamp(c.created), Updated: stamp(c.updated)}
	if c.reason != "" {
		v.Details = &reasonView{c.reason}
	}
	if c.paid() {
		v.Breakdown = &receivable{amount(c.total, currency), amount(fee(c.total), currency), amount(c.total-fee(c.total), currency)}
	}
	up := base + ordersPath + c.order.id
	v.Related.IDs.Order = c.order.id
	if c.from != nil {
		up, v.Related.IDs.Authorization = base+authorizationsPath+c.from.id, c.from.id
	}
	path := base + capturesPath + c.id
	v.Links = []link{{path, "self", http.MethodGet}, {path + "/refund", "refund", http.MethodPost}, {up, "up", http.MethodGet}}
	return v
}

func (s *Simulator) refund(r *refund, base string) refundView {
	currency := r.capture.order.currency()
	v := refundView{ID: r.id, Status: r.status, Amount: amount(r.total, currency), CustomID: r.refundRequest.CustomID, InvoiceID: r.refundRequest.InvoiceID,
		Note: r.refundRequest.Note, Created: stamp(r.created), Updated: stamp(r.updated),
		Breakdown: &payable{amount(r.total, currency), amount(0, currency), amount(r.total, currency), amount(r.totalRefunded, currency)},
		Links:     []link{self(base, refundsPath+r.id), {base + capturesPath + r.capture.id, "up", http.MethodGet}}}
	if r.status == statusPending {
		v.Details = reasonView{"ECHECK"}
	}
	return v
}

// unitRequest is a purchase unit as it is sent. What needs no reading is kept
// as it came.
type unitRequest struct {
	ReferenceID    string          `json:"reference_id"`
	Amount         json.RawMessage `json:"amount"`
	Description    string          `json:"description"`
	CustomID       string          `json:"custom_id"`
	InvoiceID      string          `json:"invoice_id"`
	SoftDescriptor string          `json:"soft_descriptor"`
	Items          json.RawMessage `json:"items"`
	Shipping       json.RawMessage `json:"shipping"`
	Money          money           `json:"-"`
}
