package web

import (
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/qr"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/ui"
)

// devRoutes are for engineers: the gallery of what pages are made of and, on a
// test clock, the clock.
func (s *site) devRoutes() []route {
	var routes []route
	if s.Dev {
		routes = append(routes,
			route{method: get, path: "/dev/components", permission: core.SignedIn, handle: page(showComponents)},
			route{method: get, path: "/q/example.svg", permission: core.Public, handle: exampleCode})
	}
	if s.Clock != nil {
		routes = append(routes,
			route{method: get, path: "/dev/clock", permission: core.JobsRun, handle: clock.show},
			route{method: post, path: "/dev/clock", permission: core.JobsRun, handle: clock.submit})
	}
	return routes
}

func showComponents(*request) (ui.Page, error) { return ui.GalleryPage(), nil }

// exampleCode is the picture that the gallery shows.
func exampleCode(q *request) error {
	code, err := qr.Encode(q.site.BaseURL + "/q/example")
	if err != nil {
		return err
	}
	q.Type("svg")
	return q.Send(code.SVG())
}

// clockMoves are how far the clock goes at a press.
var clockMoves = []ui.Submit{{Label: "+1 hour", Name: "by", Value: "1h"}, {Label: "+1 day", Name: "by", Value: "24h"}, {Label: "+30 days", Name: "by", Value: "720h"}}

// clock shows the test clock and moves it forward, through every job that falls
// due on the way.
var clock = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		now := q.site.Clock.Now()
		return ui.Page{
				Title: "Clock",
				Head:  ui.Head{Title: "The test clock", Lead: "This console doesn't take its time from the machine. Moving the clock runs every job that falls due on the way."},
				Blocks: ui.Blocks{ui.Details{Columns: 2, Items: []ui.Detail{
					{Label: "Now", Value: ui.Time{At: now, Exact: true}}, {Label: "In UTC", Value: ui.ID{Text: now.Format(time.RFC3339)}},
				}}},
			}, ui.Form{
				Action: "/dev/clock", Title: "Move the clock", Submit: "Move", Extra: clockMoves,
				Consequence: "It only goes forward. Sessions, keys and links end when their time has come.",
				Fields:      []ui.Field{{Name: "for", Label: "By", Placeholder: "90m, 36h", Hint: "Hours, minutes and seconds.", Required: true}},
			}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		given := sent.Get("by")
		if given == "" {
			given = sent.Get("for")
		}
		d, err := time.ParseDuration(given)
		if err != nil || d <= 0 {
			var p core.Problems
			p.Add("for", given, "is not a time such as 90m or 36h")
			return "", "", p.Err()
		}
		before := q.site.Clock.Now()
		if err := q.site.Clock.Move(d); err != nil {
			return "", "", err
		}
		after := q.site.Clock.Now()
		entry := core.Entry{Action: "clock.move", Target: core.Target{Kind: "clock", ID: "platform"}, Changes: []core.Change{
			{Field: "time", Before: before.Format(time.RFC3339), After: after.Format(time.RFC3339)}}}
		err = q.site.Tenants.UpdateControl(q.ctx, func(tx *tenants.Tx) error { return q.site.Audit.Record(q.ctx, tx, entry) })
		return "/dev/clock", "It is " + after.Format("2 January 2006, 15:04") + " UTC now.", err
	},
}
