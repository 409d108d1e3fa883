package conformance

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// attempt is a payment and what was booked on it.
type attempt struct {
	contract.Payment
	created bool
	// approved says that complete_payment is to take the money.
	approved bool
	// items are captured amounts by the provider's reference, total and
	// authorized the largest totals.
	items             map[string]contract.Money
	total, authorized contract.Money
	// news are all amounts of money that were told, whatever their currency.
	news     []contract.Money
	status   contract.UpdateType
	at       time.Time
	captures []*contract.Operation
	refunds  []*contract.Operation
	actions  []contract.Action
}

// book books updates as a host does: only what was verified counts, amounts
// are the larger of the largest total and the sum of their items.
func (d *desk) book(t Transcript, updates []contract.Update, own *attempt) {
	for _, u := range updates {
		if u.Trust != contract.Verified {
			continue
		}
		if !proven(t) {
			d.fail("an update is verified although in its call no signature held and no request was answered 2xx: %+v", u)
			continue
		}
		p := d.find(u.Payment)
		switch {
		case p == nil && own == nil:
			d.orphans = append(d.orphans, u)
		case p == nil || own != nil && p.ID != own.ID:
			d.fail("an update of the call names another payment: %+v", u.Payment)
		default:
			p.book(u)
		}
	}
}

func (d *desk) find(k contract.PaymentKey) *attempt {
	for _, p := range d.payments {
		if k.ID == p.ID && k.ID != "" || k.Reference == p.Reference && k.Reference != "" || k.Number == p.Number && k.Number != 0 ||
			k.ProviderReference == p.ProviderReference && k.ProviderReference != "" {
			return p
		}
	}
	return nil
}

func (p *attempt) book(u contract.Update) {
	if u.NewProviderReference != "" {
		p.ProviderReference = u.NewProviderReference
	}
	if len(u.State) > 0 {
		p.State = u.State
	}
	for _, t := range u.Transactions {
		i := slices.IndexFunc(p.Transactions, func(have contract.Transaction) bool { return have.ID == t.ID })
		if i < 0 {
			p.Transactions = append(p.Transactions, t)
			continue
		}
		p.Transactions[i] = t
	}
	switch u.Type {
	case contract.UpdateCaptured:
		p.news = append(p.news, u.Amount)
		p.bookCapture(u)
	case contract.UpdateAuthorized:
		p.news = append(p.news, u.Amount)
		p.authorized = larger(p, p.authorized, u.Amount)
	case contract.UpdateApproved:
		p.approved = true
	case contract.UpdateRefunded, contract.UpdateRefundFailed:
		settled(p.refunds, u)
	}
	if !u.OccurredAt.Before(p.at) && p.moves(u.Type) {
		p.status, p.at = u.Type, u.OccurredAt
	}
	if p.captured().Value > 0 {
		p.status = contract.UpdateCaptured
	}
	p.sum()
}

// moves says whether news of a type can change the payment's status.
func (p *attempt) moves(t contract.UpdateType) bool {
	switch t {
	case contract.UpdateRefunded, contract.UpdateRefundFailed, contract.UpdateChargedBack, contract.UpdateCaptureFailed:
		return false
	case contract.UpdatePending, contract.UpdateApproved:
		return p.status != contract.UpdateAuthorized
	}
	return true
}

func (p *attempt) bookCapture(u contract.Update) {
	if u.Item == nil {
		p.total = larger(p, p.total, u.Amount)
		return
	}
	settled(p.captures, u)
	p.items[itemKey(p.captures, *u.Item)] = u.Amount
}

// larger is the larger amount; one of another currency is kept to be seen.
func larger(p *attempt, have, told contract.Money) contract.Money {
	if told.Value > have.Value || told.Currency != p.Amount.Currency {
		return told
	}
	return have
}

// itemKey is under what a capture is booked: the provider's reference, whether
// a result or an update brought it first.
func itemKey(ops []*contract.Operation, item contract.Item) string {
	for _, op := range ops {
		if item.ID != "" && item.ID == op.ID && item.ProviderReference == "" {
			return op.ProviderReference
		}
	}
	return item.ProviderReference
}

// settled gives the operation that an update is about its end.
func settled(ops []*contract.Operation, u contract.Update) {
	for _, op := range ops {
		if u.Item == nil || u.Item.ID != op.ID && (u.Item.ProviderReference == "" || u.Item.ProviderReference != op.ProviderReference) {
			continue
		}
		op.Status = contract.OperationSucceeded
		if u.Type == contract.UpdateRefundFailed {
			op.Status = contract.OperationFailed
		}
		if u.Item.ProviderReference != "" {
			op.ProviderReference = u.Item.ProviderReference
		}
	}
}

// sum brings the payment's totals up to what was booked.
func (p *attempt) sum() {
	p.Totals.Captured, p.Totals.Authorized = p.captured(), contract.Money{Currency: p.Amount.Currency}
	if p.authorized.Currency == p.Amount.Currency {
		p.Totals.Authorized = p.authorized
	}
	p.Totals.Refunded = contract.Money{Currency: p.Amount.Currency}
	for _, op := range p.refunds {
		if op.Status == contract.OperationSucceeded {
			p.Totals.Refunded.Value += op.Amount.Value
		}
	}
}

// captured is what counts: in the payment's currency alone.
func (p *attempt) captured() contract.Money {
	sum := contract.Money{Currency: p.Amount.Currency}
	for _, m := range p.items {
		if m.Currency == sum.Currency {
			sum.Value += m.Value
		}
	}
	if p.total.Currency == sum.Currency {
		sum.Value = max(sum.Value, p.total.Value)
	}
	return sum
}

// told is the money that the provider has for this payment, by the plugin's
// word: captured, or reserved where it is captured later.
func (p *attempt) told() contract.Money {
	sum := p.captured()
	if p.Capture == contract.CaptureManual && p.authorized.Currency == sum.Currency {
		sum.Value = max(sum.Value, p.authorized.Value)
	}
	return sum
}

// holds is the same by the provider's books.
func (d *desk) holds(p *attempt) contract.Money {
	b := d.world.Books(p.Payment)
	sum := contract.Money{Value: b.Captured.Value, Currency: p.Amount.Currency}
	if p.Capture == contract.CaptureManual {
		sum.Value += b.Authorized.Value
	}
	return sum
}

// proven says whether in a call a signature held or a request was answered 2xx.
func proven(t Transcript) bool {
	for _, x := range t.Exchanges {
		if x.Response != nil && x.Response.OK() {
			return true
		}
	}
	for _, h := range t.HostCalls {
		var out struct{ Equal, Valid bool }
		if json.Unmarshal(h.Output, &out) == nil && (out.Equal || out.Valid) {
			return true
		}
	}
	return false
}
