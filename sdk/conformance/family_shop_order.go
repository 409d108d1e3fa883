package conformance

import (
	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopOrderly is the order of events: as they happen, once more, and when all
// is over. The host tells each event until it is delivered, with the order as
// it is then.
func shopOrderly() []ShopScenario {
	return shopFamily("order", shopNeeds(contract.ReadOrder, contract.TellShop),
		ShopScenario{Name: "a whole life", run: func(d *shopDesk) error {
			_, err := d.lives()
			return err
		}},
		ShopScenario{Name: "the consumer is on the way", run: onTheWay},
		ShopScenario{Name: "an attempt that failed", run: func(d *shopDesk) error {
			o, err := d.opened()
			if err != nil {
				return err
			}
			for range 2 {
				if err := d.steps(o, o.begins(), d.waiting()...); err != nil {
					return err
				}
				if err := d.steps(o, o.fails(), ShopOpen); err != nil {
					return err
				}
			}
			return d.steps(o, o.pays(0), ShopPaid)
		}},
		// Some platforms let the consumer try again.
		ShopScenario{Name: "cancelled", run: func(d *shopDesk) error { return endsUnpaid(d, (*shopOrder).cancels, ShopCancelled, ShopOpen) }},
		ShopScenario{Name: "expired", run: func(d *shopDesk) error { return endsUnpaid(d, (*shopOrder).expires, ShopCancelled) }},
		// The shop's order lives on under another order of the gateway.
		ShopScenario{Name: "superseded", run: func(d *shopDesk) error {
			return endsUnpaid(d, (*shopOrder).superseded, ShopOpen)
		}},
		ShopScenario{Name: "superseded, then paid", run: func(d *shopDesk) error {
			return endsUnpaid(d, func(o *shopOrder) []contract.Event {
				return append(o.superseded(), o.pays(0)...)
			}, ShopOpen, ShopWaiting)
		}},
		ShopScenario{Name: "older events told again", run: func(d *shopDesk) error {
			o, err := d.lives()
			if err != nil {
				return err
			}
			before := d.books(o)
			for _, e := range o.events {
				if err := d.tells(o, e); err != nil {
					return err
				}
				d.unchanged(e, before, d.books(o))
			}
			return nil
		}},
		ShopScenario{Name: "told when all is over", run: toldLate},
		ShopScenario{Name: "paid twice", run: paidTwice},
		ShopScenario{Name: "every type is taken", run: everyType},
		ShopScenario{Name: "two of one type", run: twoOfAType},
	)
}

// waiting are the states of an order whose money is on its way.
func (d *shopDesk) waiting() []ShopState {
	if d.denies(contract.HoldsOrders) != "" {
		return []ShopState{ShopWaiting, ShopOpen}
	}
	return []ShopState{ShopWaiting}
}

// steps tells events and wants the order to be in one of these states.
func (d *shopDesk) steps(o *shopOrder, events []contract.Event, states ...ShopState) error {
	if err := d.tells(o, events...); err != nil {
		return err
	}
	got := d.books(o)
	for _, s := range states {
		if got.State == s {
			return nil
		}
	}
	d.fail("after %s the order is %s in the shop, want %s", events[len(events)-1].Type, got.State, states[0])
	return nil
}

// lives tells all of an order's life, step by step, to the last refund.
func (d *shopDesk) lives() (*shopOrder, error) {
	o, err := d.placed(d.amount())
	if err != nil {
		return o, err
	}
	for _, step := range []struct {
		happens func() []contract.Event
		states  []ShopState
	}{
		{o.announced, []ShopState{ShopOpen}},
		{o.begins, d.waiting()},
		{o.fails, []ShopState{ShopOpen}},
		{o.begins, d.waiting()},
		{o.reserves, d.waiting()},
		{o.captures, []ShopState{ShopPaid}},
		{func() []contract.Event { return o.refunds(o.part(4), contract.OperationSucceeded, true) }, []ShopState{ShopPaid}},
		{func() []contract.Event { return o.refunds(o.rest(), contract.OperationSucceeded, false) }, []ShopState{ShopRefunded}},
	} {
		if err := d.steps(o, step.happens(), step.states...); err != nil {
			return o, err
		}
		b := d.books(o)
		d.want(o.called == "" || o.called == b.Reference, "tell_shop calls the order %q, people call it %q", o.called, b.Reference)
		d.want(b.Refunded == o.Refunded, "the shop holds %s as refunded, want %s", b.Refunded, o.Refunded)
	}
	b := d.books(o)
	d.want(b.Paid == o.Amount && b.Payments == 1, "the shop's books hold %d payments of %s, want one of %s", b.Payments, b.Paid, o.Amount)
	d.want(b.Refunds == 2, "the shop's books hold %d refunds, want 2", b.Refunds)
	want := o.payment().ProviderReference
	d.want(b.Transaction == want || b.Transaction == "" && d.denies(contract.ShowsTransaction) != "", "the shop shows transaction %q, want %q", b.Transaction, want)
	return o, nil
}

// endsUnpaid tells that an order ended unpaid.
func endsUnpaid(d *shopDesk, ends func(o *shopOrder) []contract.Event, states ...ShopState) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	if err := d.steps(o, ends(o), states...); err != nil {
		return err
	}
	b := d.books(o)
	d.want(b.Paid.Value == 0 && b.Payments == 0, "an order that nobody has paid is booked as paid: %s", b.Paid)
	return nil
}

// unchanged wants an event to have changed nothing.
func (d *shopDesk) unchanged(e contract.Event, before, got ShopBooks) {
	d.want(got.State == before.State, "%s, told when it had no news, made the order %s, it was %s", e.Type, got.State, before.State)
	d.want(got.Paid == before.Paid && got.Payments == before.Payments && got.Transaction == before.Transaction,
		"%s, told when it had no news, changed payments: %d of %s (%q), were %d of %s (%q)", e.Type, got.Payments, got.Paid, got.Transaction,
		before.Payments, before.Paid, before.Transaction)
	d.want(got.Refunded == before.Refunded && got.Refunds == before.Refunds, "%s, told when it had no news, changed refunds: %d of %s, were %d of %s",
		e.Type, got.Refunds, got.Refunded, before.Refunds, before.Refunded)
	d.want(len(got.Notes) == len(before.Notes), "%s, told when it had no news, came to %d notes more: %q", e.Type, len(got.Notes)-len(before.Notes), got.Notes)
	d.want(got.Mails == before.Mails, "%s, told when it had no news, came to %d mails more", e.Type, got.Mails-before.Mails)
}
