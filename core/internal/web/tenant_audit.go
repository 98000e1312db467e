package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// listTenantAudit is the tenant's own chain of the audit log.
func listTenantAudit(q *request) error {
	p := q.tab("/audit", "Audit log", "Who changed what in "+q.tenant.Name+"'s file. Nobody can change this log.")
	who := q.people()
	l := listing[core.Record]{
		title: "Audit log",
		fetch: func(query core.Query) (core.List[core.Record], error) {
			return q.site.Audit.List(q.ctx, q.tenant.ID, query)
		},
		search:  "Any word or id",
		filters: []ui.Filter{q.outcomeFilter()},
		none:    ui.Empty{Title: "No records yet.", Reason: "Every change, and every look at somebody's data, leaves one.", Icon: ui.IconAudit},
		columns: []column[core.Record]{
			{title: "When", width: 24, cell: func(r core.Record) ui.Value { return ui.Time{At: r.At, Exact: true} }},
			{title: "Who", width: 24, cell: func(r core.Record) ui.Value { return ui.Text{Text: who(r.Actor), Note: behalf(r.Actor, who)} }},
			{title: "What", width: 60, cell: func(r core.Record) ui.Value { return ui.Text{Text: capital(r.Sentence), Note: changeLine(r)} }},
			{title: "About", priority: 1, width: 34, cell: func(r core.Record) ui.Value {
				return ui.ID{Text: r.Target.ID, Href: q.subjectHref(r.Target, r.Action)}
			}},
			{title: "Outcome", priority: 2, cell: func(r core.Record) ui.Value { return outcomeBadge(r) }},
			{title: "No.", numeric: true, priority: 2, cell: func(r core.Record) ui.Value { return ui.Number{Value: r.Seq} }},
		},
	}
	return l.show(q, p)
}

// changeLine is what a record's change has changed, in one line.
func changeLine(r core.Record) string {
	var parts []string
	if r.Reason != "" {
		parts = append(parts, "“"+r.Reason+"”")
	}
	for _, c := range r.Changes {
		field := strings.ReplaceAll(c.Field, "_", " ")
		switch {
		case c.Erased:
			parts = append(parts, field+" (erased)")
		case c.Before == "":
			parts = append(parts, field+" "+c.After)
		case c.After == "":
			parts = append(parts, field+" "+c.Before+" removed")
		default:
			parts = append(parts, field+" "+c.Before+" → "+c.After)
		}
	}
	return strings.Join(parts, " · ")
}

// people names actors, asking for each user once in a request.
func (q *request) people() func(core.Actor) string {
	known := map[string]string{}
	return func(a core.Actor) string {
		if a.Kind != "staff" && a.Kind != "developer" {
			return capital(a.Kind)
		}
		name, ok := known[a.ID]
		if !ok {
			name = q.userName(a.ID)
			known[a.ID] = name
		}
		return name
	}
}

// userName is a user's name; a developer's staff see those of their own alone.
func (q *request) userName(id string) string {
	u, err := q.site.Users.Find(q.ctx, id)
	switch {
	case err == nil:
		return u.Name
	case q.portal:
		return "OpenHouse"
	}
	return id
}

func behalf(a core.Actor, who func(core.Actor) string) string {
	if a.OnBehalfOf == "" {
		return ""
	}
	return "in fact " + who(core.Actor{Kind: "staff", ID: a.OnBehalfOf})
}
