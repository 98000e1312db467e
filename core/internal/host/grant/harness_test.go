package grant_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access/vault"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
)

// clock is a moment that a test moves.
type clock struct{ ms atomic.Int64 }

func (c *clock) now() time.Time      { return time.UnixMilli(c.ms.Load()).UTC() }
func (c *clock) add(d time.Duration) { c.ms.Add(d.Milliseconds()) }

// house is a desk over real files with two tenants, reached as processes of
// plugins reach it: over gRPC on a Unix socket.
type house struct {
	t        testing.TB
	clock    clock
	store    *tenants.Store
	log      *audit.Log
	bus      *bus.Bus
	keep     *keep.Keep
	desk     *grant.Desk
	one, two core.TenantID
	lines    *lines
	notes    wire.HostClient // as the process of plugin notes reaches the desk
	other    wire.HostClient
	mu       sync.Mutex
	noted    []string
}

// lines is a log that tests read.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func newHouse(t testing.TB) *house { return newLeasingHouse(t, 0) }

func newLeasingHouse(t testing.TB, lease time.Duration) *house {
	t.Helper()
	h := &house{t: t, lines: &lines{}}
	h.clock.ms.Store(time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC).UnixMilli())
	dir := fresh.Dir(t)
	logger := slog.New(slog.NewTextHandler(h.lines, nil))
	var err error
	h.store, err = tenants.Open(t.Context(), tenants.Options{
		Dir: dir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: h.clock.now, Log: logger,
	})
	h.must(err)
	t.Cleanup(func() { h.must(h.store.Close()) })
	h.one, h.two = h.tenant("ONE"), h.tenant("TWO")
	key, err := vault.Open(filepath.Join(dir, "platform.key"))
	h.must(err)
	h.log = audit.New(audit.Options{Store: h.store, Signer: ed25519.NewKeyFromSeed(make([]byte, 32)), Now: h.clock.now, Log: logger})
	h.log.Declare("notes", map[string]string{"note.create": "added note to"})
	h.bus = bus.New(bus.Options{Store: h.store, Now: h.clock.now, Log: logger})
	h.keep = keep.New(keep.Options{Store: h.store, Vault: key, Recorder: h.log, Now: h.clock.now})
	h.desk = grant.NewDesk(grant.Options{
		Store: h.store, Emitter: h.bus, Recorder: h.log, Keep: h.keep, Now: h.clock.now, Log: logger, Lease: lease,
		Note: func(plugin string, tenant core.TenantID, call *wire.OutsideCall) {
			if call.Host == "panic" {
				panic("noted")
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			h.noted = append(h.noted, fmt.Sprint(plugin, " ", tenant == h.one, " ", call.Method, " ", call.Host, call.Path, " ", call.Status))
		},
	})
	h.notes, h.other = wire.NewHostClient(h.connect("notes")), wire.NewHostClient(h.connect("other"))
	for _, tenant := range []core.TenantID{h.one, h.two, ""} {
		h.migrate(tenant, "notes")
		h.migrate(tenant, "other")
	}
	return h
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) tenant(code string) core.TenantID {
	id := core.NewTenantID(h.clock.now())
	h.must(h.store.Create(h.t.Context(), core.Tenant{ID: id, Name: code, Code: code, Region: "eu-west"}))
	return id
}

// migrate makes a plugin's tables. Units are named by notes of tenants' files.
func (h *house) migrate(tenant core.TenantID, plugin string) {
	h.t.Helper()
	unit := "text references units (id) on delete cascade"
	if tenant == "" {
		unit = "text"
	}
	schema := strings.NewReplacer("PLUGIN", plugin, "UNIT", unit).Replace(`-- +goose Up
create table PLUGIN_notes (id integer not null primary key autoincrement, unit_id UNIT, body text not null, weight real, raw blob, at integer not null default 0) strict;
create index PLUGIN_notes_by_unit on PLUGIN_notes (unit_id);
create table PLUGIN_tags (note_id integer not null references PLUGIN_notes (id) on delete cascade, tag text not null collate nocase, primary key (note_id, tag)) strict, without rowid;
create table PLUGIN_plain (a text, b text) strict;
-- +goose Down
drop table PLUGIN_plain;
drop table PLUGIN_tags;
drop table PLUGIN_notes;
`)
	_, err := h.store.MigrateGuest(h.t.Context(), tenant, tenants.GuestSchema{
		Guest: plugin, Migrations: fstest.MapFS{"00001_notes.sql": {Data: []byte(schema)}},
	})
	h.must(err)
}

// connect serves the desk to a plugin on a socket of its own.
func (h *house) connect(plugin string) *grpc.ClientConn {
	path := filepath.Join(h.t.TempDir(), plugin+".sock")
	listener, err := net.Listen("unix", path)
	h.must(err)
	server := grpc.NewServer(wire.ServerOptions()...)
	h.desk.Register(server, plugin)
	var served sync.WaitGroup
	served.Go(func() { server.Serve(listener) })
	conn, err := grpc.NewClient("unix:"+path, append(wire.DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	h.must(err)
	h.t.Cleanup(func() {
		h.must(conn.Close())
		server.Stop()
		served.Wait()
	})
	return conn
}

// rights are those of plugin notes in most tests.
func rights() grant.Rights {
	return grant.Rights{
		Plugin: "notes", Revision: "1",
		Read:         map[string][]string{"units": {"id", "label", "development_id"}, "developments": {"id", "name"}},
		ReadPlatform: map[string][]string{"tenants": {"id", "name"}},
		Records:      map[string]string{"note.create": "added note to"},
	}
}

// call opens a grant of plugin notes that may write, until the test ends.
func (h *house) call(tenant core.TenantID) caller {
	return h.open(grant.Grant{Rights: rights(), Tenant: tenant, Actor: core.Actor{Kind: "staff", ID: "usr_a"}, Call: "call", Writes: true})
}

func (h *house) open(g grant.Grant) caller {
	token, done := h.desk.Open(h.t.Context(), g)
	h.t.Cleanup(done)
	return caller{ctx: h.t.Context(), host: h.notes, token: token, close: done}
}

// caller is a plugin during one call.
type caller struct {
	ctx         context.Context
	host        wire.HostClient
	token       string
	close       func()
	transaction string
}

func (c caller) with() context.Context {
	return metadata.AppendToOutgoingContext(c.ctx, wire.GrantKey, c.token)
}

func (c caller) statement(query string, args []any) *wire.Statement {
	packed, err := wire.Append(nil, args...)
	if err != nil {
		return &wire.Statement{Sql: err.Error()}
	}
	return &wire.Statement{Transaction: c.transaction, Sql: query, Args: packed}
}

// query returns the columns and all rows of a result, and how many pages it had.
func (c caller) query(query string, args ...any) (columns []string, rows [][]any, pages int, err error) {
	stream, err := c.host.Query(c.with(), c.statement(query, args))
	for err == nil {
		var page *wire.Rows
		if page, err = stream.Recv(); err != nil {
			break
		}
		if pages++; pages == 1 {
			columns = page.Columns
		}
		values, broken := wire.Unpack(page.Rows)
		if broken != nil || len(values) != int(page.Count)*len(columns) {
			return nil, nil, 0, fmt.Errorf("a page of %d rows has %d values: %v", page.Count, len(values), broken)
		}
		for i := 0; i < len(values); i += len(columns) {
			rows = append(rows, values[i:i+len(columns)])
		}
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return columns, rows, pages, wire.FromStatus(err)
}

// text is a result in one line: rows with semicolons between them.
func (c caller) text(query string, args ...any) (string, error) {
	_, rows, _, err := c.query(query, args...)
	var parts []string
	for _, row := range rows {
		var cells []string
		for _, v := range row {
			if b, ok := v.([]byte); ok {
				v = fmt.Sprintf("x'%x'", b)
			}
			cells = append(cells, fmt.Sprint(v))
		}
		parts = append(parts, strings.Join(cells, " "))
	}
	return strings.Join(parts, "; "), err
}

func (c caller) exec(query string, args ...any) (*wire.Outcome, error) {
	out, err := c.host.Exec(c.with(), c.statement(query, args))
	return out, wire.FromStatus(err)
}

func (c caller) batch(query string, rows ...[]any) (*wire.Outcome, error) {
	var packed []byte
	for _, row := range rows {
		var err error
		if packed, err = wire.Append(packed, row...); err != nil {
			return nil, err
		}
	}
	out, err := c.host.Batch(c.with(), &wire.BatchRequest{Transaction: c.transaction, Sql: query, Rows: packed, Count: uint32(len(rows))})
	return out, wire.FromStatus(err)
}

// begin returns the caller inside a transaction.
func (c caller) begin(readOnly bool) (caller, error) {
	t, err := c.host.Begin(c.with(), &wire.BeginRequest{ReadOnly: readOnly})
	if err != nil {
		return c, wire.FromStatus(err)
	}
	c.transaction = t.Id
	return c, nil
}

func (c caller) end(commit bool) error {
	_, err := c.host.End(c.with(), &wire.EndRequest{Transaction: c.transaction, Commit: commit})
	return wire.FromStatus(err)
}

func (c caller) emit(e core.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = c.host.Emit(c.with(), &wire.EmitRequest{Transaction: c.transaction, Event: body})
	return wire.FromStatus(err)
}

func (c caller) audit(e core.Entry) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = c.host.Audit(c.with(), &wire.AuditRequest{Transaction: c.transaction, Entry: body})
	return wire.FromStatus(err)
}

// seed writes two units and their development with the console's own rights.
func (h *house) seed(tenant core.TenantID) {
	h.t.Helper()
	h.must(h.store.Update(h.t.Context(), tenant, func(tx *tenants.Tx) error {
		for _, statement := range seeds {
			if _, err := tx.Exec(h.t.Context(), statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
		return nil
	}))
}

// digest is the content of a table, hashed.
func (h *house) digest(tenant core.TenantID, table string) string {
	h.t.Helper()
	sum := sha256.New()
	h.must(h.store.View(h.t.Context(), tenant, func(tx *tenants.Tx) error {
		rows, err := tx.Query(h.t.Context(), `select * from `+table)
		if err != nil {
			return err
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			return err
		}
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		for rows.Next() {
			if err := rows.Scan(values...); err != nil {
				return err
			}
			for _, v := range values {
				fmt.Fprintf(sum, "%v|", *v.(*any))
			}
		}
		return rows.Err()
	}))
	return fmt.Sprintf("%x", sum.Sum(nil))
}
