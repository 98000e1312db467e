package bus_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/tenants"
	"pgregory.net/rapid"
)

// model is what the bus should do in one tenant.
type model struct {
	*outbox
	t      *rapid.T
	before map[string]bus.Backlog // by subscriber: what other tenants have left
	events []core.Event           // in order; Data holds the index
	ears   map[string]*modelEar
	cancel context.CancelFunc // ends the delivery under way
}

// modelEar is a subscriber: how it answers, and what it has to be told.
type modelEar struct {
	wants  []string
	mode   string // takes, fails, fails unt_1, not now, stops
	absent bool
	fates  []fate // one for each event
}

// fate is what has become of an event at a subscriber.
type fate struct {
	id       string
	state    string // "": not wanted; pending, taken, dead, dropped
	letter   bool   // has been dead
	attempts int    // in all
	round    int    // since it was queued
	last     time.Time
	hurried  bool // a person has moved a letter of its subject since
}

var modelNames = []string{"unit.created", "unit.updated", "billing.invoice.issued"}

// TestModel drives the bus at random. Its subscribers check each call: an event
// comes only when all earlier ones of its subject are done with, and not before
// its back-off has passed.
func TestModel(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	tenants := 0
	rapid.Check(t, func(t *rapid.T) {
		tenants++
		o.tenant = o.addTenant(fmt.Sprint("T", tenants))
		m := &model{outbox: o, t: t, before: map[string]bus.Backlog{}, ears: map[string]*modelEar{
			"billing": {wants: []string{"unit.created", "billing.invoice.issued"}, mode: "takes"},
			"hubspot": {wants: []string{"*"}, mode: "takes"},
		}}
		m.restart()
		for _, name := range m.names() {
			m.subscribe(name)
			m.before[name] = o.backlog(name)
		}
		t.Repeat(map[string]func(*rapid.T){
			"":        m.compare,
			"emit":    m.emitSome,
			"deliver": m.deliverAll,
			"wait":    m.wait,
			"exhaust": m.exhaust,
			"answer":  m.answer,
			"restart": m.restartAll,
			"leave":   m.leave,
			"retry":   m.retry,
			"drop":    m.drop,
		})
		m.finish(t)
	})
}

func (m *model) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

func (m *model) names() []string { return slices.Sorted(maps.Keys(m.ears)) }

func (m *model) subscribe(name string) {
	r := m.ears[name]
	r.absent = false
	m.must(m.bus.Subscribe(m.t.Context(), bus.Subscriber{Name: name, Events: r.wants, Handle: func(ctx context.Context, tenant core.TenantID, e core.Event) error {
		return m.told(name, r, tenant, e)
	}}))
}

// told checks a call and answers it.
func (m *model) told(name string, r *modelEar, tenant core.TenantID, e core.Event) error {
	var data struct{ N int }
	if err := json.Unmarshal(e.Data, &data); err != nil || tenant != m.tenant || data.N >= len(r.fates) {
		m.t.Fatalf("%s was told of %s in %s: %v", name, e.Data, tenant, err)
	}
	f, now := &r.fates[data.N], m.clock.now()
	f.id = e.ID
	if r.absent || f.state != "pending" {
		m.t.Fatalf("%s (absent: %v) was told of event %d, which is %q", name, r.absent, data.N, f.state)
	}
	for i, earlier := range m.events[:data.N] {
		if earlier.Subject == e.Subject && r.fates[i].state == "pending" {
			m.t.Fatalf("%s was told of event %d before %d of the same subject was done with", name, data.N, i)
		}
	}
	if f.round > 0 && !f.hurried && now.Before(f.last.Add(waitAfter(f.round)*8/10)) {
		m.t.Fatalf("%s was told of event %d too early after attempt %d", name, data.N, f.round)
	}
	switch {
	case r.mode == "not now":
		return fmt.Errorf("%s: %w", name, bus.ErrNotNow)
	case r.mode == "stops":
		m.cancel()
		return context.Canceled
	case r.mode == "fails", r.mode == "fails unt_1" && e.Subject.ID == "unt_1":
		f.attempts, f.round, f.last = f.attempts+1, f.round+1, now
		f.hurried = false
		if f.round == 12 {
			f.state, f.letter = "dead", true
		}
		return fmt.Errorf("attempt %d", f.attempts)
	}
	f.state = "taken"
	return nil
}

func waitAfter(round int) time.Duration { return time.Second << (round - 1) }

func (m *model) emitSome(t *rapid.T) {
	var events []core.Event
	for range rapid.IntRange(1, 5).Draw(t, "events") {
		e := numbered(len(m.events), rapid.SampledFrom(modelNames).Draw(t, "name"), rapid.SampledFrom([]string{"unt_1", "unt_2", "unt_3"}).Draw(t, "subject"))
		events, m.events = append(events, e), append(m.events, e)
		for _, r := range m.ears {
			f := fate{}
			if r.wants[0] == "*" || slices.Contains(r.wants, e.Name) {
				f.state = "pending"
			}
			r.fates = append(r.fates, f)
		}
	}
	m.must(m.emit(events...))
}

func (m *model) deliverAll(t *rapid.T) {
	m.deliverOnce(t)
	m.compareCounts(t)
}

func (m *model) deliverOnce(t *rapid.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	m.cancel = cancel
	err := m.bus.Deliver(ctx, m.tenant)
	if ctx.Err() == nil {
		m.must(err)
		m.checkDelivered(t)
	}
}

func (m *model) wait(t *rapid.T) {
	m.clock.add(time.Duration(rapid.SampledFrom([]int{0, 1, 100, 1_000, 10_000, 100_000, 10_000_000}).Draw(t, "ms")) * time.Millisecond)
}

// exhaust fails somebody's events until some of them are dead.
func (m *model) exhaust(t *rapid.T) {
	m.ears[rapid.SampledFrom(m.names()).Draw(t, "subscriber")].mode = rapid.SampledFrom([]string{"fails", "fails unt_1"}).Draw(t, "mode")
	for range rapid.IntRange(9, 12).Draw(t, "times") {
		m.deliverOnce(t)
		m.clock.add(time.Hour)
	}
	m.compareCounts(t)
}

func (m *model) answer(t *rapid.T) {
	m.ears[rapid.SampledFrom(m.names()).Draw(t, "subscriber")].mode =
		rapid.SampledFrom([]string{"takes", "fails", "fails", "fails unt_1", "not now", "stops"}).Draw(t, "mode")
}

// restartAll starts anew on the same files; what the control database lists may
// have been lost by a crash.
func (m *model) restartAll(t *rapid.T) {
	if rapid.Bool().Draw(t, "crash") {
		m.must(m.store.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
			for _, table := range []string{"dead_letters", "event_backlogs"} {
				if _, err := tx.Exec(t.Context(), "delete from "+table+" where tenant_id = ?", m.tenant); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	m.restart()
	for _, name := range m.names() {
		m.subscribe(name)
	}
	m.deliverAll(t)
}

func (m *model) leave(t *rapid.T) {
	name := rapid.SampledFrom(m.names()).Draw(t, "subscriber")
	if m.ears[name].absent {
		m.subscribe(name)
		return
	}
	m.bus.Unsubscribe(name)
	m.ears[name].absent = true
}

// letter draws an event that has been a dead letter. To move it hurries the
// others of its subject.
func (m *model) letter(t *rapid.T) (*fate, string) {
	for _, name := range m.names() {
		fates := m.ears[name].fates
		for i := range fates {
			f := &fates[i]
			if f.letter && f.state != "taken" && rapid.Bool().Draw(t, "this one") {
				for other := range fates {
					fates[other].hurried = fates[other].hurried || m.events[other].Subject == m.events[i].Subject
				}
				return f, f.id + "." + name
			}
		}
	}
	t.Skip("nothing has died")
	return nil, ""
}

func (m *model) retry(t *rapid.T) {
	f, id := m.letter(t)
	err := m.bus.RetryDead(t.Context(), m.tenant, id)
	if f.state == "pending" {
		if core.CodeOf(err) != core.Conflict {
			t.Fatalf("retry of one that waits: %v", err)
		}
		return
	}
	m.must(err)
	f.state, f.round = "pending", 0
	m.compareCounts(t)
}

func (m *model) drop(t *rapid.T) {
	f, id := m.letter(t)
	err := m.bus.DropDead(t.Context(), m.tenant, id, "the plugin is gone")
	if f.state == "dropped" {
		if core.CodeOf(err) != core.Conflict {
			t.Fatalf("drop of one that is dropped: %v", err)
		}
		return
	}
	m.must(err)
	f.state, f.round = "dropped", 0
	m.compareCounts(t)
}

// finish lets everybody take all: no event is lost.
func (m *model) finish(t *rapid.T) {
	for _, name := range m.names() {
		m.ears[name].mode = "takes"
		m.subscribe(name)
	}
	m.clock.add(2 * time.Hour)
	m.deliverAll(t)
	for name, r := range m.ears {
		for i, f := range r.fates {
			if f.state == "pending" {
				t.Fatalf("%s was never told of event %d", name, i)
			}
		}
	}
}
