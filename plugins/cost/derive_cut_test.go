package cost

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/openhouse-ai/console/core"
)

// spread reports usage over five weeks, in more hours than one batch has.
func (w world) spread() {
	w.t.Helper()
	for i := range 60 {
		ago := float64(i)*14 + 0.5
		w.Report(w.call(fmt.Sprint("call", i), ago, "gpt-5", 3000+int64(i), 1000, 77))
		switch i % 3 {
		case 0:
			w.Report(w.event("map.loaded", fmt.Sprint("map", i), ago, i/3%3, map[string]any{"kind": "dynamic"}))
		case 1:
			w.Report(w.event("storage.measured", fmt.Sprint("stored", i), ago, i/3%3, map[string]any{"store": "media", "bytes": 1000 * i}))
		}
	}
}

// countdown is a context that ends after it was looked at so many times.
type countdown struct {
	context.Context
	left *atomic.Int64
	end  context.CancelFunc
}

// Done implements context.Context.
func (c countdown) Done() <-chan struct{} {
	if c.left.Add(-1) == 0 {
		c.end()
	}
	return c.Context.Done()
}

// A derivation that is cut off, wherever it is, is taken up by the next, and
// comes to what one comes to that wasn't.
func TestDerivationIsCutOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.spread()
	w.derive()
	derived := w.derived()
	w.drop()
	call, cut := w.Call(), 0
	for looks := int64(3); ; looks += looks / 3 {
		left := new(atomic.Int64)
		left.Store(looks)
		ctx, end := context.WithCancel(w.Context())
		_, err := derive(countdown{ctx, left, end}, call)
		end()
		if left.Load() > 0 {
			w.must(err) // it came to its end
			break
		}
		cut++
	}
	if cut < 5 {
		t.Errorf("it was cut off %d times, want more", cut)
	}
	w.derive()
	if again := w.derived(); again != derived {
		t.Errorf("cut off %d times it is\n%s\nand was\n%s", cut, again, derived)
	}
	w.must(w.sums())
}

// The job runs once at a time, but a rebuild may run beside it: together they
// come to what one of them comes to.
func TestDerivedAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.spread()
	w.derive()
	derived := w.derived()
	w.drop()
	var runs sync.WaitGroup
	for range 3 {
		call := w.Call()
		runs.Go(func() {
			if _, err := derive(w.Context(), call); err != nil && core.CodeOf(err) != core.Unavailable { // the next run goes on
				t.Errorf("derive beside others: %v", err)
			}
		})
	}
	runs.Wait()
	w.derive()
	if again := w.derived(); again != derived {
		t.Errorf("derived at once it is\n%s\nand was\n%s", again, derived)
	}
	w.must(w.sums())
}
