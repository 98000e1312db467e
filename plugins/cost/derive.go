package cost

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/price"
)

// derivation makes cost entries out of usage events.
var derivation = part{
	jobs: []sdk.Job{
		{ID: "derive", Summary: "Prices what has been used since the last time.", Schedule: "* * * * *", Scope: sdk.Tenant, Changed: true, Run: derive},
		{ID: "share", Summary: "Rates what Google and the hosting count by account, and shares it out.", Schedule: "*/10 * * * *", Scope: sdk.Platform, Run: sharePools},
	},
	tools: []sdk.Tool{
		sdk.NewTool("rebuild", "Rebuild costs", "Prices every usage event anew, by the price book as it is. Where nothing was wrong, nothing changes.", core.CostsWrite, planRebuild, rebuild),
	},
	metrics: metrics,
}

// Bounds of one run: the rest follows a minute later.
const (
	eventsOfRun   = 200_000
	eventsOfBatch = 5_000 // of hours that are written together
	hoursOfBatch  = 24
	partsOfRun    = 200
)

// derive prices what has been used since the last run.
func derive(ctx context.Context, c sdk.Call) (string, error) {
	w, err := begin(ctx, c)
	if err == nil && w.revision > 0 { // before, the platform has published no price: it does within a minute
		err = w.run(ctx, c)
	}
	if err != nil && w.hours > 0 && ctx.Err() == nil && core.CodeOf(err) == core.Unavailable {
		c.Log().Info("costs are derived in several runs", "hours", w.hours, "because", err)
		err = nil // the call's time was over: what is done is done
	}
	return w.line(), err
}

// work is one run of the derivation. Every step is a transaction that leaves
// entries, sums and what is still due as they belong together; a run that is
// cut off is taken up by the next.
type work struct {
	published, hours, parts, rows int
	events                        int64
	revision, horizon             int64
	days                          calendar

	book  *price.Book // read when they are needed
	turns []int64
	sites *directory
}

func (w *work) line() string {
	if w == nil || w.published+w.hours+w.parts == 0 {
		return ""
	}
	var done []string
	for _, n := range []struct {
		count int64
		what  string
	}{{int64(w.hours), "hours"}, {w.events, "events"}, {int64(w.rows), "entries"}, {int64(w.parts), "sums"}, {int64(w.published), "publications"}} {
		if n.count > 0 {
			done = append(done, fmt.Sprintf("%s: %d", n.what, n.count))
		}
	}
	return strings.Join(done, ", ")
}

// begin takes what was published, and notes the hours that have changed.
func begin(ctx context.Context, c sdk.Call) (*work, error) {
	w := new(work)
	var err error
	if w.horizon, err = selectHorizonHour(ctx, c); err != nil {
		return w, err
	}
	if w.days, err = zones(ctx, c); err != nil {
		return w, err
	}
	if w.revision, err = w.takePublished(ctx, c); err != nil {
		return w, err
	}
	known, err := selectProgress(ctx, c.DB(), progressChange)
	if err != nil {
		return w, err
	}
	if last, err := selectLastChange(ctx, c.DB()); err != nil || last <= known {
		return w, err
	}
	return w, sdk.Update(ctx, c, func(tx *sql.Tx) error {
		last, err := selectLastChange(ctx, tx)
		if err != nil {
			return err
		}
		if err := insertChangedHours(ctx, tx, known); err != nil {
			return err
		}
		return updateProgress(ctx, tx, progressChange, last)
	})
}

// run derives what is due, up to the bounds of a run.
func (w *work) run(ctx context.Context, c sdk.Call) error {
	if err := w.deriveHours(ctx, c); err != nil {
		return err
	}
	if w.events < eventsOfRun {
		if err := w.deriveParts(ctx, c); err != nil {
			return err
		}
	}
	if w.published+w.hours+w.parts == 0 {
		return nil // what isn't written doesn't call for another run
	}
	return sdk.Update(ctx, c, func(tx *sql.Tx) error { return updateProgress(ctx, tx, progressDerived, c.Now.UnixMilli()) })
}

// deriveHours derives hours in batches, until none is due or the run is full.
func (w *work) deriveHours(ctx context.Context, c sdk.Call) error {
	for w.events < eventsOfRun {
		due, err := selectDueHours(ctx, c, hoursOfBatch)
		if err != nil || len(due) == 0 {
			return err
		}
		n, events := 0, int64(0)
		for n < len(due) && (n == 0 || events+due[n].events <= eventsOfBatch) {
			events += due[n].events
			n++
		}
		if err := w.deriveBatch(ctx, c, due[:n]); err != nil {
			return err
		}
		w.hours += n
		left, _, err := selectDueCount(ctx, c)
		if err != nil {
			return err
		}
		c.Progress(int64(w.hours), int64(w.hours)+left, "hours")
	}
	return nil
}

// deriveBatch derives some hours: from their events, or, where these were
// erased, from the quantities that are left of them. Where nothing is left,
// because they were erased before they were derived, their number is.
func (w *work) deriveBatch(ctx context.Context, c sdk.Call, due []dueHour) error {
	m, err := w.meter(ctx, c)
	if err != nil {
		return err
	}
	var live, erased []dueHour
	for _, h := range due {
		if h.hour < w.horizon {
			erased = append(erased, h)
		} else {
			live = append(live, h)
		}
	}
	if len(live) > 0 {
		err = selectEvents(ctx, c, live, func(e event) {
			m.add(e)
			w.events++
		})
	}
	if err != nil {
		return err
	}
	if len(erased) > 0 {
		if err := selectErased(ctx, c, erased, m); err != nil {
			return err
		}
	}
	entries, readings := m.entries(), m.readings()
	return sdk.Update(ctx, c, func(tx *sql.Tx) error {
		revision, err := selectProgress(ctx, tx, progressRevision)
		if err != nil {
			return err
		}
		if revision != w.revision {
			return core.Errorf(core.Unavailable, "The prices have changed meanwhile.")
		}
		same, err := selectUnchanged(ctx, tx, due)
		if err != nil {
			return err
		}
		kept := keepHours(entries, readings, same)
		w.rows += len(kept.entries)
		return replaceHours(ctx, tx, same, kept.entries, kept.readings)
	})
}

func hourOf(hour int64) time.Time { return time.UnixMilli(hour * hourMS).UTC() }

// zones is the developer's calendar. The first zone counts from the beginning;
// another one is noted, and counts from the next local month on (H3).
func zones(ctx context.Context, c sdk.Call) (calendar, error) {
	days, last, err := selectZones(ctx, c)
	zone := c.Location().String()
	if err != nil || zone == last {
		return days, err
	}
	from := int64(0)
	if len(days) > 0 {
		from = days.next(c.Now).UnixMilli()
	}
	err = sdk.Update(ctx, c, func(tx *sql.Tx) error { return updateZone(ctx, tx, from, zone) })
	if err != nil {
		return nil, err
	}
	days, _, err = selectZones(ctx, c)
	return days, err
}

// takePublished copies what the platform has published since the last run, and
// returns the last revision.
func (w *work) takePublished(ctx context.Context, c sdk.Call) (int64, error) {
	revision, err := selectProgress(ctx, c.DB(), progressRevision)
	for more := err == nil; more; {
		var list []sdk.Publication
		list, more, err = c.Published(ctx, revision)
		if err != nil {
			return revision, err
		}
		for len(list) > 0 {
			n := publicationsOf(list)
			err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
				for _, p := range list[:n] {
					if err := w.take(ctx, tx, p); err != nil {
						return fmt.Errorf("take %s: %w", p.Key, err)
					}
				}
				return updateProgress(ctx, tx, progressRevision, list[n-1].Revision)
			})
			if err != nil {
				return revision, err
			}
			revision, list = list[n-1].Revision, list[n:]
			w.published += n
		}
	}
	return revision, err
}

// bytesOfUpdate bounds what is copied in one transaction.
const bytesOfUpdate = 1 << 20

// publicationsOf is how many of the publications are copied together.
func publicationsOf(list []sdk.Publication) int {
	n, bytes := 1, len(list[0].Value)
	for n < len(list) && bytes+len(list[n].Value) <= bytesOfUpdate {
		bytes += len(list[n].Value)
		n++
	}
	return n
}
