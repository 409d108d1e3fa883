package conformance

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopDesk is a gateway in small for one scenario of a shop: it reads what the
// shop sends, keeps the orders, and tells the shop what becomes of them.
type shopDesk struct {
	caller
	fixture ShopFixture
	world   ShopWorld

	// orders are those that the shop asked to have paid, by reference.
	orders []*shopOrder
}

func newShopDesk(ctx context.Context, r Runner, m contract.Manifest, f ShopFixture) *shopDesk {
	return &shopDesk{caller: caller{ctx: ctx, runner: r, scaffold: f.Scaffold, manifest: m}, fixture: f}
}

// open starts the world.
func (d *shopDesk) open() error {
	var err error
	if d.world, err = d.fixture.World(); err != nil {
		return fmt.Errorf("start world: %w", err)
	}
	d.account, d.reached, d.clock = d.fixture.Account(), d.world, d.world.Now
	return nil
}

// shopResult drives a call and reads its result; a failure is given back beside.
func shopResult[T any](d *shopDesk, e contract.Export, input any) (v T, failure *contract.Failure, err error) {
	t, err := d.run(e, input, nil)
	if err != nil || t.Answer.Failure != nil {
		return v, t.Answer.Failure, err
	}
	if err := json.Unmarshal(t.Answer.Result, &v); err != nil {
		return v, nil, fmt.Errorf("result of %s: %w", e, err)
	}
	return v, nil, nil
}

// read runs read_order on a message.
func (d *shopDesk) read(m contract.Message) (contract.ReadOrderResult, *contract.Failure, error) {
	return shopResult[contract.ReadOrderResult](d, contract.ReadOrder, contract.ReadOrderInput{Message: m})
}

// taken runs read_order on the shop's own message, which must be taken.
func (d *shopDesk) taken(m contract.Message) (contract.ReadOrderResult, error) {
	r, failure, err := d.read(m)
	switch {
	case err != nil:
		return r, err
	case failure != nil:
		return r, fmt.Errorf("read_order refuses the shop's own message: %w", failure)
	case r.Response.Status >= 300:
		return r, fmt.Errorf("read_order has the shop's own message answered %d", r.Response.Status)
	}
	return r, nil
}

// news are what the shop asked for in the messages that it has sent.
type news struct {
	orders   []contract.OrderRequest
	commands []contract.Command
	// messages are how many there were.
	messages int
}

// hear reads what the shop has sent since it was last asked.
func (d *shopDesk) hear() (news, error) {
	list, err := d.world.Messages(d.ctx)
	if err != nil {
		return news{}, err
	}
	n := news{messages: len(list)}
	for _, m := range list {
		r, err := d.taken(m)
		if err != nil {
			return n, err
		}
		if r.Order != nil {
			n.orders = append(n.orders, *r.Order)
			d.asked(*r.Order)
		}
		n.commands = append(n.commands, r.Commands...)
	}
	return n, nil
}

// asked keeps an order that the shop asked for. The same one again, while it is
// not paid, takes the place of the one before.
func (d *shopDesk) asked(r contract.OrderRequest) *shopOrder {
	i := slices.IndexFunc(d.orders, func(o *shopOrder) bool { return o.Reference == r.Reference })
	if i >= 0 && d.orders[i].Amount == r.Amount {
		return d.orders[i]
	}
	o := newShopOrder(len(d.orders)+1, r, d.now)
	if i >= 0 {
		d.orders[i] = o
		return o
	}
	d.orders = append(d.orders, o)
	return o
}

// placed has a consumer order in the shop, and the gateway hear of it.
func (d *shopDesk) placed(amount contract.Money) (*shopOrder, error) {
	leads := d.leads
	d.leads = true
	defer func() { d.leads = leads }()
	key, err := d.world.Place(d.ctx, amount)
	if err != nil {
		return nil, fmt.Errorf("place an order: %w", err)
	}
	n, err := d.hear()
	if err != nil {
		return nil, err
	}
	if len(n.orders) == 0 {
		return nil, fmt.Errorf("the shop sent %d messages of a new order, and read_order made no order of them", n.messages)
	}
	o := d.asked(n.orders[len(n.orders)-1])
	o.key = key
	return o, nil
}

// opened is an order whose shop has heard that it can be paid, and where: what a
// host tells first.
func (d *shopDesk) opened() (*shopOrder, error) {
	o, err := d.placed(d.amount())
	if err != nil || !d.has(contract.TellShop) {
		return o, err
	}
	if err := d.led(o, o.announced()...); err != nil {
		return o, err
	}
	_, err = d.hear() // of what the telling changed
	return o, err
}

// amount is what the kit's orders are of, in the fixture's first currency.
func (d *shopDesk) amount() contract.Money {
	m := contract.Money{Value: 12_50, Currency: "EUR"}
	if len(d.fixture.Currencies) > 0 {
		m.Currency = d.fixture.Currencies[0]
	}
	return m
}

// books is what the shop knows of an order.
func (d *shopDesk) books(o *shopOrder) ShopBooks { return d.world.Books(o.key) }
