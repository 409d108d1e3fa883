package conformance

import (
	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopRefunds are refunds that the provider has made: the shop records each
// once, and moves no money itself.
func shopRefunds() []ShopScenario {
	done := contract.OperationSucceeded
	return shopFamily("refunds", shopNeeds(contract.ReadOrder, contract.TellShop),
		ShopScenario{Name: "a part", run: func(d *shopDesk) error {
			return refundsAre(d, ShopPaid, 1, func(o *shopOrder) []contract.Event { return o.refunds(o.part(4), done, true) })
		}},
		ShopScenario{Name: "in full", run: func(d *shopDesk) error {
			return refundsAre(d, ShopRefunded, 1, func(o *shopOrder) []contract.Event { return o.refunds(o.Amount, done, true) })
		}},
		ShopScenario{Name: "two equal parts", run: func(d *shopDesk) error {
			part := func(o *shopOrder) []contract.Event { return o.refunds(o.part(4), done, true) }
			return refundsAre(d, ShopPaid, 2, part, part)
		}},
		// The provider's total grew: there is no operation to tell the two apart by.
		ShopScenario{Name: "two equal parts without a name", run: func(d *shopDesk) error {
			part := func(o *shopOrder) []contract.Event { return o.refunds(o.part(4), done, false) }
			return refundsAre(d, ShopPaid, 2, part, part)
		}},
		ShopScenario{Name: "two halves", run: func(d *shopDesk) error {
			half := func(o *shopOrder) []contract.Event { return o.refunds(o.part(2), done, true) }
			return refundsAre(d, ShopRefunded, 2, half, half)
		}},
		ShopScenario{Name: "pending, then done", run: func(d *shopDesk) error {
			return refundsAre(d, ShopPaid, 1,
				func(o *shopOrder) []contract.Event { return o.refunds(o.part(4), contract.OperationPending, true) },
				func(o *shopOrder) []contract.Event {
					p := o.payment()
					p.Refunds = p.Refunds[:len(p.Refunds)-1] // the same one, at its end
					return o.refunds(o.part(4), done, true)
				})
		}},
		ShopScenario{Name: "pending", run: func(d *shopDesk) error {
			return refundsAre(d, ShopPaid, 0, func(o *shopOrder) []contract.Event { return o.refunds(o.part(4), contract.OperationPending, true) })
		}},
		ShopScenario{Name: "failed", run: func(d *shopDesk) error {
			return refundsAre(d, ShopPaid, 0, func(o *shopOrder) []contract.Event { return o.refunds(o.part(4), contract.OperationFailed, true) })
		}},
		ShopScenario{Name: "in another currency", run: func(d *shopDesk) error {
			return refundRefused(d, func(o *shopOrder) contract.Money {
				m := o.part(4)
				m.Currency = map[bool]string{true: "EUR", false: "USD"}[m.Currency == "USD"]
				return m
			})
		}},
		ShopScenario{Name: "above what is left", run: func(d *shopDesk) error {
			return refundRefused(d, func(o *shopOrder) contract.Money {
				m := o.Amount
				m.Value++
				return m
			})
		}},
	)
}

// refundsAre tells refunds of a paid order, each once.
func refundsAre(d *shopDesk, state ShopState, records int, refunds ...func(o *shopOrder) []contract.Event) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	if err := d.led(o, o.pays(0)...); err != nil {
		return err
	}
	for _, refund := range refunds {
		if err := d.tells(o, refund(o)...); err != nil {
			return err
		}
	}
	b := d.books(o)
	d.want(b.State == state, "the order is %s in the shop, want %s", b.State, state)
	d.want(b.Refunded.Value == o.Refunded.Value && b.Refunds == records, "the shop's books hold %d refunds of %s, want %d of %s", b.Refunds, b.Refunded, records, o.Refunded)
	d.want(b.Charged == 0, "the shop was made to move money %d times: a refund that the provider has made is only to be recorded", b.Charged)
	d.want(b.Paid == o.Amount && b.Payments == 1, "the shop's books hold %d payments of %s, want one of %s", b.Payments, b.Paid, o.Amount)
	return nil
}

// refundRefused tells twice of a refund that the shop cannot record: it is for
// people to see, and telling it again is no use.
func refundRefused(d *shopDesk, amount func(o *shopOrder) contract.Money) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	if err := d.led(o, o.pays(0)...); err != nil {
		return err
	}
	before := d.books(o)
	o.refunds(amount(o), contract.OperationSucceeded, true)
	e := o.events[len(o.events)-1]
	for range 2 {
		failure, err := d.tell(o, e)
		if err != nil {
			return err
		}
		d.want(failure != nil && !passing(failure), "a refund of %s of an order of %s was told as %v, want a final failure", e.Amount, o.Amount, failure)
	}
	b := d.books(o)
	d.want(b.Refunds == 0 && b.Refunded.Value == 0, "the shop's books hold %d refunds of %s, want none", b.Refunds, b.Refunded)
	d.want(b.Charged == 0, "the shop was made to move money %d times", b.Charged)
	d.want(len(b.Notes) == len(before.Notes)+1, "a refund that cannot be recorded came to %d notes, want one: %q", len(b.Notes)-len(before.Notes), b.Notes)
	return nil
}
