package sdk_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc"
	_ "modernc.org/sqlite"
)

// noon is when calls are made.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// host plays the console: one SQLite file, and whoever has a grant may use it.
type host struct {
	wire.UnimplementedHostServer
	t      *testing.T
	db     *sql.DB
	client wire.PluginClient

	mu       sync.Mutex
	grants   map[string]bool
	open     map[string]*sql.Tx
	rolled   chan string // transactions that were rolled back
	next     int
	pages    int // of rows sent
	notes    []*wire.OutsideCall
	values   map[string][]byte
	settings string
}

// start runs the plugin in this process, with a host over a fresh file.
func start(t *testing.T, p sdk.Plugin, outside sdk.Outside, egress ...string) *host {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "tenant.db")+"?_pragma=journal_mode(wal)&_pragma=busy_timeout(10000)&_txlock=immediate")
	must(t, err)
	h := &host{t: t, db: db, grants: map[string]bool{}, open: map[string]*sql.Tx{}, rolled: make(chan string, 100), values: map[string][]byte{}}
	server, err := sdk.New(p)
	must(t, err)
	back, closeBack, err := wire.Local(func(g *grpc.Server) { wire.RegisterHostServer(g, h) })
	must(t, err)
	server.Connect(back)
	server.Outside = outside
	conn, closeConn, err := wire.Local(server.Register)
	must(t, err)
	t.Cleanup(func() {
		closeConn()
		closeBack()
		must(t, db.Close())
	})
	h.client = wire.NewPluginClient(conn)
	_, err = h.client.Configure(t.Context(), &wire.ConfigureRequest{Egress: egress})
	must(t, err)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// reply is what an invocation came to.
type reply struct {
	result   []byte
	head     []*wire.Head
	body     []byte
	progress []*wire.Progress
}

// invoke makes one call with a grant of its own.
func (h *host) invoke(ctx context.Context, in *wire.Invocation, scene sdk.Scene) (reply, error) {
	h.mu.Lock()
	h.next++
	in.Grant = "grant-" + strconv.Itoa(h.next)
	in.Call = "call-" + strconv.Itoa(h.next)
	h.grants[in.Grant] = true
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.grants, in.Grant)
	}()
	if scene.Now.IsZero() {
		scene.Now = noon
	}
	raw, err := json.Marshal(scene)
	if err != nil {
		return reply{}, err
	}
	in.Scene = raw
	stream, err := h.client.Invoke(ctx, in)
	if err != nil {
		return reply{}, wire.FromStatus(err)
	}
	var r reply
	for {
		a, err := stream.Recv()
		if err == io.EOF {
			return r, nil
		}
		if err != nil {
			return r, wire.FromStatus(err)
		}
		switch part := a.GetPart().(type) {
		case *wire.Answer_Result:
			r.result = part.Result
		case *wire.Answer_Head:
			r.head = append(r.head, part.Head)
		case *wire.Answer_Chunk:
			r.body = append(r.body, part.Chunk...)
		case *wire.Answer_Progress:
			r.progress = append(r.progress, part.Progress)
		}
	}
}

// within runs fn as a job of a plugin that has no other.
func within(t *testing.T, fn func(context.Context, sdk.Call) error) (*host, error) {
	t.Helper()
	h := start(t, working(fn), sdk.Outside{})
	_, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_JOB, Id: "work"}, sdk.Scene{Tenant: "ten_a", Zone: "Europe/Dublin"})
	return h, err
}

// working is a plugin with one job.
func working(fn func(context.Context, sdk.Call) error) sdk.Plugin {
	return sdk.Plugin{
		ID: "probe", Name: "Probe", Version: "1.0.0", Summary: "Tries what a call can do.",
		Jobs: []sdk.Job{{ID: "work", Summary: "Works.", Schedule: "0 3 * * *", Run: func(ctx context.Context, c sdk.Call) (string, error) { return "", fn(ctx, c) }}},
	}
}

// The host's side, as simple as can be.

// kept writes a note of what was asked, in the transaction, so that a test
// sees whether it was undone with it.
func (h *host) Emit(ctx context.Context, in *wire.EmitRequest) (*wire.EmitReply, error) {
	var e core.Event
	if err := json.Unmarshal(in.GetEvent(), &e); err != nil {
		return nil, err
	}
	return &wire.EmitReply{}, h.kept(ctx, in.GetTransaction(), "event "+e.Name+" "+string(e.Data))
}

func (h *host) Audit(ctx context.Context, in *wire.AuditRequest) (*wire.AuditReply, error) {
	var e core.Entry
	if err := json.Unmarshal(in.GetEntry(), &e); err != nil {
		return nil, err
	}
	return &wire.AuditReply{}, h.kept(ctx, in.GetTransaction(), "record "+e.Action+" "+e.Target.ID)
}

func (h *host) ReadSettings(context.Context, *wire.SettingsRequest) (*wire.SettingsReply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &wire.SettingsReply{Settings: []byte(h.settings)}, nil
}

func (h *host) ReadKey(_ context.Context, in *wire.KeyRequest) (*wire.KeyReply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	value, found := h.values[in.GetKey()]
	return &wire.KeyReply{Value: value, Found: found}, nil
}

func (h *host) WriteKey(ctx context.Context, in *wire.WriteKeyRequest) (*wire.WriteKeyReply, error) {
	if err := h.kept(ctx, in.GetTransaction(), "key "+in.GetKey()); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if in.GetDelete() {
		delete(h.values, in.GetKey())
	} else {
		h.values[in.GetKey()] = in.GetValue()
	}
	return &wire.WriteKeyReply{}, nil
}

func (h *host) ListKeys(_ context.Context, in *wire.ListKeysRequest) (*wire.ListKeysReply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var keys []string
	for key := range h.values {
		if strings.HasPrefix(key, in.GetPrefix()) {
			keys = append(keys, key)
		}
	}
	return &wire.ListKeysReply{Keys: keys}, nil
}

func (h *host) NoteCall(ctx context.Context, in *wire.OutsideCall) (*wire.NoteCallReply, error) {
	if _, err := h.runner(ctx, ""); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.notes = append(h.notes, in)
	return &wire.NoteCallReply{}, nil
}
