//go:build wasip1

// Command wasmrpc is the benchmark's guest for knqyf263/go-plugin.
package main

import (
	"context"

	"github.com/kassette-pay/kassette/host/bench/sandbox/peers/worker"
	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
)

func main() {}

func init() { worker.RegisterWorker(guest{}) }

type guest struct{}

func (guest) Work(_ context.Context, in *worker.Document) (*worker.Document, error) {
	out, err := work.Answer(in.GetJson())
	if err != nil {
		return nil, err
	}
	return &worker.Document{Json: out}, nil
}
