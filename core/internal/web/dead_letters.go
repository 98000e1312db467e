package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/bus"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

var letterStates = map[string]ui.Badge{
	"dead":    {Text: "Dead", Tone: ui.Bad},
	"waiting": {Text: "Queued again", Tone: ui.Info},
	"dropped": {Text: "Dropped", Tone: ui.Plain},
}

func letterBadge(l bus.DeadLetter) ui.Badge {
	if badge, ok := letterStates[l.State]; ok {
		return badge
	}
	return ui.Badge{Text: capital(l.State)}
}

func letterHref(l bus.DeadLetter) string {
	return "/admin/dead-letters/" + string(l.Tenant) + "/" + l.ID
}

// listDeadLetters is every event that a plugin did not take.
func listDeadLetters(q *request) error {
	p := ui.Page{Head: ui.Head{Title: "Dead letters", Lead: "Events that a plugin did not take, however often it was tried. They stop nothing; retry those that still matter."}}
	tenants, err := q.tenantOptions(q.query.Get("tenant"))
	if err != nil {
		return err
	}
	plugins := ui.Filter{Name: "kind", Label: "Plugin", Value: q.query.Get("kind")}
	for _, s := range q.site.Plugins.Plugins() {
		plugins.Options = append(plugins.Options, ui.Option{Value: s.ID, Label: nameOf(s)})
	}
	plugins.Options = withValue(plugins.Options, plugins.Value)
	return q.letters("", plugins, ui.Filter{Name: "tenant", Label: "Tenant", Value: q.query.Get("tenant"), Options: tenants}).show(q, p)
}

// listPluginEvents is what one plugin listens to and what it did not take.
func listPluginEvents(q *request, s host.Status) error {
	p := q.pluginPage(s, "/events")
	listens := ui.Text{Text: strings.Join(s.Manifest.Events, ", ")}
	if listens.Text == "" {
		listens = ui.Text{Text: "Nothing", Muted: true}
	}
	facts := ui.Section{Title: "Events", Blocks: ui.Blocks{ui.Details{Columns: 3, Items: []ui.Detail{
		{Label: "Listens to", Value: listens},
		{Label: "Wait for it", Value: ui.Number{Value: int64(s.Pending)}, Hint: "Taken in order, as soon as it is ready."},
		{Label: "Dead letters", Value: ui.Number{Value: int64(s.Dead), Tone: toneIf(s.Dead > 0, ui.Bad)}},
	}}}}
	return q.letters(s.ID).show(q, p, facts)
}

// letters is the list of dead letters, of one plugin or of all.
func (q *request) letters(plugin string, filters ...ui.Filter) listing[bus.DeadLetter] {
	states := ui.Filter{Name: "status", Label: "State", Value: q.query.Get("status")}
	for _, s := range []string{"dead", "waiting", "dropped"} {
		states.Options = append(states.Options, ui.Option{Value: s, Label: letterStates[s].Text})
	}
	l := listing[bus.DeadLetter]{
		title: "Dead letters",
		fetch: func(query core.Query) (core.List[bus.DeadLetter], error) {
			if plugin != "" {
				query.Kind = plugin
			}
			return q.site.DeadLetters.DeadLetters(q.ctx, query)
		},
		href:    letterHref,
		id:      func(l bus.DeadLetter) string { return string(l.Tenant) + "/" + l.ID },
		search:  "Event, tenant or id",
		filters: append(filters, states),
		none:    ui.Empty{Title: "No dead letters.", Reason: "Every event was taken, or is still being tried.", Icon: ui.IconCheck},
		columns: q.letterColumns(plugin),
	}
	if q.may(core.PluginsWrite) {
		l.bulk = []ui.Action{{Label: "Retry", Href: "/admin/dead-letters/retry", Icon: ui.IconRefresh, Confirm: "The plugin is handed the chosen events again, as if they were new."}}
	}
	return l
}

func (q *request) letterColumns(plugin string) []column[bus.DeadLetter] {
	columns := []column[bus.DeadLetter]{
		{title: "Event", sort: "name", width: 28, cell: func(l bus.DeadLetter) ui.Value {
			return ui.Link{Text: eventName(l.Event.Name), Href: letterHref(l), Note: l.Event.Name}
		}},
		{title: "State", sort: "state", cell: func(l bus.DeadLetter) ui.Value { return letterBadge(l) }},
		{title: "Tenant", sort: "tenant", priority: 1, width: 24, cell: func(l bus.DeadLetter) ui.Value { return ui.Text{Text: l.TenantName} }},
		{title: "Plugin", sort: "subscriber", priority: 1, cell: func(l bus.DeadLetter) ui.Value { return ui.Text{Text: q.pluginName(l.Subscriber)} }},
		{title: "Attempts", sort: "attempts", numeric: true, priority: 2, kind: report.Integer, cell: func(l bus.DeadLetter) ui.Value { return ui.Number{Value: int64(l.Attempts)} }},
		{title: "First tried", sort: "first_at", numeric: true, priority: 2, kind: report.Date, cell: func(l bus.DeadLetter) ui.Value { return ui.Time{At: l.FirstAt} }},
		{title: "Last tried", sort: "last_at", numeric: true, priority: 1, kind: report.Date, cell: func(l bus.DeadLetter) ui.Value { return ui.Time{At: l.LastAt} }},
	}
	if plugin != "" {
		columns = append(columns[:3], columns[4:]...)
	}
	return columns
}

// letter returns the dead letter of the address.
func (q *request) letter() (bus.DeadLetter, error) {
	id, err := core.ParseTenantID(q.Params("tenant"))
	if err != nil {
		return bus.DeadLetter{}, err
	}
	return q.site.DeadLetters.FindDeadLetter(q.ctx, id, q.Params("letter"))
}

// showDeadLetter is one letter with every attempt. What the event says is for
// those who may read events.
func showDeadLetter(q *request) (ui.Page, error) {
	l, err := q.letter()
	if err != nil {
		return ui.Page{}, err
	}
	badge := letterBadge(l)
	p := ui.Page{
		Title: "Dead letter", Crumbs: []ui.Link{{Text: "Dead letters", Href: "/admin/dead-letters"}},
		Head: ui.Head{Title: eventName(l.Event.Name), Lead: q.pluginName(l.Subscriber) + " did not take it, for " + l.TenantName + ".", Status: &badge, Actions: q.letterActions(l)},
	}
	if l.Error != "" {
		p.Blocks = append(p.Blocks, ui.Notice{Tone: badge.Tone, Title: "What the last attempt said", Text: l.Error})
	}
	plugin := ui.Value(ui.Text{Text: l.Subscriber})
	if s, err := q.site.Plugins.Find(l.Subscriber); err == nil {
		plugin = ui.Link{Text: nameOf(s), Href: pluginHref(s.ID)}
	}
	p.Blocks = append(p.Blocks, ui.Section{Title: "About", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{
		{Label: "Event", Value: ui.Text{Text: l.Event.Name}},
		{Label: "Plugin", Value: plugin},
		{Label: "Tenant", Value: q.tenantCell(l.Tenant)},
		{Label: "Subject", Value: ui.ID{Text: joinNonEmpty(" ", l.Event.Subject.Kind, l.Event.Subject.ID)}},
		{Label: "Happened", Value: ui.Time{At: l.Event.At, Exact: true}},
		{Label: "Attempts", Value: ui.Number{Value: int64(l.Attempts)}},
		{Label: "Identifier", Value: ui.ID{Text: l.Event.ID}},
	}}}})
	p.Blocks = append(p.Blocks, attempts(l))
	if q.may(core.EventsRead) {
		p.Blocks = append(p.Blocks, ui.Section{Title: "What it says", Blocks: ui.Blocks{ui.Code{Title: "Data", Text: string(l.Event.Data)}}})
	}
	return p, nil
}

func attempts(l bus.DeadLetter) ui.Section {
	section := ui.Section{Title: "Attempts", Lead: "Newest first."}
	if len(l.Errors) == 0 {
		section.Lead, section.Blocks = "", ui.Blocks{ui.Empty{Title: "None is kept.", Reason: "What failed long ago is forgotten."}}
		return section
	}
	var line ui.Timeline
	for i := len(l.Errors) - 1; i >= 0; i-- {
		line.Items = append(line.Items, ui.Moment{At: l.Errors[i].At, Title: l.Errors[i].Error, Icon: ui.IconWarn, Tone: ui.Bad})
	}
	section.Blocks = ui.Blocks{line}
	return section
}

func (q *request) letterActions(l bus.DeadLetter) []ui.Action {
	if !q.may(core.PluginsWrite) {
		return nil
	}
	var actions []ui.Action
	if l.State != "dropped" {
		actions = append(actions, ui.Action{Label: "Drop", Href: letterHref(l) + "/drop", Icon: ui.IconTrash, Kind: ui.Danger})
	}
	if l.State != "waiting" {
		actions = append(actions, ui.Action{Label: "Retry", Href: letterHref(l) + "/retry", Post: true, Icon: ui.IconRefresh, Kind: ui.Primary})
	}
	return actions
}

func retryLetter(q *request) (string, string, error) {
	l, err := q.letter()
	if err == nil {
		err = q.site.DeadLetters.RetryDead(q.ctx, l.Tenant, l.ID)
	}
	return letterHref(l), "The event is queued again.", err
}

// retryLetters queues the chosen letters again. One that can't be queued, since
// somebody else was faster, doesn't stop the others.
func retryLetters(q *request) (string, string, error) {
	sent, err := q.values()
	if err != nil {
		return "", "", err
	}
	done, failed := 0, 0
	for _, id := range sent["id"] {
		tenant, letter, _ := strings.Cut(id, "/")
		err := q.site.DeadLetters.RetryDead(q.ctx, core.TenantID(tenant), letter)
		switch core.CodeOf(err) {
		case "":
			done++
		case core.Internal:
			return "", "", err
		default:
			failed++
		}
	}
	said := plural(done, "event") + " queued again."
	switch {
	case len(sent["id"]) == 0:
		said = "Choose the events to retry."
	case failed > 0:
		said += " " + plural(failed, "event") + " could not be."
	}
	return "/admin/dead-letters", said, nil
}

var dropLetter = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		l, err := q.letter()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		p := ui.Page{Head: ui.Head{Title: "Drop " + eventName(l.Event.Name)}, Crumbs: []ui.Link{{Text: "Dead letters", Href: "/admin/dead-letters"}, {Text: eventName(l.Event.Name), Href: letterHref(l)}}}
		return p, ui.Form{
			Action: q.Path(), Submit: "Drop the event", Danger: true, Fields: []ui.Field{reasonField("Kept in the audit log.")},
			Consequence: q.pluginName(l.Subscriber) + " never learns of it. The event itself stays in the tenant's file, and can be retried later.",
			Cancel:      &ui.Link{Text: "Cancel", Href: letterHref(l)},
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		l, err := q.letter()
		if err != nil {
			return "", "", err
		}
		return letterHref(l), "The event is dropped.", because(sent, func(reason string) error { return q.site.DeadLetters.DropDead(q.ctx, l.Tenant, l.ID, reason) })
	},
}
