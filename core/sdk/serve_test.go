package sdk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
)

// asPlugin makes the test's own binary a plugin.
const asPlugin = "PROBE_AS_PLUGIN"

func TestMain(m *testing.M) {
	if os.Getenv(asPlugin) == "1" {
		sdk.Serve(working(func(ctx context.Context, c sdk.Call) error {
			fmt.Println("printed by", c.Tenant)
			c.Log().Info("logged", "n", 1)
			return c.DB().QueryRowContext(ctx, `select 1`).Scan(new(int))
		}))
	}
	os.Exit(m.Run())
}

// patience is how long a process may take.
const patience = time.Minute

// safeBuffer is written by one goroutine and read by another.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
	grew chan struct{}
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.grew <- struct{}{}:
	default:
	}
	return b.text.Write(p)
}

// waitFor returns when the text is there.
func (b *safeBuffer) waitFor(t *testing.T, text string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		b.mu.Lock()
		found := strings.Contains(b.text.String(), text)
		b.mu.Unlock()
		if found {
			return
		}
		select {
		case <-b.grew:
		case <-deadline:
			t.Fatalf("no %q in %q", text, b.text.String())
		}
	}
}

func TestProcessServesAndEndsWithItsHost(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	read, write, err := os.Pipe()
	must(t, err)
	alive, end, err := os.Pipe() // ends with the process
	must(t, err)
	cmd := exec.Command(os.Args[0])
	cmd.ExtraFiles = []*os.File{read, end}
	cmd.Env = []string{asPlugin + "=1", wire.DirKey + "=" + dir, plugin.EnvUnixSocketDir + "=" + dir}
	printed, logged := &safeBuffer{grew: make(chan struct{}, 1)}, &safeBuffer{grew: make(chan struct{}, 1)}
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: wire.Handshake, Plugins: plugin.PluginSet{wire.LinkName: &wire.Link{}}, Cmd: cmd, AutoMTLS: true, SkipHostEnv: true,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC}, GRPCDialOptions: wire.DialOptions(),
		SyncStdout: printed, SyncStderr: io.Discard, Logger: hclog.New(&hclog.LoggerOptions{Output: logged, Level: hclog.Info, JSONFormat: true}),
	})
	t.Cleanup(client.Kill)
	link, err := client.Client()
	must(t, err)
	must(t, read.Close())
	must(t, end.Close())
	raw, err := link.Dispense(wire.LinkName)
	must(t, err)
	peer := raw.(*wire.Peer)
	h := start(t, everything(), sdk.Outside{}) // only its data is used
	h.client = peer.PluginClient
	id := peer.Broker.NextId()
	go peer.Broker.AcceptAndServe(id, func(options []grpc.ServerOption) *grpc.Server {
		g := grpc.NewServer(append(options, wire.ServerOptions()...)...)
		wire.RegisterHostServer(g, h)
		return g
	})
	_, err = h.client.Configure(t.Context(), &wire.ConfigureRequest{Broker: id})
	must(t, err)
	d, err := h.client.Describe(t.Context(), &wire.DescribeRequest{})
	must(t, err)
	var m sdk.Manifest
	must(t, json.Unmarshal(d.GetManifest(), &m))
	if m.ID != "probe" {
		t.Errorf("%s", d.GetManifest())
	}
	_, err = h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_JOB, Id: "work"}, sdk.Scene{Tenant: "ten_a"})
	must(t, err)
	printed.waitFor(t, "printed by ten_a")
	logged.waitFor(t, "logged n=1")
	logged.waitFor(t, `"tenant":"ten_a"`)
	sockets, err := filepath.Glob(filepath.Join(dir, "plugin*"))
	if err != nil || len(sockets) == 0 {
		t.Errorf("no socket in %s: %v", dir, err)
	}
	must(t, write.Close()) // the host is gone
	must(t, alive.SetReadDeadline(time.Now().Add(patience)))
	if _, err := io.ReadAll(alive); err != nil {
		t.Fatalf("the process outlives its host: %v", err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestRunByHand(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ env, says string }{
		{"X=1", "This is Probe 1.0.0, a plugin of OpenHouse Console. The console starts it.\nTo try it: openhouse plugin dev DIR, where DIR is the folder of its source.\n"},
		{wire.Handshake.MagicCookieKey + "=" + wire.Handshake.MagicCookieValue, "plugin: descriptor 3 is not the host's lifeline\n"},
	} {
		cmd := exec.Command(os.Args[0])
		cmd.Env = []string{asPlugin + "=1", one.env}
		var said bytes.Buffer
		cmd.Stderr = &said
		out, err := cmd.Output()
		if cmd.ProcessState.ExitCode() != 1 || len(out) != 0 || said.String() != one.says {
			t.Errorf("%v, %q, %q", err, out, said.String())
		}
	}
}
