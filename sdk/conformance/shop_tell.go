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
		{"pending", nil, (*shopOrder).begins},
		{"open again", leadsBy((*shopOrder).begins), (*shopOrder).fails},
		{"authorised", nil, (*shopOrder).reserves},
		{"captured", leadsBy((*shopOrder).reserves), (*shopOrder).captures},
		{"paid", nil, paid},
		{"paid after pending", leadsBy((*shopOrder).begins), paid},
		{"refunded in part", leadsBy(paid), refund(4)},
		{"refunded in full", leadsBy(paid), refund(1)},
		{"refunded the rest", leadsBy(paid, refund(4)), func(o *shopOrder) []contract.Event {
			return o.refunds(o.rest(), contract.OperationSucceeded, true)
		}},
		{"cancelled", nil, (*shopOrder).cancels},
		{"expired", nil, (*shopOrder).expires},
		{"paid after the shop cancelled", shopDid(ShopCancels), paid},
		{"paid, and the shop wants more", shopDid(ShopChanges), paid},
		{"attention", nil, func(o *shopOrder) []contract.Event { return o.attends("orphan", "news of a payment that nobody knows") }},
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
	if err != nil || t.leads == nil {
		return o, err
	}
	return o, t.leads(d, o)
}
