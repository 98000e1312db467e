package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// shortList is how many entries an overview shows of a list.
const shortList = 8

// showTenant is a tenant at a glance, for staff.
func showTenant(q *request) (ui.Page, error) {
	p := q.tab("", "Overview", "")
	facts, err := q.facts()
	if err != nil {
		return p, err
	}
	side := ui.Stack{Blocks: ui.Blocks{facts}}
	if q.may(core.OnboardRead) {
		run, err := q.latestRun()
		if err != nil {
			return p, err
		}
		side.Blocks = append(side.Blocks, run)
	}
	if zone, ok := q.statusZone(); ok {
		side.Blocks = append(side.Blocks, zone)
	}
	if q.tenant.Status == core.TenantProvisioning || q.tenant.Status == core.TenantFailed {
		p.Blocks = append(p.Blocks, side)
		return p, nil
	}
	main, err := q.glance()
	if err != nil {
		return p, err
	}
	if len(main) > 0 {
		if stats, ok := main[0].(ui.Stats); ok {
			p.Blocks, main = append(p.Blocks, stats), main[1:]
		}
	}
	p.Blocks = append(p.Blocks, ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{ui.Stack{Blocks: main}, side}})
	return p, nil
}

// glance is what the actor may see of the tenant's file: figures, then
// developments, packs and events.
func (q *request) glance() (ui.Blocks, error) {
	var blocks ui.Blocks
	if q.may(core.DirectoryRead) {
		f, err := q.figures("")
		if err != nil {
			return nil, err
		}
		developments, list, err := q.developmentsAtGlance()
		if err != nil {
			return nil, err
		}
		packs, err := q.packsAtGlance(list)
		if err != nil {
			return nil, err
		}
		scans, err := q.scansAtGlance()
		if err != nil {
			return nil, err
		}
		blocks = ui.Blocks{f.stats(q)}
		if scans != nil {
			blocks = append(blocks, scans)
		}
		blocks = append(blocks, developments, packs)
	}
	if q.may(core.EventsRead) {
		events, err := q.latestEvents()
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, events)
	}
	return blocks, nil
}

// facts are what is known about a tenant itself.
func (q *request) facts() (ui.Section, error) {
	t := q.tenant
	details := ui.Details{Columns: 1, Items: []ui.Detail{
		{Label: "Id", Value: ui.ID{Text: string(t.ID)}},
		{Label: "Code", Value: ui.Text{Text: t.Code}},
		{Label: "Region", Value: ui.Text{Text: q.regionLabel(t.Region), Note: t.Region}, Hint: "Its file lies here and nowhere else."},
		{Label: "Since", Value: ui.Time{At: t.CreatedAt, Date: true}},
	}}
	section := ui.Section{Title: "About", Blocks: ui.Blocks{details}}
	if !q.may(core.SettingsRead) || t.Status != core.TenantActive && t.Status != core.TenantSuspended {
		return section, nil
	}
	settings, err := q.site.Tenants.Settings(q.ctx, t.ID)
	if core.CodeOf(err) == core.NotFound {
		return section, nil
	}
	if err != nil {
		return section, err
	}
	details.Items = append(details.Items,
		ui.Detail{Label: "Contact", Value: ui.Text{Text: settings.Contact.Name, Note: settings.Contact.Email}},
		ui.Detail{Label: "Reads in", Value: ui.Text{Text: settings.Locale + " · " + settings.Currency, Note: settings.TimeZone}},
	)
	if settings.PortalURL != "" {
		details.Items = append(details.Items, ui.Detail{Label: "Codes lead to", Value: ui.Link{Text: settings.PortalURL, Href: settings.PortalURL, External: true}})
	}
	section.Blocks = ui.Blocks{details}
	return section, nil
}

var workTones = map[core.WorkState]ui.Tone{
	core.Running: ui.Info, core.Waiting: ui.Info, core.Done: ui.Good, core.Failed: ui.Bad, core.Cancelled: ui.Warn,
}

// latestRun is the newest onboarding of the tenant.
func (q *request) latestRun() (ui.Section, error) {
	section := ui.Section{Title: "Onboarding"}
	runs, err := q.site.Onboarding.List(q.ctx, core.Query{Tenant: q.tenant.ID, Limit: 1})
	if err != nil || len(runs.Items) == 0 {
		section.Blocks = ui.Blocks{ui.Empty{Title: "No onboarding run.", Reason: "This tenant was made without one."}}
		return section, err
	}
	run := runs.Items[0]
	done := 0
	for _, step := range run.Steps {
		if step.State == core.Done || step.State == core.Waiting {
			done++
		}
	}
	items := []ui.Detail{
		{Label: "State", Value: ui.Badge{Text: capital(string(run.State)), Tone: workTones[run.State]}},
		{Label: "Started", Value: ui.Time{At: run.CreatedAt}},
	}
	if n := len(run.Steps); n > 0 {
		items = append(items, ui.Detail{Label: "Steps", Value: ui.Meter{Done: int64(done), Total: int64(n), Tone: workTones[run.State]}})
	}
	section.Actions = []ui.Action{{Label: "Open run", Href: "/admin/onboarding/runs/" + run.ID, Kind: ui.Quiet}}
	section.Blocks = ui.Blocks{ui.Details{Columns: 1, Items: items}}
	return section, nil
}

// statusZone leads to where a tenant is suspended or reactivated.
func (q *request) statusZone() (ui.Section, bool) {
	if !q.may(core.TenantsWrite) {
		return ui.Section{}, false
	}
	switch q.tenant.Status {
	case core.TenantActive:
		return ui.Section{Title: "Suspend", Danger: true, Lead: "Stops every change in this tenant's file and removes nothing.",
			Actions: []ui.Action{{Label: "Suspend…", Href: q.base + "/status", Kind: ui.Danger}}}, true
	case core.TenantSuspended:
		return ui.Section{Title: "Reactivate", Lead: "Lets its staff, keys and codes work again.",
			Actions: []ui.Action{{Label: "Reactivate…", Href: q.base + "/status", Kind: ui.Primary}}}, true
	}
	return ui.Section{}, false
}

// figures are how far a tenant, or one development of it, is.
type figures struct {
	developments, units, handedOver, scanned, homeowners, onboarded int
}

// figures counts in a development, or with "" in all of them.
func (q *request) figures(development string) (f figures, err error) {
	for _, c := range []struct {
		status string
		into   *int
	}{{"", &f.units}, {"handed_over", &f.handedOver}, {"scanned", &f.scanned}} {
		list, err := q.site.Units.List(q.ctx, q.tenant.ID, core.Query{Status: c.status, Development: development, Limit: 1})
		if err != nil {
			return f, err
		}
		*c.into = list.Total
	}
	for _, c := range []struct {
		status string
		into   *int
	}{{"", &f.homeowners}, {"onboarded", &f.onboarded}} {
		list, err := q.site.Homeowners.List(q.ctx, q.tenant.ID, core.Query{Status: c.status, Development: development, Limit: 1})
		if err != nil {
			return f, err
		}
		*c.into = list.Total
	}
	if development == "" {
		list, err := q.site.Developments.List(q.ctx, q.tenant.ID, core.Query{Limit: 1})
		f.developments = list.Total
		return f, err
	}
	return f, nil
}

func (f figures) stats(q *request) ui.Stats {
	stat := func(label string, n int, versus, href string) ui.Stat {
		return ui.Stat{Label: label, Value: ui.Number{Value: int64(n)}, Versus: versus, Href: q.base + href}
	}
	of := "of " + plural(f.units, "unit")
	return ui.Stats{Items: []ui.Stat{
		stat("Units", f.units, "in "+plural(f.developments, "development"), "/units"),
		stat("Handed over", f.handedOver, of, "/units?status=handed_over"),
		stat("Codes scanned", f.scanned, of, "/units?status=scanned"),
		stat("Homeowners onboarded", f.onboarded, "of "+plural(f.homeowners, "homeowner"), "/homeowners?status=onboarded"),
	}}
}

// capital writes a word with a capital letter, its underscores as spaces.
func capital(word string) string {
	if word == "" {
		return ""
	}
	word = strings.ReplaceAll(word, "_", " ")
	return strings.ToUpper(word[:1]) + word[1:]
}
