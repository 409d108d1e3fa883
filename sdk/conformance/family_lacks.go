package conformance

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// lacks holds the manifest to its word where a scenario was left out for it:
// what it says that the provider lacks, the provider must lack. A plugin could
// else spare itself the forgeries.
func lacks() []Scenario {
	claims := []struct {
		ability contract.Ability
		lacks   need
		does    func(d *desk) (bool, error)
	}{
		{contract.SignsWebhooks, needs(contract.ReceiveWebhook), signsWebhooks},
		{contract.SignsReturns, needsPage, signsReturns},
		{contract.SignsAnswers, needs(contract.ReceiveWebhook), func(d *desk) (bool, error) { return d.world.ForgeNext(ForgedBad), nil }},
		{contract.Pages, needs(contract.ReceiveWebhook), func(d *desk) (bool, error) { return d.fixture.PageSize > 0, nil }},
		{contract.FindsUnheard, needsPolling, findsUnheard},
	}
	var list []Scenario
	for _, c := range claims {
		list = append(list, Scenario{Name: string(c.ability), lacks: both(needsLack(c.ability), c.lacks), run: func(d *desk) error {
			does, err := c.does(d)
			d.want(!does, "%s, and the provider does it", able(c.ability)(d))
			return err
		}})
	}
	return family("lacks", anyPlugin, list...)
}

// needsLack asks for a manifest that denies the provider an ability.
func needsLack(a contract.Ability) need {
	return func(d *desk) string {
		if _, ok := d.manifest.Lacks[a]; ok {
			return ""
		}
		return fmt.Sprintf("/lacks has no %s", a)
	}
}

func signsWebhooks(d *desk) (bool, error) {
	_, list, err := announcedPaid(d, 1)
	return slices.ContainsFunc(list, d.signed), err
}

func signsReturns(d *desk) (bool, error) {
	for _, e := range []Ending{Open, Cancelled, Paid} {
		p, err := d.ended(e)
		if err != nil {
			return false, err
		}
		if m, ok := d.world.Return(p.Payment); ok && d.signed(m) {
			return true, nil
		}
	}
	return false, nil
}

// signed says whether a message bears a signature that can be forged.
func (d *desk) signed(m contract.Message) bool {
	return !reflect.DeepEqual(d.world.Forge(m, ForgedBad), m)
}

func findsUnheard(d *desk) (bool, error) {
	p, err := d.ended(Paid)
	if err != nil {
		return false, err
	}
	if err := d.forget(); err != nil {
		return false, err
	}
	if err := asksLate(d, p); err != nil {
		return false, err
	}
	return p.told() == p.Amount, nil
}
