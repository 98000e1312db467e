package insight_test

import (
	"context"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// While one tenant is written all the time, its figures follow, and those of
// others do.
func TestChangesThatDontCease(t *testing.T) {
	t.Parallel()
	const much = 1 << 40
	h := newHouse(t)
	busy, quiet := h.tenant(t, false, core.Figure{Metric: sites, Value: 0}), h.tenant(t, false)
	ctx, stop := context.WithCancel(t.Context())
	ended, written := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(ended)
		h.Run(ctx)
	}()
	go func() {
		var err error
		for err == nil && ctx.Err() == nil {
			err = h.store.Update(context.Background(), busy, func(tx *tenants.Tx) error {
				_, err := tx.Exec(context.Background(), `update given set value = value + 1`)
				return err
			})
		}
		written <- err
	}()
	for i := range int64(4) {
		before := h.total(t, sites, "").Value % much
		h.give(t, quiet, core.Figure{Metric: sites, Value: (i + 1) * much})
		h.until(t, func() bool {
			total := h.total(t, sites, "").Value
			return total/much == i+1 && total%much > before
		})
	}
	stop()
	<-ended
	must(t, <-written)
	h.settle(t)
	equal(t, "differences", len(h.differences(t)), 0)
}
