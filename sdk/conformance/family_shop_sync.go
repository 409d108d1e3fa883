package conformance

import (
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopSync is what a shop's messages did not bring: the gateway was down, the
// shop gave up, or sends no more.
func shopSync() []ShopScenario {
	tells := shopNeeds(contract.TellShop)
	return shopFamily("sync", shopNeeds(contract.ReadOrder, contract.SyncShop),
		ShopScenario{Name: "a new order", run: syncsNew},
		ShopScenario{Name: "cancelled", run: func(d *shopDesk) error { return syncsCommand(d, nil, ShopCancels, contract.CommandCancel) }},
		ShopScenario{Name: "shipped", lacks: tells, run: func(d *shopDesk) error {
			return syncsCommand(d, (*shopOrder).reserves, ShopShips, contract.CommandCapture)
		}},
		ShopScenario{Name: "more than a page", run: syncsPages},
		ShopScenario{Name: "nothing twice", run: syncsOnce},
		ShopScenario{Name: "in the same second", run: syncsSecond},
		ShopScenario{Name: "nothing of what is not to be paid", run: syncsNone},
		ShopScenario{Name: "a shop that sends no more", lacks: shopAble(contract.Disables), run: syncsDisabled},
	)
}

func syncsNew(d *shopDesk) error {
	cursor, err := d.begun()
	if err != nil {
		return err
	}
	key, err := d.world.Place(d.ctx, d.amount())
	if err != nil {
		return err
	}
	heard, err := d.hear() // by a node that went down with it
	if err != nil {
		return err
	}
	found, err := d.syncAll(cursor)
	if err != nil {
		return err
	}
	if !found.has(key) || len(heard.orders) == 0 {
		d.fail("an order that was lost is not found")
		return nil
	}
	for _, r := range found.orders {
		d.want(r.Reference == heard.orders[0].Reference && r.Amount == d.amount() && r.Metadata[contract.MetadataPlatform] == d.manifest.Provider,
			"the shop's message tells of order %q of %s, sync_shop of %q of %s for %q", heard.orders[0].Reference, d.amount(),
			r.Reference, r.Amount, r.Metadata[contract.MetadataPlatform])
	}
	return nil
}

// syncsCommand has the shop act on an order that the gateway knows, unheard.
func syncsCommand(d *shopDesk, leads func(o *shopOrder) []contract.Event, act ShopAct, command string) error {
	o, err := d.opened()
	if err != nil {
		return err
	}
	if leads != nil {
		if err := d.led(o, leads(o)...); err != nil {
			return err
		}
	}
	cursor, err := d.begun()
	if err != nil {
		return err
	}
	if err := d.world.Advance(d.ctx, time.Minute); err != nil {
		return err
	}
	if err := d.world.Do(d.ctx, o.key, act); err != nil {
		return err
	}
	if err := d.world.Lose(d.ctx); err != nil {
		return err
	}
	found, err := d.syncAll(cursor)
	if err != nil {
		return err
	}
	d.commanded(news{commands: found.commands}, command, o.Reference)
	return nil
}

// syncsPages loses more orders than any page holds that fits an answer.
func syncsPages(d *shopDesk) error {
	const n = 60
	cursor, err := d.begun()
	if err != nil {
		return err
	}
	var keys []string
	for range n {
		key, err := d.lost(d.amount())
		if err != nil {
			return err
		}
		keys = append(keys, key)
	}
	found, err := d.syncAll(cursor)
	if err != nil {
		return err
	}
	missing := slices.DeleteFunc(keys, found.has)
	d.want(len(missing) == 0, "%d of %d lost orders were not found", len(missing), n)
	d.want(len(found.orders) < 2*n, "%d lost orders were brought %d times", n, len(found.orders))
	return nil
}
