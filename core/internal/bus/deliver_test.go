package bus_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
)

var errBusy = errors.New("the CRM is busy")

func TestCursorFollowsALongOutbox(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing, all := o.subscribe("billing", "unit.deleted"), o.subscribe("hubspot", "*")
	for range 7 {
		var many []core.Event
		for range 111 {
			many = append(many, event("unit.created", "unt_1"))
		}
		o.must(o.emit(append(many, event("unit.deleted", "unt_1"))...))
	}
	o.deliver()
	if n := len(billing.take()); n != 7 {
		t.Errorf("billing was told of %d events, want 7", n)
	}
	if n := len(all.take()); n != 7*112 {
		t.Errorf("hubspot was told of %d events, want %d", n, 7*112)
	}
	for range 9 {
		o.must(o.emit(event("unit.created", "unt_1"), event("unit.deleted", "unt_1")))
		o.deliver()
	}
	if n := len(billing.take()); n != 9 {
		t.Errorf("billing was told of %d events, want 9", n)
	}
}

func TestFailureHoldsItsSubjectAlone(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing, other := o.subscribe("billing", "*"), o.subscribe("hubspot", "*")
	billing.answer = func(_ core.TenantID, e core.Event) error {
		if e.Subject.ID == "unt_1" && o.clock.now().Before(start.Add(time.Minute)) {
			return errBusy
		}
		return nil
	}
	o.must(o.emit(event("unit.created", "unt_1"), event("unit.created", "unt_2"), event("unit.updated", "unt_1"), event("unit.updated", "unt_2")))
	o.deliver()
	o.want("at first", billing.take(), "unit.created unt_1", "unit.created unt_2", "unit.updated unt_2")
	o.want("another subscriber", other.take(), "unit.created unt_1", "unit.created unt_2", "unit.updated unt_1", "unit.updated unt_2")
	o.must(o.emit(event("unit.deleted", "unt_1")))
	o.deliver()
	o.want("before the retry is due", billing.take())
	if found := o.backlog("billing"); found.Pending != 3 || !found.Oldest.Equal(start) {
		t.Errorf("%+v waits, want three events since the start", found)
	}
	o.clock.add(1300 * time.Millisecond)
	o.deliver()
	o.want("the first retry", billing.take(), "unit.created unt_1")
	o.clock.add(time.Minute)
	o.deliver()
	o.want("in the end", billing.take(), "unit.created unt_1", "unit.updated unt_1", "unit.deleted unt_1")
	if found := o.backlog("billing"); found != (bus.Backlog{}) {
		t.Errorf("in the end %+v waits", found)
	}
}

// The waits double from a second; chance moves each by up to a fifth.
func TestBackOffEndsInADeadLetter(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.subscribe("billing", "*")
	billing.answers(errBusy)
	o.must(o.emit(event("unit.created", "unt_1"), event("unit.updated", "unt_1")))
	o.deliver()
	o.want("at once", billing.take(), "unit.created unt_1")
	wait := time.Second
	for range 11 {
		o.clock.add(wait*8/10 - time.Millisecond)
		o.deliver()
		o.want("before its time", billing.take())
		if letters := o.letters(core.Query{}); len(letters) > 0 {
			t.Fatalf("dead before its time: %+v", letters)
		}
		if wait == 1024*time.Second {
			billing.answer = func(_ core.TenantID, e core.Event) error {
				if e.Name == "unit.created" {
					return errBusy
				}
				return nil
			}
		}
		o.clock.add(wait*4/10 + 2*time.Millisecond)
		o.deliver()
		if wait < 1024*time.Second {
			o.want("in its time", billing.take(), "unit.created unt_1")
		}
		wait *= 2
	}
	o.want("in the end", billing.take(), "unit.created unt_1", "unit.updated unt_1")
	letters := o.letters(core.Query{})
	if len(letters) != 1 || letters[0].State != "dead" || letters[0].Attempts != 12 || letters[0].Event.Name != "unit.created" {
		t.Errorf("letters %+v", letters)
	}
	if found := o.backlog("billing"); found != (bus.Backlog{Dead: 1}) {
		t.Errorf("backlog %+v, want one dead letter", found)
	}
}

func TestNotNowCountsNoAttempt(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.subscribe("billing", "*")
	billing.answers(errors.Join(errors.New("billing is backing off"), bus.ErrNotNow))
	o.must(o.emit(event("unit.created", "unt_1"), event("unit.created", "unt_2")))
	for range 20 {
		o.deliver()
		o.clock.add(time.Hour)
	}
	if told := billing.take(); len(told) != 20 {
		t.Errorf("asked %d times, want once each time", len(told))
	}
	if found := o.backlog("billing"); found.Pending != 2 || found.Dead != 0 {
		t.Errorf("backlog %+v, want two that wait", found)
	}
	billing.answers(nil)
	o.deliver()
	o.want("when it is ready", billing.take(), "unit.created unt_1", "unit.created unt_2")
}

func TestSubscriberMayPanicAndSayMuch(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.subscribe("billing", "*")
	billing.answer = func(_ core.TenantID, e core.Event) error {
		if e.Name == "unit.created" {
			panic("no such price")
		}
		return errors.New("a" + strings.Repeat("é", 4000))
	}
	first, second := o.die("billing", event("unit.created", "unt_1")), o.die("billing", event("unit.updated", "unt_2"))
	for id, want := range map[string]string{
		first.ID: "the subscriber panicked: no such price", second.ID: "a" + strings.Repeat("é", 999),
	} {
		l, err := o.bus.FindDeadLetter(t.Context(), o.tenant, id)
		o.must(err)
		if l.Error != want || len(l.Errors) != 12 {
			t.Errorf("%d errors, the last of %d bytes: %.80s", len(l.Errors), len(l.Error), l.Error)
		}
	}
}

func TestTenantsAreApart(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	other := o.addTenant("OTHER")
	told := map[core.TenantID][]string{}
	billing := o.subscribe("billing", "*")
	billing.answer = func(tenant core.TenantID, e core.Event) error {
		told[tenant] = append(told[tenant], e.Subject.ID)
		return errBusy
	}
	o.must(o.emit(event("unit.created", "mine")))
	o.must(o.emitIn(other, event("unit.created", "theirs")))
	o.deliver()
	o.want("one tenant", told[o.tenant], "mine")
	o.want("the other tenant", told[other])
	o.must(o.bus.Deliver(t.Context(), other))
	o.want("one tenant", told[o.tenant], "mine")
	o.want("the other tenant", told[other], "theirs")

	l := o.die("billing", event("unit.updated", "letter"))
	_, err := o.bus.FindDeadLetter(t.Context(), other, l.ID)
	for what, err := range map[string]error{
		"found": err, "retried": o.bus.RetryDead(t.Context(), other, l.ID), "dropped": o.bus.DropDead(t.Context(), other, l.ID, "a mistake"),
	} {
		if core.CodeOf(err) != core.NotFound {
			t.Errorf("a letter of another tenant is %s: %v", what, err)
		}
	}
	if err := o.bus.Deliver(t.Context(), core.NewTenantID(start)); core.CodeOf(err) != core.NotFound {
		t.Errorf("a tenant that is not there: %v, want not_found", err)
	}
}

func TestSuspendedTenantsEventsWait(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.subscribe("billing", "*")
	o.must(o.emit(event("unit.created", "unt_1")))
	o.status(core.TenantSuspended)
	o.deliver()
	o.want("suspended", billing.take())
	if found := o.backlog("billing"); found.Pending != 1 {
		t.Errorf("backlog %+v, want the event that waits", found)
	}
	o.status(core.TenantActive)
	o.deliver()
	o.want("resumed", billing.take(), "unit.created unt_1")
}

func (o *outbox) status(s core.TenantStatus) {
	o.t.Helper()
	_, err := o.store.UpdateTenant(o.t.Context(), core.Tenant{ID: o.tenant, Status: s})
	o.must(err)
}

// What was taken before the end of ctx is noted, and the call that it cut off
// is no attempt.
func TestInterruptionLeavesNoHalfState(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	ctx, cancel := context.WithCancel(t.Context())
	billing := o.subscribe("billing", "*")
	billing.answer = func(_ core.TenantID, e core.Event) error {
		if e.Subject.ID == "unt_2" {
			cancel()
			return context.Canceled
		}
		return nil
	}
	o.must(o.emit(event("unit.created", "unt_1"), event("unit.created", "unt_2"), event("unit.created", "unt_3")))
	if err := o.bus.Deliver(ctx, o.tenant); !errors.Is(err, context.Canceled) {
		t.Errorf("the delivery ended with %v", err)
	}
	o.want("until the end", billing.take(), "unit.created unt_1", "unit.created unt_2")
	if found := o.backlog("billing"); found.Pending != 2 {
		t.Errorf("backlog %+v, want two", found)
	}
	billing.answers(nil)
	o.deliver()
	o.want("afterwards", billing.take(), "unit.created unt_2", "unit.created unt_3")
}
