package insight

import (
	"context"
	"database/sql"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// fresh is how fresh the figures of all real tenants are, before the failures
// of single sources count.
type fresh struct {
	Freshness
	declared map[int64]bool // the sources of this process, by number
}

// freshness counts what waits. Changes that are not an instant old may be in
// memory alone; Run moves them here before it computes them.
func (i *Insight) freshness(ctx context.Context, tx *tenants.Tx) (fresh, error) {
	f := fresh{Freshness: Freshness{AsOf: i.now()}, declared: map[int64]bool{}}
	for _, s := range i.declared() {
		f.declared[s.number] = true
	}
	var since sql.NullInt64
	err := tx.QueryRow(ctx, `
		select count(*), min(c.changed_at), (select count(*) from figure_tenants where demo = 1)
		from tenant_changes c cross join figure_tenants t on t.tenant_id = c.tenant_id
		where t.demo = 0`).Scan(&f.Stale, &since, &f.Excluded)
	f.before(moment(since))
	return f, err
}

// before moves AsOf back to a moment, if there is one.
func (f *Freshness) before(at time.Time) {
	if !at.IsZero() && at.Before(f.AsOf) {
		f.AsOf = at
	}
}

// of adds the tenants whose source is behind, or all of them when it is gone.
// Those that wait as well are counted once.
func (f fresh) of(ctx context.Context, tx *tenants.Tx, source int64) (Freshness, error) {
	const all = `
		select count(*), min(st.computed_at)
		from figure_states st join figure_tenants t on t.number = st.tenant
		where st.source = ? and t.demo = 0 and not exists (select 1 from tenant_changes c where c.tenant_id = t.tenant_id)`
	statement := all + ` and ` + behind
	if !f.declared[source] {
		statement = all
	}
	var n int
	var oldest sql.NullInt64
	err := tx.QueryRow(ctx, statement, source).Scan(&n, &oldest)
	f.Stale += n
	f.before(moment(oldest))
	return f.Freshness, err
}

// freshnessOf is how fresh the figures of one tenant are.
func (i *Insight) freshnessOf(ctx context.Context, tx *tenants.Tx, tenant core.TenantID) (Freshness, error) {
	f := Freshness{AsOf: i.now()}
	var changed, failed sql.NullInt64
	var failing int
	err := tx.QueryRow(ctx, `select (select changed_at from tenant_changes where tenant_id = ?1), count(*), min(st.computed_at)
		from figure_tenants t join figure_states st on st.tenant = t.number
		where t.tenant_id = ?1 and `+behind, tenant).Scan(&changed, &failing, &failed)
	if changed.Valid || failing > 0 {
		f.Stale = 1
	}
	f.before(moment(changed))
	f.before(moment(failed))
	return f, err
}

// stateOf reads how far every source is, those of other processes too.
func stateOf(ctx context.Context, tx *tenants.Tx) (s State, err error) {
	var since sql.NullInt64
	err = tx.QueryRow(ctx, `
		select (select count(*) from figure_tenants), (select count(*) from figure_tenants where demo = 1),
		  (select count(*) from tenant_changes), (select min(changed_at) from tenant_changes),
		  (select count(distinct st.tenant) from figure_states st where `+behind+` and st.error <> '')`).
		Scan(&s.Tenants, &s.Excluded, &s.Pending, &since, &s.Failed)
	if err != nil {
		return s, err
	}
	s.Since = moment(since)
	rows, err := tx.Query(ctx, `
		select s.name,
		  (select count(*) from figure_states where source = s.number and computed_at is not null),
		  (select count(*) from figure_states st where st.source = s.number and `+behind+` and st.error <> ''),
		  coalesce((select st.error from figure_states st where st.source = s.number and `+behind+` and st.error <> '' order by st.retry_at limit 1), ''),
		  (select min(computed_at) from figure_states where source = s.number and computed_at is not null)
		from figure_sources s order by s.name`)
	if err != nil {
		return s, err
	}
	defer rows.Close()
	for rows.Next() {
		var source SourceState
		var oldest sql.NullInt64
		if err := rows.Scan(&source.Name, &source.Computed, &source.Failed, &source.Error, &oldest); err != nil {
			return s, err
		}
		source.Oldest = moment(oldest)
		s.Sources = append(s.Sources, source)
	}
	return s, rows.Err()
}
