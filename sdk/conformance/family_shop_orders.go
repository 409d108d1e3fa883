package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopOrders are orders as the shop sends them: what a gateway makes of each,
// and of which it makes none.
func shopOrders() []ShopScenario {
	list := []ShopScenario{
		{Name: "the same each time", run: sameEachTime},
		{Name: "others have other references", run: otherReferences},
	}
	for _, decimals := range []int{0, 2, 3} {
		list = append(list, ShopScenario{
			Name: fmt.Sprintf("with %d decimals", decimals), lacks: withDecimals(decimals),
			run: func(d *shopDesk) error { return exactAmounts(d, decimals) },
		})
	}
	for _, act := range []ShopAct{ShopPays, ShopHolds, ShopDeletes} {
		list = append(list, ShopScenario{Name: "none of one that the shop " + string(act), run: func(d *shopDesk) error { return noneAfter(d, act) }})
	}
	list = append(list, ShopScenario{Name: "none of nothing to pay", run: noneOfZero}, ShopScenario{Name: "goods of any name", run: anyName})
	return shopFamily("orders", shopNeeds(contract.ReadOrder), list...)
}

// withDecimals asks for a currency of so many decimals.
func withDecimals(n int) shopNeed {
	return func(d *shopDesk) string {
		if n == 2 {
			return ""
		}
		return d.denies(contract.AnyDecimals)
	}
}

// currency is one of the shop's with so many decimals, or "".
func (d *shopDesk) currency(decimals int) string {
	for _, c := range d.fixture.Currencies {
		if n, ok := contract.Exponent(c); ok && n == decimals {
			return c
		}
	}
	return ""
}

// exactAmounts orders for amounts that rounding, or a wrong number of decimals,
// would change.
func exactAmounts(d *shopDesk, decimals int) error {
	currency := d.currency(decimals)
	if currency == "" {
		d.fail("ShopFixture.Currencies has none with %d decimals; if this platform lacks %s, the manifest's /lacks says where its protocol tells so",
			decimals, contract.AnyDecimals)
		return nil
	}
	for _, value := range []int64{1_999, 101, 12_345, 123_456_789} {
		amount := contract.Money{Value: value, Currency: currency}
		key, err := d.world.Place(d.ctx, amount)
		if err != nil {
			return err
		}
		n, err := d.hear()
		if err != nil {
			return err
		}
		if len(n.orders) != 1 || len(n.commands) > 0 {
			return fmt.Errorf("a new order of %s came to %d orders and %d commands, want one order", amount, len(n.orders), len(n.commands))
		}
		r := n.orders[0]
		d.want(r.Amount == amount, "an order of %s is to be paid as %s", amount, r.Amount)
		d.want(r.Metadata[contract.MetadataPlatform] == d.manifest.Provider, "/metadata/%s is %q, want the manifest's provider, %s",
			contract.MetadataPlatform, r.Metadata[contract.MetadataPlatform], d.manifest.Provider)
		d.want(r.Metadata[contract.MetadataOrderID] == key, "/metadata/%s is %q, the platform's key is %q",
			contract.MetadataOrderID, r.Metadata[contract.MetadataOrderID], key)
		d.checkRequest(r)
	}
	return nil
}

// sameEachTime has the gateway read the shop's order again, later: it is the
// same order.
func sameEachTime(d *shopDesk) error {
	if _, err := d.world.Place(d.ctx, d.amount()); err != nil {
		return err
	}
	list, err := d.world.Messages(d.ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for range 3 {
		for _, m := range list {
			r, err := d.taken(m)
			if err != nil {
				return err
			}
			if r.Order == nil {
				return errors.New("an order that awaits payment was read, and is none")
			}
			seen[r.Order.Reference] = true
		}
		if err := d.world.Advance(d.ctx, time.Second); err != nil {
			return err
		}
	}
	d.want(len(seen) == 1, "an order that was read three times has %d references", len(seen))
	return nil
}

func otherReferences(d *shopDesk) error {
	seen := map[string]bool{}
	for range 3 {
		o, err := d.placed(d.amount())
		if err != nil {
			return err
		}
		seen[o.Reference] = true
	}
	d.want(len(seen) == 3, "three orders have %d references", len(seen))
	return nil
}

// noneAfter has something happen to an order, after which it is not to be paid.
func noneAfter(d *shopDesk, act ShopAct) error {
	o, err := d.placed(d.amount())
	if err != nil {
		return err
	}
	if err := d.world.Do(d.ctx, o.key, act); err != nil {
		return err
	}
	n, err := d.hear()
	if err != nil {
		return err
	}
	d.want(len(n.orders) == 0, "the shop %s an order, and it is still to be paid", act)
	d.noCapture(n)
	return nil
}

func (d *shopDesk) noCapture(n news) {
	d.want(!slices.ContainsFunc(n.commands, func(c contract.Command) bool { return c.Type == contract.CommandCapture }),
		"an order that nobody has paid is to be captured")
}

func noneOfZero(d *shopDesk) error {
	if _, err := d.world.Place(d.ctx, contract.Money{Currency: d.amount().Currency}); err != nil {
		return err
	}
	n, err := d.hear()
	d.want(len(n.orders) == 0, "an order of nothing is to be paid")
	d.noCapture(n)
	return err
}

// anyName orders goods that people of the shop have named, as they do.
func anyName(d *shopDesk) error {
	w, ok := d.world.(Namer)
	if !ok {
		return errors.New("the world is no Namer")
	}
	for _, name := range []string{
		"", " ", "A \"book\" <b>& more</b> &amp; so on", "Two\r\nlines\tof\x00it\u2028\u0085", strings.Repeat("é", 300), "Ballon 🎈 50 % {{x}} ${y}",
	} {
		w.Name(name)
		if _, err := d.world.Place(d.ctx, d.amount()); err != nil {
			return err
		}
		n, err := d.hear()
		if err != nil {
			return fmt.Errorf("goods named %q: %w", name, err)
		}
		d.want(len(n.orders) == 1 && n.orders[0].Amount == d.amount(), "an order of goods named %q came to %d orders, want one", name, len(n.orders))
		for _, r := range n.orders {
			d.checkRequest(r)
		}
	}
	return nil
}
