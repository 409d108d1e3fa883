package conformance

import "github.com/kassette-pay/kassette/sdk/contract"

// amounts are news with another amount or currency than the shop asked for.
// Comparing is the host's business: the plugin tells what the provider says.
func amounts() []Scenario {
	other := func(value int64, currency string) func(d *desk) error {
		return func(d *desk) error {
			p, err := d.ended(Paid)
			if err != nil {
				return err
			}
			said := contract.Money{Value: p.Amount.Value + value, Currency: p.Amount.Currency}
			if currency != "" {
				said.Currency = currency
			}
			if err := d.world.Misreport(said); err != nil {
				return err
			}
			if err := d.hear(p); err != nil {
				return err
			}
			d.want(p.total == said || p.items[only(p.items)] == said, "the provider said %s, the plugin told %s", said, p.total)
			d.want(currency == "" || p.captured().Value == 0, "%s counts as %s", said, p.captured())
			return nil
		}
	}
	return family("amounts", anyPlugin,
		Scenario{Name: "less", run: other(-1, "")},
		Scenario{Name: "more", run: other(1, "")},
		Scenario{Name: "other currency", run: other(0, "USD")},
	)
}

// only gives the one key of a map, or "".
func only(m map[string]contract.Money) string {
	for k := range m {
		return k
	}
	return ""
}

// strangers are news of orders that this account does not know: other shops'
// or other methods' of the same account. They are handed on, and hold up nothing.
func strangers() []Scenario {
	return family("strangers", needs(contract.ReceiveWebhook),
		Scenario{Name: "before ours", run: func(d *desk) error {
			const n = 3
			if err := d.world.Strangers(n); err != nil {
				return err
			}
			p, list, err := announcedPaid(d, 1)
			if err != nil {
				return err
			}
			if err := deliverAll(d, list); err != nil {
				return err
			}
			once(d, p...)
			d.want(len(d.orphans) == n, "%d of %d unknown orders were handed on", len(d.orphans), n)
			for _, u := range d.orphans {
				d.want(u.Payment.Reference != "" || u.Payment.ProviderReference != "", "an unknown order has no reference: %+v", u)
			}
			return nil
		}},
		Scenario{Name: "that fill pages", lacks: needsPages, run: func(d *desk) error {
			n := 2*d.fixture.PageSize + 1
			if err := d.world.Strangers(n); err != nil {
				return err
			}
			p, list, err := announcedPaid(d, 1)
			if err != nil {
				return err
			}
			if _, err := d.deliver(list[0]); err != nil {
				return err
			}
			once(d, p...)
			d.want(len(d.orphans) == n, "%d of %d unknown orders were handed on", len(d.orphans), n)
			return nil
		}},
	)
}

// pages are several orders in one answer, and more than one answer holds.
func pages() []Scenario {
	several := func(count func(d *desk) int) func(d *desk) error {
		return func(d *desk) error {
			p, list, err := announcedPaid(d, count(d))
			if err != nil {
				return err
			}
			if d.fixture.PageSize > 0 { // one message brings them all
				list = list[len(list)-1:]
			}
			if err := deliverAll(d, list); err != nil {
				return err
			}
			once(d, p...)
			return nil
		}
	}
	return family("pages", needs(contract.ReceiveWebhook),
		Scenario{Name: "several orders", run: several(func(d *desk) int { return max(2, min(3, d.fixture.PageSize)) })},
		Scenario{Name: "more than a page", lacks: needsPages, run: several(func(d *desk) int { return d.fixture.PageSize + 1 })},
	)
}

// needsPages asks for a provider whose answers have pages; nothing in a
// manifest tells, so the fixture does.
func needsPages(d *desk) string {
	if d.fixture.PageSize == 0 {
		return "each message brings its own news: the fixture has no page size"
	}
	return ""
}
