package wire

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
)

// localBuffer is how much a local connection holds, in bytes.
const localBuffer = 1 << 20

// Local serves what register adds in this process and returns a connection to
// it, with the limits that a plugin's process has. Closing ends both.
func Local(register func(*grpc.Server)) (conn *grpc.ClientConn, closeBoth func(), err error) {
	listener := bufconn.Listen(localBuffer)
	server := grpc.NewServer(ServerOptions()...)
	register(server)
	options := append(DialOptions(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	conn, err = grpc.NewClient("passthrough:local", options...)
	if err != nil {
		return nil, nil, fmt.Errorf("connect locally: %w", err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(listener) // it ends when it is stopped
	}()
	return conn, func() {
		_ = conn.Close() // nothing is left to be said
		server.Stop()
		<-done
	}, nil
}
