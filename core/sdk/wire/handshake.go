package wire

import (
	"context"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// What the host puts into a plugin's environment, and the descriptor that it
// leaves open: a pipe whose end says that the host is gone.
const (
	DirKey     = "OPENHOUSE_PLUGIN_DIR" // the folder of this start: sockets and temporary files
	SandboxKey = "OPENHOUSE_SANDBOX"    // the rules that confine the process
	Lifeline   = 3
)

// LinkName is the name under which go-plugin dispenses the Link.
const LinkName = "openhouse"

// Handshake tells both sides that they were made for each other.
var Handshake = plugin.HandshakeConfig{
	ProtocolVersion:  ProtocolVersion,
	MagicCookieKey:   "OPENHOUSE_PLUGIN",
	MagicCookieValue: "b7f1f0a4-console-plugin-v1",
}

// Link joins both sides over go-plugin. The plugin's sets Serve; the host's is
// empty and dispenses a *Peer.
type Link struct {
	plugin.NetRPCUnsupportedPlugin
	Serve func(*plugin.GRPCBroker, *grpc.Server) error
}

// Peer is the plugin as the host holds it.
type Peer struct {
	PluginClient
	Broker *plugin.GRPCBroker
}

// GRPCServer implements go-plugin's GRPCPlugin on the plugin's side.
func (l *Link) GRPCServer(broker *plugin.GRPCBroker, s *grpc.Server) error {
	return l.Serve(broker, s)
}

// GRPCClient implements go-plugin's GRPCPlugin on the host's side.
func (l *Link) GRPCClient(_ context.Context, broker *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return &Peer{PluginClient: NewPluginClient(conn), Broker: broker}, nil
}

// Windows of HTTP/2: a page of rows fits without waiting for the reader.
const (
	streamWindow = 1 << 20
	linkWindow   = 4 << 20
)

// ServerOptions are what servers of both sides are made with.
func ServerOptions() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxRecvMsgSize(MaxMessage), grpc.MaxSendMsgSize(MaxMessage),
		grpc.InitialWindowSize(streamWindow), grpc.InitialConnWindowSize(linkWindow),
	}
}

// DialOptions are what both sides dial with.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(MaxMessage), grpc.MaxCallSendMsgSize(MaxMessage)),
		grpc.WithInitialWindowSize(streamWindow), grpc.WithInitialConnWindowSize(linkWindow),
	}
}
