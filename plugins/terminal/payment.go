package main

import (
	"encoding/json"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// state is what the plugin remembers of a payment: its message, and once it is
// charged the terminal's transaction, both members unchanged (a reversal needs
// them) and the means of payment.
type state struct {
	Service string `json:"service"`
	POIID   string `json:"poi_id"`
	SaleID  string `json:"sale_id"`
	ID      string `json:"id,omitempty"`
	At      string `json:"at,omitempty"`
	Means   string `json:"means,omitempty"`
}

func stateOf(p contract.Payment) state {
	var s state
	_ = json.Unmarshal(p.State, &s) // what is no state has no service
	return s
}

func (s state) json() json.RawMessage {
	b, _ := json.Marshal(s) // texts alone
	return b
}

// busyTries is how often a terminal that is occupied is asked to begin.
const busyTries = 3

// CreatePayment has the terminal take the payment. That takes as long as its
// customer does: the consumer waits at a page meanwhile.
func (terminals) CreatePayment(c *guest.Call, in contract.PaymentInput) (contract.CreateResult, error) {
	t, err := open(c)
	if err != nil {
		return contract.CreateResult{}, err
	}
	if err := t.login(); err != nil {
		return contract.CreateResult{}, err
	}
	a := attempt{st: state{POIID: t.POIID, SaleID: t.SaleID}}
	for again := true; again; {
		if again, err = t.try(in.Payment, &a); err != nil {
			return contract.CreateResult{}, err
		}
	}
	u, err := t.news(in.Payment, a.st, a.r, a.how, true)
	if err != nil {
		return contract.CreateResult{}, err
	}
	out := contract.CreateResult{ProviderReference: u.NewProviderReference, Action: contract.Action{Type: contract.ActionNone}, State: a.st.json(), Updates: []contract.Update{u}}
	if len(u.State) > 0 {
		out.State = u.State
	}
	if u.Type == contract.UpdatePending {
		out.Action = contract.Action{Type: contract.ActionWait, Text: lookAtTerminal}
	}
	return out, nil
}

// attempt is a payment on its way into the terminal.
type attempt struct {
	st    state
	r     *response
	how   standing
	tries int
	after int64
}

// try sends the payment once. It says again where the terminal did not begin
// it (sections 4 and 6): it is occupied, or it has forgotten the till and does
// not know the payment. Each try has a ServiceID of its own.
func (t *terminal) try(p contract.Payment, a *attempt) (again bool, err error) {
	a.tries++
	a.st.Service = t.service()
	a.r, a.how, err = t.deliver(t.payment(p, a.st, a.after))
	if err != nil || a.how != found {
		return false, err
	}
	switch condition := a.r.condition(); {
	case condition == "Busy" && a.tries < busyTries && t.left > 1:
		a.after = pause
		return true, nil
	case condition == "LoggedOut" && a.tries == 1:
		if _, err := t.logIn(); err != nil {
			return false, err
		}
		if a.r, a.how, err = t.inquire("Payment", a.st.Service, 0); err != nil && silent(err) {
			err = unknown(err.Error())
		}
		return err == nil && a.how == missing, err
	}
	return false, nil
}

// leaseExtra is how long past a payment's own life its terminal stays held
// while nobody knows what became of it: as long as the host asks often.
const leaseExtra = 24 * time.Hour

// payment is the PaymentRequest (section 5). Its ServiceID is committed before
// it leaves, so that whoever goes on after a crash can ask about it.
func (t *terminal) payment(p contract.Payment, st state, after int64) sending {
	sale := object{"SaleTransactionID": object{"TransactionID": p.Reference, "TimeStamp": stamp(t.call.Now())}}
	transaction := object{"AmountsReq": object{"Currency": p.Amount.Currency, "RequestedAmount": number(p.Amount)}}
	switch {
	case t.Tip == "ask":
		sale["SaleToAcquirerData"] = "tenderOption=AskGratuity"
	case t.Tip == "off" && (t.Vendor == "" || t.Vendor == "westpay"):
		transaction["TransactionConditions"] = object{"DisableTip": true}
	}
	if items := itemsOf(p.Lines); t.SendItems && len(items) > 0 {
		transaction["SaleItem"] = items
	}
	i := contract.Interim{State: st.json(), Action: contract.Action{Type: contract.ActionWait, Text: lookAtTerminal}, Exclusive: t.POIID}
	if !p.ExpiresAt.IsZero() { // later than the payment's own, which it leaves alone
		i.ExpiresAt = p.ExpiresAt.Add(leaseExtra)
	}
	return sending{
		category: "Payment", service: st.Service, effect: contract.Write, timeout: payTimeout, after: after, interim: &i, asked: p.Amount,
		body: object{"SaleData": sale, "PaymentTransaction": transaction, "PaymentData": object{"PaymentType": "Normal"}},
	}
}

// itemsOf are the lines as SaleItem. A discount has no place there: amounts are
// not negative, and lines that do not add up are worse than none.
func itemsOf(lines []contract.Line) []object {
	var items []object
	for i, l := range lines {
		if l.Amount.Value < 0 {
			return nil
		}
		code := l.SKU
		if code == "" {
			code = l.ID
		}
		if code == "" {
			code = "none"
		}
		item := object{"ItemID": i + 1, "ProductCode": code, "ProductLabel": l.Name, "ItemAmount": number(l.Amount), "UnitOfMeasure": "Other"}
		if json.Valid([]byte(l.Quantity)) && l.Quantity != "" {
			item["Quantity"] = json.Number(l.Quantity)
		}
		if l.UnitPrice.Value > 0 {
			item["UnitPrice"] = number(l.UnitPrice)
		}
		items = append(items, item)
	}
	return items
}

// GetPayment asks the terminal about a payment. It may run beside the call
// that waits for it, and tells nothing that this would not.
func (terminals) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	var out contract.UpdatesResult
	t, err := open(c)
	if err != nil {
		return out, err
	}
	st, err := t.stateOf(in.Payment)
	if err != nil {
		return out, err
	}
	r, how, err := t.inquire("Payment", st.Service, 0)
	if err != nil {
		return out, unavailable(err)
	}
	if how == missing {
		return out, &contract.Failure{Code: contract.NotFound, Message: "the terminal does not know the payment"}
	}
	if how == found && !tells("Payment", in.Payment.Amount, r) {
		return out, unknown("Payment ended with " + words(r))
	}
	u, err := t.news(in.Payment, st, r, how, false)
	out.Updates = []contract.Update{u}
	return out, err
}

// stateOf reads the state, and turns to the terminal and the till that it names.
func (t *terminal) stateOf(p contract.Payment) (state, error) {
	st := stateOf(p)
	if st.Service == "" {
		return st, &contract.Failure{Code: contract.NotFound, Message: "the payment was not sent to a terminal"}
	}
	if st.POIID != t.POIID {
		return st, &contract.Failure{Code: contract.InvalidSettings, Message: "the payment was made at another terminal than poi_id now names; set it back, or look there"}
	}
	t.SaleID = st.SaleID
	return st, nil
}

// CancelPayment calls the running payment off (section 9.2). It has no
// response: the payment's own tells whether it came in time. An abort moves no
// money and may be repeated, so that it goes as a read.
func (terminals) CancelPayment(c *guest.Call, in contract.PaymentInput) (contract.OperationResult, error) {
	var out contract.OperationResult
	t, err := open(c)
	if err != nil {
		return out, err
	}
	st, err := t.stateOf(in.Payment)
	if err != nil {
		return out, err
	}
	if st.ID != "" {
		return out, &contract.Failure{Code: contract.Declined, Message: "the payment is over at the terminal; refund it"}
	}
	_, err = t.do(sending{category: "Abort", service: t.service(), effect: contract.Read, timeout: shortTimeout, body: object{
		"AbortReason":      "MerchantAbort",
		"MessageReference": object{"MessageCategory": "Payment", "SaleID": st.SaleID, "ServiceID": st.Service, "POIID": st.POIID},
	}})
	if err != nil {
		return out, unavailable(err)
	}
	out.Status = contract.OperationPending
	return out, nil
}
