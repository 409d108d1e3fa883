package sandbox

import (
	"bytes"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
	"github.com/tetratelabs/wazero/sys"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// only is an instance that has nothing but a memory.
type only struct {
	instance
	memory *linear
}

func (o only) guest() *linear { return o.memory }

// TestServices_complete: each import that a guest may have is served.
func TestServices_complete(t *testing.T) {
	t.Parallel()
	known := map[string]bool{}
	for _, f := range hostFunctions() {
		if f.serve == nil {
			t.Errorf("%s has no service", f.name)
		}
		if known[f.name] {
			t.Errorf("%s is there twice", f.name)
		}
		known[f.name] = true
	}
	for name := range services {
		if !known[name] {
			t.Errorf("%s is served and cannot be imported", name)
		}
	}
}

// TestWASI_asWazero holds what we answer to what wazero's own WASI answers to
// a guest that is given no files, arguments or environment.
func TestWASI_asWazero(t *testing.T) {
	t.Parallel()
	const end = 1 << 16 // of the guest's memory
	clock := func(clock, flags byte) []byte {
		b := make([]byte, subscriptionBytes)
		b[0], b[16], b[24], b[40] = 7, clock, 99, flags
		return b
	}
	file := func(kind, fd byte) []byte {
		b := make([]byte, subscriptionBytes)
		b[0], b[8], b[16] = 9, kind, fd
		return b
	}
	piece := []byte{200, 0, 0, 0, 5, 0, 0, 0}
	outside := []byte{0, 0, 2, 0, 1, 0, 0, 0}
	tests := map[string]struct {
		name   string
		args   []uint64
		memory []byte // at 64
	}{
		"args":                       {"args_get", []uint64{64, 128}, nil},
		"args_sizes":                 {"args_sizes_get", []uint64{64, 72}, nil},
		"args_sizes outside":         {"args_sizes_get", []uint64{end - 2, 72}, nil},
		"environ":                    {"environ_get", []uint64{64, 128}, nil},
		"environ_sizes":              {"environ_sizes_get", []uint64{64, 72}, nil},
		"environ_sizes outside":      {"environ_sizes_get", []uint64{64, end}, nil},
		"resolution, real":           {"clock_res_get", []uint64{0, 64}, nil},
		"resolution, monotonic":      {"clock_res_get", []uint64{1, 64}, nil},
		"resolution of no clock":     {"clock_res_get", []uint64{2, 64}, nil},
		"time, real":                 {"clock_time_get", []uint64{0, 0, 64}, nil},
		"time, monotonic":            {"clock_time_get", []uint64{1, 0, 64}, nil},
		"time of no clock":           {"clock_time_get", []uint64{9, 0, 64}, nil},
		"time outside":               {"clock_time_get", []uint64{0, 0, end - 7}, nil},
		"close":                      {"fd_close", []uint64{1}, nil},
		"close a file that is not":   {"fd_close", []uint64{3}, nil},
		"status outside":             {"fd_fdstat_get", []uint64{1, end - 23}, nil},
		"status of no file":          {"fd_fdstat_get", []uint64{3, 64}, nil},
		"set flags":                  {"fd_fdstat_set_flags", []uint64{1, 0}, nil},
		"set flags of no file":       {"fd_fdstat_set_flags", []uint64{7, 0}, nil},
		"prestat":                    {"fd_prestat_get", []uint64{3, 64}, nil},
		"seek":                       {"fd_seek", []uint64{1, 0, 0, 64}, nil},
		"seek in no file":            {"fd_seek", []uint64{4, 0, 0, 64}, nil},
		"yield":                      {"sched_yield", nil, nil},
		"read":                       {"fd_read", []uint64{0, 64, 1, 100}, piece},
		"read from output":           {"fd_read", []uint64{1, 64, 1, 100}, piece},
		"read from no file":          {"fd_read", []uint64{5, 64, 1, 100}, piece},
		"read to outside":            {"fd_read", []uint64{0, 64, 1, 100}, outside},
		"read, the list outside":     {"fd_read", []uint64{0, end - 4, 1, 100}, nil},
		"read, the number outside":   {"fd_read", []uint64{0, 64, 1, end}, piece},
		"write":                      {"fd_write", []uint64{1, 64, 1, 100}, piece},
		"write two pieces":           {"fd_write", []uint64{2, 64, 2, 100}, slices.Concat(piece, piece)},
		"write nothing":              {"fd_write", []uint64{1, 64, 0, 100}, nil},
		"write to input":             {"fd_write", []uint64{0, 64, 1, 100}, piece},
		"write to no file":           {"fd_write", []uint64{3, 64, 1, 100}, piece},
		"write from outside":         {"fd_write", []uint64{1, 64, 1, 100}, outside},
		"random":                     {"random_get", []uint64{64, 100}, nil},
		"random outside":             {"random_get", []uint64{end - 99, 100}, nil},
		"random, nothing":            {"random_get", []uint64{64, 0}, nil},
		"poll nothing":               {"poll_oneoff", []uint64{64, 1024, 0, 2048}, nil},
		"poll a clock":               {"poll_oneoff", []uint64{64, 1024, 1, 2048}, clock(1, 0)},
		"poll two clocks":            {"poll_oneoff", []uint64{64, 1024, 2, 2048}, slices.Concat(clock(0, 0), clock(1, 0))},
		"poll for an instant":        {"poll_oneoff", []uint64{64, 1024, 1, 2048}, clock(1, 1)},
		"poll for a write":           {"poll_oneoff", []uint64{64, 1024, 1, 2048}, file(subscribedWrite, 9)},
		"poll for a read":            {"poll_oneoff", []uint64{64, 1024, 1, 2048}, file(subscribedRead, 0)},
		"poll for a read of no file": {"poll_oneoff", []uint64{64, 1024, 1, 2048}, file(subscribedRead, 9)},
		"poll for something else":    {"poll_oneoff", []uint64{64, 1024, 1, 2048}, file(3, 0)},
		"poll, events outside":       {"poll_oneoff", []uint64{64, end - 31, 1, 2048}, clock(1, 0)},
		"poll, list outside":         {"poll_oneoff", []uint64{end - 47, 64, 1, 2048}, nil},
	}
	rt := wazero.NewRuntime(context.Background())
	t.Cleanup(func() { rt.Close(context.Background()) })
	wasi_snapshot_preview1.MustInstantiate(t.Context(), rt)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			wants, wantErrno := wazeroWASI(t, rt, tt.name, tt.args, tt.memory)
			l := &linear{b: make([]byte, end)}
			copy(l.b[64:], tt.memory)
			r := &run{instance: only{memory: l}, world: newAmbient([32]byte{1})}
			r.world.turn(callTime, [32]byte{2})
			stack := append(slices.Clone(tt.args), 0)
			services[tt.name](r, stack)
			if uint32(stack[0]) != uint32(wantErrno) {
				t.Errorf("got errno %d, want %d", stack[0], wantErrno)
			}
			if wantErrno == 0 && !bytes.Equal(l.b, wants) {
				t.Error("the guest's memory differs")
			}
		})
	}
}

// wazeroWASI calls one of wazero's functions from a guest.
func wazeroWASI(t *testing.T, rt wazero.Runtime, name string, args []uint64, memory []byte) ([]byte, errno) {
	s := importIndex[[2]string{contract.ModuleWASI, name}].signature
	var code []byte
	for i := range args {
		code = append(code, opLocalGet, byte(i))
	}
	m := testModule{
		imports: []testImport{{contract.ModuleWASI, name, s}},
		funcs:   []testFunc{{sig: s, export: "f", code: cat(code, opCall, 0)}},
	}
	world := newAmbient([32]byte{1})
	world.turn(callTime, [32]byte{2})
	config := wazero.NewModuleConfig().WithName("").
		WithWalltime(func() (int64, int32) { return world.wall.Unix(), int32(world.wall.Nanosecond()) }, sys.ClockResolution(time.Millisecond)).
		WithNanotime(func() int64 { return int64(world.monotonic + tick) }, sys.ClockResolution(tick)).
		WithRandSource(world.random)
	var mem memories
	inst, err := rt.InstantiateWithConfig(mem.in(t.Context()), m.bytes(), config)
	if err != nil {
		t.Fatal(err)
	}
	defer inst.Close(context.Background())
	copy(mem[0].b[64:], memory)
	got, err := inst.ExportedFunction("f").Call(t.Context(), args...)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(mem[0].b), got[0]
}

// TestWASI_sleep: sleeping moves the monotonic clock to the nearest of what is
// waited for, and takes no time.
func TestWASI_sleep(t *testing.T) {
	t.Parallel()
	l := &linear{b: make([]byte, 1<<16)}
	r := &run{instance: only{memory: l}, world: newAmbient([32]byte{1})}
	l.b[24] = 200                     // nanoseconds
	l.b[subscriptionBytes+24] = 100   // sooner
	l.b[2*subscriptionBytes+24] = 150 // later
	before := r.world.monotonic
	stack := []uint64{0, 1024, 3, 2048}
	services["poll_oneoff"](r, stack)
	if slept := r.world.monotonic - before; stack[0] != success || slept != 100 {
		t.Errorf("got errno %d, slept %v, want 100ns", stack[0], slept)
	}
}
