package web

import (
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// showHome is where staff begin: what needs somebody, and what happened last.
func showHome(q *request) (ui.Page, error) {
	open, err := q.attention()
	if err != nil {
		return ui.Page{}, err
	}
	p := ui.Page{Title: "Home", Head: ui.Head{Title: greeting(q.site.Now().In(q.zone())) + ", " + firstName(q.actor.Name), Lead: attentionLead(len(open))}}
	if q.may(core.Onboard) {
		p.Head.Actions = []ui.Action{{Label: "Onboard developer", Href: "/admin/onboarding/new", Icon: ui.IconPlus, Kind: ui.Primary}}
	}
	if q.may(core.TenantsRead) {
		figures, fresh, err := q.keyFigures()
		if err != nil {
			return p, err
		}
		p.Head.Lead += " " + fresh
		p.Blocks = append(p.Blocks, figures)
	}
	for _, build := range []func() (ui.Block, error){attentionBlock(open), q.latest} {
		block, err := build()
		if err != nil {
			return p, err
		}
		if block != nil {
			p.Blocks = append(p.Blocks, block)
		}
	}
	return p, nil
}

func greeting(at time.Time) string {
	switch h := at.Hour(); {
	case h < 5:
		return "Good night"
	case h < 12:
		return "Good morning"
	case h < 18:
		return "Good afternoon"
	}
	return "Good evening"
}

func attentionLead(n int) string {
	switch n {
	case 0:
		return "Nothing needs you right now."
	case 1:
		return "One thing needs somebody."
	}
	return fmt.Sprintf("%d things need somebody.", n)
}

// attention counts what has stopped and goes on only when somebody acts, as far
// as the actor may see it.
func (q *request) attention() ([]ui.Row, error) {
	onboardings := func(status core.WorkState) func() (int, error) {
		return func() (int, error) {
			list, err := q.site.Onboarding.List(q.ctx, core.Query{Status: string(status), Limit: 1})
			return list.Total, err
		}
	}
	messages := func(status string) func() (int, error) {
		return func() (int, error) {
			list, err := q.site.Messages.List(q.ctx, core.Query{Status: status, Limit: 1})
			return list.Total, err
		}
	}
	var rows []ui.Row
	for _, c := range []struct {
		permission        core.Permission
		noun, state, href string
		tone              ui.Tone
		count             func() (int, error)
	}{
		{core.OnboardRead, "onboarding", "Failed", "/admin/onboarding?status=failed", ui.Bad, onboardings(core.Failed)},
		{core.TenantsRead, "tenant", "Failed", "/admin/tenants?status=failed", ui.Bad, q.countTenants(core.TenantFailed)},
		{core.OutboxRead, "message", "Failed", "/admin/outbox?status=failed", ui.Bad, messages("failed")},
		{core.OutboxRead, "message", "May have arrived", "/admin/outbox?status=unknown", ui.Warn, messages("unknown")},
		{core.OutboxRead, "message", "Held", "/admin/outbox?status=held", ui.Warn, messages("held")},
		{core.JobsRead, "job", "Last run failed", "/admin/jobs", ui.Bad, q.failedJobs},
		{core.PluginsRead, "plugin", "Not at work", "/admin/plugins?kind=attention", ui.Bad, q.countPlugins(isDown)},
		{core.PluginsRead, "plugin", "Asks for approval", "/admin/plugins?kind=attention", ui.Warn, q.countPlugins(asks)},
		{core.PluginsRead, "dead letter", "Not taken", "/admin/dead-letters?status=dead", ui.Warn, q.countLetters},
	} {
		if !q.may(c.permission) {
			continue
		}
		n, err := c.count()
		if err != nil {
			return nil, err
		}
		if n > 0 {
			rows = append(rows, ui.Row{Href: c.href, Cells: ui.Values{ui.Link{Text: plural(n, c.noun), Href: c.href}, ui.Badge{Text: c.state, Tone: c.tone}}})
		}
	}
	return rows, nil
}

func (q *request) countTenants(status core.TenantStatus) func() (int, error) {
	return func() (int, error) {
		list, err := q.site.Tenants.List(q.ctx, core.Query{Status: string(status), Limit: 1})
		return list.Total, err
	}
}

// failedJobs counts the jobs whose last run failed; an older failure has been
// made good.
func (q *request) failedJobs() (int, error) {
	jobs, err := q.site.Jobs.List(q.ctx)
	n := 0
	for _, j := range jobs {
		if j.Last != nil && j.Last.State == core.Failed {
			n++
		}
	}
	return n, err
}

func attentionBlock(rows []ui.Row) func() (ui.Block, error) {
	return func() (ui.Block, error) {
		if len(rows) == 0 {
			return nil, nil
		}
		return ui.Table{ID: "attention", Title: "Needs attention", Count: count(len(rows)), Columns: []ui.Column{{Title: "What"}, {Title: "State"}}, Rows: rows}, nil
	}
}

// latest is what happened last: onboardings beside the platform's log.
func (q *request) latest() (ui.Block, error) {
	var both ui.Blocks
	if q.may(core.OnboardRead) {
		runs, err := q.site.Onboarding.List(q.ctx, core.Query{Limit: 6})
		if err != nil {
			return nil, err
		}
		both = append(both, q.runTable(runs.Items))
	}
	if q.may(core.AuditRead) {
		done, err := q.site.Audit.List(q.ctx, "", core.Query{Limit: 6})
		if err != nil {
			return nil, err
		}
		both = append(both, ui.Section{
			Title: "What happened last", Blocks: q.timeline(done.Items, "Nothing yet."),
			Actions: []ui.Action{{Label: "Audit log", Href: "/admin/audit", Kind: ui.Quiet}},
		})
	}
	switch len(both) {
	case 0:
		return nil, nil
	case 1:
		return both[0], nil
	}
	return ui.Grid{Blocks: both}, nil
}

func (q *request) runTable(runs []core.Run) ui.Table {
	t := ui.Table{
		ID: "onboardings", Title: "Latest onboardings",
		Columns: []ui.Column{{Title: "Developer"}, {Title: "State"}, {Title: "When", Numeric: true, Priority: 1}},
		Actions: []ui.Action{{Label: "All onboardings", Href: "/admin/onboarding", Kind: ui.Quiet}},
		None: ui.Empty{
			Title: "Nobody is onboarded yet.", Reason: "A name, a region and a unit list are enough to begin.", Icon: ui.IconOnboard,
			Action: &ui.Action{Label: "Onboard developer", Href: "/admin/onboarding/new"},
		},
	}
	if !q.may(core.Onboard) {
		t.None.Action = nil
	}
	for _, r := range runs {
		href := "/admin/onboarding/runs/" + r.ID
		t.Rows = append(t.Rows, ui.Row{Href: href, Cells: ui.Values{
			ui.Link{Text: r.Name, Href: href, Note: q.regionLabel(r.Region), Monogram: ui.Monogram(r.Name)}, workBadge(r.State), ui.Time{At: r.CreatedAt},
		}})
	}
	return t
}
