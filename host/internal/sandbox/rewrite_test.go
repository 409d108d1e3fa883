package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/kassette-pay/kassette/sdk/contract"
)

// meters runs rewritten modules with nothing but the settling function.
type meters struct {
	rt           wazero.Runtime
	budget, left int64
	data         []segment // that the next instances begin with
}

func newMeters(t testing.TB) *meters {
	t.Helper()
	ctx := context.Background()
	m := &meters{rt: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithMemoryLimitPages(contract.MaxMemoryPages))}
	t.Cleanup(func() { m.rt.Close(ctx) })
	settle := api.GoFunc(func(_ context.Context, s []uint64) { m.left, s[0] = int64(s[0]), uint64(m.budget) })
	_, err := m.rt.NewHostModuleBuilder(moduleSandbox).NewFunctionBuilder().
		WithGoFunction(settle, signature("Ii:I").paramTypes(), signature("Ii:I").resultTypes()).Export(importSettle).
		NewFunctionBuilder().WithFunc(func(uint32, uint64) {}).Export(importKeep).
		NewFunctionBuilder().WithFunc(func(uint32) uint64 { return 0 }).Export(importPut).Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// run calls one export of a module, rewritten or not, under a budget.
func (m *meters) run(wasm []byte, export string, budget int64, args ...uint64) (results []uint64, used int64, err error) {
	ctx := context.Background()
	inst, err := m.rt.InstantiateWithConfig(ctx, wasm, wazero.NewModuleConfig().WithStartFunctions())
	if err != nil {
		return nil, 0, err
	}
	defer inst.Close(ctx)
	for _, s := range m.data {
		inst.Memory().Write(s.at, s.bytes)
	}
	if begin := inst.ExportedFunction(exportBegin); begin != nil {
		m.budget = budget
		if _, err := begin.Call(ctx); err != nil {
			return nil, 0, err
		}
	}
	results, err = inst.ExportedFunction(export).Call(ctx, args...)
	if report := inst.ExportedFunction(exportReport); report != nil {
		if _, err := report.Call(ctx); err != nil {
			return nil, 0, err
		}
	}
	return results, budget - m.left, err
}

// TestRewrite_charges counts by hand what is charged.
func TestRewrite_charges(t *testing.T) {
	t.Parallel()
	const held = depositFrame + depositValue // given back
	add := cat(constI32(1), constI32(2), 0x6a)
	tests := map[string]struct {
		code []byte
		used int64
	}{
		"straight":          {add, costRegion + costEntry + costSimple},
		"return":            {cat(add, opReturn), costRegion + costEntry + 2*costSimple},
		"division":          {cat(constI32(7), constI32(2), 0x6d), costRegion + costEntry + costDivide},
		"call":              {cat(opCall, 1), costRegion + costEntry + costCall + costRegion + costEntry},
		"call and return":   {cat(opCall, 1, opReturn), costRegion + costEntry + costCall + costSimple + costRegion + costEntry},
		"branch out":        {cat(opCall, 1, 0x0c, 0), costRegion + costEntry + costCall + costSimple + costRegion + costEntry},
		"loop passed once":  {cat(opLoop, emptyBlock, opEnd, add), costRegion + costEntry + costRegion + costSimple},
		"memory.fill of 64": {cat(constI32(0), constI32(0), constI32(64), 0xfc, 11, 0, add), costRegion + costEntry + costSimple + costBulk + 64>>bulkShift},
		"memory.grow of 1":  {cat(constI32(1), 0x40, 0), costRegion + costEntry + costGrow + costPage},
		"memory.grow of 2G": {cat(constI32(-1<<31), 0x40, 0), costRegion + costEntry + costGrow},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := testModule{funcs: []testFunc{{sig: ":i", export: "run", code: tt.code}, {sig: ":i", code: constI32(5)}}}
			wasm, _, err := rewrite(m.bytes())
			if err != nil {
				t.Fatal(err)
			}
			_, used, err := newMeters(t).run(wasm, "run", 1_000_000)
			if err != nil || used != tt.used {
				t.Errorf("got %d, %v, want %d (a deposit of %d or more is given back)", used, err, tt.used, held)
			}
		})
	}
}

// TestRewrite_loops: each turn of a loop is paid for, in every shape of loop.
func TestRewrite_loops(t *testing.T) {
	t.Parallel()
	// local 0 counts down from 1000; work is done in each turn.
	down := cat(opLocalGet, 0, constI32(1), 0x6b, 0x22, 0)
	work := bytes.Repeat(cat(constI32(1), constI32(2), 0x6a, 0x1a), 50)
	skip := cat(opBlock, emptyBlock, opLocalGet, 0, opBranchIf, 0, work, opEnd)
	shapes := map[string][]byte{
		"work in the loop":        cat(opLoop, emptyBlock, work, down, opBranchIf, 0, opEnd),
		"work behind a block":     cat(opLoop, emptyBlock, opBlock, emptyBlock, opLocalGet, 0, opBranchIf, 0, opEnd, work, down, opBranchIf, 0, opEnd),
		"work skipped, then done": cat(opLoop, emptyBlock, skip, work, down, opBranchIf, 0, opEnd),
		"work in both arms":       cat(opLoop, emptyBlock, opLocalGet, 0, opIf, emptyBlock, work, opElse, work, opEnd, down, opBranchIf, 0, opEnd),
		"work behind two blocks":  cat(opLoop, emptyBlock, opBlock, emptyBlock, opBlock, emptyBlock, opLocalGet, 0, 0x0e, 1, 0, 1, opEnd, work, opEnd, work, down, opBranchIf, 0, opEnd),
		"from an inner loop":      cat(opLoop, emptyBlock, opBlock, emptyBlock, opLoop, emptyBlock, 0x0c, 1, opEnd, opEnd, work, down, opBranchIf, 0, opEnd),
	}
	for name, code := range shapes {
		t.Run(name, func(t *testing.T) {
			m := testModule{funcs: []testFunc{{sig: ":i", export: "run", locals: []byte{1, 1, 0x7f}, code: cat(constI32(1000), 0x21, 0, code, constI32(3))}}}
			wasm, _, err := rewrite(m.bytes())
			if err != nil {
				t.Fatal(err)
			}
			got, used, err := newMeters(t).run(wasm, "run", 10_000_000)
			if err != nil || got[0] != 3 || used < 50*1000 || used > 200*1000 {
				t.Errorf("got %v for %d, %v, want 3 for 1000 turns of 50 or a little more", got, used, err)
			}
		})
	}
}

// TestRewrite_deep: recursion ends for want of fuel long before the engine's
// own stack is large, and what it held is given back when it returns.
func TestRewrite_deep(t *testing.T) {
	t.Parallel()
	// run(n): n == 0 ? 0 : run(n-1) + 1
	code := cat(opLocalGet, 0, 0x45, opIf, emptyBlock, constI32(0), opReturn, opEnd, opLocalGet, 0, constI32(1), 0x6b, opCall, 0, constI32(1), 0x6a)
	wasm, _, err := rewrite(testModule{funcs: []testFunc{{sig: "i:i", export: "run", code: code}}}.bytes())
	if err != nil {
		t.Fatal(err)
	}
	m := newMeters(t)
	got, used, err := m.run(wasm, "run", contract.RoundFuel, 10_000)
	if err != nil || got[0] != 10_000 || used > 10_000*100 {
		t.Errorf("10,000 deep: got %v for %d, %v", got, used, err)
	}
	if _, _, err := m.run(wasm, "run", contract.RoundFuel, contract.RoundFuel/depositFrame); err == nil || m.left >= 0 {
		t.Errorf("%d deep: got %v with %d left, want no fuel", contract.RoundFuel/depositFrame, err, m.left)
	}
}

// TestRewrite_severalResults: such a function keeps its deposit, and works.
func TestRewrite_severalResults(t *testing.T) {
	t.Parallel()
	m := testModule{funcs: []testFunc{
		{sig: ":iI", export: "run", code: cat(opCall, 1, opReturn)},
		{sig: ":iI", code: cat(constI32(1), constI64(2))},
	}}
	wasm, _, err := rewrite(m.bytes())
	if err != nil {
		t.Fatal(err)
	}
	got, used, err := newMeters(t).run(wasm, "run", 1_000_000)
	if err != nil || fmt.Sprint(got) != "[1 2]" || used < depositFrame {
		t.Errorf("got %v for %d, %v", got, used, err)
	}
}

func TestRewrite_keepsTables(t *testing.T) {
	t.Parallel()
	m := testModule{table: []uint32{1, 2}, funcs: []testFunc{
		{sig: ":i", export: "run", code: cat(constI32(1), 0x11, 0, 0)},
		{sig: ":i", code: constI32(10)},
		{sig: ":i", code: constI32(20)},
	}}
	wasm, _, err := rewrite(m.bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := newMeters(t).run(wasm, "run", 1_000_000); err != nil || got[0] != 20 {
		t.Errorf("got %v, %v, want 20", got, err)
	}
}

func TestRewrite_deterministic(t *testing.T) {
	t.Parallel()
	a, _, errA := rewrite(guestBytes(t))
	b, _, errB := rewrite(guestBytes(t))
	if err := errors.Join(errA, errB); err != nil || !bytes.Equal(a, b) {
		t.Errorf("two rewrites differ, %v", err)
	}
}
