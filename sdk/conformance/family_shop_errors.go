package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopErrors are a shop that does not answer as it should, on each request of
// several tellings and of a sync: what passes is told as passing, the rest as
// final with what to do about it, and nothing as delivered.
func shopErrors() []ShopScenario {
	var tells, reads, syncs []ShopScenario
	for _, f := range shopFaults() {
		for _, t := range tellings() {
			switch t.name {
			case "authorised", "paid", "refunded in part", "cancelled":
				tells = append(tells, ShopScenario{Name: t.name + ", " + f.name, run: func(d *shopDesk) error { return eachRequest(d, t, f) }})
			}
		}
		reads = append(reads, ShopScenario{Name: "a message, " + f.name, run: func(d *shopDesk) error { return brokenRead(d, f) }})
		syncs = append(syncs, ShopScenario{Name: "sync, " + f.name, run: func(d *shopDesk) error { return brokenSync(d, f) }})
	}
	tells = append(tells, ShopScenario{Name: "the order is gone", run: orderGone})
	for _, key := range []string{"KEY?x=", "KEY#", "KEY/../KEY", "../KEY", "KEY/notes", "%2e%2e", "KEY OR 1=1", "-KEY", "0xKEY"} {
		tells = append(tells, ShopScenario{Name: fmt.Sprintf("the key is %q", key), run: func(d *shopDesk) error { return strangeKey(d, key) }})
	}
	return slices.Concat(
		shopFamily("errors", shopNeeds(contract.ReadOrder, contract.TellShop), tells...),
		shopFamily("errors", shopNeeds(contract.ReadOrder), reads...),
		shopFamily("errors", shopNeeds(contract.ReadOrder, contract.SyncShop), syncs...),
	)
}

// eachRequest breaks the first request of a telling, then the second, and so
// on, each in a world of its own, until there are no more.
func eachRequest(d *shopDesk, t telling, f shopFault) error {
	clean, err := cleanBooks(d, t)
	if err != nil {
		return err
	}
	for at := range contract.MaxRounds * contract.MaxTurns {
		b := &breaker{fault: &f.fault, at: at}
		err := d.apart(fmt.Sprintf("request %d", at+1), func(one *shopDesk) error {
			b.world = one.world
			o, err := one.leadsTo(t)
			if err != nil {
				return err
			}
			for _, e := range t.happens(o) {
				one.breaks = b
				failure, err := one.tell(o, e)
				if err != nil {
					return err
				}
				switch {
				case b.hit && failure == nil:
					one.stillTrue(f, clean, one.books(o))
				case b.hit:
					one.told(f, failure)
				case failure != nil:
					return fmt.Errorf("tell_shop of %s: %w", e.Type, failure)
				}
				if b.hit {
					break
				}
			}
			return nil
		})
		if err != nil || !b.hit {
			return err
		}
	}
	return fmt.Errorf("telling that an order is %s takes no end of requests", t.name)
}

// stillTrue wants what is told as delivered to be in the books.
func (d *shopDesk) stillTrue(f shopFault, clean, got ShopBooks) {
	d.want(got.State == clean.State && got.Paid == clean.Paid && got.Refunded == clean.Refunded && got.Refunds == clean.Refunds && len(got.Notes) == len(clean.Notes),
		"the shop answered with %s, and its books hold not what was told as delivered", f.name)
}

// orderGone tells a shop of an order that a person has deleted.
func orderGone(d *shopDesk) error {
	o, err := d.placed(d.amount())
	if err != nil {
		return err
	}
	if err := d.world.Do(d.ctx, o.key, ShopDeletes); err != nil {
		return err
	}
	for _, e := range o.pays(0) {
		failure, err := d.tell(o, e)
		if err != nil {
			return err
		}
		if e.Type != contract.OrderPaid && failure == nil { // it may be the next event that writes
			continue
		}
		if failure == nil {
			d.fail("that an order is paid was delivered to a shop that has deleted it")
			continue
		}
		d.want(!passing(failure), "an order that is gone was told as %v", failure)
		d.helps(failure)
	}
	return nil
}

// strangeKey tells of an order whose key is none of the platform's, of which KEY
// is one: who makes an order writes what he likes into its metadata. The order is
// found by its reference, or it is nobody's; another one's it is not.
func strangeKey(d *shopDesk, key string) error {
	other, err := d.placed(d.amount())
	if err != nil {
		return err
	}
	o, err := d.placed(d.amount())
	if err != nil {
		return err
	}
	o.Metadata[contract.MetadataOrderID] = strings.ReplaceAll(key, "KEY", other.key)
	before := d.books(other)
	var failed bool
	for _, e := range o.pays(0) {
		failure, err := d.tell(o, e)
		if err != nil {
			return err
		}
		d.want(failure == nil || !passing(failure), "a key that is none was told as %v", failure)
		d.unchanged(e, before, d.books(other))
		failed = failure != nil
	}
	b := d.books(o)
	d.want(failed || b.State == ShopPaid && b.Payments == 1, "that an order is paid was delivered, and it is %s", b.State)
	return nil
}

// brokenRead breaks each request that a plugin sends when it reads a message:
// the shop is told to send it again, or nothing is amiss.
func brokenRead(d *shopDesk, f shopFault) error {
	for at := range contract.MaxRounds * contract.MaxTurns {
		b := &breaker{fault: &f.fault, at: at}
		err := d.apart(fmt.Sprintf("request %d", at+1), func(one *shopDesk) error {
			b.world = one.world
			if _, err := one.world.Place(one.ctx, one.amount()); err != nil {
				return err
			}
			list, err := one.world.Messages(one.ctx)
			if err != nil {
				return err
			}
			for _, m := range list {
				if !b.hit {
					one.breaks = b
				}
				r, failure, err := one.read(m)
				switch {
				case err != nil:
					return err
				case failure != nil:
					one.told(f, failure)
				case r.Order == nil:
					one.want(r.Response.Status >= 300, "the shop answered with %s, and its order is lost", f.name)
				}
			}
			return nil
		})
		if err != nil || !b.hit {
			return err
		}
	}
	return nil
}
