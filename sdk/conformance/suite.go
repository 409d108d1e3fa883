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
	lacks  need
	run    func(d *desk) error
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
		happy(), actions(), currencies(), endings(), returns(), beside(), repeats(), forgeries(), amounts(), unknowns(), pages(),
		transport(), captures(), voids(), refunds(), late(), attempts(), pure(), secrets(), lacks(),
	)
}

// Run runs every scenario against a plugin as a subtest family/name. One that
// does not apply says in its log which field of the manifest is why; it is no
// skipped test, since no machine could run it.
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
				t.Log("not applicable: " + v.NotApplicable)
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

// family makes scenarios of one family that need the same.
func family(name string, lacks need, cases ...Scenario) []Scenario {
	for i, c := range cases {
		cases[i].Family, cases[i].lacks = name, lacks
		if c.lacks != nil {
			cases[i].lacks = both(lacks, c.lacks)
		}
	}
	return cases
}
