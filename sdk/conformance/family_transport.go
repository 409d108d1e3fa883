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
		{"webhook", needs(contract.ReceiveWebhook), brokenWebhook},
		{"ask", needs(contract.GetPayment), brokenAsk},
		{"refund", needsRefunds(false, false), brokenRefund},
		{"ask about a refund", needs(contract.RefundPayment, contract.GetRefund), brokenGetRefund},
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

func brokenCreate(d *desk, b *breaker) error {
	p := d.attempted()
	d.breaks = b
	failure, err := d.start(p)
	if err != nil {
		return err
	}
	books := d.world.Books(p.Payment)
	d.want(failure != nil || books.Known && books.ProviderReference == p.ProviderReference,
		"the plugin answers with payment %q, the provider knows %q", p.ProviderReference, books.ProviderReference)
	d.want(failure != nil || !b.hit || !b.write, "the payment's announcement was not answered, and there is a result")
	limited(d, b, failure)
	return nil
}

// limited wants 429 to be told as such.
func limited(d *desk, b *breaker, failure *contract.Failure) {
	d.want(!b.hit || b.fault.status != 429 || failure == nil || failure.Code == contract.RateLimited, "429 was told as %v", failure)
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
		d.want(p[0].captured().Value > 0 || response.Status >= 300, "nothing was booked, and the provider is told %d", response.Status)
		fits(d, p[0])
	}
	if err := d.world.Advance(d.ctx, 2*time.Minute); err != nil {
		return err
	}
	if err := d.hear(p[0]); err != nil {
		return err
	}
	if p[0].captured().Value == 0 {
		if err := asksLate(d, p[0]); err != nil {
			return err
		}
	}
	once(d, p...)
	return nil
}

func brokenAsk(d *desk, b *breaker) error {
	p, err := d.ended(Paid)
	if err != nil {
		return err
	}
	d.breaks = b
	_, _, failure, err := result[contract.UpdatesResult](d, contract.GetPayment, contract.PaymentInput{Payment: p.Payment})
	if err != nil {
		return err
	}
	limited(d, b, failure)
	t := d.calls[len(d.calls)-1]
	if r, err := Result[contract.UpdatesResult](t); err == nil {
		d.book(t, r.Updates, p)
	}
	fits(d, p)
	d.want(p.status == "" || p.status == contract.UpdateCaptured || p.status == contract.UpdatePending, "a paid payment was told as %q", p.status)
	if err := d.ask(p); err != nil {
		return err
	}
	once(d, p)
	return nil
}

func brokenRefund(d *desk, b *breaker) error {
	p, err := d.paid()
	if err != nil {
		return err
	}
	op := d.refund(p, p.Amount.Value)
	d.breaks = b
	if _, err := d.operate(contract.RefundPayment, p, op); err != nil {
		return err
	}
	d.want(!b.write || op.Status != contract.OperationSucceeded, "the refund was not answered, and has succeeded")
	if err := d.settle(p, op); err != nil {
		return err
	}
	agrees(d, p)
	d.want(needs(contract.GetRefund)(d) != "" || op.Status != contract.OperationPending, "the refund is pending for good")
	return nil
}

func brokenGetRefund(d *desk, b *breaker) error {
	p, err := d.paid()
	if err != nil {
		return err
	}
	op := d.refund(p, p.Amount.Value)
	if _, err := d.operate(contract.RefundPayment, p, op); err != nil {
		return err
	}
	d.breaks = b
	if _, err := d.operate(contract.GetRefund, p, op); err != nil {
		return err
	}
	d.want(op.Status != contract.OperationFailed, "a refund that is well was told as failed")
	if err := d.settle(p, op); err != nil {
		return err
	}
	agrees(d, p)
	return nil
}
