package insight

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// askTime is how long a source may take that is asked for a tenant's figures.
const askTime = 20 * time.Second

// Bounds of what a source may answer. Sums over ten thousand tenants stay whole
// numbers of 64 bits.
const (
	maxFigures = 100_000
	maxValue   = 100_000_000_000_000
)

// key is where a figure is stored.
type key struct {
	metric      int64
	development string
	period      int64
	currency    string
}

// result is what a source answered about a tenant.
type result struct {
	*source
	version int64 // of the source, when it was asked
	figures map[key]int64
	err     error
}

// Refresh computes the figures of one tenant now, where its file has changed
// or a source has not answered for it yet. Returns not_found for a tenant that
// does not exist, and the error of a source that fails.
func (i *Insight) Refresh(ctx context.Context, tenant core.TenantID) error {
	_, err := i.refresh(ctx, tenant)
	return err
}

// refresh also reports whether the tenant is settled: then its sources' errors
// wait for their retries, and nothing else does.
func (i *Insight) refresh(ctx context.Context, tenant core.TenantID) (settled bool, err error) {
	signature, err := i.options.Store.Signature(ctx, tenant)
	if err != nil {
		return false, fmt.Errorf("refresh figures of %s: %w", tenant, err)
	}
	due, changed, err := i.due(ctx, tenant, signature)
	if err != nil {
		return false, fmt.Errorf("refresh figures of %s: %w", tenant, err)
	}
	err = i.compute(ctx, tenant, due)
	if ctx.Err() != nil {
		return false, ctx.Err() // what failed for want of time is no fault of its source
	}
	if err != nil {
		return false, errors.Join(fmt.Errorf("refresh figures of %s: %w", tenant, err), i.fail(ctx, tenant, due, err))
	}
	err = i.options.Store.SettleWith(ctx, tenant, signature, func(tx *tenants.Tx) error {
		return store(ctx, tx, tenant, due, changed)
	})
	if err != nil {
		return false, fmt.Errorf("store figures of %s: %w", tenant, err)
	}
	var failed []error
	for _, r := range due {
		if r.err != nil {
			failed = append(failed, fmt.Errorf("compute %s of %s: %w", r.Name, tenant, r.err))
		}
	}
	return true, errors.Join(failed...)
}

// fail notes for every source why a tenant's file can't be read.
func (i *Insight) fail(ctx context.Context, tenant core.TenantID, due []result, reason error) error {
	for n := range due {
		due[n].err = reason
	}
	err := i.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return store(ctx, tx, tenant, due, false) })
	if err != nil {
		return fmt.Errorf("note failure: %w", err)
	}
	return nil
}

// compute asks the sources about a tenant, those that read its file in one
// snapshot. The error is of the file; the results have the sources' own.
func (i *Insight) compute(ctx context.Context, tenant core.TenantID, due []result) error {
	reads := false
	for _, r := range due {
		reads = reads || r.Read != nil
	}
	if reads {
		err := i.options.Store.View(ctx, tenant, func(tx *tenants.Tx) error {
			for n := range due {
				if r := &due[n]; r.Read != nil {
					r.take(r.Read(ctx, tx))
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	for n := range due {
		if r := &due[n]; r.Ask != nil {
			i.ask(ctx, tenant, r)
		}
	}
	return nil
}

// ask asks a source that is elsewhere. One that doesn't answer is left alone
// for a while, so that it doesn't hold up the figures of every tenant.
func (i *Insight) ask(ctx context.Context, tenant core.TenantID, r *result) {
	i.mu.RLock()
	rest := r.rest
	i.mu.RUnlock()
	if i.now().Before(rest.until) {
		r.err = core.Errorf(core.Unavailable, "%s doesn't answer. It is asked again later.", r.Name)
		return
	}
	asking, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	r.take(r.Ask(asking, tenant))
	silent := asking.Err() != nil || core.CodeOf(r.err) == core.Unavailable
	if ctx.Err() != nil || !silent && rest.failures == 0 {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	r.rest.failures++
	r.rest.until = i.now().Add(pause(r.rest.failures))
	if !silent {
		r.rest.failures, r.rest.until = 0, time.Time{}
	}
}

// take checks what a source answered and encodes it.
func (r *result) take(figures []core.Figure, err error) {
	if r.err = err; err != nil {
		return
	}
	if len(figures) > maxFigures {
		r.err = core.Errorf(core.Invalid, "%s answered %d figures of one tenant; %d are the most.", r.Name, len(figures), maxFigures)
		return
	}
	r.figures = make(map[key]int64, len(figures))
	for _, f := range figures {
		k, err := r.keyOf(f)
		if _, twice := r.figures[k]; err == nil && twice {
			err = errors.New("is there twice")
		}
		if err != nil {
			r.figures = nil
			r.err = core.Errorf(core.Invalid, "%s answered a figure that can't be stored: %q of development %q in %q %v.", r.Name, f.Metric, f.Development, f.Period, err)
			return
		}
		r.figures[k] = f.Value
	}
	for k, value := range r.figures {
		if value == 0 {
			delete(r.figures, k) // nought is not stored
		}
	}
}

var (
	currencyCode = regexp.MustCompile(`^([A-Z]{3})?$`)

	errNoMetric    = errors.New("is not declared")
	errDevelopment = errors.New("is not of a development")
	errCurrency    = errors.New("has a currency that is none, or an amount has none")
	errValue       = fmt.Errorf("is beyond %d", int64(maxValue))
)

func (r *result) keyOf(f core.Figure) (key, error) {
	k := key{metric: r.metrics[f.Metric], development: f.Development, currency: f.Currency}
	var err error
	switch k.period, err = encode(f.Period); {
	case k.metric == 0:
		return k, errNoMetric
	case err != nil:
		return k, errors.New("is of no period")
	case f.Development != "" && !core.ValidID(core.PrefixDevelopment, f.Development):
		return k, errDevelopment
	case !currencyCode.MatchString(f.Currency) || r.isMoney(f.Metric) != (f.Currency != ""):
		return k, errCurrency
	case f.Value > maxValue || f.Value < -maxValue:
		return k, errValue
	}
	return k, nil
}

func (r *result) isMoney(metric string) bool {
	for _, m := range r.Metrics {
		if m.Name == metric {
			return m.Unit == moneyUnit
		}
	}
	return false
}

// moneyUnit is the unit of metrics that are amounts, in minor units of a
// currency.
const moneyUnit = "money"
