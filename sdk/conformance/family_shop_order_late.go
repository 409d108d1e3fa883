package conformance

import (
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// everyType tells a paid order's shop of each type of event; none but refunds
// changes what it holds.
func everyType(d *shopDesk) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	if err := d.led(o, o.pays(0)...); err != nil {
		return err
	}
	before := d.books(o)
	for _, t := range contract.EventTypes() {
		if t == contract.RefundSucceeded {
			continue
		}
		e := contract.Event{Type: t, Payment: o.payment().ID, Amount: o.part(4), Detail: "something for people to read"}
		if err := d.tells(o, o.happens(e)...); err != nil {
			return err
		}
		got := d.books(o)
		got.Notes, got.Mails = before.Notes, before.Mails
		d.unchanged(e, before, got)
	}
	return nil
}

// toldLate tells all of a life when it is over, as after an outage: each event
// with the order as it is now.
func toldLate(d *shopDesk) error {
	o, err := d.placed(d.amount())
	if err != nil {
		return err
	}
	o.announced()
	o.begins()
	o.fails()
	o.begins()
	o.reserves()
	o.captures()
	o.refunds(o.part(4), contract.OperationSucceeded, true)
	o.refunds(o.rest(), contract.OperationSucceeded, true)
	if err := d.tells(o, o.events...); err != nil {
		return err
	}
	b := d.books(o)
	d.want(b.State == ShopRefunded, "the order is %s in the shop, want %s", b.State, ShopRefunded)
	d.want(b.Paid == o.Amount && b.Payments == 1, "the shop's books hold %d payments of %s, want one of %s", b.Payments, b.Paid, o.Amount)
	// A plugin may go by the total, and record at once what came in parts.
	d.want(b.Refunded == o.Amount && b.Refunds <= 2, "the shop's books hold %d refunds of %s, want 2 of %s", b.Refunds, b.Refunded, o.Amount)
	return nil
}

// twoOfAType has people look at two things. Both stand in the notes, once,
// however often they are told.
func twoOfAType(d *shopDesk) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	if err := d.led(o, o.pays(0)...); err != nil {
		return err
	}
	texts := []string{"a second payment of 12.50 came", "the provider has a chargeback of 3.00"}
	events := append(o.attends("overpaid", texts[0]), o.attends("charged_back", texts[1])...)
	if err := d.tells(o, events...); err != nil {
		return err
	}
	before := d.books(o)
	for _, text := range texts {
		d.want(slices.ContainsFunc(before.Notes, func(n string) bool { return strings.Contains(n, text) }), "no note says %q: %q", text, before.Notes)
	}
	if err := d.tells(o, events...); err != nil {
		return err
	}
	d.unchanged(events[1], before, d.books(o))
	return nil
}

// paidTwice tells of a second payment, then all of it once more: the shop holds
// what it held, and its people read of it.
func paidTwice(d *shopDesk) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	if err := d.led(o, o.pays(0)...); err != nil {
		return err
	}
	before := d.books(o)
	if err := d.tells(o, o.overpays()...); err != nil {
		return err
	}
	got := d.books(o)
	d.want(len(got.Notes) > len(before.Notes), "no note tells that the order was paid twice")
	for _, e := range o.events {
		if err := d.tells(o, e); err != nil {
			return err
		}
		d.unchanged(e, got, d.books(o))
	}
	got.Notes = before.Notes
	d.unchanged(o.events[len(o.events)-1], before, got)
	return nil
}

// onTheWay tells of a payment whose consumer is still at it: nobody writes to him
// about that. It comes to nothing, then to the money.
func onTheWay(d *shopDesk) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	before := d.books(o)
	o.attempts()
	o.payment().Action = &contract.OrderAction{Type: contract.ActionRedirect}
	if err := d.steps(o, o.becomes(contract.OrderStatusPending, "pending", contract.OrderPending), ShopOpen, ShopWaiting); err != nil {
		return err
	}
	d.want(d.books(o).Mails == before.Mails, "the consumer is paying, and got %d mails about it", d.books(o).Mails-before.Mails)
	o.payment().Action = nil
	if err := d.steps(o, o.fails(), ShopOpen); err != nil {
		return err
	}
	return d.paidOnce(o, o.pays(0))
}
