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
// if world is set, every scenario at its provider, where that has a world. tell
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
	f, ok := worlds.For(m.Provider)
	switch {
	case !world:
	case m.Kind != contract.KindPayment:
		rep.Notes = append(rep.Notes, "only what needs no shop was judged")
	case !ok:
		rep.Notes = append(rep.Notes, fmt.Sprintf("only what needs no provider was judged: there is no world of %s here, but of %s", m.Provider, strings.Join(worlds.All(), ", ")))
	default:
		err = rep.hear(conformance.Run(ctx, r, f), tell)
	}
	rep.Fuel = r.Fuel()
	return rep, err
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
