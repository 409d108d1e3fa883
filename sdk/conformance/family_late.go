package conformance

import (
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// late is money that comes when nobody waits for it any more.
func late() []Scenario {
	return family("late", both(needsPage, needs(contract.ReceiveWebhook)),
		Scenario{Name: "open, then paid", run: func(d *desk) error {
			p, err := d.ended(Open)
			if err != nil {
				return err
			}
			if err := d.hear(p); err != nil {
				return err
			}
			if m, ok := d.world.Return(p.Payment); ok {
				if _, err := d.back(p, m); err != nil {
					return err
				}
			}
			return paysNow(d, p)
		}},
		Scenario{Name: "declined, then paid", run: func(d *desk) error {
			p, err := d.ended(Declined)
			if err != nil {
				return err
			}
			if err := d.hear(p); err != nil {
				return err
			}
			return paysNow(d, p)
		}},
		Scenario{Name: "paid, heard of after its expiry", run: func(d *desk) error {
			p, list, err := announcedPaid(d, 1)
			if err != nil {
				return err
			}
			if err := d.pass(); err != nil {
				return err
			}
			if err := deliverAll(d, list); err != nil {
				return err
			}
			d.leads = true // a provider may have said it many times
			if err := d.hear(p[0]); err != nil {
				return err
			}
			once(d, p...)
			return nil
		}},
	)
}

// paysNow has a payment paid after all. A provider that has ended it refuses;
// then there is nothing to tell.
func paysNow(d *desk, p *attempt) error {
	if err := d.world.Advance(d.ctx, time.Minute); err != nil {
		return err
	}
	if err := d.world.End(d.ctx, p.Payment, Paid); err != nil {
		nothing(d, p)
		return nil //nolint:nilerr // it is the provider's answer
	}
	if err := d.hear(p); err != nil {
		return err
	}
	once(d, p)
	return nil
}

// attempts are two payments of one order, of which the consumer pays both.
func attempts() []Scenario {
	return family("attempts", anyPlugin,
		Scenario{Name: "both paid", run: func(d *desk) error { return twice(d, Paid) }},
		Scenario{Name: "the second paid", run: func(d *desk) error { return twice(d, Cancelled) }},
	)
}

// twice has the first attempt of an order end so, and the second paid.
func twice(d *desk, e Ending) error {
	d.order = "1001"
	first, err := d.ended(e)
	if err != nil {
		return err
	}
	second, err := d.ended(Paid)
	if err != nil {
		return err
	}
	for _, p := range []*attempt{first, second} {
		if err := d.hear(p); err != nil {
			return err
		}
	}
	if e == Paid {
		once(d, first)
	} else {
		nothing(d, first)
	}
	once(d, second)
	d.want(first.ProviderReference != second.ProviderReference || first.ProviderReference == "", "both attempts are payment %q", first.ProviderReference)
	return nil
}
