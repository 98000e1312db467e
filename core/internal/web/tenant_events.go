package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// eventName is an event as people read it: "Unit handed over".
func eventName(name string) string { return capital(strings.ReplaceAll(name, ".", " ")) }

var eventIcons = map[string]ui.Icon{"development": ui.IconDevelop, "unit": ui.IconHome, "homeowner": ui.IconUser, "tenant": ui.IconTenant, "message": ui.IconMail, "run": ui.IconOnboard}

// subjectHref is where the subject of an event or record can be seen; empty
// when it has no page, or has gone with what happened to it.
func (q *request) subjectHref(t core.Target, verb string) string {
	if strings.HasSuffix(verb, "deleted") || strings.HasSuffix(verb, ".delete") || !q.may(core.DirectoryRead) {
		return ""
	}
	switch t.Kind {
	case "development", "unit", "homeowner":
		return q.base + "/" + t.Kind + "s/" + t.ID
	}
	return ""
}

// listEvents is the outbox of a tenant's facts.
func listEvents(q *request) error {
	p := q.tab("/events", "Events", "Facts that "+q.tenant.Name+"'s file has told, newest first.")
	l := listing[core.Event]{
		title: "Events",
		fetch: func(query core.Query) (core.List[core.Event], error) {
			return q.site.Events.List(q.ctx, q.tenant.ID, query)
		},
		search:  "Name, id or word",
		filters: []ui.Filter{eventFilter(q)},
		none:    ui.Empty{Title: "No events yet.", Reason: "Each change of a development, unit or homeowner leaves one, for those who subscribe.", Icon: ui.IconActivity},
		columns: []column[core.Event]{
			{title: "Event", width: 28, cell: func(e core.Event) ui.Value { return ui.Text{Text: eventName(e.Name), Note: e.Name} }},
			{title: "About", width: 34, cell: func(e core.Event) ui.Value {
				return ui.ID{Text: e.Subject.ID, Href: q.subjectHref(e.Subject, e.Name)}
			}},
			{title: "Data", priority: 2, width: 60, cell: func(e core.Event) ui.Value { return ui.Text{Text: string(e.Data), Muted: true} }},
			{title: "When", numeric: true, kind: report.Date, cell: func(e core.Event) ui.Value { return ui.Time{At: e.At} }},
		},
	}
	return l.show(q, p)
}

// eventKinds are the events that the core tells.
var eventKinds = []string{
	"development.created", "development.updated", "development.deleted",
	"unit.created", "unit.imported", "unit.updated", "unit.codes_assigned", "unit.first_scanned", "unit.handed_over", "unit.deleted",
	"homeowner.created", "homeowner.onboarded", "homeowner.updated", "homeowner.deleted",
}

func eventFilter(q *request) ui.Filter {
	f := ui.Filter{Name: "kind", Label: "Event", Value: q.query.Get("kind")}
	for _, kind := range eventKinds {
		f.Options = append(f.Options, ui.Option{Value: kind, Label: eventName(kind)})
	}
	return f
}

// latestEvents are the newest facts, for the overview.
func (q *request) latestEvents() (ui.Section, error) {
	section := ui.Section{Title: "Latest events"}
	list, err := q.site.Events.List(q.ctx, q.tenant.ID, core.Query{Limit: shortList})
	if err != nil {
		return section, err
	}
	if len(list.Items) == 0 {
		section.Blocks = ui.Blocks{ui.Empty{Title: "Nothing has happened yet.", Reason: "Changes of developments, units and homeowners show here.", Icon: ui.IconActivity}}
		return section, nil
	}
	section.Actions = []ui.Action{{Label: "All events", Href: q.base + "/events", Kind: ui.Quiet}}
	var line ui.Timeline
	for _, e := range list.Items {
		icon := eventIcons[e.Subject.Kind]
		if icon == "" {
			icon = ui.IconActivity
		}
		line.Items = append(line.Items, ui.Moment{At: e.At, Title: eventName(e.Name), Note: e.Subject.ID, Icon: icon, Href: q.subjectHref(e.Subject, e.Name)})
	}
	section.Blocks = ui.Blocks{line}
	return section, nil
}
