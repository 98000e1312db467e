package app

import (
	"time"

	"github.com/jonboulle/clockwork"
)

// Clock is the process's time, from which every room takes its own.
type Clock struct{ clockwork.Clock }

// NewClock is the machine's clock.
func NewClock() Clock { return Clock{clockwork.NewRealClock()} }

// NewTestClock starts at the given moment and moves when it is told to.
func NewTestClock(at time.Time) Clock { return Clock{clockwork.NewFakeClockAt(at)} }

// Movable reports whether this is a test clock.
func (c Clock) Movable() bool {
	_, ok := c.Clock.(*clockwork.FakeClock)
	return ok
}

// now is the moment in UTC.
func (c Clock) now() time.Time { return c.Now().UTC() }
