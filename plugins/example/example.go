// Package example is Site notes: notes of the site team on a unit. It is a
// small, complete plugin that uses every door once, to be copied:
// `openhouse plugin new` does it.
package example

import (
	"context"
	"database/sql"
	"embed"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Plugin is what Site notes is and does.
func Plugin() sdk.Plugin {
	return sdk.Plugin{
		ID: "example", Name: "Site notes", Version: "1.0.0",
		Summary:    "Notes of the site team on a unit: snags, handovers, and what else has to be remembered.",
		Migrations: migrations,
		Needs: sdk.Grants{Read: map[string][]string{
			"units":        {"id", "label", "development_id"},
			"developments": {"id", "name"},
		}},
		Pages: []sdk.Page{
			{ID: "notes", Path: "/", Title: "Site notes", Nav: true, Permission: core.DirectoryRead, Show: showNotes},
			{ID: "note", Path: "/notes/{note}", Title: "Note", Permission: core.DirectoryRead, Show: showNote},
		},
		Actions: []sdk.Action{
			sdk.NewAction("add-note", core.DirectoryWrite, addNote),
			sdk.NewAction("close-note", core.DirectoryWrite, closeNote),
		},
		Routes: []sdk.Route{
			sdk.NewRoute("GET", "/notes", "List notes", core.DirectoryRead, listNotes),
			sdk.NewRoute("POST", "/notes", "Add a note", core.DirectoryWrite, postNote),
		},
		Events: []sdk.Subscription{{Event: "unit.handed_over", Handle: onHandedOver}},
		Jobs: []sdk.Job{{
			ID: "remind", Summary: "Marks the notes that have been open for too long.", Schedule: "30 5 * * *", Scope: sdk.Tenant, Run: remind,
		}},
		Tools: []sdk.Tool{
			sdk.NewTool("close-old", "Close old notes", "Closes every open note that is older than so many days.", core.DirectoryWrite, planClosing, closeOld),
		},
		Metrics: []core.Metric{
			{Name: "example.notes.open", Unit: "notes", Meaning: "Notes that nobody has closed.", Level: true},
			{Name: "example.notes.added", Unit: "notes", Meaning: "Notes written, by the day they were written on."},
		},
		RollUp:   rollUp,
		Settings: sdk.NewSettings(checkSettings),
		Records:  map[string]string{"note.create": "added site note", "note.close": "closed site note"},
	}
}

// Settings are what a tenant sets on the plugin's page.
type Settings struct {
	RemindAfterDays int    `json:"remind_after_days,omitempty" label:"Remind after" doc:"Days that a note may stay open before it is marked as overdue." minimum:"1" maximum:"365" default:"14"`
	HandoverNote    string `json:"handover_note,omitempty" label:"Note at handover" doc:"Written on a unit when it is handed over; empty writes none." maxLength:"200" default:"Ask the buyer for the snag list."`
}

func checkSettings(_ context.Context, _ sdk.Call, s Settings) error {
	if s.RemindAfterDays > 365 {
		return &core.Error{Code: core.Invalid, Message: "Some values need correcting.", Fields: []core.FieldError{{Field: "remind_after_days", Reason: "is more than a year"}}}
	}
	return nil
}

// onHandedOver writes the tenant's note on a unit that was handed over. The
// event may come twice; the note is written once.
func onHandedOver(ctx context.Context, c sdk.Call, e core.Event) error {
	var settings Settings
	if err := c.Settings(ctx, &settings); err != nil || settings.HandoverNote == "" {
		return err
	}
	n := note{ID: core.NewID("nte", c.Now), Unit: e.Subject.ID, Body: settings.HandoverNote, Author: "Site notes", CreatedAt: c.Now}
	return sdk.Update(ctx, c, func(tx *sql.Tx) error { return insertNote(ctx, tx, &n, e.ID) })
}

// remind marks notes that have been open for longer than the settings allow.
// A note is marked, and told of, once.
func remind(ctx context.Context, c sdk.Call) (string, error) {
	var settings Settings
	if err := c.Settings(ctx, &settings); err != nil {
		return "", err
	}
	marked := 0
	err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
		open, err := selectOpenBefore(ctx, tx, c.Now.AddDate(0, 0, -settings.RemindAfterDays))
		for _, n := range open {
			if err != nil || n.OverdueAt != nil {
				continue
			}
			marked++
			if err = markOverdue(ctx, tx, c.Now, n.ID); err == nil {
				err = c.Emit(ctx, tx, "example.note.overdue", core.Target{Kind: "unit", ID: n.Unit}, map[string]string{"note": n.ID})
			}
		}
		return err
	})
	if err != nil || marked == 0 {
		return "", err
	}
	return fmt.Sprintf("overdue now: %d", marked), nil
}
