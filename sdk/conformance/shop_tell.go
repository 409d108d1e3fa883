package conformance

import (
	"fmt"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// retold is how often a host tells an event again here before it gives up.
const retold = 3

// tell runs tell_shop with an event and the order as it is now.
func (d *shopDesk) tell(o *shopOrder, e contract.Event) (*contract.Failure, error) {
	_, failure, err := shopResult[contract.TellResult](d, contract.TellShop, contract.TellInput{Event: e, Order: o.asNow()})
	return failure, err
}

// tells tells events, all of which must be delivered.
func (d *shopDesk) tells(o *shopOrder, events ...contract.Event) error {
	for _, e := range events {
		r, failure, err := shopResult[contract.TellResult](d, contract.TellShop, contract.TellInput{Event: e, Order: o.asNow()})
		switch {
		case err != nil:
			return err
		case failure != nil:
			return fmt.Errorf("tell_shop of %s: %w", e.Type, failure)
		}
		o.called = r.ShopReference
	}
	return nil
}

// led tells what only leads up to what comes next.
func (d *shopDesk) led(o *shopOrder, events ...contract.Event) error {
	leads := d.leads
	d.leads = true
	defer func() { d.leads = leads }()
	return d.tells(o, events...)
}

// passing says whether a host tells an event again after such a failure.
func passing(f *contract.Failure) bool {
	switch f.Code {
	case contract.ProviderUnavailable, contract.RateLimited, contract.Internal:
		return true
	}
	return false
}

// telling is something that a shop is told, and what leads up to it.
type telling struct {
	name string
	// first says that the shop has heard nothing before.
	first bool
	// leads makes the order what it is before.
	leads func(d *shopDesk, o *shopOrder) error
	// happens is what the shop is then told.
	happens func(o *shopOrder) []contract.Event
}

// tellings are all kinds that make a plugin write to the shop.
func tellings() []telling {
	paid := func(o *shopOrder) []contract.Event { return o.pays(0) }
	refund := func(part int64) func(o *shopOrder) []contract.Event {
		return func(o *shopOrder) []contract.Event {
			return o.refunds(o.part(part), contract.OperationSucceeded, true)
		}
	}
	return []telling{
		{"open", true, nil, (*shopOrder).announced},
		{"pending", false, nil, (*shopOrder).begins},
		{"open again", false, leadsBy((*shopOrder).begins), (*shopOrder).fails},
		{"authorised", false, nil, (*shopOrder).reserves},
		{"captured", false, leadsBy((*shopOrder).reserves), (*shopOrder).captures},
		{"paid", false, nil, paid},
		{"paid after pending", false, leadsBy((*shopOrder).begins), paid},
		{"refunded in part", false, leadsBy(paid), refund(4)},
		{"refunded in full", false, leadsBy(paid), refund(1)},
		{"refunded the rest", false, leadsBy(paid, refund(4)), func(o *shopOrder) []contract.Event {
			return o.refunds(o.rest(), contract.OperationSucceeded, true)
		}},
		{"cancelled", false, nil, (*shopOrder).cancels},
		{"expired", false, nil, (*shopOrder).expires},
		{"paid after the shop cancelled", false, shopDid(ShopCancels), paid},
		{"paid, and the shop wants more", false, shopDid(ShopChanges), paid},
		{"attention", false, nil, func(o *shopOrder) []contract.Event { return o.attends("orphan", "news of a payment that nobody knows") }},
	}
}

// leadsBy tells what happens before.
func leadsBy(steps ...func(o *shopOrder) []contract.Event) func(d *shopDesk, o *shopOrder) error {
	return func(d *shopDesk, o *shopOrder) error {
		for _, step := range steps {
			if err := d.led(o, step(o)...); err != nil {
				return err
			}
		}
		return nil
	}
}

// shopDid has the shop act before, of which the gateway has not heard.
func shopDid(act ShopAct) func(d *shopDesk, o *shopOrder) error {
	return func(d *shopDesk, o *shopOrder) error { return d.world.Do(d.ctx, o.key, act) }
}

// leadsTo places an order and makes it ready for a telling.
func (d *shopDesk) leadsTo(t telling) (*shopOrder, error) {
	o, err := d.placed(d.amount())
	if err == nil && !t.first {
		err = d.led(o, o.announced()...)
	}
	if err != nil || t.leads == nil {
		return o, err
	}
	return o, t.leads(d, o)
}
