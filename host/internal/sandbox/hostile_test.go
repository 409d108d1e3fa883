package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// hostile is a guest of the corpus, and how the host has to come through it.
type hostile struct {
	wasm []byte
	// expect is what has to come of it: a name of calls, or "refused" and a
	// rule of admission.
	expect string
	within time.Duration
	call   Call // of export run; what is left out is that of hostileCall
}

// calls says by which error each name is known. Same and output are no errors:
// a good answer, and the same one for the same fuel when the call is made again.
var calls = map[string]error{
	"fuel": ErrFuel, "start-up": ErrInit, "memory": ErrMemory, "trap": ErrTrap, "exit": ErrExit, "handle": ErrHandle,
	"no-output": ErrNoOutput, "output-too-large": ErrOutputTooLarge, "input-too-large": ErrInputTooLarge,
	"deadline": context.DeadlineExceeded, "output": nil, "same": nil,
}

// Memory that may be left after one hostile guest: of Go's heap, and of the
// whole process, where what the race detector notes is in it.
const (
	heapLeft    = 8 << 20
	processLeft = 96 << 20
)

// soon is generous: what is meant is milliseconds, on a machine that does
// nothing else.
const soon = 3 * time.Second

// good is what describe answers in every guest of the corpus.
const good = `"good"  `

// corpus reads testdata/hostile: the comment on top of each file says what the
// guest does and whom it bites, and below that what to expect.
func corpus(t *testing.T) map[string]hostile {
	t.Helper()
	all := map[string]hostile{}
	files, err := filepath.Glob("testdata/hostile/*.wat")
	if err != nil || len(files) == 0 {
		t.Fatalf("got %d files, %v", len(files), err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		h := hostile{wasm: assemble(t, afterComments(string(b)))}
		for line := range strings.Lines(string(b)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
			switch key {
			case ";; expect":
				h.expect = value
			case ";; within":
				if h.within, err = time.ParseDuration(value); err != nil {
					t.Fatalf("%s: %v", file, err)
				}
			}
		}
		if !strings.Contains(string(b), ";; Bites: ") {
			t.Errorf("%s does not say whom it bites", file)
		}
		all[strings.TrimSuffix(filepath.Base(file), ".wat")] = h
	}
	return all
}

// afterComments drops the comments above the module.
func afterComments(text string) string {
	for strings.HasPrefix(text, ";;") {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text
}

// TestHostile_corpus runs each guest that is written down, one after the other
// so that its memory can be told from that of others.
func TestHostile_corpus(t *testing.T) { withstand(t, corpus(t)) }

// TestHostile_generated runs those that are too large to write down.
func TestHostile_generated(t *testing.T) { withstand(t, generated()) }

// withstand holds both engines to what is expected of each guest: its own
// error, in time, with nothing left behind; and afterwards the same plugin and
// another one answer as before.
func withstand(t *testing.T, all map[string]hostile) {
	for engine, start := range engines {
		t.Run(engine, func(t *testing.T) {
			e := opened(t, Limits{Concurrent: 2}, start)
			other := load(t, e, runs(answer([]byte("another"))...).with(kernelImports).bytes())
			for name, h := range all {
				t.Run(name, func(t *testing.T) {
					before := usage()
					began := time.Now()
					h.withstand(t, e)
					if took := time.Since(began); took > h.within {
						t.Errorf("took %v, want at most %v", took, h.within)
					}
					after := usage()
					if after.heap > before.heap+heapLeft || after.process > before.process+processLeft {
						t.Errorf("before %v, afterwards %v", before, after)
					}
					r, err := other.Call(t.Context(), Call{Export: "run"})
					if err != nil || string(r.Output) != "another" {
						t.Errorf("another plugin: got %q, %v", r.Output, err)
					}
				})
			}
		})
	}
}

func (h hostile) withstand(t *testing.T, e Engine) {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if h.expect == "deadline" {
		ctx, cancel = context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
	}
	m, err := e.Load(ctx, "hostile@1.0.0", h.wasm)
	if rule, ok := strings.CutPrefix(h.expect, "refused "); ok {
		var refused *AdmissionError
		if !errors.As(err, &refused) || refused.Rule != Rule(rule) || strings.Contains(err.Error(), "\n") {
			t.Fatalf("got %.200v, want a refusal by rule %s in one line", err, rule)
		}
		return
	}
	if h.expect == "deadline" {
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %.200v, want %v", err, context.DeadlineExceeded)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := m.Close(ctx); err != nil {
			t.Error(err)
		}
	}()
	for range 2 {
		h.enter(ctx, t, m)
		if strings.HasPrefix(h.expect, "start-up") {
			continue // none of its exports can be had
		}
		if r, err := m.Call(ctx, Call{Export: "describe"}); err != nil || string(r.Output) != good {
			t.Errorf("the next call of the same plugin: got %.80q, %v, want %s", r.Output, err, good)
		}
	}
}

// enter makes the hostile call.
func (h hostile) enter(ctx context.Context, t *testing.T, m Module) {
	c := h.call
	c.Export, c.Now, c.Entropy = "run", callTime, [32]byte{7}
	lines := 0
	c.Log = func(_, line string) {
		if lines++; lines > contract.MaxLogLines || len(line) > contract.MaxLogLine {
			t.Errorf("got line %d, of %d bytes", lines, len(line))
		}
	}
	r, err := m.Call(ctx, c)
	for name := range strings.FieldsSeq(h.expect) {
		want, known := calls[name]
		if !known {
			t.Fatalf("no error is known as %q", name)
		}
		if want == nil && err != nil || !errors.Is(err, want) {
			t.Fatalf("got %.200v, want %v", err, want)
		}
	}
	if (err == nil) != (len(r.Output) > 0) || err != nil && strings.Contains(err.Error(), "\n") {
		t.Errorf("got %.80q beside %v", r.Output, err)
	}
	if h.expect == "same" {
		again, err := m.Call(ctx, c)
		if err != nil || !bytes.Equal(again.Output, r.Output) || again.Fuel != r.Fuel {
			t.Errorf("got %q for %d, then %q for %d, %v", r.Output, r.Fuel, again.Output, again.Fuel, err)
		}
	}
}

// memoryUse is what is taken of the machine, in bytes.
type memoryUse struct{ heap, process uint64 }

// usage collects first. The process is 0 where the system does not tell.
func usage() (u memoryUse) {
	runtime.GC() // so that the finalizers of the first are run before the second
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.heap = m.HeapAlloc
	if b, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(b)); len(fields) > 1 {
			pages, _ := strconv.ParseUint(fields[1], 10, 64)
			u.process = pages * uint64(os.Getpagesize())
		}
	}
	return u
}

// TestHostile_othersGoOn: while guests of each kind spend all of their fuel,
// a good plugin's calls go on, and so does the collector, which waits for
// compiled code.
func TestHostile_othersGoOn(t *testing.T) {
	all := corpus(t)
	spending := []string{"loop", "loop_initialize", "nested_calls", "recursion", "memory_bomb", "kernel_crumbs", "log_flood", "trap"}
	for engine, start := range engines {
		t.Run(engine, func(t *testing.T) {
			e := opened(t, Limits{Concurrent: 2}, start)
			other := load(t, e, runs(answer([]byte("another"))...).with(kernelImports).bytes())
			var bad []Module
			for _, name := range spending {
				bad = append(bad, load(t, e, all[name].wasm))
			}
			var stop atomic.Bool
			var hostile atomic.Int32 // calls
			finished := make(chan error, 1)
			go func() {
				for i := 0; !stop.Load(); i++ {
					if _, err := bad[i%len(bad)].Call(t.Context(), Call{Export: "run", Now: callTime}); err == nil {
						finished <- fmt.Errorf("%s was answered", spending[i%len(bad)])
						return
					}
					hostile.Add(1)
				}
				finished <- nil
			}()
			for calls := 0; calls < 20 || hostile.Load() < int32(2*len(bad)); calls++ {
				began := time.Now()
				r, err := other.Call(t.Context(), Call{Export: "run"})
				if took := time.Since(began); err != nil || string(r.Output) != "another" || took > soon {
					t.Errorf("got %q, %v after %v, want an answer within %v", r.Output, err, took, soon)
				}
				began = time.Now()
				runtime.GC()
				if took := time.Since(began); took > soon {
					t.Errorf("a collection took %v, want at most %v", took, soon)
				}
				if len(finished) > 0 {
					break
				}
			}
			stop.Store(true)
			if err := <-finished; err != nil {
				t.Error(err)
			}
		})
	}
}
