package insight

import (
	"context"
	"fmt"
	"sync"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Kind says what is wrong with a figure.
type Kind string

// The kinds of differences: a figure that should be stored, should not be, or
// should be another one; a total that isn't the sum of its tenants' figures; a
// tenant that could not be computed.
const (
	Missing    Kind = "missing"
	Surplus    Kind = "surplus"
	Other      Kind = "other"
	WrongTotal Kind = "total"
	Unread     Kind = "unread"
)

// Difference is a stored figure that isn't what its tenant's file says.
type Difference struct {
	Kind   Kind
	Tenant core.TenantID // empty for a total
	core.Figure
	Stored, Computed int64
	Demo             bool   // of a total: that of the demo tenants
	Reason           string // why the tenant could not be computed
}

// String is the difference on one line.
func (d Difference) String() string {
	if d.Kind == Unread {
		return fmt.Sprintf("%s: can't be computed: %s", d.Tenant, d.Reason)
	}
	who := string(d.Tenant)
	switch {
	case d.Kind == WrongTotal && d.Demo:
		who = "total of demo tenants"
	case d.Kind == WrongTotal:
		who = "total"
	case d.Development != "":
		who += " " + d.Development
	}
	what := d.Metric
	if d.Currency != "" {
		what += " " + d.Currency
	}
	if d.Period != "" {
		what += " of " + d.Period
	}
	return fmt.Sprintf("%s: %s: stored %d, computed %d", who, what, d.Stored, d.Computed)
}

// Verify computes the figures of every tenant again, by the sources that are
// declared, compares them with the stored ones, and the totals with the sums of
// what is stored. It reports each difference and returns the number of tenants
// that it has checked. A tenant that has changed since it was computed is
// computed first, as it would be anyway. Report is called by one goroutine at a
// time.
func (i *Insight) Verify(ctx context.Context, report func(Difference)) (checked int, err error) {
	return i.VerifyWith(ctx, report, func(int, int) {})
}

// VerifyWith is Verify, and tells how far it is.
func (i *Insight) VerifyWith(ctx context.Context, report func(Difference), progress func(done, total int)) (checked int, err error) {
	ids, err := i.everyone(ctx)
	if err != nil {
		return 0, fmt.Errorf("verify figures: %w", err)
	}
	var mu sync.Mutex
	var failed error
	steps := counter{tell: func(done int) { progress(done, len(ids)) }}
	i.each(ctx, ids, func(id core.TenantID) {
		found, err := i.verify(ctx, id)
		mu.Lock()
		defer mu.Unlock()
		if err != nil && failed == nil {
			failed = err
		}
		for _, d := range found {
			report(d)
		}
		steps.step()
	})
	if failed == nil {
		failed = ctx.Err()
	}
	if failed != nil {
		return steps.done, fmt.Errorf("verify figures: %w", failed)
	}
	wrong, err := i.wrongTotals(ctx)
	if err != nil {
		return steps.done, fmt.Errorf("verify totals: %w", err)
	}
	for _, d := range wrong {
		report(d)
	}
	return steps.done, nil
}

// attempts is how often a tenant is compared that is changed all the time.
const attempts = 5

// verify compares one tenant. Only what was computed, stored and settled at one
// state of its file can be compared.
func (i *Insight) verify(ctx context.Context, id core.TenantID) ([]Difference, error) {
	for attempt := range attempts {
		found, settled, err := i.compare(ctx, id)
		switch {
		case core.CodeOf(err) == core.NotFound:
			return nil, nil // deleted meanwhile
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case err != nil:
			return []Difference{{Kind: Unread, Tenant: id, Reason: err.Error()}}, nil
		case settled || len(found) == 0 && attempt > 0:
			return found, nil
		}
		if err := i.Refresh(ctx, id); core.CodeOf(err) == core.NotFound {
			return nil, nil
		} else if err != nil {
			return []Difference{{Kind: Unread, Tenant: id, Reason: err.Error()}}, ctx.Err()
		}
	}
	return []Difference{{Kind: Unread, Tenant: id, Reason: "it is being changed all the time"}}, nil
}

// compare returns the differences of one tenant, and whether they are of one
// state of its file and not of a change that waits to be computed.
func (i *Insight) compare(ctx context.Context, id core.TenantID) (found []Difference, settled bool, err error) {
	signature, err := i.options.Store.Signature(ctx, id)
	if err != nil {
		return nil, false, err
	}
	var results []result
	for _, s := range i.declared() {
		results = append(results, result{source: s})
	}
	if err := i.compute(ctx, id, results); err != nil {
		return nil, false, err
	}
	for _, r := range results {
		if r.err != nil {
			return nil, false, fmt.Errorf("%s: %w", r.Name, r.err)
		}
	}
	err = i.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		found, settled, err = compareStored(ctx, tx, id, signature, results)
		return err
	})
	if err != nil || !settled {
		return found, false, err
	}
	now, err := i.options.Store.Signature(ctx, id)
	return found, now == signature, err
}

// compareStored compares what was computed at a signature with what is stored.
func compareStored(ctx context.Context, tx *tenants.Tx, id core.TenantID, signature string, results []result) (found []Difference, settled bool, err error) {
	at, err := tenants.Settled(ctx, tx, id)
	if err != nil {
		return nil, false, err
	}
	number, err := numberOf(ctx, tx, id)
	if err != nil {
		return nil, false, err
	}
	states, err := statesOf(ctx, tx, id)
	if err != nil {
		return nil, false, err
	}
	stored, err := figuresOf(ctx, tx, number)
	if err != nil {
		return nil, false, err
	}
	names, err := metricNames(ctx, tx)
	if err != nil {
		return nil, false, err
	}
	settled = at == signature
	for _, r := range results {
		settled = settled && states[r.Name].current()
		d := r.differences(stored)
		for _, part := range []struct {
			kind    Kind
			entries []entry
		}{{Missing, d.missing}, {Other, d.other}, {Surplus, d.surplus}} {
			for _, e := range part.entries {
				f := core.Figure{Metric: names[e.metric], Development: e.development, Period: decode(e.period), Currency: e.currency}
				found = append(found, Difference{Kind: part.kind, Tenant: id, Figure: f, Stored: stored[e.key], Computed: r.figures[e.key]})
			}
		}
	}
	return found, settled, nil
}
