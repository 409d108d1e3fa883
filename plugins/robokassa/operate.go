package main

import (
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/guest"
)

// errTest says that test payments know no operations (protocol, 11).
var errTest = &contract.Failure{Code: contract.Unsupported, Message: "a test payment at Robokassa can be neither held, captured, cancelled nor refunded"}

// CapturePayment confirms a hold, once: a smaller sum gives the rest back
// (protocol, 7). Where the provider refuses, the state says whether an earlier
// confirmation of which nobody heard was taken.
func (plugin) CapturePayment(c *guest.Call, in contract.CaptureInput) (contract.OperationResult, error) {
	s, err := newShop(c)
	if err != nil {
		return contract.OperationResult{}, err
	}
	p, sum := in.Payment, in.Capture.Amount
	lines := in.Capture.Lines
	if len(lines) == 0 && sum == p.Amount {
		lines = p.Lines
	}
	receipt, err := s.receipt(p, lines, sum)
	if err != nil {
		return contract.OperationResult{}, err
	}
	signed, extra := []string{s.Login, sum.Decimal(), invoice(p)}, [][2]string(nil)
	if receipt != "" {
		signed, extra = append(signed, receipt), [][2]string{{"Receipt", receipt}}
	}
	taken, err := s.decide("Confirm", p, sum, signed, extra)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if taken {
		return contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: invoice(p), Amount: sum}, nil
	}
	o, err := s.ask(p)
	if err != nil {
		return contract.OperationResult{}, err
	}
	another := func(c contract.Operation) bool {
		return c.ID != in.Capture.ID && c.Status == contract.OperationSucceeded
	}
	if o.state != statePaid || slices.ContainsFunc(p.Captures, another) {
		return denied("Robokassa does not confirm the hold", o.state), nil
	}
	amount, err := s.charged(o, p.Amount)
	return contract.OperationResult{Status: contract.OperationSucceeded, ProviderReference: invoice(p), Amount: amount}, err
}

// CancelPayment gives a hold back. A page that nobody has paid on cannot be
// withdrawn: it ends at its expiry.
func (plugin) CancelPayment(c *guest.Call, in contract.PaymentInput) (contract.OperationResult, error) {
	s, err := newShop(c)
	if err != nil {
		return contract.OperationResult{}, err
	}
	if s.test {
		return contract.OperationResult{}, errTest
	}
	p := in.Payment
	o, err := s.ask(p)
	if err != nil && !noPayment(err) {
		return contract.OperationResult{}, err
	}
	switch o.state {
	case stateCancelled:
		return contract.OperationResult{Status: contract.OperationSucceeded}, nil
	case stateHold:
	case statePaid:
		return denied("the payment is made; refund it", o.state), nil
	default:
		return contract.OperationResult{}, &contract.Failure{Code: contract.Unsupported, Message: "Robokassa cannot withdraw a payment page; it ends at its expiry", ProviderCode: o.state}
	}
	taken, err := s.decide("Cancel", p, p.Amount, []string{s.Login, "", invoice(p)}, nil) // signed with an empty sum
	switch {
	case err != nil:
		return contract.OperationResult{}, err
	case !taken:
		return denied("Robokassa does not cancel the hold", o.state), nil
	}
	return contract.OperationResult{Status: contract.OperationSucceeded}, nil
}

func denied(why, state string) contract.OperationResult {
	return contract.OperationResult{
		Status:  contract.OperationFailed,
		Failure: &contract.Failure{Code: contract.Declined, Message: why, ProviderCode: state},
	}
}

// decide posts the end of a hold and says whether it was taken. The answer is
// a JSON text: "success: true".
func (s shop) decide(what string, p contract.Payment, sum contract.Money, signed []string, extra [][2]string) (bool, error) {
	if s.test {
		return false, errTest
	}
	signature, err := s.sign(password1, signed, nil)
	if err != nil {
		return false, err
	}
	fields := append([][2]string{{"MerchantLogin", s.Login}, {"InvoiceID", invoice(p)}, {"OutSum", sum.Decimal()}, {"SignatureValue", signature}}, extra...)
	resp, err := s.call.Do(contract.Request{
		Method: "POST", URL: s.Auth + "/Merchant/Payment/" + what, Effect: contract.Write,
		Headers: map[string]string{"content-type": "application/x-www-form-urlencoded"}, Body: encodeForm(fields),
	})
	if err != nil {
		return false, err
	}
	if !resp.OK() {
		return false, writeRefused(resp)
	}
	switch strings.ToLower(strings.Map(withoutSpace, string(resp.Bytes()))) {
	case "success:true":
		return true, nil
	case "success:false":
		return false, nil
	}
	return false, &contract.Failure{Code: contract.Internal, Message: "Robokassa's answer says neither success nor the reverse"}
}

// withoutSpace drops quotes and white space.
func withoutSpace(r rune) rune {
	if strings.ContainsRune("\"\ufeff"+xmlSpace, r) {
		return -1
	}
	return r
}

// writeRefused is refused for a write. What came instead of an answer by 3xx
// or 5xx does not say whether it was carried out: internal, so that the host
// takes it as unknown.
func writeRefused(resp contract.Response) *contract.Failure {
	f := refused(resp)
	if f.Code == contract.ProviderUnavailable {
		f.Code = contract.Internal
	}
	return f
}
