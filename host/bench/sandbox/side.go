package main

import (
	"context"
	"fmt"
	"runtime"

	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
)

// side is one way to have the work done. Its call is safe for concurrent use.
type side struct {
	name  string // what runs the guest
	guest string // the guest's language
	call  func(ctx context.Context, in []byte) ([]byte, error)
	close func(ctx context.Context) error
}

// Names of the sides that ratios are made of.
const (
	ours           = "Kassette"
	oursExtism     = "Kassette on Extism's SDK"
	extismPooled   = "Extism, pooled, unsafe"
	extismTimeout  = "Extism, pooled, with timeout"
	extismInstance = "Extism, instance a call"
	extismPlugin   = "Extism, NewPlugin a call"
	rawWazero      = "wazero, pooled, unsafe"
	wasmRPC        = "knqyf263/go-plugin, pooled"
	processRPC     = "hashicorp/go-plugin, gRPC"
	script         = "goja, pooled, the host signs"
	native         = "plain Go"
)

// opener makes a side.
type opener struct {
	name, guest string
	open        func(ctx context.Context, g *guests, guest string) (*side, error)
}

// openers are all sides, in the order of the table.
func openers() []opener {
	all := []opener{{native, "Go", openNative}}
	for _, l := range languages {
		all = append(all,
			opener{ours, l, openDirect}, opener{oursExtism, l, openOnExtism},
			opener{extismPooled, l, openExtismPooled}, opener{extismTimeout, l, openExtismTimeout},
			opener{extismInstance, l, openExtismInstance}, opener{extismPlugin, l, openExtismPlugin})
		if l != "AssemblyScript" { // it has no raw boundary
			all = append(all, opener{rawWazero, l, openWazero})
		}
	}
	return append(all, opener{wasmRPC, "Go", openWasmRPC}, opener{processRPC, "Go", openProcess}, opener{script, "JavaScript", openScript})
}

// start opens a side and holds its answer to the work's.
func (o opener) start(ctx context.Context, g *guests) (*side, error) {
	s, err := o.open(ctx, g, o.guest)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", o.name, o.guest, err)
	}
	s.name, s.guest = o.name, o.guest
	want, err := work.Answer(work.Input())
	if err != nil {
		return nil, err
	}
	got, err := s.call(ctx, work.Input())
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", o.name, o.guest, err)
	}
	if string(got) != string(want) {
		return nil, fmt.Errorf("%s, %s: got %s, want %s", o.name, o.guest, got, want)
	}
	return s, nil
}

func openNative(context.Context, *guests, string) (*side, error) {
	return &side{
		call:  func(_ context.Context, in []byte) ([]byte, error) { return work.Answer(in) },
		close: func(context.Context) error { return nil },
	}, nil
}

// most is how many callers there are at once, and how many instances a pool of
// the peers keeps: one for each.
const most = 4

// pool keeps instances for one call after the other.
type pool[T any] struct{ free chan T }

func newPool[T any](create func() (T, error)) (*pool[T], error) {
	p := &pool[T]{make(chan T, most)}
	for range most {
		i, err := create()
		if err != nil {
			return nil, err
		}
		p.free <- i
	}
	return p, nil
}

func (p *pool[T]) with(use func(T) ([]byte, error)) ([]byte, error) {
	i := <-p.free
	defer func() { p.free <- i }()
	return use(i)
}

// collect leaves no garbage to what is measured next, finalizers' included.
func collect() {
	runtime.GC()
	runtime.GC()
}
