package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	extism "github.com/extism/go-sdk"

	"github.com/kassette-pay/kassette/host/bench/sandbox/peers/worker"
	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
	"github.com/kassette-pay/kassette/host/internal/sandbox"
)

// memoryRow is what a host takes with so many plugins loaded, each of which
// has answered once, in MiB, a collection before.
type memoryRow struct {
	name, guest string
	used        []float64 // for each of loadedSteps, and after idleTime
}

// idleTime is more than a sandbox keeps what nobody uses. Only ours is waited
// for: the others keep what they have.
const idleTime = 65 * time.Second

// loadedSteps are the numbers of plugins whose memory is told.
func loadedSteps(most int) []int {
	return slices.DeleteFunc([]int{1, 10, 100}, func(n int) bool { return n > most })
}

// loaders load one more plugin and call it. The same bytes are loaded again and
// again, and nothing of them is shared: as different plugins of that size.
var loaders = []struct {
	name, guest string
	load        func(ctx context.Context, g *guests, guest string) (func(context.Context, []byte) ([]byte, error), error)
}{
	{ours, "Go", loadMoreOurs},
	{ours, "C", loadMoreOurs},
	{ours, "AssemblyScript", loadMoreOurs},
	{extismPooled, "Go", loadMoreExtism},
	{extismPooled, "C", loadMoreExtism},
	{wasmRPC, "Go", loadMoreRPC},
	{processRPC, "Go", func(ctx context.Context, g *guests, guest string) (func(context.Context, []byte) ([]byte, error), error) {
		s, err := openProcess(ctx, g, guest)
		if err != nil {
			return nil, err
		}
		return s.call, nil
	}},
	{script, "JavaScript", func(context.Context, *guests, string) (func(context.Context, []byte) ([]byte, error), error) {
		m, err := newScript()
		if err != nil {
			return nil, err
		}
		p := &pool[*machineJS]{make(chan *machineJS, 1)}
		p.free <- m
		return (&scriptSide{p}).call, nil
	}},
}

// oneEngine is that of the process: plugins share it.
var oneEngine sandbox.Engine

func loadMoreOurs(ctx context.Context, g *guests, guest string) (func(context.Context, []byte) ([]byte, error), error) {
	if oneEngine == nil {
		e, err := sandbox.New(sandbox.Limits{CacheDir: g.cache})
		if err != nil {
			return nil, err
		}
		oneEngine = e
	}
	m, err := oneEngine.Load(ctx, "bench@1.0.0", g.wasm[guest])
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, in []byte) ([]byte, error) {
		r, err := m.Call(ctx, sandbox.Call{Export: export, Input: in, Now: callTime})
		return r.Output, err
	}, nil
}

func loadMoreExtism(ctx context.Context, g *guests, guest string) (func(context.Context, []byte) ([]byte, error), error) {
	compiled, _, err := compileExtism(ctx, g, guest, 0)
	if err != nil {
		return nil, err
	}
	i, err := compiled.Instance(ctx, extism.PluginInstanceConfig{})
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, in []byte) ([]byte, error) { return callExtism(ctx, i, in) }, nil
}

func loadMoreRPC(ctx context.Context, g *guests, _ string) (func(context.Context, []byte) ([]byte, error), error) {
	i, err := loadWasmRPC(ctx, g)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, in []byte) ([]byte, error) {
		out, err := i.Work(ctx, &worker.Document{Json: in})
		return out.GetJson(), err
	}, nil
}

// measureMemory has a process of its own measure each. Ours wait while the
// others are measured.
func measureMemory(ctx context.Context, s settings, g *guests, out io.Writer) ([]memoryRow, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	rows, failed := make([]memoryRow, len(loaders)), make([]error, len(loaders))
	var waiting sync.WaitGroup
	for i, l := range loaders {
		measure := func() { rows[i], failed[i] = measureChild(ctx, self, i, s, g) }
		if l.name == ours {
			waiting.Go(measure)
		} else {
			measure()
		}
	}
	waiting.Wait()
	for _, row := range rows {
		fmt.Fprintf(out, "memory side=%q guest=%s loaded=%v,idle mib=%.1f\n", row.name, row.guest, loadedSteps(s.loaded), row.used)
	}
	return rows, errors.Join(failed...)
}

func measureChild(ctx context.Context, self string, index int, s settings, g *guests) (memoryRow, error) {
	row := memoryRow{name: loaders[index].name, guest: loaders[index].guest}
	cmd := exec.CommandContext(ctx, self, "-memory", strconv.Itoa(index), "-guests", g.dir, "-loaded", strconv.Itoa(s.loaded))
	cmd.Stderr = os.Stderr
	said, err := cmd.Output()
	if err != nil {
		return row, fmt.Errorf("%s, %s: %w", row.name, row.guest, err)
	}
	for field := range strings.FieldsSeq(string(said)) {
		v, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return row, err
		}
		row.used = append(row.used, v)
	}
	if want := len(loadedSteps(s.loaded)) + 1; len(row.used) != want {
		return row, fmt.Errorf("%s, %s: got %d numbers, want %d", row.name, row.guest, len(row.used), want)
	}
	return row, nil
}

// memoryOf loads plugins and prints what that takes, in MiB.
func memoryOf(ctx context.Context, index, dir string, most int, out io.Writer) error {
	i, err := strconv.Atoi(index)
	if err != nil || i < 0 || i >= len(loaders) {
		return fmt.Errorf("no side %q", index)
	}
	g, err := openGuests(dir)
	if err != nil {
		return err
	}
	before, err := resident()
	if err != nil {
		return err
	}
	tell := func() error {
		now, err := resident()
		if err == nil {
			fmt.Fprintf(out, "%.2f\n", mib(now-min(before, now)))
		}
		return err
	}
	var kept []func(context.Context, []byte) ([]byte, error)
	for n := 1; n <= most; n++ {
		call, err := loaders[i].load(ctx, g, loaders[i].guest)
		if err != nil {
			return err
		}
		if _, err := call(ctx, work.Input()); err != nil {
			return err
		}
		kept = append(kept, call)
		if slices.Contains(loadedSteps(most), n) {
			if err := tell(); err != nil {
				return err
			}
		}
	}
	if loaders[i].name == ours {
		time.Sleep(idleTime)
	}
	if err := tell(); err != nil {
		return err
	}
	for _, call := range kept { // all are there still
		if _, err := call(ctx, work.Input()); err != nil {
			return err
		}
	}
	return stopChildren()
}
