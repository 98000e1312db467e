package insight

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// enrol gives a source its place in the control database. It writes nothing
// when the source was declared like this before.
func (i *Insight) enrol(ctx context.Context, s Source) (*source, error) {
	encoded, err := json.Marshal(s.Metrics)
	if err != nil {
		return nil, fmt.Errorf("declare %s: %w", s.Name, err)
	}
	d := &source{Source: s, encoded: string(encoded)}
	known := false
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		known, err = d.find(ctx, tx)
		return err
	})
	if err == nil && !known {
		err = i.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
			if err := d.insert(ctx, tx); err != nil {
				return err
			}
			if _, err := d.find(ctx, tx); err != nil {
				return err
			}
			return tenants.MarkAll(ctx, tx)
		})
	}
	if err != nil {
		return nil, fmt.Errorf("declare %s: %w", s.Name, err)
	}
	return d, nil
}

// find reads the numbers of a source that has declared just these metrics.
func (d *source) find(ctx context.Context, tx *tenants.Tx) (known bool, err error) {
	var stored string
	err = tx.QueryRow(ctx, `select number, metrics from figure_sources where name = ?`, d.Name).Scan(&d.number, &stored)
	if errors.Is(err, sql.ErrNoRows) || err == nil && stored != d.encoded {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	rows, err := tx.Query(ctx, `select number, name from figure_metrics where source = ?`, d.number)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	numbers := map[string]int64{}
	d.metrics, d.owned = map[string]int64{}, map[int64]bool{}
	for rows.Next() {
		var number int64
		var name string
		if err := rows.Scan(&number, &name); err != nil {
			return false, err
		}
		numbers[name], d.owned[number] = number, true
	}
	for _, m := range d.Metrics {
		d.metrics[m.Name] = numbers[m.Name]
	}
	return true, rows.Err()
}

func (d *source) insert(ctx context.Context, tx *tenants.Tx) error {
	var number int64
	err := tx.QueryRow(ctx, `
		insert into figure_sources (name, metrics) values (?, ?)
		on conflict (name) do update set metrics = excluded.metrics, version = version + 1
		returning number`, d.Name, d.encoded).Scan(&number)
	if err != nil {
		return err
	}
	for _, m := range d.Metrics {
		_, err := tx.Exec(ctx, `
			insert into figure_metrics (name, source) values (?, ?)
			on conflict (name) do update set source = excluded.source`, m.Name, number)
		if err != nil {
			return err
		}
	}
	return nil
}

// due returns the declared sources that have to be asked about a tenant: all
// of them when its file has changed, otherwise those that haven't answered at
// their present version. A source whose metrics another process has declared
// otherwise isn't among them.
func (i *Insight) due(ctx context.Context, tenant core.TenantID, signature string) (due []result, changed bool, err error) {
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		settled, err := tenants.Settled(ctx, tx, tenant)
		if err != nil {
			return err
		}
		states, err := statesOf(ctx, tx, tenant)
		if err != nil {
			return err
		}
		changed = settled != signature
		for _, s := range i.declared() {
			state := states[s.Name]
			if state.metrics == s.encoded && (changed || !state.current()) {
				due = append(due, result{source: s, version: state.version})
			}
		}
		return nil
	})
	return due, changed, err
}

// state is how far a source is with a tenant.
type state struct {
	metrics  string // that the source declared last
	version  int64  // of the source
	computed int64  // the version that the tenant was computed at; 0: not since its file changed
	error    string
}

// current reports whether nothing but a change of the file calls for figures.
func (s state) current() bool { return s.computed == s.version && s.error == "" }

// statesOf are the states of every source with a tenant, by the sources' names.
func statesOf(ctx context.Context, tx *tenants.Tx, tenant core.TenantID) (map[string]state, error) {
	rows, err := tx.Query(ctx, `
		select s.name, s.metrics, s.version, coalesce(st.version, 0), coalesce(st.error, '')
		from figure_sources s
		left join figure_states st on st.source = s.number and st.tenant = (select number from figure_tenants where tenant_id = ?)`, tenant)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	states := map[string]state{}
	for rows.Next() {
		var name string
		var s state
		if err := rows.Scan(&name, &s.metrics, &s.version, &s.computed, &s.error); err != nil {
			return nil, err
		}
		states[name] = s
	}
	return states, rows.Err()
}

// behind is the condition of the index of states that wait for their source.
const behind = `(st.error <> '' or st.version = 0)`

// retries are the tenants of whom a declared source is to be asked again: one
// that has failed, or was not there when they changed; and how long it is until
// the next one is.
func (i *Insight) retries(ctx context.Context) (ids []core.TenantID, soonest time.Duration, err error) {
	now := i.now()
	soonest = glance
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		for _, s := range i.declared() {
			rows, err := tx.Query(ctx, `
				select t.tenant_id from figure_states st join figure_tenants t on t.number = st.tenant
				where st.source = ? and `+behind+` and (st.retry_at is null or st.retry_at <= ?)`, s.number, now.UnixMilli())
			if err != nil {
				return err
			}
			found, err := scanTenants(rows)
			if err != nil {
				return err
			}
			ids = append(ids, found...)
			var next sql.NullInt64
			err = tx.QueryRow(ctx, `select min(st.retry_at) from figure_states st where st.source = ? and `+behind+` and st.retry_at > ?`,
				s.number, now.UnixMilli()).Scan(&next)
			if err != nil {
				return err
			}
			if next.Valid {
				soonest = min(soonest, time.UnixMilli(next.Int64).Sub(now))
			}
		}
		return nil
	})
	return ids, soonest, err
}

func scanTenants(rows *sql.Rows) (ids []core.TenantID, err error) {
	defer rows.Close()
	for rows.Next() {
		var id core.TenantID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
