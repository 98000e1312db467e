package bus_test

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/tenants"
)

func TestDeadLetterTellsEveryAttempt(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing, n := o.subscribe("billing", "*"), 0
	billing.answer = func(core.TenantID, core.Event) error {
		n++
		return core.Errorf(core.Unavailable, "Attempt %d failed.", n)
	}
	e := event("unit.created", "unt_1")
	e.Data = json.RawMessage(`{"label":"1 Harpur Park"}`)
	listed := o.die("billing", e)
	l, err := o.bus.FindDeadLetter(t.Context(), o.tenant, listed.ID)
	o.must(err)
	if string(l.Event.Data) != string(e.Data) || l.Event.Subject != e.Subject || l.Event.Name != e.Name || !l.Event.At.Equal(start) {
		t.Errorf("event %+v, want %+v", l.Event, e)
	}
	if l.ID != l.Event.ID+".billing" || l.Tenant != o.tenant || l.TenantName != "HARP Homes" || l.Subscriber != "billing" || l.State != "dead" || l.Attempts != 12 {
		t.Errorf("letter %+v", l)
	}
	for i, a := range l.Errors {
		if want := start.Add(time.Duration(i) * 2 * time.Hour); a.Error != fmt.Sprintf("Attempt %d failed.", i+1) || !a.At.Equal(want) {
			t.Errorf("attempt %d: %+v", i+1, a)
		}
	}
	if l.Error != "Attempt 12 failed." || !l.FirstAt.Equal(start) || !l.LastAt.Equal(start.Add(22*time.Hour)) {
		t.Errorf("letter %+v", l)
	}
	l.Event.Data, l.Event.Subject, l.Error, l.Errors = nil, core.Target{}, "", nil
	if fmt.Sprintf("%+v", listed) != fmt.Sprintf("%+v", l) {
		t.Errorf("listed as\n%+v, want\n%+v", listed, l)
	}
	for _, id := range []string{"", "evt_1.billing", l.Event.ID, l.Event.ID + ".", l.Event.ID + ".hubspot", core.NewID(core.PrefixEvent, start) + ".billing"} {
		if _, err := o.bus.FindDeadLetter(t.Context(), o.tenant, id); core.CodeOf(err) != core.NotFound {
			t.Errorf("letter %q: %v, want not_found", id, err)
		}
	}
}

func TestRetryAndDropAreRecorded(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	log := audit.New(audit.Options{
		Store: o.store, Signer: ed25519.NewKeyFromSeed(make([]byte, 32)), Now: o.clock.now, Anchors: filepath.Join(t.TempDir(), "anchors.jsonl"),
	})
	o.bus = bus.New(bus.Options{Store: o.store, Recorder: log, Now: o.clock.now})
	billing := o.subscribe("billing", "*")
	billing.answers(errBusy)
	first, second := o.die("billing", event("unit.created", "unt_1")), o.die("billing", event("unit.updated", "unt_1"))

	ctx := core.WithActor(t.Context(), core.Actor{Kind: "staff", ID: "usr_1", Name: "Aoife"})
	o.must(o.bus.RetryDead(ctx, o.tenant, first.ID))
	if err := o.bus.RetryDead(ctx, o.tenant, first.ID); core.CodeOf(err) != core.Conflict {
		t.Errorf("retried twice: %v, want conflict", err)
	}
	if err := o.bus.DropDead(ctx, o.tenant, second.ID, " "); core.CodeOf(err) != core.Invalid {
		t.Errorf("dropped without a reason: %v, want invalid", err)
	}
	o.must(o.bus.DropDead(ctx, o.tenant, second.ID, "Billed by hand."))
	if err := o.bus.DropDead(ctx, o.tenant, second.ID, "Again."); core.CodeOf(err) != core.Conflict {
		t.Errorf("dropped twice: %v, want conflict", err)
	}
	if found := o.backlog("billing"); found.Pending != 1 || found.Dead != 0 {
		t.Errorf("backlog %+v, want the one that was queued", found)
	}
	billing.take()
	billing.answers(nil)
	o.must(o.emit(event("unit.deleted", "unt_1")))
	o.deliver()
	o.want("afterwards", billing.take(), "unit.created unt_1", "unit.deleted unt_1")
	if left := o.letters(core.Query{}); len(left) != 1 || left[0].ID != second.ID || left[0].State != "dropped" {
		t.Errorf("letters %+v, want the dropped one", left)
	}
	o.must(o.bus.RetryDead(ctx, o.tenant, second.ID))
	o.deliver()
	o.want("a dropped one after all", billing.take(), "unit.updated unt_1")

	page, err := log.List(t.Context(), o.tenant, core.Query{Actor: "usr_1"})
	o.must(err)
	var got []string
	for _, r := range page.Items {
		got = append(got, fmt.Sprint(r.Action, " ", r.Target.Kind, " ", r.Target.ID, " ", r.Changes[0].Before, "-", r.Changes[0].After, " ", r.Reason))
	}
	o.want("records", got,
		"event.retry event "+second.ID+" dropped-waiting ",
		"event.drop event "+second.ID+" dead-dropped Billed by hand.",
		"event.retry event "+first.ID+" dead-waiting ")
}

// While a letter that a person queued again waits, its subject waits with it;
// dropping it lets the subject go on.
func TestQueuedLetterHoldsItsSubject(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.subscribe("billing", "*")
	billing.answers(errBusy)
	l := o.die("billing", event("unit.created", "unt_1"))
	o.must(o.bus.RetryDead(t.Context(), o.tenant, l.ID))
	o.must(o.emit(event("unit.updated", "unt_1"), event("unit.updated", "unt_2")))
	o.deliver()
	billing.take()
	billing.answers(nil)
	o.must(o.bus.DropDead(t.Context(), o.tenant, l.ID, "The unit is gone."))
	o.deliver()
	o.want("after the drop", billing.take(), "unit.updated unt_1")
	l, err := o.bus.FindDeadLetter(t.Context(), o.tenant, l.ID)
	o.must(err)
	if l.State != "dropped" || l.Attempts != 13 || len(l.Errors) != 13 {
		t.Errorf("letter %+v, want it dropped after 13 attempts", l)
	}
}

func TestDeadLettersFilterSortAndPage(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	names := []string{"unit.created", "unit.updated", "unit.deleted", "billing.invoice.issued", "development.created"}
	o.subscribe("billing", "*").answers(errBusy)
	o.subscribe("hubspot", "unit.created").answers(errBusy)
	var moments []time.Time
	for _, name := range names {
		moments = append(moments, o.clock.now())
		o.die("billing", event(name, "unt_1"))
	}
	mine := o.tenant
	o.tenant = o.addTenant("OTHER")
	dropped := o.die("billing", event("unit.created", "unt_1"))
	o.must(o.bus.DropDead(t.Context(), o.tenant, dropped.ID, "A test."))
	for what, c := range map[string]struct {
		query core.Query
		want  int
	}{
		"everything":  {core.Query{}, 8},
		"tenant":      {core.Query{Tenant: mine}, 6},
		"subscriber":  {core.Query{Kind: "hubspot"}, 2},
		"state":       {core.Query{Status: "dropped"}, 1},
		"words":       {core.Query{Text: "Invoice HARP"}, 1},
		"id":          {core.Query{Text: dropped.Event.ID}, 2},
		"span":        {core.Query{Tenant: mine, From: moments[1], To: moments[3]}, 2},
		"nothing":     {core.Query{Text: "%"}, 0},
		"other state": {core.Query{Status: "waiting"}, 0},
	} {
		page, err := o.bus.DeadLetters(t.Context(), c.query)
		o.must(err)
		if page.Total != c.want || len(page.Items) != c.want {
			t.Errorf("by %s: %d of %d, want %d", what, len(page.Items), page.Total, c.want)
		}
	}
	for _, sort := range []string{"", "tenant", "subscriber", "name", "state", "attempts", "first_at", "last_at"} {
		for _, desc := range []bool{false, true} {
			seen, pages := map[string]bool{}, 0
			for q := (core.Query{Sort: sort, Desc: desc, Limit: 3}); pages == 0 || q.After != ""; pages++ {
				page, err := o.bus.DeadLetters(t.Context(), q)
				o.must(err)
				for _, l := range page.Items {
					seen[l.ID] = true
				}
				q.After = page.Next
			}
			if len(seen) != 8 || pages != 3 {
				t.Errorf("by %q: %d letters on %d pages, want 8 on 3", sort, len(seen), pages)
			}
		}
	}
	if first := o.letters(core.Query{})[0]; first.Tenant != o.tenant {
		t.Errorf("the first letter %+v is not the last one that died", first)
	}
	if first := o.letters(core.Query{Sort: "name"})[0]; first.Event.Name != "billing.invoice.issued" {
		t.Errorf("the first letter by name is %+v", first)
	}
	page, err := o.bus.DeadLetters(t.Context(), core.Query{Limit: 1})
	o.must(err)
	for _, q := range []core.Query{{Sort: "colour"}, {After: "nonsense"}, {After: page.Next, Sort: "name"}} {
		if _, err := o.bus.DeadLetters(t.Context(), q); core.CodeOf(err) != core.Invalid {
			t.Errorf("query %+v: %v, want invalid", q, err)
		}
	}
}

// The control database forgets a deleted tenant, also when a delivery is under
// way in it.
func TestDeletedTenantLeavesNothing(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.subscribe("billing", "*")
	billing.answers(errBusy)
	o.die("billing", event("unit.created", "unt_1"))
	o.must(o.emit(event("unit.created", "unt_2")))
	o.deliver()
	if found := o.backlog("billing"); found.Pending != 1 || found.Dead != 1 {
		t.Fatalf("backlog %+v", found)
	}
	billing.answer = func(core.TenantID, core.Event) error {
		// The tenant's status is what others see; the file goes after the call.
		o.must(o.store.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
			_, err := tx.Exec(t.Context(), `update tenants set status = 'deleted' where id = ?`, o.tenant)
			return err
		}))
		return errBusy
	}
	o.clock.add(2 * time.Hour)
	o.deliver()
	if found := o.backlog("billing"); found != (bus.Backlog{}) || len(o.letters(core.Query{})) > 0 {
		t.Errorf("backlog %+v and letters %+v of a deleted tenant", found, o.letters(core.Query{}))
	}
	if err := o.bus.Deliver(t.Context(), o.tenant); core.CodeOf(err) != core.NotFound {
		t.Errorf("delivery in a deleted tenant: %v, want not_found", err)
	}
}

// A person queues a letter again while a later event of its subject is being
// tried: the letter comes first from then on.
func TestRetryDuringACallGoesFirst(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	billing := o.subscribe("billing", "*")
	billing.answers(errBusy)
	l := o.die("billing", event("unit.created", "unt_1"))
	o.must(o.emit(event("unit.updated", "unt_1")))
	billing.take()
	billing.answer = func(core.TenantID, core.Event) error {
		billing.answers(errBusy)
		o.must(o.bus.RetryDead(t.Context(), o.tenant, l.ID))
		return errBusy
	}
	o.deliver()
	o.want("at first", billing.take(), "unit.updated unt_1", "unit.created unt_1")
	o.clock.add(2 * time.Hour)
	o.deliver()
	o.want("while the letter fails", billing.take(), "unit.created unt_1")
	billing.answers(nil)
	o.clock.add(2 * time.Hour)
	o.deliver()
	o.want("in the end", billing.take(), "unit.created unt_1", "unit.updated unt_1")
}
