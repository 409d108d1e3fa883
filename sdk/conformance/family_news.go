package conformance

import (
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// amounts are news with another amount or currency than the shop asked for.
// Comparing is the host's business: the plugin tells what the provider says.
func amounts() []Scenario {
	return family("amounts", anyPlugin,
		Scenario{Name: "less", run: func(d *desk) error { return misreported(d, -1, false) }},
		Scenario{Name: "more", run: func(d *desk) error { return misreported(d, 1, false) }},
		Scenario{Name: "other currency", lacks: able(contract.NamesCurrency), run: func(d *desk) error { return misreported(d, 0, true) }},
	)
}

// misreported has a payment paid and told with so much more, or in another currency.
func misreported(d *desk, more int64, foreign bool) error {
	said := func(p *attempt) error {
		m := contract.Money{Value: p.Amount.Value + more, Currency: p.Amount.Currency}
		if foreign {
			m.Currency = map[bool]string{true: "EUR", false: "USD"}[m.Currency == "USD"]
		}
		d.said = m
		return d.world.Misreport(m)
	}
	var p *attempt
	var err error
	if d.terminal() {
		next := d.attempted() // what the next one will be worth
		d.payments = nil
		if err := said(next); err != nil {
			return err
		}
		p, err = d.ended(Paid)
	} else if p, err = d.ended(Paid); err == nil {
		err = said(p)
	}
	if err != nil {
		return err
	}
	if err := d.hear(p); err != nil {
		return err
	}
	d.want(slices.Contains(p.news, d.said), "the provider said %s, the plugin told %v", d.said, p.news)
	d.want(!foreign || p.told().Value == 0, "%s counts as %s", d.said, p.told())
	return nil
}

// unknowns are orders that this account does not know, other shops' or other
// methods' of the same account, and payments that the provider does not know.
func unknowns() []Scenario {
	return family("unknown", anyPlugin,
		Scenario{Name: "news before ours", lacks: needs(contract.ReceiveWebhook), run: strangers},
		Scenario{Name: "asked about", lacks: needs(contract.GetPayment), run: func(d *desk) error {
			for _, reference := range []string{"", "unknown-reference-0001"} {
				p := d.attempted()
				p.created, p.ProviderReference = true, reference
				if err := d.ask(p); err != nil {
					return err
				}
				d.want(p.told().Value == 0 && (p.status == "" || p.status == contract.UpdatePending),
					"a payment that the provider does not know was told as %q, %s", p.status, p.told())
			}
			return nil
		}},
		Scenario{Name: "refunded", lacks: needsRefunds(false, false), run: func(d *desk) error {
			p := d.attempted()
			p.created, p.ProviderReference, p.total = true, "unknown-reference-0001", p.Amount
			p.Transactions = []contract.Transaction{{ID: "unknown-transaction-0001", Type: "PAYMENT", Status: "SUCCESS", Amount: p.Amount}}
			p.sum()
			op := d.refund(p, p.Amount.Value)
			if err := d.operate(contract.RefundPayment, p, op); err != nil {
				return err
			}
			d.want(op.Status != contract.OperationSucceeded, "a refund of a payment that the provider does not know has succeeded")
			return nil
		}},
	)
}

// strangers has news of unknown orders come before ours: they are handed on
// with what they are called, and hold up nothing.
func strangers(d *desk) error {
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
		d.want(u.Payment.Reference != "" || u.Payment.ProviderReference != "" || u.Payment.Number != 0, "an unknown order has no reference: %+v", u)
	}
	return nil
}

// pages are several orders in one answer, and more than one answer holds.
func pages() []Scenario {
	return family("pages", needs(contract.ReceiveWebhook),
		Scenario{Name: "several orders", run: func(d *desk) error { return several(d, max(2, min(3, d.fixture.PageSize))) }},
		Scenario{Name: "more than a page", lacks: able(contract.Pages), run: func(d *desk) error {
			n, err := d.page()
			if err != nil {
				return err
			}
			return several(d, n+1)
		}},
		Scenario{Name: "behind pages of unknown orders", lacks: able(contract.Pages), run: func(d *desk) error {
			n, err := d.page()
			if err != nil {
				return err
			}
			if err := d.world.Strangers(2*n + 1); err != nil {
				return err
			}
			return several(d, 1)
		}},
	)
}

// several has n payments paid. Where news has pages, one message brings them all.
func several(d *desk, n int) error {
	p, list, err := announcedPaid(d, n)
	if err != nil {
		return err
	}
	if d.fixture.PageSize > 0 {
		list = list[len(list)-1:]
	}
	if err := deliverAll(d, list); err != nil {
		return err
	}
	once(d, p...)
	return nil
}

// page is how many pieces of news an answer holds.
func (d *desk) page() (int, error) {
	if d.fixture.PageSize == 0 {
		return 0, fmt.Errorf("Fixture.PageSize is 0; if this provider lacks %s, the manifest's /lacks says where its protocol tells so", contract.Pages)
	}
	return d.fixture.PageSize, nil
}
