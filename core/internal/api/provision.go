package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
)

const provisionPath = adminPrefix + "/provision/developer"

// patience is how long Prefer: wait may hold a request.
const patience = 60 * time.Second

type step struct {
	Name      string         `json:"name" example:"units"`
	State     string         `json:"state" enum:"pending,running,waiting,done,failed"`
	StartedAt string         `json:"started_at,omitempty" format:"date-time"`
	TookMS    int64          `json:"took_ms,omitempty" doc:"Milliseconds, of a step that has ended."`
	Done      int            `json:"done,omitempty" doc:"Progress of a running step."`
	Total     int            `json:"total,omitempty"`
	Result    map[string]any `json:"result,omitempty"`
	Error     *stepError     `json:"error,omitempty"`
}

type stepError struct {
	Code   string            `json:"code"`
	Detail string            `json:"detail"`
	Errors []core.FieldError `json:"errors,omitempty"`
}

type run struct {
	ID        string    `json:"id" example:"run_06f2mkhh1v9c5q7r3s8t0a4b6d"`
	Name      string    `json:"name" example:"Harpur Homes"`
	Region    string    `json:"region" example:"eu-west"`
	State     string    `json:"state" enum:"pending,running,done,failed,cancelled"`
	TenantID  string    `json:"tenant_id,omitempty"`
	Steps     []step    `json:"steps,omitempty"`
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

func shapeRun(r core.Run) run {
	out := run{ID: r.ID, Name: r.Name, Region: r.Region, State: string(r.State), TenantID: string(r.TenantID), CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}
	for _, s := range r.Steps {
		out.Steps = append(out.Steps, shapeStep(s))
	}
	return out
}

func shapeStep(s core.Step) step {
	out := step{Name: s.Name, State: string(s.State), StartedAt: timeOf(s.StartedAt), Done: s.Done, Total: s.Total, Result: object(s.Result)}
	if s.StartedAt != nil && s.EndedAt != nil {
		out.TookMS = s.EndedAt.Sub(*s.StartedAt).Milliseconds()
	}
	if s.Error != nil {
		out.Error = &stepError{Code: string(s.Error.Code), Detail: s.Error.Message, Errors: s.Error.Fields}
	}
	return out
}

type provisionInput struct {
	ContentType string `header:"Content-Type" doc:"multipart/form-data or application/json."`
	Prefer      string `header:"Prefer" doc:"wait=60 waits up to that many seconds, 60 at most, for the run to end." example:"wait=60"`
	Idempotency string `header:"Idempotency-Key" maxLength:"200" doc:"The same key with the same request returns the run that it began."`
	RawBody     []byte
}

type runOutput struct {
	Status   int
	Location string `header:"Location"`
	Body     run
}

func (a *api) provision() {
	op := a.describe(operation{
		id: "provision-developer", method: http.MethodPost, path: provisionPath, permission: core.Onboard, status: http.StatusAccepted,
		summary: "Onboard a developer",
		about: "Makes a live tenant of a developer's name, logo, theme and unit list. Everything is checked before anything is created; " +
			"what is wrong comes back all at once. Answers 202 with the run's address, or 201 when the run is done within `Prefer: wait`.",
	})
	op.RequestBody = provisionBody(a.huma.OpenAPI().Components.Schemas)
	op.SkipValidateBody = true
	huma.Register(a.huma, op, answer(a, a.startRun))
	add(a, operation{id: "list-runs", method: http.MethodGet, path: adminPrefix + "/provision/runs", permission: core.OnboardRead, summary: "List onboardings"},
		func(ctx context.Context, in *struct {
			Paging
			Status string `query:"status" enum:"pending,running,done,failed,cancelled"`
		}) (*pageOutput[run], error) {
			q := in.query()
			q.Status = in.Status
			list, err := a.Onboarding.List(ctx, q)
			return pageOf(list, shapeRun), err
		})
	add(a, operation{id: "find-run", method: http.MethodGet, path: adminPrefix + "/provision/runs/{id}", permission: core.OnboardRead, summary: "Read an onboarding with its steps"},
		func(ctx context.Context, in *IDInput) (*struct{ Body run }, error) {
			r, err := a.Onboarding.Find(ctx, in.ID)
			return &struct{ Body run }{shapeRun(r)}, err
		})
	add(a, operation{id: "resume-run", method: http.MethodPost, path: adminPrefix + "/provision/runs/{id}/resume", permission: core.Onboard, summary: "Continue a failed onboarding", status: http.StatusAccepted},
		func(ctx context.Context, in *struct {
			IDInput
			Prefer string `header:"Prefer" doc:"Like that of the onboarding itself." example:"wait=60"`
		}) (*runOutput, error) {
			r, err := a.Onboarding.Resume(ctx, in.ID)
			if err != nil {
				return nil, err
			}
			return a.await(ctx, r, in.Prefer)
		})
	add(a, operation{id: "cancel-run", method: http.MethodPost, path: adminPrefix + "/provision/runs/{id}/cancel", permission: core.Onboard, summary: "Give up a failed onboarding whose tenant doesn't exist yet"},
		func(ctx context.Context, in *IDInput) (*struct{ Body run }, error) {
			r, err := a.Onboarding.Cancel(ctx, in.ID)
			return &struct{ Body run }{shapeRun(r)}, err
		})
}

func (a *api) startRun(ctx context.Context, in *provisionInput) (*runOutput, error) {
	request, files, err := a.readProvision(ctx, in.ContentType, in.RawBody)
	if err != nil {
		return nil, err
	}
	var r core.Run
	if len(files.problems) > 0 {
		err = a.refuse(ctx, request, files.problems)
	} else {
		r, err = a.Onboarding.Start(ctx, request, in.Idempotency)
	}
	a.dropUnclaimed(ctx, files.ids)
	if err != nil {
		return nil, err
	}
	return a.await(ctx, r, in.Prefer)
}

// await answers 201 for a run that is done, 202 for one that isn't yet.
func (a *api) await(ctx context.Context, r core.Run, prefer string) (*runOutput, error) {
	wait := waitOf(prefer)
	if wait > 0 {
		var err error
		if r, err = a.Onboarding.Wait(ctx, r.ID, wait); err != nil {
			return nil, err
		}
	}
	out := &runOutput{Status: http.StatusAccepted, Location: adminPrefix + "/provision/runs/" + r.ID, Body: shapeRun(r)}
	if r.State == core.Done {
		out.Status = http.StatusCreated
	}
	return out, nil
}

// waitOf reads Prefer: wait=60 (RFC 7240), at most patience.
func waitOf(prefer string) time.Duration {
	for _, part := range strings.Split(prefer, ",") {
		if value, ok := strings.CutPrefix(strings.TrimSpace(part), "wait="); ok {
			d, err := time.ParseDuration(strings.Trim(value, `"`) + "s")
			if err == nil && d > 0 {
				return min(d, patience-time.Second) // the answer is sent within the request's own limit
			}
		}
	}
	return 0
}
