package bus_test

import (
	"context"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
)

func TestSubscribeRefuses(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	handle := (&ear{}).handle
	for what, s := range map[string]bus.Subscriber{
		"no name":       {Events: []string{"*"}, Handle: handle},
		"no function":   {Name: "billing", Events: []string{"*"}},
		"no such event": {Name: "billing", Events: []string{"unit.*"}, Handle: handle},
	} {
		if err := o.bus.Subscribe(t.Context(), s); core.CodeOf(err) != core.Internal {
			t.Errorf("%s: %v, want an internal error", what, err)
		}
	}
}

func TestSubscriberStartsWithWhatHappensAfterwards(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	o.must(o.emit(event("unit.created", "old"), event("unit.deleted", "old")))
	o.clock.add(time.Second)
	billing := o.subscribe("billing", "unit.created")
	o.must(o.emit(event("unit.created", "unt_1"), event("unit.deleted", "unt_1"), event("unit.created", "unt_2")))
	o.deliver()
	o.want("after the first Subscribe", billing.take(), "unit.created unt_1", "unit.created unt_2")

	o.clock.add(time.Second)
	o.restart()
	o.must(o.emit(event("unit.created", "unt_3"), event("unit.deleted", "unt_3")))
	o.deliver()
	if found := o.backlog("billing"); found.Pending != 1 || !found.Oldest.Equal(o.clock.now()) {
		t.Errorf("while nobody subscribes %+v waits, want one event of now", found)
	}
	o.clock.add(time.Second)
	o.listen("billing", billing, "unit.created", "unit.deleted")
	o.must(o.emit(event("unit.deleted", "unt_4")))
	o.deliver()
	o.want("a new name counts from now", billing.take(), "unit.created unt_3", "unit.deleted unt_4")

	o.must(o.emit(event("unit.updated", "unt_5"), event("unit.created", "unt_5")))
	o.clock.add(time.Second)
	o.listen("billing", billing, "*")
	o.must(o.emit(event("unit.updated", "unt_6")))
	o.deliver()
	o.want("every event, and those that waited", billing.take(), "unit.created unt_5", "unit.updated unt_6")
	o.must(o.emit(event("unit.updated", "unt_7")))
	o.listen("billing", billing, "unit.updated")
	o.deliver()
	o.want("one of every event", billing.take(), "unit.updated unt_7")
	if found := o.backlog("billing"); found != (bus.Backlog{}) {
		t.Errorf("in the end %+v waits", found)
	}
}

// Somebody subscribes to more while a tenant is being served: what happens from
// then on is not passed by.
func TestSubscribeDuringACall(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.subscribe("billing", "unit.created")
	billing.answer = func(core.TenantID, core.Event) error {
		billing.answers(nil)
		o.listen("billing", billing, "unit.created", "unit.updated")
		o.must(o.emit(event("unit.updated", "unt_2"), event("unit.created", "unt_3")))
		return errBusy
	}
	o.must(o.emit(event("unit.created", "unt_1")))
	o.deliver()
	o.want("at once", billing.take(), "unit.created unt_1", "unit.updated unt_2", "unit.created unt_3")
}

func TestCallsHaveADeadline(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	called := false
	o.must(o.bus.Subscribe(t.Context(), bus.Subscriber{Name: "billing", Events: []string{"*"}, Handle: func(ctx context.Context, _ core.TenantID, _ core.Event) error {
		deadline, limited := ctx.Deadline()
		if called = true; !limited || time.Until(deadline) > 30*time.Second {
			t.Errorf("a call ends at %s (%v), want within 30 s", deadline, limited)
		}
		return nil
	}}))
	o.must(o.emit(event("unit.created", "unt_1")))
	if o.deliver(); !called {
		t.Error("nobody was called")
	}
}
