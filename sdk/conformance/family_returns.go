package conformance

import (
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// returns are the ways in which the consumer's return and the provider's news
// meet, or do not.
func returns() []Scenario {
	return family("returns", needsPage,
		Scenario{Name: "before the news", run: func(d *desk) error { return bothWays(d, comesBack, hears) }},
		Scenario{Name: "after the news", run: func(d *desk) error { return bothWays(d, hears, comesBack) }},
		Scenario{Name: "twice", run: func(d *desk) error { return bothWays(d, comesBack, comesBack, hears, comesBack) }},
		Scenario{Name: "alone", run: func(d *desk) error { return bothWays(d, comesBack, forgets, asksLate) }},
		Scenario{Name: "neither return nor news", lacks: both(needsPolling, able(contract.FindsUnheard)), run: func(d *desk) error { return bothWays(d, forgets, asksLate) }},
		Scenario{Name: "of an open payment", run: func(d *desk) error {
			p, err := d.ended(Open)
			if err != nil {
				return err
			}
			m, ok := d.world.Return(p.Payment)
			if !ok {
				return nil
			}
			if _, err := d.back(p, m); err != nil {
				return err
			}
			nothing(d, p)
			return nil
		}},
		Scenario{Name: "of another payment", lacks: needs(contract.CompletePayment), run: func(d *desk) error {
			mine, err := d.ended(Open)
			if err != nil {
				return err
			}
			other, err := d.ended(Paid)
			if err != nil {
				return err
			}
			m, ok := d.world.Return(other.Payment)
			if !ok {
				return nil
			}
			if _, err := d.complete(mine, &m); err != nil {
				return err
			}
			nothing(d, mine)
			return nil
		}},
		Scenario{Name: "with nothing", lacks: needs(contract.CompletePayment), run: func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			if _, err := d.complete(p, &contract.Message{Method: "GET", Path: "/return"}); err != nil {
				return err
			}
			fits(d, p)
			return nil
		}},
	)
}

// bothWays has a payment paid and takes the steps; after each the payment
// must fit the provider's books, in the end it must be paid.
func bothWays(d *desk, steps ...func(d *desk, p *attempt) error) error {
	p, err := d.ended(Paid)
	if err != nil {
		return err
	}
	for _, step := range steps {
		if err := step(d, p); err != nil {
			return err
		}
		fits(d, p)
	}
	d.want(p.told() == p.Amount, "in the end the plugin told %s of %s", p.told(), p.Amount)
	return nil
}

// fits wants no more money than the provider has, and none in part.
func fits(d *desk, p *attempt) {
	got, has := p.told(), d.holds(p)
	d.want(got.Value == 0 || got == has, "the plugin told %s, the provider's books hold %s", got, has)
}

func hears(d *desk, p *attempt) error { return d.hear(p) }

func forgets(d *desk, _ *attempt) error { return d.forget() }

// comesBack is the consumer's return from a payment that is well.
func comesBack(d *desk, p *attempt) error {
	m, ok := d.world.Return(p.Payment)
	if !ok {
		d.fail("the world brings no return of a payment that was paid")
		return nil
	}
	failure, err := d.back(p, m)
	call := "complete_payment"
	if strings.HasPrefix(m.Path, AccountReturn) {
		call = "receive_webhook"
	}
	d.want(failure == nil, "%s refuses the provider's own return: %v", call, failure)
	return err
}

// asksLate asks once, after the payment has expired: that is when every
// provider that may be asked at all may be.
func asksLate(d *desk, p *attempt) error {
	if needsPolling(d) != "" {
		return nil
	}
	if err := d.pass(); err != nil {
		return err
	}
	return d.ask(p)
}
