package web

import (
	"context"
	"fmt"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/ui"
)

// toolRun returns the use of a tool of the address, for whoever may use the
// tool, or may read what jobs have done.
func (q *request) toolRun(writes bool) (host.ToolRun, error) {
	run, err := q.site.Plugins.FindTool(q.ctx, q.Params("run"))
	if err != nil {
		return run, err
	}
	if !writes && q.may(core.JobsRead) {
		return run, nil
	}
	return run, q.site.allow(q.actor, run.Tool.Permission)
}

// showToolRun is a plan with the button that applies it, or how far it is, or
// what came of it.
func showToolRun(q *request) (ui.Page, error) {
	run, err := q.toolRun(false)
	if err != nil {
		return ui.Page{}, err
	}
	badge := toolBadge(run)
	p := ui.Page{
		Title: "Run for " + q.tenantName(run.Tenant), Crumbs: []ui.Link{{Text: "Tools", Href: "/admin/tools"}, {Text: toolTitle(run), Href: "/admin/tools/" + run.Plugin + "/" + run.Tool.ID}},
		Head: ui.Head{Title: toolTitle(run), Lead: "For " + q.tenantName(run.Tenant) + ".", Status: &badge},
	}
	blocks := toolRunBlocks(run)
	if run.State == core.Running {
		at := toolRunHref(run)
		blocks = ui.Blocks{ui.Live{ID: "run", Stream: at + "/stream", Poll: at + "/poll", Then: at, Blocks: blocks}}
	}
	p.Blocks = append(blocks, q.toolForm(run, &p.Head)...)
	plan, err := planBlocks(run)
	p.Blocks = append(p.Blocks, plan...)
	return p, err
}

// toolForm is what can be done with the run now.
func (q *request) toolForm(run host.ToolRun, head *ui.Head) ui.Blocks {
	if !q.may(run.Tool.Permission) {
		return nil
	}
	at := toolRunHref(run)
	switch run.State {
	case core.Pending:
		return ui.Blocks{ui.Form{
			Action: at + "/apply", Title: "Apply this plan", Submit: "Apply", Cancel: &ui.Link{Text: "Leave it", Href: "/admin/tools"},
			Lead: consequenceOf(run, q.tenantName(run.Tenant)),
		}}
	case core.Running:
		head.Actions = []ui.Action{{Label: "Cancel", Href: at + "/cancel", Post: true, Icon: ui.IconStop, Confirm: "It stops at the next safe point. What it has done stays."}}
	case core.Failed, core.Cancelled:
		head.Actions = []ui.Action{
			{Label: "New plan", Href: "/admin/tools/" + run.Plugin + "/" + run.Tool.ID},
			{Label: "Resume", Href: at + "/resume", Post: true, Icon: ui.IconPlay, Kind: ui.Primary, Confirm: "The plan is made again from the data as it is now, and what is left is applied."},
		}
	}
	return nil
}

// consequenceOf says in numbers what the plan does.
func consequenceOf(run host.ToolRun, tenant string) string {
	var counts []string
	for _, c := range run.Plan.Counts {
		counts = append(counts, c.Label+": "+thousands(c.Value))
	}
	said := "It changes the data of " + tenant + "."
	if run.Tenant == "" {
		said = "It changes the platform's data."
	}
	if len(counts) > 0 {
		said += " " + strings.Join(counts, ", ") + "."
	}
	if run.Plan.Cost != "" {
		said += " Cost: " + run.Plan.Cost + "."
	}
	return said + " If the data has changed since the plan was made, nothing is done."
}

// toolRunBlocks are how far an application is, and what came of it.
func toolRunBlocks(run host.ToolRun) ui.Blocks {
	switch run.State {
	case core.Running:
		return ui.Blocks{ui.Progress{Label: "Being applied", Done: run.Done, Total: run.Total, Note: run.Summary}}
	case core.Done:
		return ui.Blocks{ui.Notice{Tone: ui.Good, Title: "It is applied.", Text: run.Summary}}
	case core.Failed:
		return ui.Blocks{ui.Notice{Tone: ui.Bad, Title: "It failed.", Text: run.Error}}
	case core.Cancelled:
		return ui.Blocks{ui.Notice{Tone: ui.Warn, Title: "It was cancelled.", Text: joinNonEmpty(" ", run.Summary, run.Error)}}
	}
	return nil
}

// planBlocks are what the plan says: how much, examples, and the price. The
// examples are the plugin's, and are looked through like its pages.
func planBlocks(run host.ToolRun) (ui.Blocks, error) {
	var blocks ui.Blocks
	if len(run.Plan.Counts) > 0 {
		var stats ui.Stats
		for _, c := range run.Plan.Counts {
			stats.Items = append(stats.Items, ui.Stat{Label: c.Label, Value: ui.Number{Value: c.Value}, Versus: "in the plan"})
		}
		blocks = append(blocks, stats)
	} else if run.State == core.Pending {
		blocks = append(blocks, ui.Notice{Tone: ui.Info, Title: "The plan counts nothing.", Text: "There may be nothing to do."})
	}
	facts := ui.Details{Items: []ui.Detail{{Label: "Run", Value: ui.ID{Text: run.ID}}, {Label: "Plan", Value: ui.ID{Text: run.Plan.Hash}}}}
	if run.Plan.Cost != "" {
		facts.Columns, facts.Items = 3, append([]ui.Detail{{Label: "Cost", Value: ui.Text{Text: run.Plan.Cost}}}, facts.Items...)
	}
	blocks = append(blocks, ui.Section{Title: "The plan", Blocks: ui.Blocks{facts}})
	samples := run.Plan.Samples
	if len(samples.Columns) == 0 {
		return blocks, nil
	}
	if samples.Title == "" {
		samples.Title = "Examples"
	}
	if samples.None.Title == "" {
		samples.None = ui.Empty{Title: "No examples.", Reason: "The plan names nothing that would change."}
	}
	page := ui.Page{Blocks: ui.Blocks{samples}}
	d := dresser{base: "/admin/" + run.Plugin, here: "/"}
	if err := d.dress(&page); err != nil {
		return nil, core.Errorf(core.Internal, "The plan of %s can't be shown: %v", run.Plugin, err)
	}
	t := *d.tables[0]
	t.Exports, t.Href = nil, ""
	return append(blocks, t), nil
}

// toolRunLive keeps the page of a run fresh.
func (q *request) toolRunLive(id string) live {
	find := q.site.Plugins.FindTool
	return live{
		changes: func(ctx context.Context) <-chan struct{} {
			return changed(ctx, func() string {
				run, err := find(ctx, id)
				return fmt.Sprint(run.State, run.Done, run.Total, run.Summary, err)
			})
		},
		blocks: func(ctx context.Context) (ui.Blocks, bool, error) {
			run, err := find(ctx, id)
			return toolRunBlocks(run), run.State != core.Running, err
		},
	}
}

func pollToolRun(q *request) error {
	run, err := q.toolRun(false)
	if err != nil {
		return err
	}
	return q.toolRunLive(run.ID).poll(q)
}

func streamToolRun(q *request) error {
	run, err := q.toolRun(false)
	if err != nil {
		return err
	}
	return q.toolRunLive(run.ID).stream(q)
}

// onToolRun does something with the run of the address.
func onToolRun(said string, do func(*request, string) error) func(*request) error {
	return action(func(q *request) (string, string, error) {
		run, err := q.toolRun(true)
		if err == nil {
			err = do(q, run.ID)
		}
		return toolRunHref(run), said, err
	})
}

var (
	applyTool = onToolRun("", func(q *request, id string) error {
		_, err := q.site.Plugins.ApplyTool(q.ctx, id)
		return err
	})
	resumeTool = onToolRun("It goes on.", func(q *request, id string) error {
		_, err := q.site.Plugins.ResumeTool(q.ctx, id)
		return err
	})
	cancelTool = onToolRun("It is asked to stop.", func(q *request, id string) error { return q.site.Plugins.CancelTool(q.ctx, id) })
)
