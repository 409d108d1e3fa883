package conformance

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// Scenario is one way things can go. It runs in a world of its own.
type Scenario struct {
	// Family joins scenarios that a plugin fails for the same reason.
	Family string
	Name   string
	// lacks names the field of the manifest that makes it not applicable, or is "".
	lacks func(d *desk) string
	run   func(d *desk) error
}

// Verdict is what came of a scenario.
type Verdict struct {
	Family, Name string
	// NotApplicable names the field of the manifest that says why it was not run.
	NotApplicable string
	// Problems are what went wrong; none means that it passed.
	Problems []string
}

// Scenarios lists all of the kit, by family, in the order in which they run.
func Scenarios() []Scenario {
	return slices.Concat(
		happy(), endings(), returns(), repeats(), forgeries(), amounts(), strangers(), pages(),
		transport(), refunds(), late(), pure(), secrets(),
	)
}

// Run runs every scenario against a plugin as a subtest family/name. One that
// does not apply is skipped with the manifest's field that says so.
func Run(t *testing.T, r Runner, f Fixture) {
	t.Helper()
	m, err := Describe(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Scenarios() {
		t.Run(s.Family+"/"+s.Name, func(t *testing.T) {
			v, err := s.Check(t.Context(), r, m, f)
			switch {
			case err != nil:
				t.Fatal(err)
			case v.NotApplicable != "":
				t.Skip("not applicable: " + v.NotApplicable)
			case len(v.Problems) > 0:
				t.Error(strings.Join(v.Problems, "\n"))
			}
		})
	}
}

// Check runs one scenario. The error says that its world could not be made;
// all that the plugin does wrong is in the verdict.
func (s Scenario) Check(ctx context.Context, r Runner, m contract.Manifest, f Fixture) (Verdict, error) {
	v := Verdict{Family: s.Family, Name: s.Name}
	d, err := newDesk(ctx, r, m, f)
	if err != nil {
		return v, err
	}
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

// family makes scenarios of one family that need the same of the manifest.
func family(name string, lacks func(d *desk) string, cases ...Scenario) []Scenario {
	for i := range cases {
		own := cases[i].lacks
		cases[i].Family = name
		cases[i].lacks = func(d *desk) string {
			if field := lacks(d); field != "" || own == nil {
				return field
			}
			return own(d)
		}
	}
	return cases
}

// anyPlugin lacks nothing.
func anyPlugin(*desk) string { return "" }

// needs asks for operations of the manifest.
func needs(exports ...contract.Export) func(d *desk) string {
	return func(d *desk) string {
		for _, e := range exports {
			if !slices.Contains(d.manifest.Operations, e) {
				return "/operations has no " + string(e)
			}
		}
		return ""
	}
}

// needsRefunds asks for a refund rule that the API can carry out.
func needsRefunds(partial, multiple bool) func(d *desk) string {
	return func(d *desk) string {
		rule := d.method.Over(d.manifest.Rules).Refund
		switch {
		case rule == nil:
			return "/refund is missing"
		case !rule.Full && !rule.Partial:
			return "/refund/elsewhere says where refunds are made"
		case partial && !rule.Partial:
			return "/refund/partial is false"
		case multiple && !rule.Multiple:
			return "/refund/multiple is false"
		}
		return needs(contract.RefundPayment)(d)
	}
}
