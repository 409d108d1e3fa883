package conformance

import (
	"errors"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopMoney is money that meets a shop's order otherwise than expected. The
// shop's people read of it, and nothing is booked that is not so.
func shopMoney() []ShopScenario {
	paid := func(o *shopOrder) []contract.Event { return o.pays(0) }
	return shopFamily("money", shopNeeds(contract.ReadOrder, contract.TellShop),
		ShopScenario{Name: "another amount in the shop", run: func(d *shopDesk) error {
			return notPaid(d, paid, []ShopState{ShopOpen, ShopWaiting}, ShopChanges)
		}},
		ShopScenario{Name: "another currency", run: func(d *shopDesk) error {
			return notPaid(d, func(o *shopOrder) []contract.Event {
				o.inCurrency(map[bool]string{true: "EUR", false: "USD"}[o.Amount.Currency == "USD"])
				return o.pays(0)
			}, []ShopState{ShopOpen, ShopWaiting})
		}},
		ShopScenario{Name: "the shop has cancelled", run: func(d *shopDesk) error {
			return notPaid(d, paid, []ShopState{ShopCancelled}, ShopCancels)
		}},
		ShopScenario{Name: "both have cancelled", run: func(d *shopDesk) error {
			return notPaid(d, func(o *shopOrder) []contract.Event {
				o.cancels()
				return o.pays(0)
			}, []ShopState{ShopCancelled}, ShopCancels)
		}},
		ShopScenario{Name: "the shop cancels meanwhile", run: cancelsMeanwhile},
		ShopScenario{Name: "paid by hand", run: paidByHand},
		ShopScenario{Name: "paid by hand, expired here", run: func(d *shopDesk) error {
			o, err := d.acted(ShopPays)
			if err != nil {
				return err
			}
			return d.steps(o, o.expires(), ShopPaid)
		}},
		ShopScenario{Name: "on hold", run: func(d *shopDesk) error {
			o, err := d.acted(ShopHolds)
			if err != nil {
				return err
			}
			return d.paidOnce(o, o.pays(0))
		}},
		ShopScenario{Name: "after an attempt that failed", run: func(d *shopDesk) error {
			o, err := d.acted()
			if err != nil {
				return err
			}
			if err := d.led(o, append(o.begins(), o.fails()...)...); err != nil {
				return err
			}
			return d.paidOnce(o, o.pays(0))
		}},
		ShopScenario{Name: "with a tip", run: func(d *shopDesk) error {
			o, err := d.acted()
			if err != nil {
				return err
			}
			return d.paidOnce(o, o.pays(100))
		}},
		ShopScenario{Name: "a part is captured", run: func(d *shopDesk) error {
			o, err := d.acted()
			if err != nil {
				return err
			}
			if err := d.led(o, o.reserves()...); err != nil {
				return err
			}
			if err := d.steps(o, o.capturesPart(), append(d.waiting(), ShopOpen)...); err != nil {
				return err
			}
			b := d.books(o)
			d.want(b.Paid.Value == 0 && b.Payments == 0, "a part of the order is captured, and the shop holds %s as paid in %d payments", b.Paid, b.Payments)
			return nil
		}},
		ShopScenario{Name: "a part is captured, the rest given back", run: partReleased},
		ShopScenario{Name: "the shop's own gateway rests", run: func(d *shopDesk) error {
			o, err := d.acted()
			if err != nil {
				return err
			}
			if err := d.led(o, o.reserves()...); err != nil {
				return err
			}
			if err := d.tells(o, o.captures()...); err != nil {
				return err
			}
			d.want(d.books(o).Charged == 0, "the shop was made to move money %d times: the provider has captured already", d.books(o).Charged)
			return nil
		}},
	)
}

// acted places an order on which the shop acts, unheard by the gateway.
func (d *shopDesk) acted(acts ...ShopAct) (*shopOrder, error) {
	o, err := d.opened()
	if err != nil {
		return o, err
	}
	for _, act := range acts {
		if err := d.world.Do(d.ctx, o.key, act); err != nil {
			return o, err
		}
	}
	return o, nil
}

// notPaid tells of a payment that must not count, and of which people read.
func notPaid(d *shopDesk, pays func(o *shopOrder) []contract.Event, states []ShopState, acts ...ShopAct) error {
	o, err := d.acted(acts...)
	if err != nil {
		return err
	}
	before := d.books(o)
	if err := d.tells(o, pays(o)...); err != nil {
		return err
	}
	b := d.books(o)
	d.want(slices.Contains(states, b.State), "the order is %s in the shop, want %s", b.State, states[0])
	d.want(b.Paid.Value == 0 && b.Payments == 0, "the shop's books hold %d payments of %s, want none", b.Payments, b.Paid)
	d.want(len(b.Notes) > len(before.Notes), "no note tells the shop's people of the money that came")
	return nil
}

// paidOnce wants events to pay the order, once and in full.
func (d *shopDesk) paidOnce(o *shopOrder, events []contract.Event) error {
	if err := d.steps(o, events, ShopPaid); err != nil {
		return err
	}
	b := d.books(o)
	d.want(b.Paid == o.Amount && b.Payments == 1, "the shop's books hold %d payments of %s, want one of %s", b.Payments, b.Paid, o.Amount)
	return nil
}

// cancelsMeanwhile has the shop cancel between what the plugin reads and what it
// writes. Whatever comes of it, the money is not forgotten.
func cancelsMeanwhile(d *shopDesk) error {
	o, err := d.acted()
	if err != nil {
		return err
	}
	var act error
	b := &breaker{world: d.world, only: noRead, before: func() { act = d.world.Do(d.ctx, o.key, ShopCancels) }}
	if err := errors.Join(d.insist(o, b, o.pays(0)...), act); err != nil {
		return err
	}
	d.want(b.before == nil, "that an order is paid was told without a write")
	got, transaction := d.books(o), o.payment().ProviderReference
	d.want(got.State == ShopPaid && got.Paid == o.Amount || got.State == ShopCancelled && slices.ContainsFunc(got.Notes, func(n string) bool { return strings.Contains(n, transaction) }),
		"the shop cancelled meanwhile: the order is %s with %s paid, and no note tells of %s: %q", got.State, got.Paid, transaction, got.Notes)
	return nil
}

// partReleased tells of less money than the shop's order is of, with which the
// gateway's is paid: people read how much came.
func partReleased(d *shopDesk) error {
	o, err := d.acted()
	if err != nil {
		return err
	}
	if err := d.led(o, o.reserves()...); err != nil {
		return err
	}
	if err := d.tells(o, append(o.capturesPart(), o.releases()...)...); err != nil {
		return err
	}
	b := d.books(o)
	d.want(slices.ContainsFunc(b.Notes, func(n string) bool { return strings.Contains(n, o.Captured.Decimal()) }),
		"%s of %s came and the rest was given back; the order is %s, and no note says how much came: %q", o.Captured, o.Amount, b.State, b.Notes)
	return nil
}

// paidByHand tells of money for an order that a person has booked as paid.
func paidByHand(d *shopDesk) error {
	o, err := d.acted(ShopPays)
	if err != nil {
		return err
	}
	before := d.books(o)
	if err := d.tells(o, o.pays(0)...); err != nil {
		return err
	}
	b := d.books(o)
	d.want(b.State == ShopPaid && b.Payments == 1 && b.Paid == o.Amount, "the order is %s with %d payments of %s, want it paid once, by hand", b.State, b.Payments, b.Paid)
	d.want(b.Transaction == before.Transaction, "the shop showed transaction %q, now %q", before.Transaction, b.Transaction)
	d.want(len(b.Notes) > len(before.Notes), "no note tells the shop's people that it was paid twice")
	return nil
}
