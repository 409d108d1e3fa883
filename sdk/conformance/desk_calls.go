package conformance

import (
	"fmt"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// create creates a payment that must come to be.
func (d *desk) create() (*attempt, error) {
	p := d.attempted()
	failure, err := d.start(p)
	if err == nil && failure != nil {
		err = fmt.Errorf("create_payment: %w", failure)
	}
	return p, err
}

func (d *desk) start(p *attempt) (*contract.Failure, error) {
	r, t, failure, err := result[contract.CreateResult](d, p, contract.CreatePayment, contract.PaymentInput{Payment: p.Payment})
	if err != nil || failure != nil {
		return failure, err
	}
	p.created, p.Status, p.ProviderReference = true, "pending", r.ProviderReference
	if len(r.State) > 0 {
		p.State = r.State
	}
	d.book(t, r.Updates, p)
	return nil, d.follow(p, r.Action)
}

// ended creates a payment and has it end.
func (d *desk) ended(e Ending) (*attempt, error) {
	if d.terminal() {
		return d.endsThere(e)
	}
	p, err := d.create()
	if err != nil {
		return p, err
	}
	return p, d.world.End(d.ctx, p.Payment, e)
}

// endsThere creates a payment that ends before create_payment does.
func (d *desk) endsThere(e Ending) (*attempt, error) {
	x, err := d.expecter()
	if err != nil {
		return nil, err
	}
	if err := x.Expect(e); err != nil {
		return nil, err
	}
	p := d.attempted()
	failure, err := d.start(p)
	switch {
	case err != nil || failure == nil:
		return p, err
	case e != Paid && failure.Code == contract.Declined:
		p.status = contract.UpdateFailed
		return p, nil
	}
	return p, fmt.Errorf("create_payment: %w", failure)
}

// sure creates a payment, has it paid, and hears of it: it is captured, or
// reserved where it is captured later.
func (d *desk) sure() (*attempt, error) {
	p, err := d.ended(Paid)
	if err != nil {
		return p, err
	}
	if err := d.hear(p); err != nil {
		return p, err
	}
	if got := p.told(); got != p.Amount {
		return p, fmt.Errorf("the provider was paid %s, the plugin told %s", p.Amount, got)
	}
	return p, nil
}

// led is such a payment, where it only leads up to what comes next.
func (d *desk) led() (*attempt, error) {
	leads := d.leads
	d.leads = true
	defer func() { d.leads = leads }()
	return d.sure()
}

// paid creates a payment, has it paid, hears of it, and captures it where
// nothing is captured by itself.
func (d *desk) paid() (*attempt, error) {
	p, err := d.led()
	if err != nil || p.Capture != contract.CaptureManual {
		return p, err
	}
	op := d.capture(p, p.Amount.Value, true)
	if err := d.takes(p, op); err != nil {
		return p, err
	}
	if got := p.captured(); got != p.Amount {
		return p, fmt.Errorf("%s was to be captured, the plugin told %s", p.Amount, got)
	}
	return p, nil
}

// askable is a paid payment that the provider may be asked about. Some can be
// asked by what comes with the news alone.
func (d *desk) askable() (*attempt, error) {
	if d.rules().Polling == nil || able(contract.FindsUnheard)(d) != "" {
		return d.sure()
	}
	return d.ended(Paid)
}

// pass lets time pass, so that all payments of now have expired.
func (d *desk) pass() error { return d.world.Advance(d.ctx, life+time.Minute) }
