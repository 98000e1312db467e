package web

import (
	"context"
	"net/http"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

func runAddress(id string) string { return onboardingPath + "/runs/" + id }

// showRun is a run: live while it works, then what it made.
func showRun(q *request) error {
	run, err := q.site.Onboarding.Find(q.ctx, q.Params("run"))
	if err != nil {
		return err
	}
	p := ui.Page{
		Crumbs: []ui.Link{{Text: "Onboarding", Href: onboardingPath}},
		Head:   ui.Head{Title: runTitle(run), Monogram: ui.Monogram(run.Name), Status: &ui.Badge{Text: runWord(run.State), Tone: workTones[run.State]}},
	}
	p.Title = run.Name + ": onboarding"
	if run.State == core.Done && q.may(core.TenantsRead) {
		p.Head.Actions = []ui.Action{{Label: "Open " + run.Name, Href: tenantAddress(run), Kind: ui.Primary, Icon: ui.IconArrowRight}}
	}
	facts, err := q.runFacts(run)
	if err != nil {
		return err
	}
	steps := q.runBlocks(run)
	if atWork(run) {
		steps = ui.Blocks{ui.Live{
			ID: "run", Stream: runAddress(run.ID) + "/stream", Poll: runAddress(run.ID) + "/poll", Then: runAddress(run.ID), Blocks: steps,
		}}
	}
	if notice, failed := q.runFailed(run); failed {
		p.Blocks = append(p.Blocks, notice)
	}
	p.Blocks = append(p.Blocks, ui.Grid{Layout: ui.WideLeft, Blocks: ui.Blocks{ui.Stack{Blocks: steps}, facts}})
	return q.show(http.StatusOK, p)
}

func tenantAddress(run core.Run) string { return "/admin/tenants/" + string(run.TenantID) }

func atWork(run core.Run) bool { return run.State == core.Pending || run.State == core.Running }

func runTitle(run core.Run) string {
	switch run.State {
	case core.Done:
		return run.Name + " is on board"
	case core.Failed:
		return run.Name + " is not on board yet"
	case core.Cancelled:
		return run.Name + " was not onboarded"
	}
	return "Onboarding " + run.Name
}

// runWord is a run's state as people read it.
func runWord(state core.WorkState) string {
	switch state {
	case core.Pending:
		return "Queued"
	case core.Running:
		return "At work"
	}
	return capital(string(state))
}

// runBlocks are the steps, with the whole above them while it works.
func (q *request) runBlocks(run core.Run) ui.Blocks {
	done := doneSteps(run)
	section := ui.Section{Title: "Steps", Blocks: ui.Blocks{q.runSteps(run)}}
	if !atWork(run) {
		return ui.Blocks{section}
	}
	note := "You can leave this page: the onboarding goes on."
	return ui.Blocks{ui.Section{Blocks: ui.Blocks{ui.Progress{Label: "Steps done", Done: int64(done), Total: int64(len(run.Steps)), Note: note}}}, section}
}

// doneSteps counts the steps that need nothing more from us.
func doneSteps(run core.Run) (n int) {
	for _, s := range run.Steps {
		if s.State == core.Done || s.State == core.Waiting {
			n++
		}
	}
	return n
}

func (q *request) runFacts(run core.Run) (ui.Section, error) {
	who, err := q.startedBy(run.CreatedBy)
	items := []ui.Detail{
		{Label: "Run", Value: ui.ID{Text: run.ID}},
		{Label: "Region", Value: ui.Text{Text: q.regionLabel(run.Region), Note: run.Region}},
		{Label: "Started by", Value: ui.Text{Text: who}},
		{Label: "Started", Value: ui.Time{At: run.CreatedAt}},
	}
	if !atWork(run) {
		items = append(items, ui.Detail{Label: "Ended", Value: ui.Time{At: run.UpdatedAt}})
	}
	if run.TenantID != "" {
		items = append(items, ui.Detail{Label: "Tenant", Value: ui.ID{Text: string(run.TenantID)}})
	}
	return ui.Section{Title: "About this run", Blocks: ui.Blocks{ui.Details{Columns: 1, Items: items}}}, err
}

// startedBy is who began a run, by name.
func (q *request) startedBy(id string) (string, error) {
	switch {
	case id == q.actor.ID:
		return "You", nil
	case core.ValidID(core.PrefixUser, id):
		user, err := q.site.Users.Find(q.ctx, id)
		if core.CodeOf(err) == core.NotFound {
			return "A former user", nil
		}
		return user.Name, err
	case core.ValidID(core.PrefixKey, id):
		return "An API key", nil
	}
	return "The system", nil
}

// runFailed says why a run has stopped, and what can be done about it.
func (q *request) runFailed(run core.Run) (ui.Notice, bool) {
	if run.State != core.Failed {
		return ui.Notice{}, false
	}
	n := ui.Notice{Tone: ui.Bad, Title: "The onboarding has stopped", Text: "What is done stays done. Resume goes on with the step that failed."}
	for _, s := range run.Steps {
		if s.State == core.Failed && s.Error != nil {
			n.Text = s.Error.Message + " " + n.Text
		}
	}
	if !q.may(core.Onboard) {
		return n, true
	}
	n.Actions = []ui.Action{{Label: "Resume", Href: runAddress(run.ID) + "/resume", Icon: ui.IconPlay, Post: true, Kind: ui.Primary}}
	if stateOf(run, "tenant") != core.Done {
		n.Actions = append(n.Actions, ui.Action{
			Label: "Cancel onboarding", Href: runAddress(run.ID) + "/cancel", Post: true,
			Confirm: "The onboarding of " + run.Name + " is given up. No tenant has been made; its code is free again.",
		})
	}
	return n, true
}

func stateOf(run core.Run, step string) core.WorkState {
	for _, s := range run.Steps {
		if s.Name == step {
			return s.State
		}
	}
	return ""
}

func resumeRun(q *request) (next, said string, err error) {
	run, err := q.site.Onboarding.Resume(q.ctx, q.Params("run"))
	return runAddress(run.ID), "The onboarding goes on.", err
}

func cancelRun(q *request) (next, said string, err error) {
	run, err := q.site.Onboarding.Cancel(q.ctx, q.Params("run"))
	return runAddress(run.ID), "The onboarding is cancelled.", err
}

// liveRun follows a run over a stream, or by polling. The run has to exist
// before a stream begins, for a stream can't answer that it doesn't.
func liveRun(follow func(live, *request) error) func(*request) error {
	return func(q *request) error {
		id := q.Params("run")
		if _, err := q.site.Onboarding.Find(q.ctx, id); err != nil {
			return err
		}
		rooms, draw := q.site.Onboarding, q.detached()
		return follow(live{
			changes: func(ctx context.Context) <-chan struct{} { return rooms.Watch(ctx, id) },
			blocks: func(ctx context.Context) (ui.Blocks, bool, error) {
				run, err := rooms.Find(ctx, id)
				return draw.runBlocks(run), !atWork(run), err
			},
		}, q)
	}
}
