package main

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// operation is a step of a transaction; it may hold others (7.2).
type operation struct {
	ID       text        `json:"id"`
	Action   string      `json:"action"`
	Status   string      `json:"status"`
	Amount   text        `json:"amount"`
	Created  string      `json:"createddate"`
	Children []operation `json:"transactionoperations"`

	at time.Time // Created, or the zero time
}

func (o operation) is(action string) bool { return strings.EqualFold(o.Action, action) }
func (o operation) approved() bool        { return strings.EqualFold(o.Status, "approved") }
func (o operation) costs(amount int64) bool {
	n, err := o.Amount.minor()
	return err == nil && n == amount
}

// The actions that money is moved by.
const (
	capture = "capture"
	credit  = "credit"
	remove  = "delete"
)

// stand is how a transaction stands, with all its operations in one list.
type stand struct {
	facts
	operations []operation
}

// stand asks for a transaction and its operations at once.
func (a api) stand(id string) (stand, error) {
	if !isTransaction(id) {
		return stand{}, &contract.Failure{Code: contract.Unsupported, Message: "the provider has not named the payment's transaction yet; it is known once the consumer has paid"}
	}
	r := a.lookUp(id)
	list := r
	list.URL += "/transactionoperations"
	answers, err := a.call.DoAll(r, list)
	if err != nil {
		return stand{}, err
	}
	for _, x := range answers {
		if x.Err != nil {
			return stand{}, x.Err
		}
	}
	s := stand{}
	if s.facts, err = a.facts(id, answers[0].Response); err != nil {
		return stand{}, err
	}
	var got struct {
		reply
		Operations []operation `json:"transactionoperations"`
	}
	if err := read(answers[1].Response, contract.Read, &got); err != nil {
		return stand{}, err
	}
	s.operations = flat(got.Operations)
	gone := slices.ContainsFunc(s.operations, func(o operation) bool { return o.is(remove) && o.approved() })
	s.deleted = s.deleted || gone && s.captured == 0 // a delete knows better than the totals (7.1)
	return s, nil
}

// flat puts a tree of operations into one list.
func flat(tree []operation) []operation {
	var list []operation
	for _, o := range tree {
		o.at = when(o.Created)
		list = append(append(list, o), flat(o.Children)...)
	}
	return list
}

// clockSkew is how far the provider's clock may be behind the host's.
const clockSkew = 2 * time.Minute

// settled is how long after it was asked for an operation that the provider does
// not show was not carried out: longer than a request is under way.
const settled = 2 * time.Minute

// find looks for an operation of the host's among the provider's. There is no
// idempotency key: one whose answer was lost is known by action, amount and time,
// and by not being another that the host knows (6). Of several alike that the
// host misses the earliest asked for is the earliest carried out. An operation
// that the provider has named and shows no more is a failure.
func (s stand) find(action string, op contract.Operation, all []contract.Operation) (found operation, ok bool, err error) {
	known, before := map[string]bool{}, 0
	for _, o := range all {
		known[o.ProviderReference] = true
		if o.ID != op.ID && o.ProviderReference == "" && o.Amount == op.Amount && ahead(o, op) {
			before++
		}
	}
	for _, o := range s.operations {
		switch {
		case !o.is(action):
		case op.ProviderReference != "" && op.ProviderReference == string(o.ID):
			return o, true, nil
		case op.ProviderReference != "", known[string(o.ID)], !o.approved(), !o.costs(op.Amount.Value):
		case !o.at.IsZero() && o.at.Before(op.CreatedAt.Add(-clockSkew)):
		case before > 0:
			before--
		default:
			return o, true, nil
		}
	}
	if op.ProviderReference != "" {
		return operation{}, false, internal("the provider shows no " + action + " " + op.ProviderReference + ": look in its back office")
	}
	return operation{}, false, nil
}

// ahead says whether of two operations alike o is the first to be taken for what
// the provider shows.
func ahead(o, op contract.Operation) bool {
	switch o.Status {
	case contract.OperationSucceeded:
		return true
	case contract.OperationPending:
		return o.CreatedAt.Before(op.CreatedAt) || o.CreatedAt.Equal(op.CreatedAt) && o.ID < op.ID
	}
	return false
}

// change is a capture or a credit to be carried out.
type change struct {
	action  string
	payment contract.Payment
	op      contract.Operation
	all     []contract.Operation // of the same sort
	most    func(s stand) int64
	total   func(s stand) (contract.UpdateType, int64)
}

// CapturePayment takes reserved money, in part or several times.
func (p provider) CapturePayment(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error) {
	return carryOut(c, change{
		action: capture, payment: in.Payment, op: in.Capture, all: in.Payment.Captures,
		most:  func(s stand) int64 { return s.capturable },
		total: func(s stand) (contract.UpdateType, int64) { return contract.UpdateCaptured, s.captured },
	})
}

// RefundPayment pays captured money back, in part or several times.
func (p provider) RefundPayment(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	return carryOut(c, change{
		action: credit, payment: in.Payment, op: in.Refund, all: in.Payment.Refunds,
		most:  func(s stand) int64 { return s.captured - s.credited },
		total: func(s stand) (contract.UpdateType, int64) { return contract.UpdateRefunded, s.credited },
	})
}

// carryOut looks the transaction up before it sends anything: what was carried
// out already is not sent again. A write whose answer is lost is left to the
// host, which asks how it went (6).
func carryOut(c *guest.Call, ch change) (contract.OperationResult, error) {
	none := contract.OperationResult{}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	s, err := a.stand(ch.payment.ProviderReference)
	if err != nil {
		return none, err
	}
	if o, ok, err := s.find(ch.action, ch.op, ch.all); err != nil || ok {
		return found(o, ch.op, err)
	}
	if most := ch.most(s); ch.op.Amount.Currency != s.Currency.Code || ch.op.Amount.Value > most {
		return none, &contract.Failure{Code: contract.Declined, Message: "the provider can " + ch.action + " at most " + s.money(most).String() + " of this payment"}
	}
	body, err := json.Marshal(amount{ch.op.Amount.Value, ch.op.Amount.Currency})
	if err != nil {
		return none, err
	}
	id, err := a.write(s, ch.action, string(body))
	if err != nil {
		return none, err
	}
	t, before := ch.total(s)
	return contract.OperationResult{
		Status: contract.OperationSucceeded, ProviderReference: id, Amount: ch.op.Amount,
		Updates: []contract.Update{{Payment: contract.PaymentKey{ID: ch.payment.ID}, Type: t, Trust: contract.Verified, Amount: s.money(before + ch.op.Amount.Value)}},
	}, nil
}

// amount is the body of a capture or credit. It is a number: text is refused (6).
type amount struct {
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
}

// write sends a change, which is a POST whatever it does (6), and gives the
// provider's id of the operation.
func (a api) write(s stand, action, body string) (string, error) {
	r := a.request("POST", a.Transaction+"/transactions/"+string(s.ID)+"/"+action)
	r.Effect, r.Body = contract.Write, body
	var got struct {
		reply
		Operations []struct {
			ID text `json:"id"`
		} `json:"transactionoperations"`
	}
	if err := a.do(r, &got); err != nil {
		return "", err
	}
	if len(got.Operations) == 0 {
		return "", nil
	}
	return string(got.Operations[0].ID), nil
}

// found is the result of an operation that the provider shows. Any word but
// approved says that it is not carried out, and not whether it will be (7.2).
func found(o operation, op contract.Operation, err error) (contract.OperationResult, error) {
	switch {
	case err != nil:
		return contract.OperationResult{}, err
	case !o.approved():
		return contract.OperationResult{}, internal("the provider calls the operation " + string(o.ID) + " " + o.Status + ", which is not approved: look in its back office")
	}
	return contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: string(o.ID), Amount: op.Amount}, nil
}

// GetRefund asks how a refund stands. One that the provider does not show was
// not carried out, once it can no longer be under way.
func (provider) GetRefund(c *guest.Call, in contract.RefundInput) (contract.OperationResult, error) {
	a, err := newAPI(c)
	if err != nil {
		return contract.OperationResult{}, err
	}
	s, err := a.stand(in.Payment.ProviderReference)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if o, ok, err := s.find(credit, in.Refund, in.Payment.Refunds); err != nil || ok {
		return found(o, in.Refund, err)
	}
	if c.Now().Before(in.Refund.CreatedAt.Add(settled)) {
		return contract.OperationResult{Status: contract.OperationPending}, nil
	}
	return contract.OperationResult{
		Status:  contract.OperationFailed,
		Failure: &contract.Failure{Code: contract.NotFound, Message: "the provider has no such refund"},
	}, nil
}

// captures tell what became of captures that are still open, as get_payment has
// no other way to say so.
func (s stand) captures(key contract.PaymentKey, p contract.Payment, now time.Time) []contract.Update {
	var list []contract.Update
	for _, op := range p.Captures {
		if op.Status != contract.OperationPending {
			continue
		}
		u := contract.Update{Payment: key, Trust: contract.Verified, Item: &contract.Item{ID: op.ID}}
		o, ok, err := s.find(capture, op, p.Captures)
		switch {
		case err != nil: // no news: it stays open, and the operator sees that
			continue
		case ok && o.approved():
			u.Type, u.Amount, u.Item.ProviderReference = contract.UpdateCaptured, op.Amount, string(o.ID)
		case ok || now.Before(op.CreatedAt.Add(settled)):
			continue
		default:
			u.Type = contract.UpdateCaptureFailed
			u.Failure = &contract.Failure{Code: contract.NotFound, Message: "the provider has no such capture"}
		}
		list = append(list, u)
	}
	return list
}

// CancelPayment releases a reservation. A window that nobody has paid in cannot
// be closed from here: it ends by itself.
func (provider) CancelPayment(c *guest.Call, in contract.PaymentInput) (contract.OperationResult, error) {
	none := contract.OperationResult{}
	a, err := newAPI(c)
	if err != nil {
		return none, err
	}
	if !isPaid(in.Payment) {
		return none, &contract.Failure{Code: contract.Unsupported, Message: "the provider cannot close a payment window: it ends by itself"}
	}
	s, err := a.stand(in.Payment.ProviderReference)
	switch {
	case err != nil:
		return none, err
	case s.deleted:
		return contract.OperationResult{Status: contract.OperationSucceeded, Amount: s.money(s.authorized)}, nil
	case s.captured > 0 || !s.CanDelete:
		return none, &contract.Failure{Code: contract.Declined, Message: s.money(s.captured).String() + " of the payment was captured: refund it; what is left of the reservation lapses by itself"}
	}
	id, err := a.write(s, remove, "")
	if err != nil {
		return none, err
	}
	return contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: id, Amount: s.money(s.authorized)}, nil
}
