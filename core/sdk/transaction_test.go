package sdk_test

import (
	"context"
	"database/sql"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"pgregory.net/rapid"
)

func TestTransactionKeepsEverythingOrNothing(t *testing.T) {
	t.Parallel()
	h, err := within(t, func(ctx context.Context, c sdk.Call) error {
		if _, err := c.DB().ExecContext(ctx, `create table probe_notes (id integer primary key, body text)`); err != nil {
			return err
		}
		write := func(body string, last error) error {
			return sdk.Update(ctx, c, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `insert into probe_notes (body) values (?)`, body)
				return errors.Join(err,
					c.Emit(ctx, tx, "probe.note.created", core.Target{Kind: "note", ID: body}, map[string]string{"body": body}),
					c.Audit(ctx, tx, core.Entry{Action: "probe.note.create", Target: core.Target{Kind: "note", ID: body}}),
					c.KV().PutTx(ctx, tx, "last", []byte(body)), last)
			})
		}
		if err := write("kept", nil); err != nil {
			return err
		}
		if err := write("lost", errors.New("no")); err == nil || err.Error() != "no" {
			t.Errorf("update returned %v", err)
		}
		var bodies, asides string
		err := c.DB().QueryRowContext(ctx, `select (select group_concat(body) from probe_notes), (select group_concat(what, '; ') from kept)`).Scan(&bodies, &asides)
		if want := `event probe.note.created {"body":"kept"}; record probe.note.create kept; key last`; bodies != "kept" || asides != want {
			t.Errorf("notes %q, aside %q", bodies, asides)
		}
		return err
	})
	must(t, err)
	if len(h.rolled) != 1 {
		t.Errorf("%d transactions were rolled back", len(h.rolled))
	}
}

func TestWritesWhileRowsAreRead(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		if _, err := c.DB().ExecContext(ctx, `create table probe_marks (i integer)`); err != nil {
			return err
		}
		return sdk.Update(ctx, c, func(tx *sql.Tx) error {
			rows, err := tx.QueryContext(ctx, `with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select i, zeroblob(1000) from n`)
			if err != nil {
				return err
			}
			defer rows.Close()
			sum, seen := 0, 0
			for rows.Next() {
				var i int
				var blob []byte
				if err := rows.Scan(&i, &blob); err != nil {
					return err
				}
				sum, seen = sum+i, seen+1
				if i%5000 == 1 {
					if _, err := tx.ExecContext(ctx, `insert into probe_marks values (?)`, i); err != nil {
						return err
					}
				}
			}
			var marks int
			err = tx.QueryRowContext(ctx, `select count(*) from probe_marks`).Scan(&marks)
			if seen != 20000 || sum != 20000*20001/2 || marks != 4 {
				t.Errorf("%d rows, sum %d, %d marks", seen, sum, marks)
			}
			return errors.Join(err, rows.Err())
		})
	})
	must(t, err)
}

func TestBatch(t *testing.T) {
	t.Parallel()
	h, err := within(t, func(ctx context.Context, c sdk.Call) error {
		if _, err := c.DB().ExecContext(ctx, `create table probe_rows (id integer, body text)`); err != nil {
			return err
		}
		var rows [][]any
		for i := range 10_000 {
			rows = append(rows, []any{i, strings.Repeat("x", 1000)})
		}
		var affected int64
		err := sdk.Update(ctx, c, func(tx *sql.Tx) (err error) {
			affected, err = sdk.Batch(ctx, tx, `insert into probe_rows values (?, ?)`, rows)
			return err
		})
		var count, sum int
		err = errors.Join(err, c.DB().QueryRowContext(ctx, `select count(*), sum(id) from probe_rows`).Scan(&count, &sum))
		if affected != 10_000 || count != 10_000 || sum != 9999*10_000/2 {
			t.Errorf("affected %d, %d rows, sum %d", affected, count, sum)
		}
		wrong := sdk.Update(ctx, c, func(tx *sql.Tx) error {
			_, err := sdk.Batch(ctx, tx, `insert into probe_rows values (?, ?)`, [][]any{{1, "a"}, {2}})
			return err
		})
		if core.CodeOf(wrong) != core.Invalid {
			t.Errorf("rows of different width: %v", wrong)
		}
		if _, err := sdk.Batch(ctx, nil, `insert`, rows); core.CodeOf(err) != core.Invalid {
			t.Errorf("without a transaction: %v", err)
		}
		return err
	})
	must(t, err)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pages > 10 {
		t.Errorf("10 MB went in %d batches", h.pages)
	}
}

func TestCancelledCallRollsBack(t *testing.T) {
	t.Parallel()
	begun, left := make(chan struct{}), make(chan error, 1)
	h := start(t, working(func(ctx context.Context, c sdk.Call) error {
		tx, err := c.DB().BeginTx(ctx, nil)
		if err != nil {
			left <- err
			return err
		}
		_, created := tx.ExecContext(ctx, `create table probe_left (id integer)`)
		close(begun)
		<-ctx.Done()
		_, late := tx.ExecContext(context.Background(), `insert into probe_left values (1)`)
		left <- late
		return errors.Join(created, ctx.Err())
	}), sdk.Outside{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-begun
		cancel()
	}()
	_, err := h.invoke(ctx, &wire.Invocation{Door: wire.Door_DOOR_JOB, Id: "work"}, sdk.Scene{Tenant: "ten_a"})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the call ended with %v", err)
	}
	if err := <-left; err == nil {
		t.Error("a statement ran after the call was given up")
	}
}

func TestTransactionOfAnotherCall(t *testing.T) {
	t.Parallel()
	borrowed, returned := make(chan *sql.Tx), make(chan error)
	h := start(t, working(func(ctx context.Context, c sdk.Call) error {
		if c.Tenant == "ten_a" {
			tx, err := c.DB().BeginTx(ctx, nil)
			if err != nil {
				return err
			}
			borrowed <- tx
			<-returned
			return tx.Rollback()
		}
		err := c.Emit(ctx, <-borrowed, "probe.note.created", core.Target{}, nil)
		returned <- nil
		return err
	}), sdk.Outside{})
	first := make(chan error, 1)
	go func() {
		_, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_JOB, Id: "work"}, sdk.Scene{Tenant: "ten_a"})
		first <- err
	}()
	_, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_JOB, Id: "work"}, sdk.Scene{Tenant: "ten_b"})
	if err == nil || !strings.Contains(err.Error(), "another call") {
		t.Errorf("the event went to another tenant's transaction: %v", err)
	}
	must(t, <-first)
}

func TestTableAgainstMemory(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		if _, err := c.DB().ExecContext(ctx, `create table probe_any (n integer primary key, v any) strict`); err != nil {
			return err
		}
		rapid.Check(t, func(rt *rapid.T) {
			value := rapid.OneOf(
				rapid.Map(rapid.Int64(), func(v int64) any { return v }), rapid.Map(rapid.String(), func(v string) any { return v }),
				rapid.Map(rapid.SliceOfN(rapid.Byte(), 1, 2000), func(v []byte) any { return v }), rapid.Just(any(nil)))
			values := rapid.SliceOfN(value, 0, 400).Draw(rt, "values")
			var rows [][]any
			for i, v := range values {
				rows = append(rows, []any{i, v})
			}
			err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `delete from probe_any`)
				if err == nil {
					_, err = sdk.Batch(ctx, tx, `insert into probe_any values (?, ?)`, rows)
				}
				return err
			})
			if err != nil {
				rt.Fatal(err)
			}
			got, err := c.DB().QueryContext(ctx, `select v from probe_any order by n`)
			if err != nil {
				rt.Fatal(err)
			}
			defer got.Close()
			for i := 0; got.Next(); i++ {
				var v any
				if err := got.Scan(&v); err != nil || !reflect.DeepEqual(v, values[i]) {
					rt.Fatalf("%d: %#v is %#v, %v", i, values[i], v, err)
				}
			}
			if got.Err() != nil {
				rt.Fatal(got.Err())
			}
		})
		return nil
	})
	must(t, err)
}
