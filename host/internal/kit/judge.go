package kit

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/kassette-pay/kassette/sdk/conformance"
	"github.com/kassette-pay/kassette/sdk/conformance/worlds"
	"github.com/kassette-pay/kassette/sdk/contract"
)

// Judge runs all that the kit has for a module: what needs no provider, then,
// if world is set, every scenario at its provider or shop, where that has a world. tell
// hears of each verdict as it falls; nil: nobody does. The error says that the
// run did not come to its end.
func Judge(ctx context.Context, r *Runner, world bool, tell func(conformance.Verdict)) (Report, error) {
	rep := Report{Digest: r.module.Digest()}
	if err := rep.hear(conformance.Standalone(ctx, r), tell); err != nil {
		return rep, err
	}
	m, err := conformance.Describe(ctx, r)
	if err != nil { // which is a verdict
		return rep, nil //nolint:nilerr // the report has it
	}
	rep.Plugin = m.Name + "@" + m.Version
	if world {
		err = rep.atWork(ctx, r, m, tell)
	}
	rep.Fuel = r.Fuel()
	return rep, err
}

// atWork judges a plugin at its provider, or at a shop of its platform, where
// that has a world.
func (r *Report) atWork(ctx context.Context, run conformance.Runner, m contract.Manifest, tell func(conformance.Verdict)) error {
	if m.Kind == contract.KindShop {
		f, ok := worlds.ForShop(m.Provider)
		if !ok {
			r.alone("shop", m.Provider, worlds.AllShops())
			return nil
		}
		return r.hear(conformance.RunShop(ctx, run, f), tell)
	}
	f, ok := worlds.For(m.Provider)
	if !ok {
		r.alone("provider", m.Provider, worlds.All())
		return nil
	}
	return r.hear(conformance.Run(ctx, run, f), tell)
}

// alone notes that there was no world for a plugin.
func (r *Report) alone(what, provider string, have []string) {
	r.Notes = append(r.Notes, fmt.Sprintf("only what needs no %s was judged: there is no world of %s here, but of %s", what, provider, strings.Join(have, ", ")))
}

// hear takes verdicts into the report.
func (r *Report) hear(verdicts iter.Seq2[conformance.Verdict, error], tell func(conformance.Verdict)) error {
	for v, err := range verdicts {
		if err != nil {
			return err
		}
		r.Verdicts = append(r.Verdicts, v)
		if tell != nil {
			tell(v)
		}
	}
	return nil
}
