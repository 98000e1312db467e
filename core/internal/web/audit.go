package web

import (
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

func recordHref(r core.Record) string { return "/admin/audit/" + strconv.FormatInt(r.Seq, 10) }

// listAudit is the platform's chain, newest first.
func listAudit(q *request) error {
	filters, err := q.auditFilters()
	if err != nil {
		return err
	}
	p := ui.Page{Head: ui.Head{
		Title: "Audit log", Lead: "What people, keys and jobs did on the platform. Each record holds the hash of the one before it.",
		Actions: []ui.Action{
			{Label: "Export", Href: ui.Address("/admin/audit/export", nil, "from", q.query.Get("from"), "to", q.query.Get("to")), Icon: ui.IconDownload},
			{Label: "Verify chain", Href: "/admin/audit/verify", Icon: ui.IconShield, Kind: ui.Primary},
		},
	}}
	proof, err := q.checkpointState()
	if err != nil {
		return err
	}
	before := ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{q.period(), proof}}
	return q.auditListing("", filters).show(q, p, before)
}

// auditListing is a chain as a list: the platform's for tenant "".
func (q *request) auditListing(tenant core.TenantID, filters []ui.Filter) listing[core.Record] {
	people := q.names()
	return listing[core.Record]{
		title:   "Records",
		fetch:   func(query core.Query) (core.List[core.Record], error) { return q.site.Audit.List(q.ctx, tenant, query) },
		href:    recordHref,
		search:  "Any word or id",
		filters: filters,
		keep:    []string{"from", "to"},
		none:    ui.Empty{Title: "Nothing is recorded yet.", Reason: "The first change writes the first record.", Icon: ui.IconAudit},
		columns: []column[core.Record]{
			{title: "No.", numeric: true, priority: 2, kind: report.Integer, cell: func(r core.Record) ui.Value { return ui.Number{Value: r.Seq} }},
			{title: "When", priority: 1, width: 20, kind: report.Date, cell: func(r core.Record) ui.Value { return ui.Time{At: r.At, Exact: true} }},
			{title: "What", width: 60, cell: func(r core.Record) ui.Value {
				return ui.Link{Text: people.sentence(r), Href: recordHref(r), Note: r.Reason}
			}},
			{title: "Action", priority: 2, width: 24, cell: func(r core.Record) ui.Value { return ui.Text{Text: r.Action, Muted: true} }},
			{title: "Outcome", priority: 1, cell: func(r core.Record) ui.Value { return outcomeBadge(r) }},
			{title: "From", priority: 2, width: 20, cell: func(r core.Record) ui.Value {
				return ui.Text{Text: r.Origin.UserAgent, Note: r.Origin.IPPrefix, Muted: true}
			}},
		},
	}
}

// sentence is a record as one sentence: who, what, and on what.
func (n names) sentence(r core.Record) string {
	who := n.of(r.Actor.Kind, r.Actor.ID)
	if r.Actor.OnBehalfOf != "" {
		who = n.of("staff", r.Actor.OnBehalfOf) + " as " + who
	}
	what := r.Sentence
	if what == "" {
		what = r.Action
	}
	on := n.of(r.Target.Kind, r.Target.ID)
	if on == who || r.Target.ID == "" || strings.HasPrefix(r.Action, "session.") && r.Target.ID == r.Actor.ID {
		on = ""
	}
	return strings.TrimSpace(who + " " + what + " " + on)
}

// outcomeBadge is how the action of a record ended.
func outcomeBadge(r core.Record) ui.Badge {
	switch r.Outcome {
	case "denied":
		return ui.Badge{Text: "Denied", Tone: ui.Warn}
	case "failed":
		return ui.Badge{Text: "Failed", Tone: ui.Bad}
	}
	return ui.Badge{Text: "Done", Tone: ui.Good}
}

func (q *request) outcomeFilter() ui.Filter {
	return ui.Filter{Name: "status", Label: "Outcome", Value: q.query.Get("status"), Options: []ui.Option{
		{Value: "ok", Label: "Done"}, {Value: "denied", Label: "Denied"}, {Value: "failed", Label: "Failed"},
	}}
}

// auditFilters are action, actor and outcome.
func (q *request) auditFilters() ([]ui.Filter, error) {
	actions := ui.Filter{Name: "kind", Label: "Action", Value: q.query.Get("kind")}
	for _, name := range audit.Actions() {
		actions.Options = append(actions.Options, ui.Option{Value: name})
	}
	actor := ui.Filter{Name: "actor", Label: "Who", Value: q.query.Get("actor"), Options: []ui.Option{{Value: core.System.ID, Label: core.System.Name}}}
	if q.may(core.UsersRead) {
		staff, err := q.site.Users.List(q.ctx, core.Query{Kind: "staff", Limit: core.MaxLimit})
		if err != nil {
			return nil, err
		}
		for _, u := range staff.Items {
			actor.Options = append(actor.Options, ui.Option{Value: u.ID, Label: u.Name})
		}
	}
	if actor.Value != "" && !hasOption(actor.Options, actor.Value) {
		kind := "user"
		if strings.HasPrefix(actor.Value, core.PrefixKey+"_") {
			kind = "key"
		}
		actor.Options = append(actor.Options, ui.Option{Value: actor.Value, Label: q.names().of(kind, actor.Value)})
	}
	return []ui.Filter{actions, actor, q.outcomeFilter()}, nil
}

func hasOption(options []ui.Option, value string) bool {
	for _, o := range options {
		if o.Value == value {
			return true
		}
	}
	return false
}

// period narrows the list to days, and keeps the other filters.
func (q *request) period() ui.Form {
	f := ui.Form{
		Action: q.Path(), Get: true, Submit: "Show these days",
		Fields: []ui.Field{
			{Kind: ui.DateField, Name: "from", Label: "From", Value: q.query.Get("from"), Half: true},
			{Kind: ui.DateField, Name: "to", Label: "To", Value: q.query.Get("to"), Half: true},
		},
	}
	for _, name := range []string{"q", "kind", "actor", "status"} {
		if value := q.query.Get(name); value != "" {
			f.Fields = append(f.Fields, ui.Field{Kind: ui.HiddenField, Name: name, Value: value})
		}
	}
	return f
}

// checkpointState says where the last signed checkpoint stands.
func (q *request) checkpointState() (ui.Block, error) {
	section := ui.Section{Title: "Last checkpoint", Lead: "Signed every hour while there is something new."}
	last, err := q.site.Audit.LastCheckpoint(q.ctx)
	if core.CodeOf(err) == core.NotFound {
		section.Lead = "There is none yet. The first is signed within the hour."
		return section, nil
	}
	section.Blocks = ui.Blocks{ui.Details{Columns: 3, Items: []ui.Detail{
		{Label: "Number", Value: ui.Number{Value: last.Number}},
		{Label: "Made", Value: ui.Time{At: last.At}},
		{Label: "Chains", Value: ui.Number{Value: int64(last.Chains)}},
	}}}
	return section, err
}

// timeline is records as moments, newest first.
func (q *request) timeline(records []core.Record, none string) ui.Blocks {
	if len(records) == 0 {
		return ui.Blocks{ui.Empty{Title: none, Icon: ui.IconAudit}}
	}
	people, t := q.names(), ui.Timeline{}
	for _, r := range records {
		m := ui.Moment{At: r.At, Title: people.sentence(r), Note: r.Reason, Href: recordHref(r), Icon: ui.IconAudit}
		if r.Outcome != "ok" {
			badge := outcomeBadge(r)
			m.Tone, m.Icon = badge.Tone, ui.IconWarn
		}
		t.Items = append(t.Items, m)
	}
	return ui.Blocks{t}
}
