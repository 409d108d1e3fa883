package conformance

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// ShopScenario is one way things can go between a shop and the gateway. It
// runs in a world of its own.
type ShopScenario struct {
	// Family joins scenarios that a plugin fails for the same reason.
	Family string
	Name   string
	lacks  shopNeed
	run    func(d *shopDesk) error
}

// ShopScenarios lists all of the kit for shop plugins, by family, in the order
// in which they run.
func ShopScenarios() []ShopScenario {
	return slices.Concat(
		shopOrders(), shopPing(), shopSignatures(), shopRepeats(), shopSnapshots(), shopOrderly(), shopRefunds(), shopMoney(), shopLost(), shopErrors(),
		shopSync(), shopSettings(), shopPure(), shopSecrets(), shopLacks(),
	)
}

// RunShop runs every scenario against a shop plugin, one verdict at a time. An
// error is the last thing that it gives: the manifest is not valid or no
// shop's, a world could not be made, or ctx is over. Tests run the same by
// [guesttest.ConformShop].
//
// [guesttest.ConformShop]: https://pkg.go.dev/github.com/kassette-pay/kassette/sdk/guest/guesttest#ConformShop
func RunShop(ctx context.Context, r Runner, f ShopFixture) iter.Seq2[Verdict, error] {
	return func(yield func(Verdict, error) bool) {
		m, err := Describe(ctx, r)
		if err != nil {
			yield(Verdict{}, err)
			return
		}
		for _, s := range ShopScenarios() {
			v, err := s.Check(ctx, r, m, f)
			if err == nil {
				err = ctx.Err()
			}
			if !yield(v, err) || err != nil {
				return
			}
		}
	}
}

// Check runs one scenario. The error says that the plugin is no shop's, or that
// its world could not be made; all that the plugin does wrong is in the verdict.
func (s ShopScenario) Check(ctx context.Context, r Runner, m contract.Manifest, f ShopFixture) (v Verdict, err error) {
	v.Family, v.Name = s.Family, s.Name
	began := time.Now()
	defer func() { v.Took = time.Since(began) }()
	if m.Kind != contract.KindShop {
		return v, fmt.Errorf("%s is a %s plugin: the scenarios of shops are not for it", m.Name, m.Kind)
	}
	d := newShopDesk(ctx, r, m, f)
	if v.NotApplicable = s.lacks(d); v.NotApplicable != "" {
		return v, nil
	}
	if err := d.open(); err != nil {
		return v, err
	}
	if err := s.run(d); err != nil {
		d.fail("%v", err)
	}
	if err := d.world.Close(); err != nil {
		return v, fmt.Errorf("close world: %w", err)
	}
	v.Problems = d.problems
	return v, nil
}

// A shopNeed says why a scenario does not apply: it names a field of the
// manifest, or is "".
type shopNeed = func(d *shopDesk) string

// shopNeeds asks for operations of the manifest.
func shopNeeds(exports ...contract.Export) shopNeed {
	return func(d *shopDesk) string { return d.lacksOperation(exports...) }
}

// shopAble asks for what the manifest does not deny the platform.
func shopAble(a contract.Ability) shopNeed {
	return func(d *shopDesk) string { return d.denies(a) }
}

// bothShop asks for all of several.
func bothShop(needs ...shopNeed) shopNeed {
	return func(d *shopDesk) string {
		for _, lacks := range needs {
			if why := lacks(d); why != "" {
				return why
			}
		}
		return ""
	}
}

// shopFamily makes scenarios of one family that need the same.
func shopFamily(name string, lacks shopNeed, cases ...ShopScenario) []ShopScenario {
	for i, c := range cases {
		cases[i].Family, cases[i].lacks = name, lacks
		if c.lacks != nil {
			cases[i].lacks = bothShop(lacks, c.lacks)
		}
	}
	return cases
}
