package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// maxBlocks bounds the memory that a guest is given in the kernel in one call,
// in bytes and in blocks.
const (
	maxKernelBytes = 32 << 20
	maxBlocks      = 100_000
)

// run is what happens in an instance on the host's side: what the guest was
// given, what it said, and why it was stopped. It starts a module up and goes
// on to calls, one after the other. One goroutine uses it.
type run struct {
	instance
	world *ambient
	slack slack

	kept   []uint64 // the globals as the guest told them
	put    []uint64 // what it is to set them to
	growth uint64   // by how many pages it is to grow
	state
}

// state is the part of a run that belongs to one call, or to the start-up.
type state struct {
	ctx    context.Context // of the caller
	call   *Call           // nil while the module starts up
	budget int64

	starts  bool // the next settlement puts the fuel at the budget
	left    int64
	refused bool  // the guest was refused memory
	owed    int64 // fuel for what the host did, taken at the next settlement

	input     []byte  // of the export; none at start-up
	blocks    []block // what the guest was given and has not freed, by handle
	last      int     // the one that was used last
	next      uint64  // the next handle
	kernel    uint64  // bytes in blocks
	allocated int64   // how many were ever given
	lines     int     // of the log

	output, outputLength uint64
	result               []byte
	guestError           string
	failed               error // why the host ended the call
}

// firstHandle is that of the first block of each call, in every engine: a
// guest can look at its handles.
const firstHandle = 1 << 16

// block is a piece of memory that the guest was given: under a handle, which
// is never used again in the call, at a place of the heap.
type block struct{ at, size, place uint64 }

func (b block) holds(at, n uint64) bool {
	return at >= b.at && at-b.at <= b.size && n <= b.size-(at-b.at)
}

// newRun is a run that starts a module up in a new instance.
func newRun(ctx context.Context, i instance, seed [32]byte, s slack) *run {
	return &run{instance: i, world: newAmbient(seed), slack: s, state: state{
		ctx: ctx, budget: contract.RoundFuel, left: contract.RoundFuel, next: firstHandle,
	}}
}

// turn goes on to a call as the sandbox is.
func (r *run) turn(ctx context.Context, c *Call) error { return r.begin(ctx, c, exportBegin) }

// begin goes on to a call: its own budget, clock and randomness, and none of
// what was allocated before.
func (r *run) begin(ctx context.Context, c *Call, export string) error {
	r.state = state{ctx: ctx, call: c, input: c.Input, budget: c.Fuel, starts: true, left: c.Fuel, next: firstHandle, blocks: r.blocks[:0]}
	if r.slack&slackWorld == 0 {
		r.world.turn(c.Now, c.Entropy)
	}
	r.empty(r.slack&slackBlocks != 0)
	if _, err := r.instance.enter(withRun(r), export); err != nil {
		return fmt.Errorf("set the budget: %w", err)
	}
	return nil
}

// forget drops what the host holds of a call.
func (r *run) forget() { r.state = state{ctx: context.Background(), blocks: r.blocks[:0]} }

// enter runs a function of the guest, takes its output and asks what fuel is
// left. The output comes first: entering again may clear its place.
func (r *run) enter(export string) error {
	ctx := withRun(r)
	code, err := r.instance.enter(ctx, export)
	if err == nil {
		r.keep()
	}
	if _, lost := r.instance.enter(ctx, exportReport); lost != nil {
		return fmt.Errorf("%w: the sandbox is beyond use: %s", ErrTrap, oneLine(lost.Error()))
	}
	return r.cause(code, err)
}

// keep copies the output, unless that was done when its block was freed.
func (r *run) keep() {
	if r.result != nil || r.outputLength == 0 || !r.within(r.output, r.outputLength) {
		return
	}
	b := r.blocks[r.last]
	from := r.output - b.at
	r.result = append([]byte(nil), r.view(b.place, b.size)[from:from+r.outputLength]...)
}

// runContext is a context in which a guest runs. Host functions find the run
// in it.
type runContext struct {
	context.Context
	run *run
}

type runKey struct{}

// Value gives the run for its key.
func (c *runContext) Value(key any) any {
	if key == (runKey{}) {
		return c.run
	}
	return c.Context.Value(key)
}

func withRun(r *run) context.Context { return &runContext{r.ctx, r} }

func runOf(ctx context.Context) *run {
	if c, ok := ctx.(*runContext); ok {
		return c.run
	}
	r, _ := ctx.Value(runKey{}).(*run)
	return r
}

// settle takes what the guest has left and gives what it goes on with.
func (r *run) settle(left int64, refused bool) int64 {
	if r.starts {
		r.starts = false
		return r.budget
	}
	left = subtract(left, r.owed)
	r.left, r.refused, r.owed = left, refused, 0
	return left
}

// subtract saturates, so that a debt never turns into a fortune.
func subtract(a, b int64) int64 {
	if b > 0 && a < math.MinInt64+b {
		return math.MinInt64
	}
	return a - b
}

func (r *run) used() int64 { return r.budget - r.left }

// copied makes the guest pay for bytes that the host copies for it.
func (r *run) copied(n uint64) { r.owed += int64(min(n, maxKernelBytes)) * costCopied }

// find gives the place of the block that begins at at, or where it would be.
func (r *run) find(at uint64) (int, bool) {
	return slices.BinarySearchFunc(r.blocks, at, func(b block, at uint64) int { return cmp.Compare(b.at, at) })
}

// within tells whether n bytes at at are in one block that the guest was given.
func (r *run) within(at, n uint64) bool {
	if r.last < len(r.blocks) && r.blocks[r.last].holds(at, n) {
		return true
	}
	i, ok := r.find(at)
	if !ok {
		i--
	}
	if i < 0 || !r.blocks[i].holds(at, n) {
		return false
	}
	r.last = i
	return true
}

// size is the length of the block that begins at at, 0 when there is none.
func (r *run) size(at uint64) uint64 {
	if i, ok := r.find(at); ok {
		return r.blocks[i].size
	}
	return 0
}

// errAborted is what a host function panics with: the engine's only way to end
// a guest from within. The reason is in run.failed.
var errAborted = errors.New("ended by the host")

// abort ends the call for a reason. It does not return.
func (r *run) abort(err error) {
	if r.failed == nil {
		r.failed = err
	}
	panic(errAborted)
}

// cause says why a call gave nothing: err is what the engine returned, code
// what the export did.
func (r *run) cause(code uint32, err error) error {
	switch {
	case r.failed != nil:
		return r.failed
	case r.left < 0:
		return fmt.Errorf("%w: the budget is %d", ErrFuel, r.budget)
	case err != nil && r.refused:
		return fmt.Errorf("%w (%d MiB): %s", ErrMemory, contract.MaxMemoryPages/16, oneLine(err.Error()))
	case err != nil:
		return fmt.Errorf("%w: %s", ErrTrap, oneLine(err.Error()))
	case r.guestError != "":
		return fmt.Errorf("%w: %q", ErrGuest, oneLine(r.guestError))
	case code != 0:
		return fmt.Errorf("%w: the export returned %d", ErrGuest, code)
	case r.outputLength == 0:
		return ErrNoOutput
	}
	return nil
}
