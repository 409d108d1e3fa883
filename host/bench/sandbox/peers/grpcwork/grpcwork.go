// Package grpcwork is the work behind hashicorp/go-plugin's gRPC: one method
// that takes a document and answers one.
package grpcwork

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Name is the plugin's in the set.
const Name = "work"

// Handshake is what both sides know.
var Handshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "KASSETTE_BENCH", MagicCookieValue: "work"}

// Plugin is the work on the plugin's side, and its client on the host's.
type Plugin struct {
	plugin.NetRPCUnsupportedPlugin
	// Work serves; the host's side has none.
	Work func([]byte) ([]byte, error)
}

const method = "/kassette.bench.Worker/Work"

// GRPCServer implements plugin.GRPCPlugin.
func (p *Plugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "kassette.bench.Worker",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Work", Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			in := new(wrapperspb.BytesValue)
			if err := decode(in); err != nil {
				return nil, err
			}
			out, err := p.Work(in.GetValue())
			if err != nil {
				return nil, err
			}
			return wrapperspb.Bytes(out), nil
		}}},
	}, p)
	return nil
}

// GRPCClient implements plugin.GRPCPlugin.
func (p *Plugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return &Client{c}, nil
}

// Client calls the plugin.
type Client struct{ conn *grpc.ClientConn }

// Work asks the plugin's process.
func (c *Client) Work(ctx context.Context, in []byte) ([]byte, error) {
	out := new(wrapperspb.BytesValue)
	if err := c.conn.Invoke(ctx, method, wrapperspb.Bytes(in), out); err != nil {
		return nil, err
	}
	return out.GetValue(), nil
}

var _ plugin.GRPCPlugin = (*Plugin)(nil)
