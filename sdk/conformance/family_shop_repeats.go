package conformance

import (
	"reflect"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopRepeats are messages that come more than once, and several at a time.
func shopRepeats() []ShopScenario {
	return shopFamily("repeats", shopNeeds(contract.ReadOrder),
		ShopScenario{Name: "the same message twice", run: func(d *shopDesk) error {
			if _, err := d.world.Place(d.ctx, d.amount()); err != nil {
				return err
			}
			list, err := d.world.Messages(d.ctx)
			if err != nil {
				return err
			}
			for _, m := range list {
				first, err := d.taken(m)
				if err != nil {
					return err
				}
				second, err := d.taken(m)
				if err != nil {
					return err
				}
				d.want(reflect.DeepEqual(first, second), "the same message came to\n%+v\nand then to\n%+v", first, second)
			}
			return nil
		}},
		// What a platform calls the id of a delivery may be the same for several.
		ShopScenario{Name: "several orders at once", run: func(d *shopDesk) error {
			const n = 4
			keys := map[string]bool{}
			for range n {
				key, err := d.world.Place(d.ctx, d.amount())
				if err != nil {
					return err
				}
				keys[key] = true
			}
			got, err := d.hear()
			if err != nil {
				return err
			}
			for _, r := range got.orders {
				delete(keys, r.Metadata[contract.MetadataOrderID])
			}
			d.want(len(keys) == 0, "%d of %d orders that were placed at once were not read", len(keys), n)
			return nil
		}},
		ShopScenario{Name: "again in a new message", run: func(d *shopDesk) error {
			o, err := d.placed(d.amount())
			if err != nil {
				return err
			}
			if err := d.world.Repeat(d.ctx, o.key); err != nil {
				return err
			}
			got, err := d.hear()
			if err != nil {
				return err
			}
			d.want(got.messages > 0, "the shop was to send its news once more, and sent nothing")
			d.want(len(got.commands) == 0, "a repeat came to %+v", got.commands)
			for _, r := range got.orders {
				d.want(r.Reference == o.Reference && r.Amount == o.Amount, "a repeat of %q of %s came to %q of %s", o.Reference, o.Amount, r.Reference, r.Amount)
			}
			return nil
		}},
	)
}
