package conformance

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

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
	// Took is how long it ran.
	Took time.Duration
}

// Passed says whether the scenario was run and nothing went wrong.
func (v Verdict) Passed() bool { return v.NotApplicable == "" && len(v.Problems) == 0 }

// Scenarios lists all of the kit, by family, in the order in which they run.
func Scenarios() []Scenario {
	return slices.Concat(
		happy(), actions(), currencies(), endings(), returns(), beside(), repeats(), forgeries(), amounts(), unknowns(), pages(),
		transport(), captures(), voids(), refunds(), late(), attempts(), pure(), secrets(), lacks(),
	)
}

// Run runs every scenario against a plugin, one verdict at a time. An error is
// the last thing that it gives: the manifest is not valid, a world could not be
// made, or ctx is over. Tests run the same by [guesttest.Conform].
//
// [guesttest.Conform]: https://pkg.go.dev/github.com/kassette-pay/kassette/sdk/guest/guesttest#Conform
func Run(ctx context.Context, r Runner, f Fixture) iter.Seq2[Verdict, error] {
	return func(yield func(Verdict, error) bool) {
		m, err := Describe(ctx, r)
		if err != nil {
			yield(Verdict{}, err)
			return
		}
		for _, s := range Scenarios() {
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

// Check runs one scenario. The error says that its world could not be made;
// all that the plugin does wrong is in the verdict.
func (s Scenario) Check(ctx context.Context, r Runner, m contract.Manifest, f Fixture) (v Verdict, err error) {
	v.Family, v.Name = s.Family, s.Name
	began := time.Now()
	defer func() { v.Took = time.Since(began) }()
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
