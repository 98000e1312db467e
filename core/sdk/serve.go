package sdk

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// Serve is the whole main of a plugin: it serves the console until the
// console ends it or is gone. Nothing may be printed to the standard output
// before it. It doesn't return.
//
// Run by hand it says what the program is, and exits with 1.
func Serve(p Plugin) {
	if cookie, _ := os.LookupEnv(wire.Handshake.MagicCookieKey); cookie != wire.Handshake.MagicCookieValue {
		fmt.Fprintf(os.Stderr, "This is %s %s, a plugin of OpenHouse Console. The console starts it.\nTo try it: openhouse plugin dev DIR, where DIR is the folder of its source.\n", p.Name, p.Version)
		os.Exit(1)
	}
	dir, _ := os.LookupEnv(wire.DirKey)
	if err := watchLifeline(dir); err != nil {
		fmt.Fprintln(os.Stderr, "plugin:", err)
		os.Exit(1)
	}
	stderr := os.Stderr // go-plugin puts a pipe in its place
	log := newLines(stderr)
	slog.SetDefault(log)
	server := newServer(p)
	server.Log = log
	link := &wire.Link{Serve: func(broker *plugin.GRPCBroker, g *grpc.Server) error {
		server.dial = func(id uint32) (grpc.ClientConnInterface, error) {
			return broker.DialWithOptions(id, wire.DialOptions()...)
		}
		server.Register(g)
		return nil
	}}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: wire.Handshake,
		Plugins:         plugin.PluginSet{wire.LinkName: link},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, wire.ServerOptions()...)...)
		},
		Logger: hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: stderr, JSONFormat: true}),
	})
	clearFolder(dir)
	os.Exit(0)
}

// watchLifeline ends the process when the host is gone: the host holds the
// other end of a pipe, and the system closes it however the host ends.
func watchLifeline(dir string) error {
	pipe := os.NewFile(wire.Lifeline, "lifeline")
	if about, err := pipe.Stat(); err != nil || about.Mode()&os.ModeNamedPipe == 0 {
		return fmt.Errorf("descriptor %d is not the host's lifeline", wire.Lifeline)
	}
	syscall.CloseOnExec(wire.Lifeline)
	go func() {
		_, _ = io.Copy(io.Discard, pipe) // it ends with the host, whatever it says
		clearFolder(dir)
		os.Exit(0)
	}()
	return nil
}

// clearFolder removes what is in the folder of this start: nobody will connect
// to its sockets any more.
func clearFolder(dir string) {
	if dir == "" {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return // it is gone already
	}
	for _, e := range entries {
		_ = os.RemoveAll(filepath.Join(dir, e.Name())) // the host sweeps what is left
	}
}
