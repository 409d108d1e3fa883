package conformance

import "github.com/kassette-pay/kassette/sdk/contract"

// shopPing is the shop's first contact.
func shopPing() []ShopScenario {
	return shopFamily("ping", bothShop(shopNeeds(contract.ReadOrder), shopAble(contract.Pings)),
		ShopScenario{Name: "first contact", run: func(d *shopDesk) error {
			m, ok := d.world.Ping(d.ctx)
			if !ok {
				d.fail("the world has no ping; if this platform lacks %s, the manifest's /lacks says where its protocol tells so", contract.Pings)
				return nil
			}
			r, err := d.taken(m)
			if err != nil {
				return err
			}
			d.want(r.Order == nil && len(r.Commands) == 0, "a first contact that tells of no order came to %+v and %+v", r.Order, r.Commands)
			d.want(len(d.last().Exchanges) == 0, "the shop was asked %d times about a first contact", len(d.last().Exchanges))
			return nil
		}},
	)
}
