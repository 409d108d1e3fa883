package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/kassette-pay/kassette/host/internal/kit"
	"github.com/kassette-pay/kassette/host/internal/toolchain"
	"github.com/kassette-pay/kassette/sdk/conformance"
)

type pluginTestCmd struct {
	Plugin   string     `arg:"" optional:"" help:"A file NAME.wasm, or a folder of sources, which is built." type:"path" default:"."`
	Format   kit.Format `help:"How the report is written: text, junit or json." default:"text" enum:"text,junit,json"`
	Out      string     `short:"o" help:"Where the report goes; by default to standard output." type:"path" placeholder:"FILE"`
	CacheDir string     `help:"Folder for compiled plugins, as of serve." type:"path" placeholder:"DIR"`
}

// Help shows an example.
func (pluginTestCmd) Help() string {
	return "Runs the conformance kit against the plugin, in the gateway's own sandbox: first what needs no provider, then all that can happen at its provider or with its shop, if that is known here. The Go tests of a folder of sources take the second part's place: they have the plugin's own world. Status 1 if anything failed.\n\nExamples:\n\n  kassette plugin test hello.wasm\n  kassette plugin test tulip --format junit -o report.xml"
}

// Run judges one plugin.
func (cmd pluginTestCmd) Run(ctx context.Context, s streams) error {
	report, err := cmd.judge(ctx, s)
	if err != nil {
		return fmt.Errorf("test %s: %w", near(cmd.Plugin), err)
	}
	if err := cmd.write(s, report); err != nil {
		return err
	}
	if o := report.Outcome(); o.Failed > 0 {
		return fmt.Errorf("test %s: %d of %d scenarios failed", near(cmd.Plugin), o.Failed, len(report.Verdicts))
	}
	return nil
}

// write writes the report where it is wanted, and for people in any case.
func (cmd pluginTestCmd) write(s streams, report kit.Report) error {
	if cmd.Out == "" {
		return report.Write(s.out, cmd.Format)
	}
	var b bytes.Buffer
	if err := report.Write(&b, cmd.Format); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(cmd.Out, b.Bytes(), 0o644), report.Write(s.err, kit.Text))
}

func (cmd pluginTestCmd) judge(ctx context.Context, s streams) (report kit.Report, err error) {
	file, own := cmd.Plugin, false
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		b, err := build(ctx, cmd.Plugin, "")
		if err != nil {
			return report, err
		}
		fmt.Fprintln(s.err, b)
		file, own = b.File, toolchain.HasTests(cmd.Plugin)
	}
	wasm, err := os.ReadFile(file)
	if err != nil {
		return report, err
	}
	r, err := kit.Open(ctx, near(file), wasm, orUserCache(cmd.CacheDir))
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, r.Close(context.WithoutCancel(ctx))) }()
	tell, done := watching(s)
	report, err = kit.Judge(ctx, r, !own, tell)
	done()
	if err != nil || !own {
		report.Plugin = cmp.Or(report.Plugin, near(file))
		return report, err
	}
	said, err := toolchain.Test(ctx, cmd.Plugin, file)
	if err != nil {
		return report, err
	}
	verdicts, err := kit.ReadGoTest(bytes.NewReader(said))
	report.Verdicts = append(report.Verdicts, verdicts...)
	return report, err
}

// watching shows on a terminal which scenario was run last, and in the end
// takes that away.
func watching(s streams) (tell func(conformance.Verdict), done func()) {
	if !isTerminal(s.err) {
		return nil, func() {}
	}
	const again = "\r\x1b[K"
	return func(v conformance.Verdict) { fmt.Fprintf(s.err, "%s%s/%s", again, v.Family, v.Name) }, func() { fmt.Fprint(s.err, again) }
}
