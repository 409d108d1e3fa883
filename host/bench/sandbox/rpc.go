package main

import (
	"context"
	"errors"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/kassette-pay/kassette/host/bench/sandbox/peers/grpcwork"
	"github.com/kassette-pay/kassette/host/bench/sandbox/peers/worker"
)

// closer is an instance of knqyf263/go-plugin.
type closer interface {
	worker.Worker
	Close(ctx context.Context) error
}

// openWasmRPC keeps instances of knqyf263/go-plugin, each of which has a
// runtime of its own.
func openWasmRPC(ctx context.Context, g *guests, _ string) (*side, error) {
	var all []closer
	p, err := newPool(func() (closer, error) {
		i, err := loadWasmRPC(ctx, g)
		all = append(all, i)
		return i, err
	})
	if err != nil {
		return nil, err
	}
	return &side{
		call: func(ctx context.Context, in []byte) ([]byte, error) {
			return p.with(func(i closer) ([]byte, error) {
				out, err := i.Work(ctx, &worker.Document{Json: in})
				return out.GetJson(), err
			})
		},
		close: func(ctx context.Context) (err error) {
			for _, i := range all {
				err = errors.Join(err, i.Close(ctx))
			}
			return err
		},
	}, nil
}

func loadWasmRPC(ctx context.Context, g *guests) (closer, error) {
	cache, err := wazero.NewCompilationCacheWithDir(g.cache)
	if err != nil {
		return nil, err
	}
	p, err := worker.NewWorkerPlugin(ctx, worker.WazeroRuntime(func(ctx context.Context) (wazero.Runtime, error) {
		rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCompilationCache(cache))
		_, err := wasi_snapshot_preview1.Instantiate(ctx, rt)
		return rt, err
	}))
	if err != nil {
		return nil, err
	}
	return p.Load(ctx, g.rpc)
}

// openProcess runs hashicorp/go-plugin: one process, spoken to over gRPC.
func openProcess(_ context.Context, g *guests, _ string) (*side, error) {
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  grpcwork.Handshake,
		Plugins:          plugin.PluginSet{grpcwork.Name: &grpcwork.Plugin{}},
		Cmd:              exec.Command(g.process),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	rpc, err := client.Client()
	if err != nil {
		return nil, err
	}
	dispensed, err := rpc.Dispense(grpcwork.Name)
	if err != nil {
		return nil, err
	}
	return &side{
		call:  dispensed.(*grpcwork.Client).Work,
		close: func(context.Context) error { client.Kill(); return nil },
	}, nil
}
