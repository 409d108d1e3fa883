package conformance

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// transport breaks each request of each operation in each way. Whatever it
// is, the plugin holds to the contract, no money is made up, and none is lost
// for good: what was booked fits the provider's books in the end.
func transport() []Scenario {
	type operation struct {
		name  string
		lacks func(d *desk) string
		run   func(d *desk, b *breaker) error
	}
	var list []Scenario
	for _, op := range []operation{
		{"create", anyPlugin, brokenCreate},
		{"complete", needs(contract.CompletePayment), brokenComplete},
		{"webhook", needs(contract.ReceiveWebhook), brokenWebhook},
		{"ask", needs(contract.GetPayment), brokenAsk},
		{"capture", needsManual(false, false), brokenCapture},
		{"cancel", both(needsManual(false, false), needs(contract.CancelPayment)), brokenCancel},
		{"refund", needsRefunds(false, false), brokenRefund},
		{"ask about a refund", both(needsRefunds(false, false), needs(contract.GetRefund)), brokenGetRefund},
		{"options", needs(contract.ListOptions), brokenOptions},
		{"settings", needs(contract.CheckSettings), brokenSettings},
	} {
		for _, f := range faults() {
			list = append(list, Scenario{Name: op.name + ", " + f.name, lacks: op.lacks, run: func(d *desk) error {
				return each(d, f, op.run)
			}})
		}
	}
	return family("transport", anyPlugin, list...)
}

// each breaks the first request, then the second, and so on, each in a world
// of its own, until there are no more.
func each(d *desk, f fault, run func(d *desk, b *breaker) error) error {
	for at := range contract.MaxRounds * contract.MaxRequests {
		one, err := newDesk(d.ctx, d.runner, d.manifest, d.fixture)
		if err != nil {
			return err
		}
		if err := one.open(); err != nil {
			return err
		}
		one.leads = true // all but the call that is broken
		b := &breaker{world: one.world, fault: &f, at: at}
		if err := run(one, b); err != nil {
			one.fail("%v", err)
		}
		if err := one.world.Close(); err != nil {
			return err
		}
		for _, p := range one.problems {
			d.fail("request %d: %s", at+1, p)
		}
		if !b.hit {
			return nil
		}
	}
	return nil
}

// unread says that the answer of something that was no read is not known, and
// that nobody asked again.
func (b *breaker) unread() bool { return b.wrote && !b.answered }

// limited wants 429, where the last call met it, to be told as such.
func limited(d *desk, b *breaker) {
	failure := d.last().Answer.Failure
	if !b.hit || b.fault.status != 429 || failure == nil {
		return
	}
	d.want(failure.Code == contract.RateLimited, "429 was told as %v", failure)
	d.want(failure.RetryAfterMS == 7000, "Retry-After: %s was told as %d ms", retryAfter, failure.RetryAfterMS)
}

func brokenCreate(d *desk, b *breaker) error {
	p := d.attempted()
	d.breaks = b
	failure, err := d.start(p)
	if err != nil {
		return err
	}
	limited(d, b)
	books := d.world.Books(p.Payment)
	if failure == nil {
		d.want(!b.unread(), "the payment's announcement was not answered, and there is a result")
		d.want(!books.Known || p.ProviderReference == "" || books.ProviderReference == p.ProviderReference,
			"the plugin answers with payment %q, the provider knows %q", p.ProviderReference, books.ProviderReference)
	}
	fits(d, p)
	if d.holds(p).Value == 0 {
		return nil
	}
	p.created = true
	return found(d, p)
}

// found wants money that the provider has to be told in the end.
func found(d *desk, p *attempt) error {
	if err := d.world.Advance(d.ctx, 2*time.Minute); err != nil {
		return err
	}
	if err := d.hear(p); err != nil {
		return err
	}
	if p.told().Value == 0 {
		if err := asksLate(d, p); err != nil {
			return err
		}
	}
	once(d, p)
	return nil
}

func brokenComplete(d *desk, b *breaker) error {
	p, err := d.ended(Paid)
	if err != nil {
		return err
	}
	m, came := d.world.Return(p.Payment)
	d.breaks = b
	if _, err := d.complete(p, where(came, &m)); err != nil {
		return err
	}
	limited(d, b)
	fits(d, p)
	d.breaks = nil
	return found(d, p)
}

func where[T any](ok bool, v *T) *T {
	if ok {
		return v
	}
	return nil
}

func brokenWebhook(d *desk, b *breaker) error {
	p, list, err := announcedPaid(d, 1)
	if err != nil {
		return err
	}
	for _, m := range list {
		d.breaks = b
		if b.hit {
			d.breaks = nil
		}
		response, err := d.deliver(m)
		if err != nil {
			return err
		}
		d.breaks = nil
		fits(d, p[0])
		if d.acknowledged(m, response) {
			d.want(p[0].status != "", "nothing was booked, and the provider is told %d", response.Status)
			continue
		}
		if _, err := d.deliver(m); err != nil { // it sends it again
			return err
		}
	}
	return found(d, p[0])
}

func brokenAsk(d *desk, b *breaker) error {
	p, err := d.askable()
	if err != nil {
		return err
	}
	d.breaks = b
	r, t, _, err := result[contract.UpdatesResult](d, p, contract.GetPayment, contract.PaymentInput{Payment: p.Payment})
	if err != nil {
		return err
	}
	limited(d, b)
	d.book(t, r.Updates, p)
	fits(d, p)
	switch p.status {
	case contract.UpdateFailed, contract.UpdateCancelled, contract.UpdateExpired:
		d.fail("a paid payment was told as %q", p.status)
	}
	if err := d.ask(p); err != nil {
		return err
	}
	once(d, p)
	return nil
}

func brokenOptions(d *desk, b *breaker) error {
	d.breaks = b
	_, err := d.call(nil, contract.ListOptions, d.options())
	return err
}

func brokenSettings(d *desk, b *breaker) error {
	d.breaks = b
	r, _, failure, err := result[contract.CheckResult](d, nil, contract.CheckSettings, contract.CheckInput{})
	d.want(!b.hit || b.answered || failure != nil || !r.OK || len(r.Findings) > 0, "a question was not answered, and the settings are ok")
	return err
}
