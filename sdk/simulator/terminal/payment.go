package terminal

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// paymentRequest is what the simulator reads of a PaymentRequest (section 5).
type paymentRequest struct {
	SaleData struct {
		SaleTransactionID struct{ TransactionID, TimeStamp string }
	}
	PaymentTransaction struct {
		AmountsReq struct {
			Currency        string
			RequestedAmount json.RawMessage
		}
		SaleItem []struct {
			ItemID      *json.Number
			ProductCode string
			ItemAmount  json.RawMessage
		}
	}
	PaymentData struct{ PaymentType string }
}

// wrong names a required member that is missing or not as it must be, or "".
func (p paymentRequest) wrong() string {
	at := p.PaymentTransaction
	for _, c := range []struct {
		path string
		ok   bool
	}{
		{"SaleData.SaleTransactionID.TransactionID", p.SaleData.SaleTransactionID.TransactionID != ""},
		{"SaleData.SaleTransactionID.TimeStamp", isTime(p.SaleData.SaleTransactionID.TimeStamp)},
		{"PaymentTransaction.AmountsReq.Currency", len(at.AmountsReq.Currency) == 3},
		{"PaymentTransaction.AmountsReq.RequestedAmount", len(at.AmountsReq.RequestedAmount) > 0},
		{"PaymentData.PaymentType", p.PaymentData.PaymentType == "" || slices.Contains(kinds, p.PaymentData.PaymentType)},
	} {
		if !c.ok {
			return c.path
		}
	}
	for i, item := range at.SaleItem {
		if item.ItemID == nil || item.ProductCode == "" || !numbers.Match(item.ItemAmount) {
			return fmt.Sprintf("PaymentTransaction.SaleItem[%d]", i)
		}
	}
	return ""
}

// The payment types that are carried out.
const (
	kindNormal = "Normal"
	kindRefund = "Refund"
)

var kinds = []string{kindNormal, kindRefund}

func isTime(text string) bool {
	_, err := time.Parse(time.RFC3339, text)
	return err == nil
}

// readPayment reads a PaymentRequest, or says what is wrong with it.
func readPayment(m message) (in paymentRequest, wrong object) {
	wrong, ok := m.read(&in)
	if path := in.wrong(); ok && path != "" {
		wrong = malformed("PaymentRequest."+path, "missing or not as it must be")
	}
	return in, wrong
}

// pay begins a payment or carries out a refund.
func (s *Simulator) pay(d *device, m message) (*exchange, object) {
	in, wrong := readPayment(m)
	if wrong != nil {
		return nil, wrong
	}
	req := in.PaymentTransaction.AmountsReq
	switch {
	case d.running != nil:
		return nil, failure("Busy", "")
	case !slices.Contains(d.currencies, req.Currency):
		return nil, failure("NotAllowed", "message=currency%20not%20configured")
	}
	amount, err := parseAmount(string(req.RequestedAmount), req.Currency)
	if err != nil || amount <= 0 {
		return nil, malformed("PaymentRequest.PaymentTransaction.AmountsReq.RequestedAmount", "not an amount above 0")
	}
	now := s.clock.Now()
	s.lastID++
	t := &transaction{
		x: d.begin(m, now), id: fmt.Sprintf("%012d", s.lastID), reference: in.SaleData.SaleTransactionID.TransactionID,
		kind: in.PaymentData.PaymentType, requested: amount, currency: req.Currency, startedAt: now,
	}
	if t.kind == "" {
		t.kind = kindNormal
	}
	d.running = t
	d.done = append(d.done, t)
	s.callback(t, "Display")
	s.serveCustomer(d, t)
	return t.x, nil
}

// serveCustomer has the scripted customer act, or the amount's, or waits for
// the person at the display.
func (s *Simulator) serveCustomer(d *device, t *transaction) {
	if t.kind == kindRefund {
		s.settle(d, plan{Outcome: Success})
		return
	}
	p, decided := byDigits[t.requested%100]
	decided = decided && s.byAmount && exponents[t.currency] == 2
	if len(d.plans) > 0 {
		p, decided, d.plans = d.plans[0], true, d.plans[1:]
	}
	s.later(d, t, DefaultPatience, func() { s.settle(d, plan{Outcome: Expired}) })
	switch {
	case decided && p.DelayMS > 0:
		s.later(d, t, time.Duration(p.DelayMS)*time.Millisecond, func() { s.settle(d, p) })
	case decided:
		s.settle(d, p)
	case s.cfg.Unattended > 0:
		s.later(d, t, s.cfg.Unattended, func() {
			if !t.attended {
				s.settle(d, plan{Outcome: Success})
			}
		})
	}
	close(s.arrived)
	s.arrived = make(chan struct{})
}

// later runs f under the lock if the transaction still runs by then.
func (s *Simulator) later(d *device, t *transaction, after time.Duration, f func()) {
	s.due.At(t.startedAt.Add(after), func(context.Context, time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if d.running == t {
			f()
		}
	})
}

// settle has the customer of the running transaction act. The caller holds the lock.
func (s *Simulator) settle(d *device, p plan) {
	t := d.running
	switch p.Outcome {
	case Wait:
		return
	case Open:
		t.x.hang()
		return
	}
	d.running = nil
	t.outcome, t.endedAt, t.entry = p.Outcome, s.clock.Now(), entries[p.Entry]
	if condition := conditions[p.Outcome]; condition != "" {
		t.x.end(t.refusal(d, condition))
		s.callback(t, "Completed")
		return
	}
	t.charged = t.requested
	switch {
	case p.Outcome == Partial:
		t.charged = t.requested / 2
	case t.kind == kindNormal:
		t.tip = d.tipOf(t, p.EnterTotal)
		t.charged += t.tip
	}
	t.x.lost = p.Outcome == Lost
	t.x.end(s.approval(d, t))
	s.callback(t, "Completed")
}

// tipOf is what the customer's total leaves above the amount. A total below the
// amount or above the maximum is refused on the display and then left out; so
// is any where the function is off (section 7).
func (d *device) tipOf(t *transaction, total string) int64 {
	entered, err := parseAmount(total, t.currency)
	if !d.tip.Enabled || err != nil || !d.tip.allows(t.requested, entered) {
		return 0
	}
	return entered - t.requested
}

func (r tipRule) allows(requested, total int64) bool {
	return total >= requested && (total-requested)*100 <= requested*r.MaxPercent
}

// refusal is a response without money.
func (t *transaction) refusal(d *device, condition string) object {
	additional := ""
	if condition == "Refusal" {
		additional = "refusalReason=Insufficient%20funds"
	}
	t.refused = condition
	out := failure(condition, additional)
	out["SaleData"], out["POIData"] = t.saleData(), t.poiData()
	if condition == "Refusal" {
		out["PaymentReceipt"] = d.receipts(t, false)
	}
	return out
}

// approval is a response with money.
func (s *Simulator) approval(d *device, t *transaction) object {
	result := "Success"
	if t.outcome == Partial {
		result = "Partial"
	}
	amounts := object{"Currency": t.currency, "AuthorizedAmount": number(t.charged, t.currency)}
	if t.tip > 0 {
		amounts["TipAmount"] = number(t.tip, t.currency)
	}
	if s.faults.On(faultWrongAmount, callPayment) {
		amounts["AuthorizedAmount"] = number(t.charged+1, t.currency)
	}
	if s.faults.On(faultTextAmount, callPayment) {
		amounts["AuthorizedAmount"] = string(number(t.charged, t.currency))
	}
	return object{
		"Response": object{"Result": result}, "SaleData": t.saleData(), "POIData": t.poiData(),
		"PaymentResult": object{
			"PaymentType": t.kind, "OnlineFlag": true, "AuthenticationMethod": []string{t.method()},
			"PaymentInstrumentData": object{"PaymentInstrumentType": "Card", "CardData": object{"PaymentBrand": "Visa", "MaskedPan": maskedPAN, "EntryMode": []string{t.entry}}},
			"AmountsResp":           amounts,
			"PaymentAcquirerData":   object{"MerchantID": "10020001", "AcquirerPOIID": d.poi, "ApprovalCode": approvalCode},
		},
		"PaymentReceipt": d.receipts(t, t.outcome == Signature),
	}
}

// pinFrom is the amount from which a tapped card asks for the PIN, in hundredths.
const pinFrom = 400_00

// method is how the customer was verified.
func (t *transaction) method() string {
	switch {
	case t.outcome == Signature:
		return "PaperSignature"
	case t.entry == "ICC" || t.requested >= pinFrom:
		return "OnlinePIN"
	}
	return "Bypass"
}

func (t *transaction) saleData() object {
	return object{"SaleTransactionID": object{"TransactionID": t.reference, "TimeStamp": stamp(t.startedAt)}}
}

func (t *transaction) poiData() object {
	return object{"POITransactionID": object{"TransactionID": t.id, "TimeStamp": stamp(t.endedAt)}}
}
