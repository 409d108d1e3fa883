package conformance

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// life is how long the kit's payments live. Providers end theirs no later.
const life = time.Hour

// attempted makes a payment that was not created yet.
func (d *desk) attempted() *attempt {
	p := contract.CannedPayment()
	n := len(d.payments) + 1
	now := d.now()
	p.ID, p.Reference = fmt.Sprintf("pay_%026d", n), reference(n)
	p.OrderReference, p.Number = fmt.Sprint(1000+n), 0
	if d.order != "" {
		p.OrderReference = d.order
	}
	if q := d.rules().Reference; q != nil && q.Number {
		p.Number = int64(100_000 + n)
	}
	p.Description = "Order " + p.OrderReference
	p.IdempotencyKey = uuid(1, n)
	p.Method, p.MethodOptions, p.Status, p.Capture = d.method.ID, nil, "created", d.capturing()
	p.ReturnURL = "https://pay.example/pay/ord_1.token/return/" + p.ID
	p.CreatedAt, p.ExpiresAt = now, now.Add(life)
	p.ProviderReference, p.State = "", nil
	p.Captures, p.Refunds, p.Transactions = nil, nil, nil
	p.Amount = d.amount(p.Amount)
	if d.fixture.Payment != nil {
		d.fixture.Payment(&p)
	}
	if !d.worth.IsZero() {
		p.Amount = d.worth
	}
	a := &attempt{Payment: p}
	a.worth(p.Amount)
	d.payments = append(d.payments, a)
	return a
}

// worth gives a payment that was not created yet its amount, and lines that
// add up to it.
func (p *attempt) worth(m contract.Money) {
	sum := contract.Money{Currency: m.Currency}
	for _, l := range p.Lines {
		sum.Value += l.Amount.Value
	}
	if sum != m || p.Lines[0].Amount.Currency != m.Currency {
		p.Lines = []contract.Line{{
			ID: "1", SKU: "BOOK-1", Name: "A book", Kind: contract.LinePhysical, Quantity: "1", Unit: "piece",
			UnitPrice: m, Amount: m, TaxRate: "0", TaxAmount: contract.Money{Currency: m.Currency},
		}}
	}
	zero := contract.Money{Currency: m.Currency}
	p.Amount, p.Totals = m, contract.Totals{Authorized: zero, Captured: zero, Refunded: zero, Tip: zero, Surcharge: zero}
	p.items = map[string]contract.Money{}
}

// capturing is how money is taken where a scenario does not say.
func (d *desk) capturing() contract.CaptureMode {
	if c := d.rules().Capture; d.manual || c != nil && !c.Automatic {
		return contract.CaptureManual
	}
	return contract.CaptureAutomatic
}

// amount is one that the method takes, as near to the wanted as can be.
func (d *desk) amount(want contract.Money) contract.Money {
	if _, ok := d.method.Currencies[want.Currency]; !ok {
		want.Currency = slices.Sorted(maps.Keys(d.method.Currencies))[0]
	}
	r := d.method.Currencies[want.Currency]
	if r.Max > 0 {
		want.Value = min(want.Value, r.Max)
	}
	want.Value = max(want.Value, r.Min, 1)
	if over := want.Value % max(r.Multiple, 1); over > 0 {
		want.Value -= over
	}
	if want.Value < max(r.Min, 1) {
		want.Value += r.Multiple
	}
	return want
}

// reference is the provider's order number of the nth payment: like a host's,
// all of it differs from any other.
func reference(n int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "reference %d", n))
	return base32.StdEncoding.EncodeToString(sum[:])[:24]
}

// uuid is the same for the same numbers.
func uuid(kind, n int) string {
	return fmt.Sprintf("c0f0%04d-0000-4000-8000-%012d", kind, n)
}
