package grant_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/grant"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"google.golang.org/grpc/metadata"
	"pgregory.net/rapid"
)

// everyMethod calls each method of the desk once.
func everyMethod(c caller) map[string]error {
	errs := map[string]error{}
	_, _, _, errs["Query"] = c.query(`select 1`)
	_, errs["Exec"] = c.exec(`insert into notes_notes (body) values ('x')`)
	_, errs["Batch"] = c.batch(`insert into notes_notes (body) values (?)`, []any{"x"})
	var tx caller
	tx, errs["Begin"] = c.begin(true)
	errs["End"] = tx.end(true)
	errs["Emit"] = c.emit(core.Event{Name: "notes.note.added", Subject: core.Target{Kind: "unit", ID: "unt_1"}})
	errs["Audit"] = c.audit(core.Entry{Action: "note.create"})
	_, err := c.host.ReadSettings(c.with(), &wire.SettingsRequest{})
	errs["ReadSettings"] = wire.FromStatus(err)
	_, err = c.host.WriteKey(c.with(), &wire.WriteKeyRequest{Key: "k", Value: []byte("v")})
	errs["WriteKey"] = wire.FromStatus(err)
	_, err = c.host.ReadKey(c.with(), &wire.KeyRequest{Key: "k"})
	errs["ReadKey"] = wire.FromStatus(err)
	_, err = c.host.ListKeys(c.with(), &wire.ListKeysRequest{})
	errs["ListKeys"] = wire.FromStatus(err)
	_, err = c.host.Published(c.with(), &wire.PublishedRequest{})
	errs["Published"] = wire.FromStatus(err)
	_, err = c.host.NoteCall(c.with(), &wire.OutsideCall{Method: "GET", Host: "api.example:443", Path: "/a?secret=1", Status: 200})
	errs["NoteCall"] = wire.FromStatus(err)
	return errs
}

func TestEveryMethodNeedsAGrant(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	good := h.call(h.one)
	for method, err := range everyMethod(good) {
		if err != nil {
			t.Errorf("%s with a grant: %v", method, err)
		}
	}
	if got := fmt.Sprint(h.noted); got != "[notes true GET api.example:443/a 200]" {
		t.Errorf("noted %s", got)
	}

	closed := h.call(h.one)
	closed.close()
	ended, end := context.WithCancel(t.Context())
	token, _ := h.desk.Open(ended, grant.Grant{Rights: rights(), Tenant: h.one, Writes: true})
	end()
	foreign := h.call(h.one)
	foreign.host = h.other
	for name, c := range map[string]struct {
		caller caller
		code   core.Code
		why    string
	}{
		"an invented token":    {caller{ctx: t.Context(), host: h.notes, token: core.NewSecret(32)}, core.Unauthenticated, "unknown or expired grant"},
		"an empty token":       {caller{ctx: t.Context(), host: h.notes}, core.Unauthenticated, "unknown or expired grant"},
		"a closed grant":       {closed, core.Unauthenticated, "unknown or expired grant"},
		"a context that ended": {caller{ctx: t.Context(), host: h.notes, token: token}, core.Unauthenticated, "unknown or expired grant"},
		"of another plugin":    {foreign, core.Forbidden, "grant of another plugin"},
	} {
		for method, err := range everyMethod(c.caller) {
			if core.CodeOf(err) != c.code {
				t.Errorf("%s by %s: %v, want %s", method, name, err, c.code)
			}
			if !strings.Contains(h.lines.String(), fmt.Sprintf("method=%s why=%q", method, c.why)) {
				t.Errorf("%s by %s is not in the log", method, name)
			}
		}
		if c.caller.token != "" && strings.Contains(h.lines.String(), c.caller.token) {
			t.Errorf("the log has the token of %s", name)
		}
	}
	without := caller{ctx: t.Context(), host: h.notes}
	if _, err := without.host.Exec(t.Context(), without.statement(`select 1`, nil)); core.CodeOf(wire.FromStatus(err)) != core.Unauthenticated {
		t.Errorf("without a token: %v", err)
	}
	two := metadata.AppendToOutgoingContext(good.with(), wire.GrantKey, h.call(h.two).token)
	if _, err := good.host.Exec(two, good.statement(`select 1`, nil)); core.CodeOf(wire.FromStatus(err)) != core.Unauthenticated {
		t.Errorf("with two tokens: %v", err)
	}
}

// TestTenantsStayApart lets random statements of two tenants' calls run beside
// each other, inside and outside of transactions: whatever is read or changed
// bears the mark of the own tenant.
func TestTenantsStayApart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	h.seed(h.two)
	marks := map[core.TenantID]string{h.one: "one", h.two: "two"}
	for tenant, mark := range marks {
		_, err := h.call(tenant).exec(`update notes_notes set body = ?`, mark)
		h.must(err)
	}
	statements := []string{
		`select body from notes_notes`,
		`select n.body from notes_notes n join units u on u.id = n.unit_id order by n.id desc`,
		`with recursive r(i) as (select 1 union all select i + 1 from r where i < 400) select body from notes_notes, r`,
		`insert into notes_notes (unit_id, body) values ('unt_1', MARK) returning body`,
		`update notes_notes set body = MARK where id % 2 = 0 returning body`,
		`delete from notes_notes where id > 6 returning body`,
		`select t.body from (select body, id from notes_notes) t where exists (select 1 from units) limit 3`,
	}
	rapid.Check(t, func(r *rapid.T) {
		plans := map[core.TenantID][]string{}
		within := map[core.TenantID]bool{}
		for tenant, mark := range marks {
			for _, s := range rapid.SliceOfN(rapid.SampledFrom(statements), 1, 6).Draw(r, mark) {
				plans[tenant] = append(plans[tenant], strings.ReplaceAll(s, "MARK", "'"+mark+"'"))
			}
			within[tenant] = rapid.Bool().Draw(r, mark+" in a transaction")
		}
		var calls sync.WaitGroup
		errs := make(chan error, 100)
		for tenant, plan := range plans {
			calls.Go(func() {
				c := h.call(tenant)
				defer c.close()
				if within[tenant] {
					tx, err := c.begin(false)
					if err != nil {
						errs <- err
						return
					}
					defer func() { errs <- tx.end(true) }()
					c = tx
				}
				for _, s := range plan {
					_, rows, _, err := c.query(s)
					if err != nil {
						errs <- fmt.Errorf("%s: %w", s, err)
					}
					for _, row := range rows {
						if row[0] != marks[tenant] {
							errs <- fmt.Errorf("%s of tenant %s returned %v", s, marks[tenant], row)
						}
					}
				}
			})
		}
		calls.Wait()
		close(errs)
		for err := range errs {
			if err != nil {
				r.Error(err)
			}
		}
	})
	for tenant, mark := range marks {
		if got, err := h.call(tenant).text(`select distinct body from notes_notes`); err != nil || got != mark {
			t.Errorf("tenant %s has %q, %v", mark, got, err)
		}
	}
}

func TestResultsTravelWhole(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	c := h.call(h.one)
	columns, rows, pages, err := c.query(`select id as ID, body from notes_notes where false`)
	if err != nil || pages != 1 || len(rows) != 0 || fmt.Sprint(columns) != "[ID body]" {
		t.Errorf("no rows: columns %v, %d rows in %d pages, %v", columns, len(rows), pages, err)
	}
	for _, n := range []int{1, 255, 256, 257, 512, 1000} {
		query := `with recursive r(i) as (select 1 union all select i + 1 from r where i < ?) select i, 'row ' || i from r`
		_, rows, pages, err := c.query(query, int64(n))
		if err != nil || len(rows) != n || rows[n-1][1] != fmt.Sprint("row ", n) {
			t.Fatalf("%d rows: got %d, %v", n, len(rows), err)
		}
		if want := n/256 + 1; pages != want {
			t.Errorf("%d rows came in %d pages, want %d", n, pages, want)
		}
	}
	_, rows, pages, err = c.query(`with recursive r(i) as (select 1 union all select i + 1 from r where i < 5) select zeroblob(200000) from r`)
	if err != nil || len(rows) != 5 || pages != 3 {
		t.Errorf("big rows: %d in %d pages, %v", len(rows), pages, err)
	}
	stream, err := c.host.Query(c.with(), c.statement(`select id, body, weight, raw, count(*) over () from notes_notes`, nil))
	h.must(err)
	page, err := stream.Recv()
	if err != nil || fmt.Sprint(page.Types) != "[INTEGER TEXT REAL BLOB ]" {
		t.Errorf("declared types %v, %v", page.GetTypes(), err)
	}
}

// TestLimits bound what one call may take.
func TestLimits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	r := rights()
	r.Limits = grant.Limits{Rows: 1500, Bytes: 100_000}
	c := h.open(grant.Grant{Rights: r, Tenant: h.one})
	counting := `with recursive r(i) as (select 1 union all select i + 1 from r where i < ?) select i, ? from r`
	if _, rows, _, err := c.query(counting, int64(1500), ""); err != nil || len(rows) != 1500 {
		t.Errorf("as many rows as allowed: %d, %v", len(rows), err)
	}
	for name, s := range map[string]struct {
		rows int64
		text string
		want string
	}{
		"rows":  {1501, "", "The result has more than 1,500 rows."},
		"bytes": {100, strings.Repeat("x", 1000), "The result has more than 100,000 bytes."},
	} {
		if _, _, _, err := c.query(counting, s.rows, s.text); core.CodeOf(err) != core.Invalid || err.Error() != s.want {
			t.Errorf("too many %s: %v", name, err)
		}
	}
	wide := h.call(h.one)
	if _, _, _, err := wide.query(`select zeroblob(17000000)`); core.CodeOf(err) != core.Invalid {
		t.Errorf("a row longer than a message: %v", err)
	}
	if _, err := wide.text(`select 1`); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// endless returns its first row at once and the second one never.
const endless = `select 1 union all select count(*) from (with recursive r(i) as (select 1 union all select i + 1 from r) select i from r)`

// TestDatabaseTime ends statements that run for too long, at their first row
// and later, in and outside of transactions, and counts all of a call together.
func TestDatabaseTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.seed(h.one)
	r := rights()
	r.Limits.Database = 50_000_000 // 50 ms
	open := func() caller { return h.open(grant.Grant{Rights: r, Tenant: h.one, Writes: true}) }
	want := "The statements of this call took more than 0.05 s."
	for name, try := range map[string]func(c caller) error{
		"a query":             func(c caller) error { _, err := c.text(endless); return err },
		"a query's first row": func(c caller) error { _, err := c.text(`select sum(1) from (` + endless + `)`); return err },
		"a change":            func(c caller) error { _, err := c.exec(`insert into notes_notes (body) ` + endless); return err },
		"a batch": func(c caller) error {
			_, err := c.batch(`insert into notes_notes (body) `+endless+` where ? > 0`, []any{int64(1)})
			return err
		},
		"one in a transaction": func(c caller) error {
			tx, err := c.begin(false)
			if err != nil {
				return err
			}
			if _, err := tx.exec(`delete from notes_notes`); err != nil {
				return err
			}
			_, err = tx.text(endless)
			if second := tx.end(true); core.CodeOf(second) != core.Unavailable {
				return fmt.Errorf("the transaction was kept: %v", second)
			}
			return err
		},
	} {
		c := open()
		if err := try(c); core.CodeOf(err) != core.Unavailable || err.Error() != want {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := c.text(`select 1`); core.CodeOf(err) != core.Unavailable {
			t.Errorf("after %s the call has time left: %v", name, err)
		}
		if got, err := h.call(h.one).text(`select count(*) from notes_notes`); err != nil || got != "3" {
			t.Errorf("after %s: %q, %v", name, got, err)
		}
	}
}
