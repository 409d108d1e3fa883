package conformance

import (
	"fmt"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// syncsOnce has the schedule run on. A little of what was seen may come again,
// as it was, so that nothing falls between two runs; in the end it does not.
func syncsOnce(d *shopDesk) error {
	cursor, err := d.begun()
	if err != nil {
		return err
	}
	for range 3 {
		if _, err := d.lost(d.amount()); err != nil {
			return err
		}
	}
	first, err := d.syncAll(cursor)
	if err != nil {
		return err
	}
	second, err := d.syncAll(first.next)
	if err != nil {
		return err
	}
	for _, r := range second.orders {
		d.want(slices.ContainsFunc(first.orders, func(had contract.OrderRequest) bool { return had.Reference == r.Reference && had.Amount == r.Amount }),
			"the next run brings %q of %s, which is not what there is", r.Reference, r.Amount)
	}
	cursor = second.next
	var later synced
	for range 2 {
		if err := d.world.Advance(d.ctx, time.Hour); err != nil {
			return err
		}
		if later, err = d.syncAll(cursor); err != nil {
			return err
		}
		cursor = later.next
	}
	d.want(len(later.orders)+len(later.commands) == 0, "hours later, and with nothing new, sync_shop still brings %d orders and %d commands", len(later.orders), len(later.commands))
	key, err := d.lost(d.amount())
	if err != nil {
		return err
	}
	last, err := d.syncAll(cursor)
	d.want(err != nil || last.has(key), "an order that was lost hours later is not found")
	return err
}

// syncsSecond loses orders in the second in which the schedule ran.
func syncsSecond(d *shopDesk) error {
	cursor, err := d.begun()
	if err != nil {
		return err
	}
	first, err := d.lost(d.amount())
	if err != nil {
		return err
	}
	found, err := d.syncAll(cursor)
	if err != nil {
		return err
	}
	second, err := d.lost(d.amount())
	if err != nil {
		return err
	}
	then, err := d.syncAll(found.next)
	if err != nil {
		return err
	}
	d.want(found.has(first), "an order that was lost before the first run is not found")
	d.want(then.has(second), "an order that was lost within the second of the last run is not found")
	return nil
}

// syncsNone loses orders that are none for the gateway.
func syncsNone(d *shopDesk) error {
	cursor, err := d.begun()
	if err != nil {
		return err
	}
	if _, err := d.lost(contract.Money{Currency: d.amount().Currency}); err != nil {
		return err
	}
	for _, act := range []ShopAct{ShopPays, ShopHolds, ShopDeletes, ShopCancels} {
		key, err := d.lost(d.amount())
		if err != nil {
			return err
		}
		if err := d.world.Do(d.ctx, key, act); err != nil {
			return err
		}
	}
	if err := d.world.Lose(d.ctx); err != nil {
		return err
	}
	found, err := d.syncAll(cursor)
	for _, r := range found.orders {
		d.fail("order %q of %s is paid, held, gone, cancelled or of nothing, and sync_shop has it paid", r.Reference, r.Amount)
	}
	d.noCapture(news{commands: found.commands})
	return err
}

// syncsDisabled has the shop send no more: that is found, with what to do, or
// put right and told.
func syncsDisabled(d *shopDesk) error {
	w, ok := d.world.(Disabler)
	if !ok {
		d.fail("the world is no Disabler; if this platform lacks %s, the manifest's /lacks says where its protocol tells so", contract.Disables)
		return nil
	}
	cursor, err := d.begun()
	if err != nil {
		return err
	}
	if err := w.Disable(d.ctx); err != nil {
		return err
	}
	key, err := d.world.Place(d.ctx, d.amount())
	if err != nil {
		return err
	}
	found, err := d.syncAll(cursor)
	if err != nil {
		return err
	}
	d.want(found.has(key), "the shop sends no more, and an order is not found")
	d.want(slices.ContainsFunc(found.findings, func(f contract.Finding) bool { return f.Level != contract.FindingInfo && f.Fix != "" }),
		"the shop sends no more, and no finding says so and what to do: %+v", found.findings)
	d.want(!w.Disabled() || len(found.findings) > 0, "the shop sends no more, and nobody is told")
	return nil
}

// brokenSync breaks each request of a sync, after which the next one still finds
// what was lost.
func brokenSync(d *shopDesk, f shopFault) error {
	for at := range contract.MaxRounds * contract.MaxTurns {
		b := &breaker{fault: &f.fault, at: at}
		err := d.apart(fmt.Sprintf("request %d", at+1), func(one *shopDesk) error {
			b.world = one.world
			begun, err := one.begun()
			if err != nil {
				return err
			}
			key, err := one.world.Place(one.ctx, one.amount())
			if err != nil {
				return err
			}
			if err := one.world.Lose(one.ctx); err != nil {
				return err
			}
			one.breaks = b
			r, failure, err := one.sync(begun)
			if err != nil || !b.hit {
				return err
			}
			next := r.Next
			if failure != nil {
				one.told(f, failure)
				next = begun
			}
			found, err := one.syncAll(next)
			if err != nil {
				return err
			}
			one.want(found.has(key) || (&synced{orders: r.Orders}).has(key), "a sync was answered with %s, and what was lost is not found any more", f.name)
			return nil
		})
		if err != nil || !b.hit {
			return err
		}
	}
	return nil
}
