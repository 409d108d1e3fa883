package main

import (
	"strconv"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// Codes of states of an operation that the code names (protocol, 8).
const (
	stateCancelled = "10"
	stateHold      = "20"
	stateChecks    = "80"
	statePaid      = "100"
)

// states of an operation. A state that is not here is a failure.
var states = map[string]contract.UpdateType{
	"5":            contract.UpdatePending, // started, no money yet
	stateCancelled: contract.UpdateCancelled,
	stateHold:      contract.UpdateAuthorized,
	"50":           contract.UpdatePending, // received, being credited
	"60":           contract.UpdateFailed,  // returned to the buyer
	stateChecks:    contract.UpdatePending,
	statePaid:      contract.UpdateCaptured,
}

// resultCodes of the XML interfaces other than 0 (protocol, 8).
var resultCodes = map[string]contract.Failure{
	"1":           {Code: contract.Unauthorized, Message: "Robokassa does not take the signature: see the passwords and hash_algorithm"},
	"2":           {Code: contract.InvalidSettings, Message: "Robokassa does not know the shop, or it is not active: see merchant_login"},
	codeNoPayment: {Code: contract.NotFound, Message: "Robokassa has no payment of this number"},
	"4":           {Code: contract.Conflict, Message: "Robokassa has two payments of this number"},
	"1000":        {Code: contract.ProviderUnavailable, Message: "Robokassa has an internal error"},
}

// codeNoPayment is what OpStateExt says before the buyer has chosen a way to
// pay, and of every test payment.
const codeNoPayment = "3"

// operation is a payment as OpStateExt tells it.
type operation struct {
	state, method, opKey, reference string
	// sum is what the buyer paid, in the shop's currency; OutSum there is what
	// the shop gets after fees, which says nothing of the order.
	sum string
	at  time.Time
}

// transaction types: the one that paid.
const transactionPayment = "PAYMENT"

// ask asks how a payment stands.
func (s shop) ask(p contract.Payment) (operation, error) {
	id := invoice(p)
	signature, err := s.sign(password2, []string{s.Login, id}, nil)
	if err != nil {
		return operation{}, err
	}
	root, err := s.xml("OpStateExt", 0, [][2]string{{"MerchantLogin", s.Login}, {"InvoiceID", id}, {"Signature", signature}})
	if err != nil {
		return operation{}, err
	}
	info := root.at("Info")
	o := operation{
		state: root.at("State", "Code").text, method: info.at("PaymentMethod", "Code").text,
		opKey: info.at("OpKey").text, sum: info.at("IncSum").text,
	}
	if at, err := time.Parse(time.RFC3339, root.at("State", "StateDate").text); err == nil {
		o.at = at.UTC().Truncate(time.Millisecond)
	}
	for _, name := range []string{"UserField", "UserFields"} {
		for _, f := range root.at(name).list {
			if strings.EqualFold(f.at("Name").text, shpReference) {
				o.reference = f.at("Value").text
			}
		}
	}
	if o.reference != "" && o.reference != p.Reference {
		return o, &contract.Failure{Code: contract.Conflict, Message: "Robokassa has another payment under number " + id + ": give the account's counter a higher start"}
	}
	return o, nil
}

// xml reads one of the XML interfaces, of which any result code but 0 is a
// failure. cache is how many seconds its answer may be used again.
func (s shop) xml(method string, cache int64, query [][2]string) (*element, error) {
	resp, err := s.call.Do(contract.Request{
		Method: "GET", URL: s.Auth + "/Merchant/WebService/Service.asmx/" + method + "?" + encodeForm(query), CacheS: cache,
	})
	if err != nil {
		return noElement, err
	}
	if !resp.OK() {
		return noElement, refused(resp)
	}
	root, err := parseXML(string(resp.Bytes()))
	if err != nil {
		return noElement, &contract.Failure{Code: contract.ProviderUnavailable, Message: "read answer of " + method + ": " + err.Error()}
	}
	code := strings.TrimSpace(root.at("Result", "Code").text)
	if code == "0" {
		return root, nil
	}
	f, known := resultCodes[code]
	if !known {
		f = contract.Failure{Code: contract.ProviderUnavailable, Message: method + " has a result code that is not known"}
	}
	f.ProviderCode, f.ProviderMessage = code, root.at("Result", "Description").text
	return noElement, &f
}

// refused is the failure of an HTTP status that is no 2xx.
func refused(resp contract.Response) *contract.Failure {
	code := contract.InvalidRequest
	switch {
	case resp.Status == 429:
		code = contract.RateLimited
	case resp.Status == 401 || resp.Status == 403:
		code = contract.Unauthorized
	case resp.Status >= 500 || resp.Status < 400 || resp.Status == 408:
		code = contract.ProviderUnavailable
	}
	f := &contract.Failure{Code: code, Message: "Robokassa answered " + strconv.Itoa(resp.Status)}
	const aDay = 24 * 3600
	if n, err := strconv.ParseUint(resp.Header("retry-after"), 10, 64); err == nil {
		f.RetryAfterMS = int64(min(n, aDay)) * 1000
	}
	return f
}

// GetPayment asks OpStateExt. A payment that it does not know is no news: the
// buyer has not chosen a way to pay yet. Test payments are never known there,
// so that nothing is asked; ResultURL alone tells of them.
func (plugin) GetPayment(c *guest.Call, in contract.PaymentInput) (contract.UpdatesResult, error) {
	s, err := newShop(c)
	if err != nil || s.test {
		return contract.UpdatesResult{}, err
	}
	o, err := s.ask(in.Payment)
	if noPayment(err) {
		return contract.UpdatesResult{}, nil
	}
	if err != nil {
		return contract.UpdatesResult{}, err
	}
	u, err := s.update(o, in.Payment)
	if err != nil {
		return contract.UpdatesResult{}, err
	}
	return contract.UpdatesResult{Updates: []contract.Update{u}}, nil
}

func noPayment(err error) bool {
	f, ok := err.(*contract.Failure) //nolint:errorlint // it is ask's own, never wrapped
	return ok && f.ProviderCode == codeNoPayment && f.Code == contract.NotFound
}

// update is a state as the host books it.
func (s shop) update(o operation, p contract.Payment) (contract.Update, error) {
	u := contract.Update{Payment: contract.PaymentKey{ID: p.ID}, Trust: contract.Verified, Brand: o.method, OccurredAt: o.at}
	var known bool
	if u.Type, known = states[o.state]; !known {
		return u, &contract.Failure{Code: contract.Internal, Message: "the payment has a state that is not known", ProviderCode: o.state}
	}
	switch {
	case u.Type == contract.UpdateCaptured || u.Type == contract.UpdateAuthorized:
		var err error
		if u.Amount, err = s.charged(o, p.Amount); err != nil {
			return u, err
		}
		u.Transactions = s.transactions(o.opKey, o.state, o.method, u.Amount)
	case o.state == stateCancelled && p.Totals.Authorized.Value == 0 && !p.ExpiresAt.IsZero() && !o.at.Before(p.ExpiresAt):
		u.Type = contract.UpdateExpired // one state for both: refused by the buyer, or timed out
	case o.state == stateChecks:
		u.Attention = &contract.Attention{Code: "provider_checks", Message: "Robokassa has stopped the payment for checks; see it in the cabinet"}
	}
	return u, nil
}

// charged is what counts of the buyer's payment: no more than was asked, as
// the excess is the fee of the way to pay, which the shop never sees. A buyer
// who pays another currency than the shop's pays what was asked: the start's
// signature covers it.
func (s shop) charged(o operation, asked contract.Money) (contract.Money, error) {
	if asked.Currency != s.Currency {
		return asked, nil
	}
	paid, err := contract.ParseDecimal(o.sum, s.Currency)
	if err != nil {
		return asked, &contract.Failure{Code: contract.Internal, Message: "OpStateExt has no IncSum that can be read"}
	}
	return contract.Money{Value: min(paid.Value, asked.Value), Currency: s.Currency}, nil
}

// transactions keep the OpKey, by which refunds are made.
func (s shop) transactions(opKey, state, method string, amount contract.Money) []contract.Transaction {
	if opKey == "" {
		return nil
	}
	return []contract.Transaction{{ID: opKey, Type: transactionPayment, Status: state, Brand: method, Amount: amount}}
}
