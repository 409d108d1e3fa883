// Command sandbox measures the sandbox beside everything else that runs an
// untrusted function from Go, on the same work in the same run, and writes
// docs/bench-sandbox.md: the tables go between its markers, the raw output into
// docs/bench-sandbox.txt beside it.
//
//	make bench-sandbox
//
// It is a module of its own, so that the libraries it compares with are none of
// Kassette's. Sides take turns, round by round; a ratio is the median of those
// of the rounds. It wants a machine that does nothing else, and takes some five
// minutes.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"time"
)

// settings are what can be chosen.
type settings struct {
	docs   string
	rounds int
	slot   time.Duration // how long a side is called in a round
	loaded int           // the most plugins whose memory is measured
}

func main() {
	var s settings
	flag.StringVar(&s.docs, "docs", filepath.Join("..", "..", "..", "docs"), "folder of bench-sandbox.md and bench-sandbox.txt")
	flag.IntVar(&s.rounds, "rounds", 15, "rounds of calls")
	flag.DurationVar(&s.slot, "slot", 50*time.Millisecond, "how long each side is called in a round")
	flag.IntVar(&s.loaded, "loaded", 100, "the most plugins that are loaded at once")
	child := flag.String("memory", "", "what the command runs itself for: the memory of this side")
	dir := flag.String("guests", "", "with -memory: the folder of the guests")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	var err error
	if *child != "" {
		err = memoryOf(ctx, *child, *dir, s.loaded, os.Stdout)
	} else {
		err = run(ctx, s)
	}
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench-sandbox:", err)
		os.Exit(1)
	}
}

// run measures everything and writes the page.
func run(ctx context.Context, s settings) error {
	page := filepath.Join(s.docs, "bench-sandbox.md")
	old, err := os.ReadFile(page)
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	var raw bytes.Buffer
	out := io.MultiWriter(&raw, os.Stdout)
	r, err := measure(ctx, s, out)
	if err != nil {
		return err
	}
	fresh, err := replace(old, r.tables())
	if err != nil {
		return fmt.Errorf("%s: %w", page, err)
	}
	fmt.Fprintf(out, "%s\n%s\n", r.others(), r.ratios())
	if err := os.WriteFile(filepath.Join(s.docs, "bench-sandbox.txt"), raw.Bytes(), 0o644); err != nil {
		return fmt.Errorf("write the output: %w", err)
	}
	if err := os.WriteFile(page, fresh, 0o644); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// report is all that was measured.
type report struct {
	machine string
	loaded  int // the most plugins at once
	calls   []callRow
	memory  []memoryRow
	loads   []loadRow
	meter   meterRow
	hostile hostileRow
}

func measure(ctx context.Context, s settings, out io.Writer) (*report, error) {
	r := &report{machine: machine(), loaded: s.loaded}
	fmt.Fprintln(out, r.machine)
	g, err := buildGuests(ctx)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(g.dir)
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"calls", func() (err error) { r.calls, err = measureCalls(ctx, s, g, out); return err }},
		{"fuel", func() (err error) { r.meter, err = measureMeter(ctx, g, out); return err }},
		{"loading", func() (err error) { r.loads, err = measureLoads(ctx, g, out); return err }},
		{"hostile", func() (err error) { r.hostile, err = measureHostile(ctx, g, out); return err }},
		{"memory", func() (err error) { r.memory, err = measureMemory(ctx, s, g, out); return err }},
	} {
		began := time.Now()
		if err := step.do(); err != nil {
			return nil, fmt.Errorf("%s: %w", step.name, err)
		}
		fmt.Fprintf(out, "# %s took %.0f s\n", step.name, time.Since(began).Seconds())
	}
	return r, nil
}
