package api

import (
	"context"
	"net/http"
	"time"

	"github.com/openhouse-ai/console/core"
)

const jobRunsPath = adminPrefix + "/job-runs"

type job struct {
	ID       string  `json:"id" example:"onboard.sweep"`
	Summary  string  `json:"summary" example:"Drops uploads that nobody used."`
	Schedule string  `json:"schedule,omitempty" doc:"Cron, in UTC; absent for a job on demand alone." example:"40 3 * * *"`
	NextAt   string  `json:"next_at,omitempty" format:"date-time"`
	Last     *jobRun `json:"last,omitempty" doc:"Its newest run."`
}

type jobRun struct {
	ID        string    `json:"id" example:"jbr_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Job       string    `json:"job" example:"onboard.sweep"`
	State     string    `json:"state" enum:"running,done,failed,cancelled"`
	Done      int       `json:"done,omitempty" doc:"Progress, of total."`
	Total     int       `json:"total,omitempty"`
	Summary   string    `json:"summary,omitempty" example:"3 files dropped"`
	Error     string    `json:"error,omitempty"`
	StartedBy string    `json:"started_by,omitempty" doc:"Who ran it by hand."`
	StartedAt time.Time `json:"started_at"`
	EndedAt   string    `json:"ended_at,omitempty" format:"date-time"`
}

func shapeJob(j core.Job) job {
	out := job{ID: j.ID, Summary: j.Summary, Schedule: j.Schedule, NextAt: timeOf(j.Next)}
	if j.Last != nil {
		last := shapeJobRun(*j.Last)
		out.Last = &last
	}
	return out
}

func shapeJobRun(r core.JobRun) jobRun {
	return jobRun{
		ID: r.ID, Job: r.Job, State: string(r.State), Done: r.Done, Total: r.Total, Summary: r.Summary, Error: r.Error,
		StartedBy: r.StartedBy, StartedAt: r.StartedAt, EndedAt: timeOf(r.EndedAt),
	}
}

func (a *api) jobs() {
	add(a, operation{id: "list-jobs", method: http.MethodGet, path: adminPrefix + "/jobs", permission: core.JobsRead, summary: "List jobs with when they ran last and run next"},
		func(ctx context.Context, _ *struct{}) (*pageOutput[job], error) {
			jobs, err := a.Jobs.List(ctx)
			return pageOf(core.List[core.Job]{Items: jobs, Total: len(jobs)}, shapeJob), err
		})
	add(a, operation{id: "run-job", method: http.MethodPost, path: adminPrefix + "/jobs/{id}/run", permission: core.JobsRun, summary: "Run a job now", status: http.StatusAccepted},
		func(ctx context.Context, in *IDInput) (*created[jobRun], error) {
			r, err := a.Jobs.RunNow(ctx, in.ID)
			return &created[jobRun]{Location: jobRunsPath + "/" + r.ID, Body: shapeJobRun(r)}, err
		})
	add(a, operation{id: "list-job-runs", method: http.MethodGet, path: jobRunsPath, permission: core.JobsRead, summary: "List runs of jobs, newest first"},
		func(ctx context.Context, in *struct {
			Paging
			Job   string `query:"job" maxLength:"80" doc:"The id of a job." example:"onboard.sweep"`
			State string `query:"state" enum:"running,done,failed,cancelled"`
		}) (*pageOutput[jobRun], error) {
			q := in.query()
			q.Kind, q.Status = in.Job, in.State
			list, err := a.Jobs.Runs(ctx, q)
			return pageOf(list, shapeJobRun), err
		})
	add(a, operation{id: "find-job-run", method: http.MethodGet, path: jobRunsPath + "/{id}", permission: core.JobsRead, summary: "Read a run of a job"},
		func(ctx context.Context, in *IDInput) (*struct{ Body jobRun }, error) {
			r, err := a.Jobs.FindRun(ctx, in.ID)
			return &struct{ Body jobRun }{shapeJobRun(r)}, err
		})
	add(a, operation{id: "cancel-job-run", method: http.MethodPost, path: jobRunsPath + "/{id}/cancel", permission: core.JobsRun, summary: "Ask a run of a job to end", status: http.StatusAccepted},
		func(ctx context.Context, in *IDInput) (*struct{ Body jobRun }, error) {
			if err := a.Jobs.Cancel(ctx, in.ID); err != nil {
				return nil, err
			}
			r, err := a.Jobs.FindRun(ctx, in.ID)
			return &struct{ Body jobRun }{shapeJobRun(r)}, err
		})
}
