package conformance

import (
	"bytes"
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
	"github.com/kassette-pay/kassette/sdk/contract/hostfn"
)

// Standalone judges a plugin of either kind by what needs no provider, one
// verdict at a time:
//
//   - manifest: it is valid, and the same each time
//   - canned: each operation answers its canned input, without settings and
//     secrets, by the contract; a failure is a fair answer, news that count are not
//   - bounds: what it puts out and logs stays within the contract's bounds
//   - pure: the same input gives the same bytes, whatever came before
//
// Where the manifest is not valid, its verdict is the last. An error says that
// ctx was over, and ends the sequence.
func Standalone(ctx context.Context, r Runner) iter.Seq2[Verdict, error] {
	return func(yield func(Verdict, error) bool) {
		a := alone{ctx: ctx, runner: r, first: map[contract.Export][]byte{}}
		for _, c := range a.checks() {
			began := time.Now()
			v := Verdict{Family: c.family, Name: c.name}
			c.run(&v)
			v.Took = time.Since(began)
			if err := ctx.Err(); err != nil {
				yield(v, err)
				return
			}
			if !yield(v, nil) || a.manifest.Kind == "" {
				return
			}
		}
	}
}

// alone is a plugin without its provider.
type alone struct {
	ctx       context.Context
	runner    Runner
	manifest  contract.Manifest
	info      contract.SettingsInfo
	described []byte
	// first is what each operation put out when it was first asked, logs what it logged.
	first map[contract.Export][]byte
	logs  []LogLine
}

// check is one of them.
type check struct {
	family, name string
	run          func(v *Verdict)
}

// checks lists them in the order in which they run. Those of operations that
// the plugin does not have say so.
func (a *alone) checks() []check {
	list := []check{{"manifest", "valid", a.valid}, {"manifest", "same each time", func(v *Verdict) {
		v.problem(!bytes.Equal(a.described, a.round(v, contract.Describe)), "describe gave other bytes the second time")
	}}}
	var again []check
	for _, e := range contract.CannedExports() {
		list = append(list,
			check{"canned", string(e), a.having(e, a.canned)},
			check{"bounds", string(e), a.having(e, a.bounds)},
		)
		again = append(again, check{"pure", string(e), a.having(e, func(v *Verdict, e contract.Export) {
			for range 2 {
				out := a.round(v, e)
				v.problem(!bytes.Equal(out, a.first[e]), "the same input gave\n%s\nand later\n%s", a.first[e], out)
			}
		})})
	}
	slices.Reverse(again)
	return append(list, again...)
}

// having leaves an operation out that the manifest does not have.
func (a *alone) having(e contract.Export, run func(v *Verdict, e contract.Export)) func(v *Verdict) {
	return func(v *Verdict) {
		if !slices.Contains(a.manifest.Operations, e) {
			v.NotApplicable = "/operations has no " + string(e)
			return
		}
		run(v, e)
	}
}

func (a *alone) valid(v *Verdict) {
	out := a.round(v, contract.Describe)
	m, err := contract.DecodeManifest(out)
	if err == nil {
		a.info, err = contract.ReadSettings(m.SettingsSchema)
	}
	if err != nil {
		v.problem(true, "%v", err)
		return
	}
	a.manifest, a.described = m, out
}

func (a *alone) canned(v *Verdict, e contract.Export) {
	out := a.round(v, e)
	a.first[e] = out
	answer, err := contract.DecodeAnswer(e, out)
	// What it asks for comes from settings that it does not have here.
	v.problem(err != nil && answer.Need == nil, "%v", err)
	v.problem(verified(Transcript{Answer: answer}), "news of a message that nobody signed would count")
}

func (a *alone) bounds(v *Verdict, e contract.Export) {
	out := a.round(v, e)
	v.problem(len(out) > contract.MaxOutput, "the output has %d bytes, at most %d are allowed", len(out), contract.MaxOutput)
	v.problem(len(a.logs) > contract.MaxLogLines, "it logged %d lines, at most %d are allowed", len(a.logs), contract.MaxLogLines)
	for _, l := range a.logs {
		v.problem(len(l.Text) > contract.MaxLogLine, "it logged a line of %d bytes, at most %d are allowed", len(l.Text), contract.MaxLogLine)
	}
}

// round runs an export with its canned input. That it does not run is a problem.
func (a *alone) round(v *Verdict, e contract.Export) []byte {
	a.logs = nil
	k := keeper{account: &Account{}, info: a.info, now: func() time.Time { return Start }}
	out, err := a.runner.Round(a.ctx, e, contract.Canned(e), Host{
		Call: func(name contract.HostFunction, input []byte) ([]byte, error) { return hostfn.Do(name, input, k) },
		Log:  func(level, text string) { a.logs = append(a.logs, LogLine{level, text}) },
	})
	v.problem(err != nil, "%s: %v", e, err)
	return out
}

// problem notes one where there is one.
func (v *Verdict) problem(wrong bool, format string, args ...any) {
	if wrong {
		v.Problems = append(v.Problems, fmt.Sprintf(format, args...))
	}
}
