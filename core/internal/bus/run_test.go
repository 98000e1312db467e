package bus_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/tenants"
)

// hear waits for the next notes of an ear, in any order.
func (o *outbox) hear(r *ear, want ...string) {
	o.t.Helper()
	left := map[string]int{}
	for _, note := range want {
		left[note]++
	}
	for range want {
		select {
		case note := <-r.heard:
			if left[note]--; left[note] < 0 {
				o.t.Fatalf("heard %q, want %q", note, want)
			}
		case <-time.After(time.Minute):
			o.t.Fatalf("nothing was heard, want %v", left)
		}
	}
}

// settled waits until the control database counts what waits for a subscriber.
func (o *outbox) settled(subscriber string, want bus.Backlog) {
	o.t.Helper()
	deadline := time.After(time.Minute)
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for {
		found := o.backlog(subscriber)
		found.Oldest = want.Oldest
		if found == want {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline:
			o.t.Fatalf("backlog of %s %+v, want %+v", subscriber, found, want)
		}
	}
}

func (o *outbox) hearing(name string, events ...string) *ear {
	o.t.Helper()
	r := &ear{heard: make(chan string, 100)}
	o.listen(name, r, events...)
	return r
}

func TestRunDeliversWhatIsCommitted(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	other := o.addTenant("OTHER")
	billing := o.hearing("billing", "unit.created")
	o.must(o.emit(event("unit.created", "before")))
	o.run()
	o.hear(billing, "unit.created before")
	err := o.store.Update(t.Context(), o.tenant, func(tx *tenants.Tx) error {
		o.must(o.bus.Emit(t.Context(), tx, event("unit.created", "undone")))
		return errBusy
	})
	if !errors.Is(err, errBusy) {
		t.Fatalf("the update ended with %v", err)
	}
	o.must(o.emit(event("unit.created", "mine")))
	o.must(o.emitIn(other, event("unit.created", "theirs")))
	o.hear(billing, "unit.created mine", "unit.created theirs")
}

// A retry that fell due while the clock was moved is made without a word from
// anybody.
func TestRunRetriesWhenItIsTime(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.hearing("billing", "*")
	billing.answers(errBusy)
	o.run()
	o.must(o.emit(event("unit.created", "unt_1"), event("unit.updated", "unt_1")))
	o.hear(billing, "unit.created unt_1")
	o.settled("billing", bus.Backlog{Pending: 2})
	billing.answers(nil)
	o.clock.add(time.Minute)
	o.hear(billing, "unit.created unt_1", "unit.updated unt_1")
	o.settled("billing", bus.Backlog{})
}

// What waited is delivered by the next process, and after Wake.
func TestRunGoesOnWithWhatWasLeft(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	o.hearing("billing", "*").answers(bus.ErrNotNow)
	o.hearing("hubspot", "*").answers(errBusy)
	o.must(o.emit(event("unit.created", "unt_1")))
	o.deliver()

	o.restart()
	o.clock.add(2 * time.Second)
	billing, hubspot := o.hearing("billing", "*"), o.hearing("hubspot", "*")
	billing.answers(bus.ErrNotNow)
	o.run()
	o.hear(hubspot, "unit.created unt_1")
	o.settled("hubspot", bus.Backlog{})
	o.settled("billing", bus.Backlog{Pending: 1})
	billing.answers(nil)
	o.bus.Wake("billing")
	o.settled("billing", bus.Backlog{})

	o.bus.Unsubscribe("billing")
	o.must(o.emit(event("unit.created", "unt_2")))
	o.hear(hubspot, "unit.created unt_2")
	o.settled("billing", bus.Backlog{Pending: 1})
	back := o.hearing("billing", "*")
	o.hear(back, "unit.created unt_2")
}

// A crash between the commit and the first look leaves an event that the
// control database doesn't know of; it is found in a tenant that has changed.
func TestSweepFindsWhatWasNeverLookedAt(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	o.subscribe("billing", "*")
	o.must(o.emit(event("unit.created", "unt_1")))
	o.restart()
	billing := o.hearing("billing", "*")
	o.run()
	changed, err := o.store.Changed(t.Context())
	o.must(err)
	o.must(o.bus.Sweep(t.Context(), changed))
	o.hear(billing, "unit.created unt_1")
}

// A call that doesn't return takes one worker and one tenant; that tenant's
// other subscribers are served afterwards.
func TestSlowCallHoldsItsTenantAlone(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	other := o.addTenant("OTHER")
	returns := make(chan bool)
	slow, hubspot := &ear{heard: make(chan string, 100)}, o.hearing("hubspot", "*")
	slow.answer = func(tenant core.TenantID, _ core.Event) error {
		if tenant == o.tenant {
			<-returns
		}
		return nil
	}
	o.listen("billing", slow, "*")
	o.run()
	release := sync.OnceFunc(func() { close(returns) })
	t.Cleanup(release)
	o.must(o.emit(event("unit.created", "unt_1"), event("unit.created", "unt_2")))
	o.hear(slow, "unit.created unt_1")
	for range 3 {
		o.must(o.emitIn(other, event("unit.created", "theirs")))
		o.hear(slow, "unit.created theirs")
	}
	release()
	o.hear(slow, "unit.created unt_2")
	o.hear(hubspot, "unit.created unt_1", "unit.created unt_2", "unit.created theirs", "unit.created theirs", "unit.created theirs")
}

// A subscriber is ready again while a call of it still ends with "not now",
// before anything is counted as waiting for it.
func TestWakeDuringACallIsNotLost(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	other := o.addTenant("OTHER")
	hubspot := o.hearing("hubspot", "development.created")
	hubspot.answers(bus.ErrNotNow)
	o.must(o.emitIn(other, event("development.created", "dvt_1")))
	o.must(o.bus.Deliver(t.Context(), other))
	o.hear(hubspot, "development.created dvt_1")

	billing := &ear{heard: make(chan string, 100)}
	called := make(chan chan bool)
	billing.answer = func(core.TenantID, core.Event) error {
		billing.answers(nil)
		returns := make(chan bool)
		called <- returns
		<-returns
		return bus.ErrNotNow
	}
	o.listen("billing", billing, "unit.created")
	o.run()
	o.hear(hubspot, "development.created dvt_1") // what was left
	o.must(o.emit(event("unit.created", "unt_1")))
	returns := <-called
	o.bus.Wake("billing")
	for range 2 { // the second comes after a look at all that was to be woken
		o.bus.Wake("hubspot")
		o.hear(hubspot, "development.created dvt_1")
	}
	close(returns)
	o.hear(billing, "unit.created unt_1", "unit.created unt_1")
	o.settled("billing", bus.Backlog{})
}
