package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// listOnboardings is every run, and above them the acting user's drafts.
func listOnboardings(q *request) error {
	p := ui.Page{Head: ui.Head{Title: "Onboarding", Lead: "From a developer's name and unit list to a live tenant, with codes and launch kit."}}
	var before []ui.Block
	if q.may(core.Onboard) {
		p.Head.Actions = []ui.Action{{Label: "Onboard developer", Href: onboardingPath + "/new", Icon: ui.IconPlus, Kind: ui.Primary}}
		drafts, err := q.site.Onboarding.ListDrafts(q.ctx)
		if err != nil {
			return err
		}
		if len(drafts) > 0 {
			before = append(before, draftsTable(q, drafts))
		}
	}
	return q.runListing().show(q, p, before...)
}

// draftsTable is the drafts that can be continued.
func draftsTable(q *request, drafts []onboard.Draft) ui.Table {
	t := ui.Table{
		ID: "drafts", Title: "Your drafts", Count: count(len(drafts)),
		Columns: []ui.Column{{Title: "Developer"}, {Title: "Goes on with"}, {Title: "Region", Priority: 1}, {Title: "Saved", Numeric: true, Priority: 1}, {Title: ""}},
	}
	for _, d := range drafts {
		address := onboardingPath + "/drafts/" + d.ID
		name := d.Provision.Developer.Name
		if name == "" {
			name = "Without a name"
		}
		step := ""
		if at := stepAt(d.Step); at >= 0 {
			step = wizardSteps()[at].label
		}
		t.Rows = append(t.Rows, ui.Row{Href: address, Cells: ui.Values{
			ui.Link{Text: name, Href: address, Monogram: ui.Monogram(name)}, ui.Text{Text: step}, ui.Text{Text: q.regionLabel(d.Region)}, ui.Time{At: d.UpdatedAt},
			ui.Actions{Items: []ui.Action{
				{Label: "Continue", Href: address},
				{Label: "Delete draft", Href: address + "/delete", Post: true, Kind: ui.Danger, Icon: ui.IconTrash, Confirm: "The draft of " + name + " and its uploads are deleted. Nothing has been made from it."},
			}},
		}})
	}
	return t
}

func (q *request) runListing() listing[core.Run] {
	names := map[string]string{}
	return listing[core.Run]{
		title:   "Runs",
		fetch:   func(query core.Query) (core.List[core.Run], error) { return q.runs(query, names) },
		href:    func(r core.Run) string { return runAddress(r.ID) },
		filters: []ui.Filter{q.runFilter()},
		none: ui.Empty{
			Title: "No onboardings yet.", Reason: "Each developer that comes on board leaves a run here, with what it made.", Icon: ui.IconOnboard,
			Action: &ui.Action{Label: "Onboard developer", Href: onboardingPath + "/new", Kind: ui.Primary, Disabled: q.onlyReads()},
		},
		columns: []column[core.Run]{
			{title: "Developer", width: 34, cell: func(r core.Run) ui.Value {
				return ui.Link{Text: r.Name, Href: runAddress(r.ID), Monogram: ui.Monogram(r.Name)}
			}},
			{title: "State", cell: func(r core.Run) ui.Value { return ui.Badge{Text: runWord(r.State), Tone: workTones[r.State]} }},
			{title: "Steps", priority: 1, cell: func(r core.Run) ui.Value {
				if len(r.Steps) == 0 {
					return nil
				}
				return ui.Meter{Done: int64(doneSteps(r)), Total: int64(len(r.Steps)), Tone: workTones[r.State]}
			}},
			{title: "Region", priority: 2, cell: func(r core.Run) ui.Value { return ui.Text{Text: q.regionLabel(r.Region)} }},
			{title: "Started by", priority: 1, cell: func(r core.Run) ui.Value { return ui.Text{Text: names[r.CreatedBy]} }},
			{title: "Started", numeric: true, priority: 1, kind: report.Date, cell: func(r core.Run) ui.Value { return ui.Time{At: r.CreatedAt} }},
		},
	}
}

// onlyReads is why the actor can't onboard; empty when they can.
func (q *request) onlyReads() string {
	if q.may(core.Onboard) {
		return ""
	}
	return "Your role reads onboardings and starts none."
}

// runs lists runs with their steps, and notes the names of who began them.
func (q *request) runs(query core.Query, names map[string]string) (core.List[core.Run], error) {
	list, err := q.site.Onboarding.List(q.ctx, query)
	if err != nil {
		return list, err
	}
	for i, run := range list.Items {
		if list.Items[i], err = q.site.Onboarding.Find(q.ctx, run.ID); err != nil {
			return list, err
		}
		if _, known := names[run.CreatedBy]; known {
			continue
		}
		if names[run.CreatedBy], err = q.startedBy(run.CreatedBy); err != nil {
			return list, err
		}
	}
	return list, nil
}

func (q *request) runFilter() ui.Filter {
	f := ui.Filter{Name: "status", Label: "State", Value: q.query.Get("status")}
	for _, state := range []core.WorkState{core.Pending, core.Running, core.Done, core.Failed, core.Cancelled} {
		f.Options = append(f.Options, ui.Option{Value: string(state), Label: runWord(state)})
	}
	return f
}
