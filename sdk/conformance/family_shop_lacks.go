package conformance

import (
	"fmt"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// shopLacks holds the manifest to its word: what it says that the platform
// lacks, the platform must lack.
func shopLacks() []ShopScenario {
	claims := []struct {
		ability contract.Ability
		lacks   shopNeed
		does    func(d *shopDesk) (bool, error)
	}{
		{contract.Pings, shopNeeds(), func(d *shopDesk) (bool, error) {
			_, ok := d.world.Ping(d.ctx)
			return ok, nil
		}},
		{contract.JoinsChanges, shopNeeds(), joinsChanges},
		{contract.Disables, shopNeeds(), func(d *shopDesk) (bool, error) {
			_, ok := d.world.(Disabler)
			return ok, nil
		}},
		{contract.HoldsOrders, shopNeeds(contract.ReadOrder, contract.TellShop), func(d *shopDesk) (bool, error) {
			o, err := d.acted()
			if err != nil {
				return false, err
			}
			err = d.tells(o, o.begins()...)
			return d.books(o).State == ShopWaiting, err
		}},
		{contract.ShowsTransaction, shopNeeds(contract.ReadOrder, contract.TellShop), func(d *shopDesk) (bool, error) {
			o, err := d.acted()
			if err != nil {
				return false, err
			}
			err = d.tells(o, o.pays(0)...)
			return d.books(o).Transaction != "", err
		}},
		{contract.AnyDecimals, shopNeeds(), func(d *shopDesk) (bool, error) { return d.currency(0) != "" && d.currency(3) != "", nil }},
	}
	var list []ShopScenario
	for _, c := range claims {
		denied := func(d *shopDesk) string {
			if d.denies(c.ability) == "" {
				return fmt.Sprintf("/lacks has no %s", c.ability)
			}
			return ""
		}
		list = append(list, ShopScenario{Name: string(c.ability), lacks: bothShop(denied, c.lacks), run: func(d *shopDesk) error {
			does, err := c.does(d)
			d.want(!does, "%s, and the platform does it", d.denies(c.ability))
			return err
		}})
	}
	return shopFamily("lacks", shopNeeds(), list...)
}

// joinsChanges says whether two changes of an order come in one message.
func joinsChanges(d *shopDesk) (bool, error) {
	key, err := d.world.Place(d.ctx, d.amount())
	if err != nil {
		return false, err
	}
	if err := d.world.Do(d.ctx, key, ShopCancels); err != nil {
		return false, err
	}
	list, err := d.world.Messages(d.ctx)
	return len(list) == 1, err
}
