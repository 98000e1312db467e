package example

import (
	"context"
	"database/sql"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// note is one note, with what it needs for reading.
type note struct {
	ID          string     `json:"id"`
	Unit        string     `json:"unit"`
	Label       string     `json:"label" doc:"How people on site name the unit."`
	Development string     `json:"development"`
	Body        string     `json:"body"`
	Author      string     `json:"author"`
	CreatedAt   time.Time  `json:"created_at"`
	ClosedAt    *time.Time `json:"closed_at"`
	OverdueAt   *time.Time `json:"overdue_at"`
}

// newNote is what somebody writes, in the page's form and over HTTP alike.
type newNote struct {
	Unit string `json:"unit" label:"Unit" doc:"The unit's id." minLength:"1" maxLength:"40"`
	Body string `json:"body" label:"Note" format:"textarea" minLength:"1" maxLength:"2000"`
}

// write adds a note, with its audit record.
func write(ctx context.Context, c sdk.Call, in newNote) (n note, err error) {
	n = note{ID: core.NewID("nte", c.Now), Unit: in.Unit, Body: in.Body, Author: c.Actor.Name, CreatedAt: c.Now}
	err = sdk.Update(ctx, c, func(tx *sql.Tx) error {
		if err := insertNote(ctx, tx, &n, ""); err != nil {
			return err
		}
		return c.Audit(ctx, tx, core.Entry{Action: "example.note.create", Target: core.Target{Kind: "unit", ID: n.Unit}})
	})
	return n, err
}

func addNote(ctx context.Context, c sdk.Call, in newNote) (sdk.Done, error) {
	_, err := write(ctx, c, in)
	return sdk.Done{Said: "Note added."}, err
}

// closing names the note to close: a button sends it.
type closing struct {
	Note string `json:"note"`
}

func closeNote(ctx context.Context, c sdk.Call, in closing) (sdk.Done, error) {
	err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
		closed, err := closeNotes(ctx, tx, c.Now, "id = ?", in.Note)
		if err == nil && closed == 0 {
			_, err = findNote(ctx, c, in.Note) // closed by somebody else already is what was wanted
			return err
		}
		if err != nil {
			return err
		}
		return c.Audit(ctx, tx, core.Entry{Action: "example.note.close", Target: core.Target{Kind: "note", ID: in.Note}})
	})
	return sdk.Done{Said: "Note closed."}, err
}

type listInput struct {
	Status string `query:"status" enum:"open,closed" doc:"Only these."`
	Limit  int    `query:"limit" minimum:"1" maximum:"200" default:"25"`
	After  string `query:"after" doc:"The next of the page before."`
}

type listOutput struct {
	Body struct {
		Items []note `json:"items"`
		Next  string `json:"next,omitempty"`
		Total int    `json:"total"`
	}
}

func listNotes(ctx context.Context, c sdk.Call, in *listInput) (*listOutput, error) {
	list, err := selectNotes(ctx, c, core.Query{Status: in.Status, After: in.After}, in.Limit)
	out := new(listOutput)
	out.Body.Items, out.Body.Next, out.Body.Total = append([]note{}, list.Items...), list.Next, list.Total
	return out, err
}

type postInput struct{ Body newNote }

type postOutput struct{ Body note }

func postNote(ctx context.Context, c sdk.Call, in *postInput) (*postOutput, error) {
	n, err := write(ctx, c, in.Body)
	return &postOutput{Body: n}, err
}

// age is the parameter of the tool.
type age struct {
	Days int `json:"days" label:"Older than" doc:"Days since the note was written." minimum:"1" maximum:"3650" default:"180"`
}

func (a age) before(c sdk.Call) time.Time { return c.Now.AddDate(0, 0, -a.Days) }

// planClosing counts what closeOld would close, and shows the oldest.
func planClosing(ctx context.Context, c sdk.Call, a age) (sdk.Plan, error) {
	old, err := selectOpenBefore(ctx, c.DB(), a.before(c))
	plan := sdk.Plan{Counts: []sdk.Count{{Label: "Notes to close", Value: int64(len(old))}}}
	plan.Samples = ui.Table{Title: "The oldest", Columns: []ui.Column{{Title: "Unit"}, {Title: "Note"}, {Title: "Written", Numeric: true}}}
	for _, n := range old[:min(len(old), 10)] {
		plan.Samples.Rows = append(plan.Samples.Rows, ui.Row{Cells: ui.Values{ui.Text{Text: n.Label}, ui.Text{Text: n.Body}, ui.Time{At: n.CreatedAt}}})
	}
	return plan, err
}

func closeOld(ctx context.Context, c sdk.Call, a age, _ sdk.Plan) (string, error) {
	err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
		_, err := closeNotes(ctx, tx, c.Now, "created_at < ?", a.before(c).UnixMilli())
		return err
	})
	return "Closed the old notes.", err
}
