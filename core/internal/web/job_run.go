package web

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// showJobRun follows one run of a job while it goes on.
func showJobRun(q *request) (ui.Page, error) {
	run, err := q.site.Jobs.FindRun(q.ctx, q.Params("run"))
	if err != nil {
		return ui.Page{}, err
	}
	blocks, over, err := q.jobRunLive(run.ID).blocks(q.ctx)
	if err != nil {
		return ui.Page{}, err
	}
	badge := workBadge(run.State)
	p := ui.Page{
		Title:  run.Job,
		Head:   ui.Head{Title: run.Job, Lead: "Run " + run.ID, Status: &badge},
		Crumbs: []ui.Link{{Text: "Jobs", Href: "/admin/jobs"}, {Text: "Run log", Href: "/admin/jobs/runs"}},
		Blocks: blocks,
	}
	if over {
		return p, nil
	}
	if q.may(core.JobsRun) {
		p.Head.Actions = []ui.Action{{Label: "Cancel run", Href: jobRunHref(run) + "/cancel", Post: true, Icon: ui.IconStop,
			Confirm: "It stops at the next safe point. What it has done stays."}}
	}
	// Then draws the page anew, so that its head says how the run ended.
	p.Blocks = ui.Blocks{ui.Live{ID: "run", Stream: jobRunHref(run) + "/stream", Poll: jobRunHref(run) + "/poll", Then: jobRunHref(run), Blocks: blocks}}
	return p, nil
}

// jobRunLive keeps the page of a run fresh.
func (q *request) jobRunLive(id string) live {
	find, lines, watch := q.site.Jobs.FindRun, q.site.Jobs.Lines, q.site.Jobs.Watch
	return live{
		changes: func(ctx context.Context) <-chan struct{} {
			states, err := watch(ctx, id)
			if err != nil {
				return nil
			}
			return signals(states)
		},
		blocks: func(ctx context.Context) (ui.Blocks, bool, error) {
			run, err := find(ctx, id)
			if err != nil {
				return nil, false, err
			}
			log, err := lines(ctx, id)
			if err != nil {
				return nil, false, err
			}
			blocks := jobRunBlocks(run)
			l := ui.Log{Title: "Log"}
			for _, line := range log {
				l.Lines = append(l.Lines, ui.LogLine{At: line.At, Text: line.Text})
			}
			if len(l.Lines) > 0 {
				blocks = append(blocks, l)
			}
			return blocks, run.EndedAt != nil, nil
		},
	}
}

// signals tells of every state, and once more when there are no further ones.
// Signals that nobody takes are merged.
func signals[T any](states <-chan T) <-chan struct{} {
	changed := make(chan struct{}, 1)
	signal := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	go func() {
		for range states {
			signal()
		}
		signal()
	}()
	return changed
}

func jobRunBlocks(run core.JobRun) ui.Blocks {
	facts := ui.Details{Columns: 3, Items: []ui.Detail{
		{Label: "Started", Value: ui.Time{At: run.StartedAt, Exact: true}},
		{Label: "By", Value: ui.Text{Text: startedBy(run)}},
		{Label: "Took", Value: textOrNil(took(run))},
	}}
	blocks := ui.Blocks{ui.Section{Title: "Run", Blocks: ui.Blocks{facts}}}
	switch run.State {
	case core.Failed:
		blocks = append(ui.Blocks{ui.Notice{Tone: ui.Bad, Title: "The run failed.", Text: run.Error}}, blocks...)
	case core.Cancelled:
		blocks = append(ui.Blocks{ui.Notice{Tone: ui.Warn, Title: "The run was cancelled.", Text: run.Error}}, blocks...)
	case core.Done:
		blocks = append(ui.Blocks{ui.Notice{Tone: ui.Good, Title: "The run is done.", Text: runSummary(run)}}, blocks...)
	default:
		blocks = append(blocks, ui.Progress{Label: "Progress", Done: int64(run.Done), Total: int64(run.Total)})
	}
	return blocks
}

func pollJobRun(q *request) error { return q.jobRunLive(q.Params("run")).poll(q) }
func streamJobRun(q *request) error {
	id := q.Params("run")
	if _, err := q.site.Jobs.FindRun(q.ctx, id); err != nil {
		return err
	}
	return q.jobRunLive(id).stream(q)
}

func cancelJobRun(q *request) (string, string, error) {
	id := q.Params("run")
	return "/admin/jobs/runs/" + id, "The run is asked to stop.", q.site.Jobs.Cancel(q.ctx, id)
}
