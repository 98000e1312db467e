package tenants_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	sqlite3 "modernc.org/sqlite/lib"
)

// failFrom returns a fault: after some operations of a kind, on files whose name
// ends so, a number of them fails.
func failFrom(kind opKind, suffix string, after, number int, result int32) func(diskOp) int32 {
	n := 0
	return func(op diskOp) int32 {
		if op.kind != kind || !strings.HasSuffix(op.name, suffix) {
			return sqlite3.SQLITE_OK
		}
		n++
		if n <= after || n > after+number {
			return sqlite3.SQLITE_OK
		}
		return result
	}
}

// burst runs updates, and beside them a checkpoint or nothing, while a fault is
// set, and returns the errors of those that failed.
func (l *load) burst(t *testing.T, fault func(diskOp) int32, beside func(context.Context) error) (failed []error) {
	t.Helper()
	l.disk.setFault(fault)
	defer l.disk.setFault(nil)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				if err := l.update(t.Context()); err != nil {
					mu.Lock()
					failed = append(failed, err)
					mu.Unlock()
				}
			}
		})
	}
	if beside != nil {
		wg.Go(func() { beside(t.Context()) }) // it may fail too, and nobody hangs on it
	}
	wg.Wait()
	return failed
}

// wantAll checks the file as it is: with all that was acknowledged.
func (l *load) wantAll(t *testing.T) {
	t.Helper()
	must(t, l.store.View(t.Context(), l.tenant, func(tx *tenants.Tx) error {
		numbers, err := l.whole(t.Context(), tx)
		for number := range l.acknowledged {
			if !numbers[number] {
				t.Errorf("update %d was acknowledged and is not stored", number)
			}
		}
		return err
	}))
}

// wantSurvived cuts the power in what the journal holds.
func (l *load) wantSurvived(t *testing.T, runs int) {
	t.Helper()
	m := newMirror(t)
	for i := range runs {
		seed := *powerLossSeed + uint64(i)
		loss := chooseLoss(l, seed)
		if f := m.after(t, l, loss); len(f.lost) > 0 || f.damage != nil {
			keepFiles(t, l, seed)
			t.Fatalf("seed %d, %v: updates %v are lost, damage: %v", seed, loss, f.lost, f.damage)
		}
	}
}

// TestFailedSync lets every sync of a load's log fail in turn, or some together,
// beside a checkpoint, under updates of the console, of guests, and of both. Those
// in flight learn that nobody knows whether they are stored; the next ones are
// stored as ever. What that sync was to store may be dropped by the system, and
// a power loss shows whether anything acknowledged later needed it.
func TestFailedSync(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		number int
		guests int
	}{
		{"once", 1, 0}, {"for a while", 4, 0},
		{"once, with guests", 1, 2}, {"for a while, with guests", 4, 2},
		{"once, guests alone", 1, 3}, {"for a while, guests alone", 4, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			l := newLoad(t, "full")
			l.guests = c.guests
			unknown := 0
			for after := range 10 {
				l.settle(t, 20)
				for _, err := range l.burst(t, failFrom(opSync, "-wal", after, c.number, sqlite3.SQLITE_IOERR_FSYNC), l.checkpoint) {
					unknown++
					if !errors.Is(err, tenants.ErrUnknown) || core.CodeOf(err) != core.Unavailable {
						t.Errorf("after %d syncs: %v", after, err)
					}
				}
				must(t, l.update(t.Context()))
				l.wantAll(t)
				if after%3 == 0 {
					l.store.CloseTenant(t, l.tenant)
				}
			}
			if unknown == 0 {
				t.Error("no update was in flight when a sync failed")
			}
			l.wantSurvived(t, *powerLosses/5)
			t.Logf("%d updates unknown", unknown)
		})
	}
}

// TestFullDiskAnywhere lets the disk fill up at any write and have room again.
func TestFullDiskAnywhere(t *testing.T) {
	t.Parallel()
	l := newLoad(t, "full")
	refused := 0
	for after := range 10 {
		l.settle(t, 20)
		for _, err := range l.burst(t, failFrom(opWrite, "", after*after, 3, sqlite3.SQLITE_FULL), l.checkpoint) {
			refused++
			if !errors.Is(err, tenants.ErrFull) || core.CodeOf(err) != core.Unavailable {
				t.Errorf("after %d writes: %v", after*after, err)
			}
		}
		must(t, l.together(t.Context(), 2, 2))
		l.wantAll(t)
	}
	if refused == 0 {
		t.Error("no update met the full disk")
	}
	l.wantSurvived(t, *powerLosses/5)
	t.Logf("%d updates refused", refused)
}
