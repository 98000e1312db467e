package directory

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// The plans that keep a page as fast with 50,000 units as with 500: an index
// gives the order, and the cursor is a place in it.
func TestListsUseIndexes(t *testing.T) {
	t.Parallel()
	store, err := tenants.Open(t.Context(), tenants.Options{
		Dir: fresh.Dir(t), Now: func() time.Time { return time.Unix(1.7e9, 0) }, Log: slog.New(slog.DiscardHandler),
		Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	tenant := core.NewTenantID(time.Unix(1.7e9, 0))
	if err := store.Create(t.Context(), core.Tenant{ID: tenant, Name: "Harpur Homes", Code: "HARP", Region: "eu-west"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		query core.Query
		index string
	}{
		"units":                     {core.Query{}, "units_by_label"},
		"units, backwards":          {core.Query{Desc: true}, "units_by_label"},
		"units, next page":          {core.Query{After: cursor{Value: "2", ID: "unt_"}.String()}, "units_by_label"},
		"units of a development":    {core.Query{Development: "dvt_"}, "units_of_development"},
		"its next page":             {core.Query{Development: "dvt_", After: cursor{Value: "2", ID: "unt_"}.String()}, "units_of_development"},
		"units handed over":         {core.Query{Status: "handed_over"}, "units_by_label"},
		"units without a homeowner": {core.Query{Status: "without_homeowner", Development: "dvt_"}, "units_of_development"},
		"newest units":              {core.Query{Sort: "created_at", Desc: true}, "sqlite_autoindex_units_1"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := unitListing(c.query)
			if err != nil {
				t.Fatal(err)
			}
			if err := l.after(c.query, l.sorts[c.query.Sort]); err != nil {
				t.Fatal(err)
			}
			plan := explain(t, store, tenant, l.statement(c.query, l.sorts[c.query.Sort]), l.args)
			inner, _, _ := strings.Cut(plan, "SCAN picked") // the few rows of a page may be sorted
			if !strings.Contains(inner, c.index) || strings.Contains(inner, "TEMP B-TREE") {
				t.Errorf("the plan does not go along %s:\n%s", c.index, plan)
			}
			if c.query.After != "" && !strings.Contains(plan, "SEARCH u") {
				t.Errorf("the plan does not start at the cursor:\n%s", plan)
			}
		})
	}
}

// A cursor comes from outside: it is refused, or says the same again.
func FuzzCursor(f *testing.F) {
	f.Add(cursor{Value: int64(5), ID: "unt_", Desc: true}.String())
	f.Add(cursor{Sort: "label", Value: "2 park", ID: "unt_"}.String())
	f.Add("eyJ2IjoxZTk5fQ")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := parseCursor(s)
		if err != nil {
			return
		}
		if again, err := parseCursor(c.String()); err != nil || again != c {
			t.Fatalf("cursor %+v comes back as %+v (%v)", c, again, err)
		}
	})
}

func explain(t *testing.T, store *tenants.Store, tenant core.TenantID, statement string, args []any) (plan string) {
	t.Helper()
	err := store.View(t.Context(), tenant, func(tx *tenants.Tx) error {
		rows, err := tx.Query(context.Background(), "explain query plan "+statement, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				return err
			}
			plan += detail + "\n"
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}
