package web

import (
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/ui"
)

// refusedShort is what could not be taken, when there is any: events in
// conflict, and invalid ones with the field that is wrong.
func (q *request) refusedShort() (ui.Blocks, error) {
	var blocks ui.Blocks
	l := q.clashes()
	list, err := l.fetch(core.Query{Limit: shortList})
	if err != nil {
		return nil, err
	}
	if list.Total > 0 {
		t := l.short(list)
		t.ID, t.Lead = "conflicts", "Another payload came under a source and id that are taken. The first event stays."
		t.Actions = []ui.Action{{Label: "All conflicts", Href: q.base + "/usage/conflicts", Kind: ui.Quiet}}
		blocks = append(blocks, t)
	}
	refused := q.refusals()
	all, err := refused.fetch(core.Query{Limit: shortList})
	if err != nil || all.Total == 0 {
		return blocks, err
	}
	t := refused.short(all)
	t.ID, t.Lead = "refused", "Invalid ones, the latest first; the last 200 are kept to look at."
	t.Actions = []ui.Action{{Label: "All refused", Href: q.base + "/usage/refused", Kind: ui.Quiet}}
	return append(blocks, t), nil
}

// short is the table of a list's first entries, without what narrows it.
func (l listing[T]) short(list core.List[T]) ui.Table {
	t := ui.Table{Title: l.title, Count: &list.Total}
	for _, c := range l.columns {
		if c.cell == nil {
			continue
		}
		t.Columns = append(t.Columns, ui.Column{Title: c.title, Numeric: c.numeric, Priority: c.priority})
	}
	for _, item := range list.Items {
		t.Rows = append(t.Rows, l.row(item))
	}
	return t
}

// listClashes is every event in conflict.
func listClashes(q *request) error {
	p := q.leaf("/usage", "Conflicts")
	p.Head.Lead = "Usage events whose source and id another event has. They were not taken; whoever sent them gave an id twice."
	return q.clashes().show(q, p)
}

func (q *request) clashes() listing[usage.Clash] {
	return listing[usage.Clash]{
		title: "Conflicts",
		fetch: func(query core.Query) (core.List[usage.Clash], error) {
			return q.site.Usage.Conflicts(q.ctx, q.tenant.ID, query)
		},
		none: ui.Empty{Title: "No conflicts.", Reason: "Every id came with one payload alone.", Icon: ui.IconCheck},
		columns: slices.Concat([]column[usage.Clash]{
			{title: "Type", width: 28, cell: func(c usage.Clash) ui.Value { return usageCell(c.Event.Type) }},
		}, bodyColumns(func(c usage.Clash) core.UsageEvent { return c.Event }), []column[usage.Clash]{
			{title: "Times", numeric: true, priority: 2, kind: report.Integer, cell: func(c usage.Clash) ui.Value { return ui.Number{Value: int64(c.Times)} }},
			{title: "First event", numeric: true, priority: 2, kind: report.Moment, cell: func(c usage.Clash) ui.Value {
				if c.First.IsZero() {
					return ui.Text{Text: "erased", Muted: true}
				}
				return ui.Time{At: c.First}
			}},
			{title: "Came", numeric: true, kind: report.Moment, cell: func(c usage.Clash) ui.Value { return ui.Time{At: c.Received} }},
		}),
	}
}

// listRefusals is the latest events that could not be taken.
func listRefusals(q *request) error {
	p := q.leaf("/usage", "Refused events")
	p.Head.Lead = "Usage events that were invalid, with the field that is wrong. Nothing of them was counted but that they came."
	return q.refusals().show(q, p)
}

func (q *request) refusals() listing[usage.Refusal] {
	return listing[usage.Refusal]{
		title: "Refused",
		fetch: func(query core.Query) (core.List[usage.Refusal], error) {
			all, err := q.site.Usage.Refusals(q.ctx, q.tenant.ID)
			list := core.List[usage.Refusal]{Items: all, Total: len(all)}
			if query.Limit > 0 && query.Limit < len(all) {
				list.Items = all[:query.Limit]
			}
			return list, err
		},
		none: ui.Empty{Title: "Nothing was refused.", Reason: "Every event was as the catalogue asks.", Icon: ui.IconCheck},
		columns: []column[usage.Refusal]{
			{title: "What is wrong", width: 60, cell: func(r usage.Refusal) ui.Value { return ui.Text{Text: wrongFields(r.Fields)} }},
			{title: "Type", priority: 1, width: 28, cell: func(r usage.Refusal) ui.Value { return usageCell(r.Type) }},
			{title: "Source", priority: 2, width: 24, cell: func(r usage.Refusal) ui.Value { return textOrNil(r.Source) }},
			{title: "Id", priority: 1, width: 38, cell: func(r usage.Refusal) ui.Value {
				if r.ID == "" {
					return nil
				}
				return ui.ID{Text: r.ID}
			}},
			{title: "Came", numeric: true, kind: report.Moment, cell: func(r usage.Refusal) ui.Value { return ui.Time{At: r.Received} }},
		},
	}
}

func wrongFields(fields []core.FieldError) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, strings.TrimSpace(f.Field+" "+f.Reason))
	}
	return strings.Join(parts, "; ")
}
