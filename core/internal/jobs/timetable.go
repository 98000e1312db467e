package jobs

import (
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/jonboulle/clockwork"
)

// timetable is a job's cron schedule as the scheduler asks it. After a sleep,
// or a test clock's stride, it goes straight to the moment that lies ahead,
// where the scheduler would walk through all that have passed.
type timetable struct {
	gocron.Cron
	clock clockwork.Clock
	mu    sync.Mutex
	next  time.Time
}

// Next is asked each time before the scheduler sets the job's timer.
func (t *timetable) Next(last time.Time) time.Time {
	from := last
	if now := t.clock.Now().UTC(); now.After(last) {
		from = now
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next = t.Cron.Next(from)
	return t.next
}

// upcoming returns the moment that the timer is set to, and the one after it.
func (t *timetable) upcoming() (next, afterNext time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	next = t.next
	if next.IsZero() { // not started yet
		next = t.Cron.Next(t.clock.Now().UTC())
	}
	return next.UTC(), t.Cron.Next(next).UTC()
}
