package example

import (
	"net/url"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
)

// The first test of every plugin: it keeps what every plugin promises.
func TestConform(t *testing.T) {
	t.Parallel()
	sdktest.Conform(t, Plugin())
}

// A note is written in the form, shown, and closed with its button.
func TestNote(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	unit := c.Seed().Units[0]
	if _, err := c.Act("add-note", url.Values{"unit": {unit.ID}, "body": {"Check the boiler."}}); err != nil {
		t.Fatal(err)
	}
	var list struct {
		Items []struct{ ID, Label, Body, Author string }
	}
	if err := c.Route("GET", "/notes?status=open", nil).JSON(&list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != 1 || list.Items[0].Label != unit.Label || list.Items[0].Author != c.Actor.Name {
		t.Fatalf("the notes are %+v", list.Items)
	}
	page, err := c.Page("/notes/" + list.Items[0].ID)
	if err != nil || page.Head.Lead != "Check the boiler." {
		t.Fatalf("the note's page says %q (%v)", page.Head.Lead, err)
	}
	if _, err := c.As(core.DeveloperViewer).Act("close-note", url.Values{"note": {list.Items[0].ID}}); core.CodeOf(err) != core.Forbidden {
		t.Errorf("somebody who may only look closed a note: %v", err)
	}
	for range 2 { // the second time nothing is left to be done
		if _, err := c.Act("close-note", url.Values{"note": {list.Items[0].ID}}); err != nil {
			t.Fatal(err)
		}
	}
	if records := c.Records(); len(records) != 2 || records[1].Action != "example.note.close" {
		t.Errorf("the audit log has %+v", records)
	}
}

// A note needs a unit of this tenant.
func TestNoteElsewhere(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	unit := c.InTenant(c.Other()).Seed().Units[0]
	_, err := c.Act("add-note", url.Values{"unit": {unit.ID}, "body": {"Whose is it?"}})
	if core.CodeOf(err) != core.Invalid {
		t.Errorf("a note on another developer's unit: %v", err)
	}
}

// A handover writes the tenant's note once, and a fortnight later it is told
// of, once.
func TestHandover(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	unit := c.Seed().Units[0]
	if err := c.SetSettings(Settings{RemindAfterDays: 14, HandoverNote: "Ask for the snag list."}); err != nil {
		t.Fatal(err)
	}
	e, err := c.Event("unit.handed_over", core.Target{Kind: "unit", ID: unit.ID}, nil)
	if err == nil {
		err = c.Deliver(e)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		days int
		want string
	}{{13, ""}, {2, "overdue now: 1"}, {30, ""}} {
		c.Advance(time.Duration(step.days) * 24 * time.Hour)
		if line, err := c.Job("remind"); err != nil || line != step.want {
			t.Errorf("the job says %q (%v), want %q", line, err, step.want)
		}
	}
	if events := c.Events(); len(events) != 1 || events[0].Name != "example.note.overdue" || events[0].Subject.ID != unit.ID {
		t.Errorf("the events are %+v", events)
	}
}

func TestCloseOld(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin())
	unit := c.Seed().Units[0]
	for range 3 {
		if _, err := c.Act("add-note", url.Values{"unit": {unit.ID}, "body": {"Old."}}); err != nil {
			t.Fatal(err)
		}
		c.Advance(100 * 24 * time.Hour)
	}
	run, err := c.Plan("close-old", map[string]int{"days": 150})
	if err != nil || run.Plan.Counts[0].Value != 2 {
		t.Fatalf("the plan counts %+v (%v)", run.Plan.Counts, err)
	}
	if _, err := c.Apply(run); err != nil {
		t.Fatal(err)
	}
	figures, err := c.RollUp()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range figures {
		if f.Metric == "example.notes.open" && f.Value != 1 {
			t.Errorf("%d notes are open, want 1", f.Value)
		}
	}
}
