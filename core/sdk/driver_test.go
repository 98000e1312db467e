package sdk_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

func TestValuesComeBackAsTheyWent(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		three, none := 3, (*int)(nil)
		for _, one := range []struct{ in, want any }{
			{nil, nil}, {int64(-1 << 63), int64(-1 << 63)}, {1<<63 - 1, int64(1<<63 - 1)}, {uint8(7), int64(7)}, {&three, int64(3)}, {none, nil},
			{1.5, 1.5}, {float32(0.5), 0.5}, {"", ""}, {"O’Brien\x00\n", "O’Brien\x00\n"}, {core.TenantID("ten_a"), "ten_a"}, {true, int64(1)}, {false, int64(0)},
			{[]byte{0, 255}, []byte{0, 255}}, {[]byte(nil), nil}, {sql.NullString{}, nil}, {sql.NullInt64{Int64: 4, Valid: true}, int64(4)},
		} {
			var got any
			if err := c.DB().QueryRowContext(ctx, `select ?`, one.in).Scan(&got); err != nil {
				return fmt.Errorf("%T %v: %w", one.in, one.in, err)
			}
			if !reflect.DeepEqual(got, one.want) {
				t.Errorf("%T %v came back as %T %v", one.in, one.in, got, got)
			}
		}
		return nil
	})
	must(t, err)
}

func TestParametersThatCantBeSent(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		for says, arg := range map[string]any{
			"UnixMilli": noon, "UnixMilli ": sql.NullTime{Time: noon, Valid: true}, "order": sql.Named("id", 1), "high bit": uint64(1 << 63), "unsupported": struct{}{},
		} {
			_, err := c.DB().ExecContext(ctx, `select ?`, arg)
			if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(says)) || core.CodeOf(err) != core.Invalid {
				t.Errorf("%T: %v", arg, err)
			}
		}
		return nil
	})
	must(t, err)
}

func TestRowsOfEverySize(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		for _, n := range []int{0, 1, 255, 256, 257, 512, 3000} {
			rows, err := c.DB().QueryContext(ctx, `with recursive n(i) as (select 1 where ?1 > 0 union all select i + 1 from n where i < ?1) select i, 'x' || i as name from n`, n)
			if err != nil {
				return err
			}
			columns, err := rows.Columns()
			if err != nil || !reflect.DeepEqual(columns, []string{"i", "name"}) {
				t.Errorf("%d rows: columns %v, %v", n, columns, err)
			}
			count := 0
			for rows.Next() {
				var i int
				var name string
				if err := rows.Scan(&i, &name); err != nil {
					return err
				}
				if count++; i != count || name != fmt.Sprint("x", i) {
					t.Fatalf("row %d of %d is %d %q", count, n, i, name)
				}
			}
			if rows.Err() != nil || count != n {
				t.Errorf("%d of %d rows, then %v", count, n, rows.Err())
			}
		}
		return nil
	})
	must(t, err)
}

const manyRows = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 100000) select i, zeroblob(1000) from n`

func TestManyRowsClosedEarly(t *testing.T) {
	t.Parallel()
	h, err := within(t, func(ctx context.Context, c sdk.Call) error {
		rows, err := c.DB().QueryContext(ctx, manyRows)
		if err != nil {
			return err
		}
		for range 300 {
			if !rows.Next() {
				return rows.Err()
			}
		}
		if err := rows.Close(); err != nil {
			return err
		}
		var one int
		return c.DB().QueryRowContext(ctx, `select 1`).Scan(&one)
	})
	must(t, err)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pages > 200 { // of nearly 400
		t.Errorf("the host sent %d pages although two were read", h.pages)
	}
}

func TestDeclaredTypesLeaveIntegersAlone(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		if _, err := c.DB().ExecContext(ctx, `create table probe_times (id integer, at integer not null, name text)`); err != nil {
			return err
		}
		result, err := c.DB().ExecContext(ctx, `insert into probe_times values (1, ?, 'a'), (2, ?, 'b')`, noon.UnixMilli(), noon.UnixMilli())
		if err != nil {
			return err
		}
		if n, _ := result.RowsAffected(); n != 2 {
			t.Errorf("%d rows affected", n)
		}
		if id, _ := result.LastInsertId(); id != 2 {
			t.Errorf("last id %d", id)
		}
		rows, err := c.DB().QueryContext(ctx, `select id, at, name from probe_times order by id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		types, err := rows.ColumnTypes()
		if err != nil || types[1].DatabaseTypeName() != "INTEGER" || types[2].DatabaseTypeName() != "TEXT" {
			t.Errorf("types: %v, %v", types, err)
		}
		for rows.Next() {
			var id, at, name any
			if err := rows.Scan(&id, &at, &name); err != nil {
				return err
			}
			if at != noon.UnixMilli() {
				t.Errorf("at is %T %v", at, at)
			}
		}
		return rows.Err()
	})
	must(t, err)
}

// A statement in a transaction waits for nobody, although rows are still read.
func TestErrorsOfStatementsKeepTheirCode(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		_, err := c.DB().ExecContext(ctx, `insert into nowhere values (1)`)
		if err == nil || !strings.Contains(err.Error(), "no such table") {
			t.Errorf("%v", err)
		}
		rows, err := c.DB().QueryContext(ctx, `select json_extract(value, '$') from json_each('[1,2,3') `)
		if err == nil {
			rows.Next()
			err = rows.Err()
			rows.Close()
		}
		if err == nil {
			t.Error("broken JSON was read")
		}
		err = c.DB().QueryRowContext(ctx, `select 1 where 0`).Scan(new(int))
		if !errors.Is(err, sql.ErrNoRows) {
			t.Errorf("no rows: %v", err)
		}
		if _, err := c.DB().BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted}); core.CodeOf(err) != core.Invalid {
			t.Errorf("weak isolation: %v", err)
		}
		return nil
	})
	must(t, err)
}

func TestNothingReachesTheHostAfterTheCall(t *testing.T) {
	t.Parallel()
	var kept sdk.Call
	_, err := within(t, func(_ context.Context, c sdk.Call) error { kept = c; return nil })
	must(t, err)
	ctx := t.Context()
	_, exec := kept.DB().ExecContext(ctx, `select 1`)
	_, begin := kept.DB().BeginTx(ctx, nil)
	_, _, get := kept.KV().Get(ctx, "a")
	_, out := kept.HTTP().Get("http://127.0.0.1:1/")
	for what, err := range map[string]error{
		"exec": exec, "begin": begin, "emit": kept.Emit(ctx, nil, "probe.a.b", core.Target{}, nil), "audit": kept.Audit(ctx, nil, core.Entry{}),
		"get": get, "put": kept.KV().Put(ctx, "a", nil), "settings": kept.Settings(ctx, &struct{}{}), "http": out,
	} {
		if err == nil || !strings.Contains(err.Error(), "This call has ended") {
			t.Errorf("%s: %v", what, err)
		}
	}
	kept.Progress(1, 2, "late")
}

func TestCallMadeByHand(t *testing.T) {
	t.Parallel()
	var c sdk.Call
	if _, err := c.DB().ExecContext(t.Context(), `select 1`); err == nil || !strings.Contains(err.Error(), "no host") {
		t.Errorf("exec: %v", err)
	}
	c.Progress(1, 2, "")
	c.Log().Debug("said to nobody")
	if f := c.Form("add", "Add"); f.Error == "" {
		t.Error("a form without a plugin has no error")
	}
}

// Whatever is written is read back, through pages of any shape.
