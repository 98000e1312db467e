package bus_test

import (
	"fmt"

	"github.com/openhouse-ai/console/core"
	"pgregory.net/rapid"
)

// checkDelivered finds nothing that a subscriber could have been told: the first
// open event of each subject waits for its back-off.
func (m *model) checkDelivered(t *rapid.T) {
	for name, r := range m.ears {
		open := map[core.Target]bool{}
		for i, f := range r.fates {
			subject := m.events[i].Subject
			if f.state != "pending" || open[subject] || r.absent || r.mode == "not now" {
				continue
			}
			open[subject] = true
			if f.round == 0 || m.clock.now().After(f.last.Add(waitAfter(f.round)*12/10)) {
				t.Fatalf("%s was not told of event %d after attempt %d", name, i, f.round)
			}
		}
	}
}

// compare looks at the letters of the tenant's file after each step.
func (m *model) compare(t *rapid.T) {
	for name, r := range m.ears {
		for i, f := range r.fates {
			if f.attempts == 0 {
				continue
			}
			l, err := m.bus.FindDeadLetter(t.Context(), m.tenant, f.id+"."+name)
			if !f.letter || f.state == "taken" {
				if core.CodeOf(err) != core.NotFound {
					t.Fatalf("event %d, %q at %s, is a letter: %v", i, f.state, name, err)
				}
				continue
			}
			m.must(err)
			want := map[string]string{"pending": "waiting"}[f.state]
			if want == "" {
				want = f.state
			}
			if l.State != want || l.Attempts != f.attempts || len(l.Errors) != f.attempts || l.Error != fmt.Sprint("attempt ", f.attempts) || !l.LastAt.Equal(f.last) {
				t.Fatalf("event %d at %s is %+v, want %s of %+v", i, name, l, want, f)
			}
		}
	}
}

// compareCounts compares the control database with the model. It is right after
// each look at the tenant.
func (m *model) compareCounts(t *rapid.T) {
	for name, r := range m.ears {
		want, listed := m.before[name], map[string]string{}
		for _, f := range r.fates {
			switch f.state {
			case "pending":
				want.Pending++
			case "dead":
				want.Dead++
			}
			if f.letter && f.state != "taken" {
				listed[f.id+"."+name] = fmt.Sprint(f.state, f.attempts)
			}
		}
		got := m.backlog(name)
		if got.Pending != want.Pending || got.Dead != want.Dead {
			t.Fatalf("backlog of %s %+v, want %+v", name, got, want)
		}
		page, err := m.bus.DeadLetters(t.Context(), core.Query{Tenant: m.tenant, Kind: name, Limit: core.MaxLimit})
		m.must(err)
		if page.Total != len(listed) {
			t.Fatalf("%d letters of %s are listed, want %d", page.Total, name, len(listed))
		}
		for _, l := range page.Items {
			state := l.State
			if state == "waiting" {
				state = "pending"
			}
			if listed[l.ID] != fmt.Sprint(state, l.Attempts) {
				t.Fatalf("letter %+v is listed, want %q", l, listed[l.ID])
			}
		}
	}
}
