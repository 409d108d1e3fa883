package sandbox

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memorySize leaves the memory's size in pages, as an i64.
var memorySize = []byte{0x3f, 0, opI64ExtendU}

// growing grows memory by a page at each call.
var growing = answering("get_payment", cat(constI32(1), opMemoryGrow, 0, opDrop, memorySize))

// TestProof: modules whose sandboxes cannot be used again say why, and have a
// sandbox per call.
func TestProof(t *testing.T) { onEngines(t, testProof) }

func testProof(t *testing.T, open opener) {
	loop := forever()
	with := func(m testModule, change func(*testModule)) testModule { change(&m); return m }
	plain := answering("get_payment", constI64(7))
	tests := map[string]struct {
		guest  testModule
		reason string
		fails  error
	}{
		"plain":          {plain, "", nil},
		"large memory":   {with(plain, func(m *testModule) { m.pages = maxImage>>16 + 1 }), "more than", nil},
		"writes a table": {tableLeak(), "writes its table", nil},
		"drops elements": {with(tableLeak(), func(m *testModule) {
			m.funcs[0].code = cat(answering("", constI64(7)).funcs[0].code, opPrefix, opElementDrop, 0)
		}), "drops a segment", nil},
		"grows at each call": {growing, "get_payment: memory grows with each call", nil},
		"does not start up": {with(plain, func(m *testModule) {
			m.funcs = append(m.funcs, testFunc{sig: ":", export: "_initialize", code: loop[:len(loop)-2]})
		}), "start-up: fuel used up", ErrInit},
		"traps":     {answering("get_payment", cat(0x00, constI64(7))), "get_payment: guest trapped", ErrTrap},
		"no output": {testModule{funcs: []testFunc{{sig: ":i", export: "get_payment", code: constI32(0)}}}, "get_payment: guest gave no output", ErrNoOutput},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			e := open(t, Limits{Logger: slog.New(slog.NewTextHandler(&log, nil))})
			l := load(t, e, tt.guest.bytes()).(*loaded)
			switch {
			case tt.reason == "" && (l.unproven != nil || l.image == nil || log.Len() > 0):
				t.Fatalf("got %v, image %v, log %q, want it proven", l.unproven, l.image != nil, log.String())
			case tt.reason != "" && (l.unproven == nil || !strings.Contains(l.unproven.Error(), tt.reason) || l.image != nil):
				t.Fatalf("got %v, image %v, want %q and no image", l.unproven, l.image != nil, tt.reason)
			case !strings.Contains(log.String(), tt.reason):
				t.Errorf("got log %q, want %q in it", log.String(), tt.reason)
			}
			if n := e.(Gauge).Unproven(); (n == 1) != (tt.reason != "") {
				t.Errorf("got %d modules unproven", n)
			}
			for range 3 {
				got, err := l.Call(t.Context(), Call{Export: "get_payment"})
				if !errors.Is(err, tt.fails) || err == nil && len(got.Output) != 8 {
					t.Errorf("got %x, %v, want %v", got.Output, err, tt.fails)
				}
			}
			if n := len(l.pool); (n > 0) != (tt.reason == "") {
				t.Errorf("got %d sandboxes in the pool", n)
			}
		})
	}
}

// TestImage_warm: memory that a guest needs once is in the image.
func TestImage_warm(t *testing.T) { onEngines(t, testImageWarm) }

func testImageWarm(t *testing.T, open opener) {
	once := answering("get_payment", cat(0x3f, 0, constI32(2), opI32LeU, opIf, emptyBlock, constI32(3), opMemoryGrow, 0, opDrop, opEnd, memorySize))
	l := load(t, open(t, Limits{}), once.bytes()).(*loaded)
	if l.unproven != nil || l.image.size() != 4<<16 {
		t.Fatalf("got %v, an image of %d bytes, want 4 pages", l.unproven, l.image.size())
	}
}

// TestImage_restore: whatever was changed is put back, and the image is its own.
func TestImage_restore(t *testing.T) {
	t.Parallel()
	original := slices.Concat(bytes.Repeat([]byte("kassette"), pieceSize/8), make([]byte, pieceSize), bytes.Repeat([]byte{1}, pieceSize), make([]byte, pieceSize))
	memory := bytes.Clone(original)
	m := &image{pieces: cutPieces(memory)}
	if !m.holds(memory) || m.size() != len(memory) {
		t.Fatal("the image is not of its memory")
	}
	last := len(memory) - 1
	for name, changed := range map[string][]int{
		"nothing": nil, "first": {0}, "last": {last}, "at a border": {pieceSize - 1, pieceSize}, "zeros": {pieceSize + 9, last - 9}, "in each piece": {5, pieceSize + 5, 2*pieceSize + 5, last},
	} {
		for _, at := range changed {
			memory[at]++
			if m.holds(memory) {
				t.Errorf("%s: a change at %d was not seen", name, at)
			}
		}
		if m.restore(memory); !bytes.Equal(memory, original) {
			t.Errorf("%s: not all was put back", name)
		}
	}
}

// TestPool_replaces: a sandbox that was left in any doubt is not used again.
func TestPool_replaces(t *testing.T) { onEngines(t, testPoolReplaces) }

func testPoolReplaces(t *testing.T, open opener) {
	m := answering("get_payment", memorySize)
	more := answering("more", cat(constI32(1), opMemoryGrow, 0, opDrop, memorySize)).funcs[0]
	m.funcs = append(m.funcs, more, testFunc{sig: ":i", export: "traps", code: []byte{opUnreachable}}, testFunc{sig: ":i", export: "silent", code: constI32(0)})
	e := open(t, Limits{Concurrent: 2})
	l := load(t, e, m.bytes()).(*loaded)
	for i := range 50 {
		for export, want := range map[string]error{"more": nil, "traps": ErrTrap, "silent": ErrNoOutput} {
			if _, err := l.Call(t.Context(), Call{Export: export}); !errors.Is(err, want) {
				t.Fatalf("%s: got %v, want %v", export, err, want)
			}
		}
		got, err := l.Call(t.Context(), Call{Export: "get_payment"})
		if err != nil || binary.LittleEndian.Uint64(got.Output) != 1 {
			t.Fatalf("round %d: got %x, %v, want a memory of one page", i, got.Output, err)
		}
	}
	if err := e.Close(t.Context()); err != nil || len(l.pool) != 0 {
		t.Errorf("close: got %v, %d sandboxes left", err, len(l.pool))
	}
}

// TestPool_idle: sandboxes that nobody uses are given back, and made again.
func TestPool_idle(t *testing.T) {
	t.Parallel()
	for name, start := range engines {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := load(t, opened(t, Limits{Concurrent: 3}, start), answering("get_payment", memorySize).bytes()).(*loaded)
				sizes := func() int {
					synctest.Wait()
					l.mu.Lock()
					defer l.mu.Unlock()
					return len(l.pool)
				}
				second, err := l.clone(t.Context(), l.image)
				if err != nil {
					t.Fatal(err)
				}
				l.rest(l.image, second)
				before := sizes()
				time.Sleep(idleTime / 2)
				if _, err := l.Call(t.Context(), Call{Export: "get_payment"}); err != nil {
					t.Fatal(err)
				}
				time.Sleep(idleTime/2 + time.Second)
				if n := sizes(); before != 2 || n != 1 {
					t.Errorf("got %d sandboxes of %d, want the one that was used", n, before)
				}
				time.Sleep(idleTime)
				if n := sizes(); n != 0 {
					t.Errorf("got %d sandboxes, want none", n)
				}
				if _, err := l.Call(t.Context(), Call{Export: "get_payment"}); err != nil || sizes() != 1 {
					t.Errorf("got %v and %d sandboxes, want one", err, sizes())
				}
			})
		})
	}
}

// TestGate_order: who waits is let in in the order of coming.
func TestGate_order(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(1)
		if err := g.enter(t.Context()); err != nil {
			t.Fatal(err)
		}
		var order []int
		for i := range 20 {
			go func() {
				if err := g.enter(t.Context()); err != nil {
					t.Error(err)
				}
				order = append(order, i)
				g.leave()
			}()
			synctest.Wait()
		}
		g.leave()
		synctest.Wait()
		for i, n := range order {
			if i != n {
				t.Fatalf("got order %v", order)
			}
		}
		if len(order) != 20 {
			t.Errorf("got %d in, want 20", len(order))
		}
	})
}

// TestPool_bounded: over all modules no more sandboxes rest than the engine may
// keep; the one that waited longest goes, and its module is served all the same.
func TestPool_bounded(t *testing.T) { onEngines(t, testPoolBounded) }

func testPoolBounded(t *testing.T, open opener) {
	const most = 3
	e := open(t, Limits{Concurrent: 2, Resting: most})
	var all []*loaded
	for i := range 8 {
		m := answering("get_payment", memorySize)
		m.custom = appendName(nil, fmt.Sprint("module", i))
		all = append(all, load(t, e, m.bytes()).(*loaded))
	}
	resting := func() (n int) {
		for _, l := range all {
			l.mu.Lock()
			n += len(l.pool)
			l.mu.Unlock()
		}
		return n
	}
	if n := resting(); n != most {
		t.Errorf("after loading %d rest, want %d", n, most)
	}
	var under sync.WaitGroup
	for i := range 4 {
		under.Go(func() {
			for n := range 200 {
				if _, err := all[(i*3+n)%len(all)].Call(t.Context(), Call{Export: "get_payment"}); err != nil {
					t.Errorf("call: %v", err)
				}
			}
		})
	}
	under.Wait()
	if n := resting(); n > most {
		t.Errorf("%d rest, at most %d may", n, most)
	}
	last := all[len(all)-1]
	if _, err := last.Call(t.Context(), Call{Export: "get_payment"}); err != nil || len(last.pool) == 0 {
		t.Errorf("got %v and %d resting, want the one that was used last kept", err, len(last.pool))
	}
	if err := e.Close(t.Context()); err != nil || resting() != 0 {
		t.Errorf("close: got %v, %d sandboxes left", err, resting())
	}
}
