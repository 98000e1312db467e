package web

import (
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// workBadge is the state of work as a badge.
func workBadge(s core.WorkState) ui.Badge {
	return ui.Badge{Text: roleName(core.Role(s)), Tone: workTones[s]}
}

func jobRunHref(r core.JobRun) string { return "/admin/jobs/runs/" + r.ID }

var jobTabs = []ui.Tab{{Label: "Jobs", Href: "/admin/jobs"}, {Label: "Run log", Href: "/admin/jobs/runs"}}

func (q *request) jobsPage() ui.Page {
	p := ui.Page{Head: ui.Head{Title: "Jobs", Lead: "Work that runs by itself, and what came of it."}}
	for _, t := range jobTabs {
		t.Current = q.Path() == t.Href
		p.Tabs = append(p.Tabs, t)
	}
	return p
}

// listJobs is every declared job.
func listJobs(q *request) error {
	return listing[core.Job]{
		title: "Jobs",
		fetch: func(core.Query) (core.List[core.Job], error) {
			jobs, err := q.site.Jobs.List(q.ctx)
			return core.List[core.Job]{Items: jobs, Total: len(jobs)}, err
		},
		none: ui.Empty{Title: "No jobs.", Reason: "Nothing runs by itself here.", Icon: ui.IconJobs},
		columns: []column[core.Job]{
			{title: "Job", width: 40, cell: func(j core.Job) ui.Value {
				return ui.Link{Text: j.ID, Href: "/admin/jobs/runs?kind=" + escape(j.ID), Note: j.Summary}
			}},
			{title: "Runs", priority: 1, width: 24, cell: func(j core.Job) ui.Value { return ui.Text{Text: scheduleWords(j.Schedule)} }},
			{title: "Next", priority: 1, kind: report.Date, cell: func(j core.Job) ui.Value { return moment(j.Next) }},
			{title: "Last run", width: 30, cell: lastRun},
			{title: "", cell: q.runAction},
		},
	}.show(q, q.jobsPage())
}

func lastRun(j core.Job) ui.Value {
	if j.Last == nil {
		return ui.Text{Text: "Never", Muted: true}
	}
	badge := workBadge(j.Last.State)
	return ui.Link{Text: badge.Text, Href: jobRunHref(*j.Last), Note: joinNonEmpty(": ", j.Last.Summary, j.Last.Error)}
}

func (q *request) runAction(j core.Job) ui.Value {
	if !q.may(core.JobsRun) {
		return nil
	}
	a := ui.Action{Label: "Run now", Href: "/admin/jobs/" + j.ID + "/run", Post: true}
	if j.Last != nil && j.Last.State == core.Running {
		a.Disabled = "It is running."
	}
	return ui.Actions{Items: []ui.Action{a}}
}

func runJob(q *request) (string, string, error) {
	run, err := q.site.Jobs.RunNow(q.ctx, q.Params("job"))
	return jobRunHref(run), "", err
}

// listJobRuns is the run log, newest first.
func listJobRuns(q *request) error {
	jobs, err := q.site.Jobs.List(q.ctx)
	if err != nil {
		return err
	}
	kinds := ui.Filter{Name: "kind", Label: "Job", Value: q.query.Get("kind")}
	for _, j := range jobs {
		kinds.Options = append(kinds.Options, ui.Option{Value: j.ID})
	}
	states := ui.Filter{Name: "status", Label: "State", Value: q.query.Get("status")}
	for _, s := range []core.WorkState{core.Running, core.Done, core.Failed, core.Cancelled} {
		states.Options = append(states.Options, ui.Option{Value: string(s), Label: workBadge(s).Text})
	}
	return listing[core.JobRun]{
		title:   "Run log",
		fetch:   func(query core.Query) (core.List[core.JobRun], error) { return q.site.Jobs.Runs(q.ctx, query) },
		href:    jobRunHref,
		filters: []ui.Filter{kinds, states},
		none:    ui.Empty{Title: "Nothing has run yet.", Reason: "Each run of a job leaves an entry here.", Icon: ui.IconJobs},
		columns: []column[core.JobRun]{
			{title: "Job", width: 24, cell: func(r core.JobRun) ui.Value { return ui.Link{Text: r.Job, Href: jobRunHref(r)} }},
			{title: "State", cell: func(r core.JobRun) ui.Value { return workBadge(r.State) }},
			{title: "What came of it", priority: 1, width: 50, cell: func(r core.JobRun) ui.Value { return ui.Text{Text: runSummary(r), Muted: true} }},
			{title: "Took", numeric: true, priority: 2, cell: func(r core.JobRun) ui.Value { return ui.Text{Text: took(r)} }},
			{title: "Started", numeric: true, kind: report.Date, cell: func(r core.JobRun) ui.Value { return ui.Time{At: r.StartedAt} }},
			{title: "By", priority: 2, cell: func(r core.JobRun) ui.Value { return ui.Text{Text: startedBy(r), Muted: true} }},
		},
	}.show(q, q.jobsPage())
}

// runSummary is how a run ended, in its own words.
func runSummary(r core.JobRun) string {
	switch {
	case r.Error != "":
		return r.Error
	case r.Summary != "":
		return r.Summary
	case r.State == core.Done:
		return "There was nothing to do."
	}
	return ""
}

// took is how long a run lasted, empty while it goes on.
func took(r core.JobRun) string {
	if r.EndedAt == nil {
		return ""
	}
	d := r.EndedAt.Sub(r.StartedAt)
	if d < time.Second {
		return d.Round(time.Millisecond).String()
	}
	return d.Round(100 * time.Millisecond).String()
}

func startedBy(r core.JobRun) string {
	if r.StartedBy == "" {
		return "Schedule"
	}
	return r.StartedBy
}
