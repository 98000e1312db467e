package grant_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
)

// inPlugin runs fn as a plugin runs a job: with the SDK's call, whose database
// is the desk behind a Unix socket.
func (h *house) inPlugin(fn func(context.Context, sdk.Call) error) {
	h.t.Helper()
	server, err := sdk.New(sdk.Plugin{ID: "notes", Name: "Notes", Version: "1.0.0", Summary: "Notes of a site.",
		Jobs: []sdk.Job{{ID: "measure", Summary: "Measures.", Schedule: "0 0 * * *", Scope: sdk.Tenant,
			Run: func(ctx context.Context, c sdk.Call) (string, error) { return "", fn(ctx, c) }}}})
	h.must(err)
	server.Connect(h.connect("notes"))
	conn, done, err := wire.Local(server.Register)
	h.must(err)
	defer done()
	r := rights()
	r.Limits.Database = time.Hour
	c := h.open(grant.Grant{Rights: r, Tenant: h.one, Writes: true})
	scene, err := json.Marshal(sdk.Scene{Tenant: h.one, Now: h.clock.now()})
	h.must(err)
	answers, err := wire.NewPluginClient(conn).Invoke(h.t.Context(), &wire.Invocation{Grant: c.token, Door: wire.Door_DOOR_JOB, Id: "measure", Scene: scene})
	h.must(err)
	for err == nil {
		_, err = answers.Recv()
	}
	if err = wire.FromStatus(err); err != nil && err.Error() != "EOF" {
		h.t.Fatal(err)
	}
}

// compare measures the same work directly and through a plugin's call, in
// turns, and reports both and their ratio.
func compare(b *testing.B, direct, through func() error) {
	b.Helper()
	var spent [2]time.Duration
	b.ResetTimer()
	for range b.N {
		for i, work := range []func() error{direct, through} {
			before := b.Elapsed()
			if err := work(); err != nil {
				b.Fatal(err)
			}
			spent[i] += b.Elapsed() - before
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(spent[0].Microseconds())/float64(b.N), "direct-µs")
	b.ReportMetric(float64(spent[1].Microseconds())/float64(b.N), "plugin-µs")
	b.ReportMetric(float64(spent[1])/float64(max(spent[0], 1)), "times")
}

// BenchmarkEmptyCall is the round trip alone.
func BenchmarkEmptyCall(b *testing.B) {
	h := newHouse(b)
	c := h.call(h.one)
	for b.Loop() {
		if _, err := c.host.NoteCall(c.with(), &wire.OutsideCall{}); err != nil {
			b.Fatal(err)
		}
	}
}

// read scans rows of notes into what a caller would have.
func read(rows *sql.Rows, err error, want int) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var id, at int64
		var unit sql.NullString
		var body string
		if err := rows.Scan(&id, &unit, &body, &at); err != nil {
			return err
		}
		n++
	}
	if n != want {
		return fmt.Errorf("%d rows, want %d", n, want)
	}
	return rows.Err()
}

// BenchmarkRead reads 1 and 1,000 rows of the plugin's own table.
func BenchmarkRead(b *testing.B) {
	for _, n := range []int{1, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			h := newHouse(b)
			h.seed(h.one)
			h.must(h.store.Update(b.Context(), h.one, func(tx *tenants.Tx) error {
				_, err := tx.Exec(b.Context(), `
					with recursive r(i) as (select 1 union all select i + 1 from r where i < 2000)
					insert into notes_notes (unit_id, body, at) select 'unt_1', 'A note about the unit, number ' || i, i * 1000 from r`)
				return err
			}))
			query := fmt.Sprintf(`select id, unit_id, body, at from notes_notes where id > ? order by id limit %d`, n)
			h.inPlugin(func(ctx context.Context, c sdk.Call) error {
				compare(b, func() error {
					return h.store.View(ctx, h.one, func(tx *tenants.Tx) error {
						rows, err := tx.Query(ctx, query, 100)
						return read(rows, err, n)
					})
				}, func() error {
					rows, err := c.DB().QueryContext(ctx, query, 100)
					return read(rows, err, n)
				})
				return nil
			})
		})
	}
}

// BenchmarkBatch inserts 1,000 rows in one transaction.
func BenchmarkBatch(b *testing.B) {
	h := newHouse(b)
	h.seed(h.one)
	const insert = `insert into notes_notes (unit_id, body, at) values (?, ?, ?)`
	rows := make([][]any, 1000)
	for i := range rows {
		rows[i] = []any{"unt_1", fmt.Sprint("A note about the unit, number ", i), int64(i)}
	}
	h.inPlugin(func(ctx context.Context, c sdk.Call) error {
		compare(b, func() error {
			return h.store.Update(ctx, h.one, func(tx *tenants.Tx) error {
				for _, row := range rows {
					if _, err := tx.Exec(ctx, insert, row...); err != nil { // prepared from the second one on
						return err
					}
				}
				return nil
			})
		}, func() error {
			return sdk.Update(ctx, c, func(tx *sql.Tx) error {
				n, err := sdk.Batch(ctx, tx, insert, rows)
				if err == nil && n != 1000 {
					err = core.Errorf(core.Internal, "%d rows were inserted.", n)
				}
				return err
			})
		})
		return nil
	})
}
