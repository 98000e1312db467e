package host_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/hashicorp/go-plugin"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
)

// liar is a plugin that goes without the SDK: it says what it likes.
type liar struct {
	*sdk.Server
	broker *plugin.GRPCBroker
	host   wire.HostClient
	mu     sync.Mutex
	grants []string // of calls before
}

// serveLiar is the liar's main.
func serveLiar() {
	go func() {
		_, _ = io.Copy(io.Discard, os.NewFile(wire.Lifeline, "lifeline")) // it ends with the host
		os.Exit(0)
	}()
	honest, err := sdk.New(probe("liar", "1.0.0"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	l := &liar{Server: honest}
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig: wire.Handshake,
		Plugins: plugin.PluginSet{wire.LinkName: &wire.Link{Serve: func(broker *plugin.GRPCBroker, s *grpc.Server) error {
			l.broker = broker
			wire.RegisterPluginServer(s, l)
			return nil
		}}},
		GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
			return grpc.NewServer(append(options, wire.ServerOptions()...)...)
		},
	})
	os.Exit(0)
}

func result(text string) *wire.Answer {
	return &wire.Answer{Part: &wire.Answer_Result{Result: []byte(text)}}
}

func chunk(n int) *wire.Answer {
	return &wire.Answer{Part: &wire.Answer_Chunk{Chunk: make([]byte, n)}}
}

func head(status int32, header map[string]string) *wire.Answer {
	return &wire.Answer{Part: &wire.Answer_Head{Head: &wire.Head{Status: status, Header: header}}}
}

func sheet(format string) *wire.Answer {
	return &wire.Answer{Part: &wire.Answer_Head{Head: &wire.Head{Status: 200, Name: "costs", Sheet: format}}}
}

// lies are its answers, by what a page is asked for or a route's query.
var lies = map[string][]*wire.Answer{
	"nothing":       nil,
	"not JSON":      {result("<h1>Hello</h1>")},
	"another JSON":  {result(`[1,2,3]`)},
	"unknown block": {result(`{"Blocks":[{"script":{"Text":"alert(1)"}}]}`)},
	"two results":   {result(`{}`), result(`{}`)},
	"a body":        {head(200, nil), chunk(5)},
	"empty part":    {{}},

	"no-status":   {head(0, nil), chunk(5)},
	"no-head":     {chunk(5)},
	"two-heads":   {head(200, nil), head(200, nil)},
	"endless":     append([]*wire.Answer{head(200, nil)}, slicesOf(chunk(8<<20), 10)...),
	"sheet-odd":   {sheet("html"), chunk(5)},
	"sheet-torn":  {sheet("csv"), {Part: &wire.Answer_Chunk{Chunk: []byte(`{"Rows": [`)}}},
	"sheet-leads": {sheet("csv"), {Part: &wire.Answer_Chunk{Chunk: []byte(`{"Rows": [{"Href": "https://evil.example"}]}`)}}},
	"page-script": {head(200, map[string]string{"content-type": "text/html", "set-cookie": "session=1", "content-disposition": "inline"}), chunk(5)},
}

func slicesOf(a *wire.Answer, n int) (all []*wire.Answer) {
	for range n {
		all = append(all, a)
	}
	return all
}

// Configure dials the host at once: the broker keeps the way open for 5 s.
func (l *liar) Configure(ctx context.Context, in *wire.ConfigureRequest) (*wire.ConfigureReply, error) {
	conn, err := l.broker.DialWithOptions(in.GetBroker(), wire.DialOptions()...)
	if err != nil {
		return nil, err
	}
	l.host = wire.NewHostClient(conn)
	return l.Server.Configure(ctx, in)
}

// Invoke tells a lie, or uses a grant that is another call's.
func (l *liar) Invoke(in *wire.Invocation, stream grpc.ServerStreamingServer[wire.Answer]) error {
	var scene sdk.Scene
	if err := json.Unmarshal(in.GetScene(), &scene); err != nil {
		return err
	}
	what := in.GetRequest().GetQuery()
	if do := scene.Query["do"]; len(do) > 0 {
		what = do[0]
	}
	if what == "steal" {
		return stream.Send(result(l.steal(stream, in.GetGrant())))
	}
	for _, answer := range lies[what] {
		if err := stream.Send(answer); err != nil {
			return err
		}
	}
	return nil
}

// steal tries every grant of the calls before, and one that was never given.
func (l *liar) steal(stream grpc.ServerStreamingServer[wire.Answer], own string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var said []string
	for _, grant := range append(l.grants, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "") {
		ctx := metadata.AppendToOutgoingContext(stream.Context(), wire.GrantKey, grant)
		_, err := l.host.ReadKey(ctx, &wire.KeyRequest{Key: "any"})
		said = append(said, string(core.CodeOf(wire.FromStatus(err))))
	}
	l.grants = append(l.grants, own)
	return fmt.Sprintf(`{"Title":%q}`, strings.Join(said, " "))
}

func TestLies(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, "plugins:\n  liar: {limits: {call: 120s, memory: 2GiB}}\n") // 64 MiB take their time, and room, under the race detector
	pid := h.state("liar", host.Ready).PID
	a, b := h.ids[0], h.ids[1]
	for _, lie := range []string{"nothing", "not JSON", "another JSON", "unknown block", "two results", "a body", "empty part"} {
		_, err := h.page("liar", a, lie, "")
		if core.CodeOf(err) != core.Internal {
			t.Errorf("%s: %v", lie, err)
		}
	}
	ask := func(lie string) (host.RouteReply, error) {
		return h.Route(h.as(core.Owner), host.RouteRequest{Method: http.MethodGet, Path: "/api/plugins/liar/effects", Query: lie, Tenant: a})
	}
	for _, lie := range []string{"nothing", "no-status", "no-head", "two-heads", "endless", "sheet-odd", "sheet-torn", "sheet-leads"} {
		if _, err := ask(lie); core.CodeOf(err) != core.Internal {
			t.Errorf("%s: %v", lie, err)
		}
	}
	reply, err := ask("page-script")
	if err != nil || reply.Header["Content-Disposition"] != "attachment" || reply.Header["Set-Cookie"] != "" || reply.Header["X-Content-Type-Options"] != "nosniff" {
		t.Errorf("reply = %+v, %v", reply, err)
	}
	if s, _ := h.Find("liar"); s.PID != pid || s.State != host.Ready || s.Calls.Failed < 12 {
		t.Errorf("status = %+v", s)
	}
	// A grant is good for its own call alone.
	for n, want := range []string{"unauthenticated unauthenticated", "unauthenticated unauthenticated unauthenticated"} {
		page, err := h.page("liar", []core.TenantID{a, b}[n], "steal", "")
		if err != nil || page.Title != want {
			t.Errorf("stolen grants: %q, %v", page.Title, err)
		}
	}
}
