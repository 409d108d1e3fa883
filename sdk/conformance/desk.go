package conformance

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// desk is a host in small for one scenario: it keeps payments, books news on
// them as a gateway must, and notes what a plugin does wrong.
type desk struct {
	ctx      context.Context
	runner   Runner
	manifest contract.Manifest
	method   contract.Method
	fixture  Fixture
	account  *Account
	world    World

	payments []*attempt
	orphans  []contract.Update
	calls    []Transcript
	begun    int
	problems []string
	// breaks is put between the plugin and the world for the next call.
	breaks *breaker
}

// attempt is a payment and what was booked on it.
type attempt struct {
	contract.Payment
	created bool
	// items are captured amounts by the provider's reference, total the largest total.
	items   map[string]contract.Money
	total   contract.Money
	status  contract.UpdateType
	at      time.Time
	refunds []*contract.Operation
}

func newDesk(ctx context.Context, r Runner, m contract.Manifest, f Fixture) (*desk, error) {
	d := &desk{ctx: ctx, runner: r, manifest: m, fixture: f}
	if len(m.Methods) > 0 {
		d.method = m.Methods[0]
	}
	if f.Method == "" {
		return d, nil
	}
	i := slices.IndexFunc(m.Methods, func(one contract.Method) bool { return one.ID == f.Method })
	if i < 0 {
		return nil, fmt.Errorf("the manifest has no method %q", f.Method)
	}
	d.method = m.Methods[i]
	return d, nil
}

// open starts the world.
func (d *desk) open() error {
	var err error
	if d.world, err = d.fixture.World(); err != nil {
		return fmt.Errorf("start world: %w", err)
	}
	d.account = d.fixture.Account()
	return nil
}

func (d *desk) fail(format string, args ...any) {
	d.problems = append(d.problems, fmt.Sprintf(format, args...))
}

// want notes a problem where ok is false.
func (d *desk) want(ok bool, format string, args ...any) {
	if !ok {
		d.fail(format, args...)
	}
}

// call drives one call of the plugin.
func (d *desk) call(e contract.Export, input any) (Transcript, error) {
	d.begun++
	n := d.begun
	entropy := sha256.Sum256(fmt.Appendf(nil, "call %d", n))
	c := Call{
		Export: e, Input: input, Account: d.account, World: d.world, Manifest: &d.manifest,
		ID: fmt.Sprintf("call_%026d", n), Now: d.world.Now().UTC().Truncate(time.Millisecond), Entropy: entropy[:],
	}
	if d.breaks != nil {
		c.World, d.breaks = d.breaks, nil
	}
	t, err := Drive(d.ctx, d.runner, c)
	d.calls = append(d.calls, t)
	return t, err
}

// result drives a call and reads its result; a failure is given back beside.
func result[T any](d *desk, e contract.Export, input any) (T, Transcript, *contract.Failure, error) {
	var v T
	t, err := d.call(e, input)
	if err != nil || t.Answer.Failure != nil {
		return v, t, t.Answer.Failure, err
	}
	if err := json.Unmarshal(t.Answer.Result, &v); err != nil {
		return v, t, nil, fmt.Errorf("result of %s: %w", e, err)
	}
	return v, t, nil, nil
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
		case p == nil || own != nil && p != own:
			d.fail("an update of the call names another payment: %+v", u.Payment)
		default:
			p.book(u)
		}
	}
}

func (d *desk) find(k contract.PaymentKey) *attempt {
	for _, p := range d.payments {
		if k.ID == p.ID && k.ID != "" || k.Reference == p.Reference && k.Reference != "" ||
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
	switch {
	case u.Type == contract.UpdateCaptured && u.Item != nil:
		p.items[u.Item.ProviderReference] = u.Amount
	case u.Type == contract.UpdateCaptured && (u.Amount.Value > p.total.Value || u.Amount.Currency != p.Amount.Currency):
		p.total = u.Amount
	}
	if !u.OccurredAt.Before(p.at) {
		p.status, p.at = u.Type, u.OccurredAt
	}
	p.Totals.Captured = p.captured()
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
