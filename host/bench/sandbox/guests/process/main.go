// Command process is the benchmark's plugin for hashicorp/go-plugin: a process
// that serves the work over gRPC.
package main

import (
	"github.com/hashicorp/go-plugin"

	"github.com/kassette-pay/kassette/host/bench/sandbox/peers/grpcwork"
	"github.com/kassette-pay/kassette/host/bench/sandbox/work"
)

func main() {
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: grpcwork.Handshake,
		Plugins:         plugin.PluginSet{grpcwork.Name: &grpcwork.Plugin{Work: work.Answer}},
		GRPCServer:      plugin.DefaultGRPCServer,
	})
}
