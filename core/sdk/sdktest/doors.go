package sdktest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// Page asks for one of the plugin's pages, below the plugin's address:
// "/notes/3?tab=log".
func (c *Console) Page(path string) (ui.Page, error) { return c.page(path, false) }

// Whole is Page as it becomes a file: tables have every row.
func (c *Console) Whole(path string) (ui.Page, error) { return c.page(path, true) }

func (c *Console) page(path string, whole bool) (ui.Page, error) {
	path, query, _ := strings.Cut(path, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		return ui.Page{}, fmt.Errorf("read the query of %s: %w", path, err)
	}
	v := c.visit()
	v.Path, v.Query, v.Whole = path, values, whole
	return c.host.Page(c.Context(), v)
}

// visit is where pages of the plugin are shown.
func (c *Console) visit() host.Visit {
	v := host.Visit{Plugin: c.plugin.ID, Tenant: core.Tenant{ID: c.Tenant}, Scope: sdk.Tenant, Base: "/admin/" + c.plugin.ID}
	switch {
	case c.Tenant == "":
		v.Scope = sdk.Platform
	case c.Actor.Role.ForDeveloper():
		v.Portal, v.Base = true, "/portal/"+c.plugin.ID
	default:
		v.Base += "/tenants/" + string(c.Tenant)
	}
	return v
}

// File is a file among the values of Act: {"list": {sdktest.File(csv)}}.
func File(content []byte) string { return base64.StdEncoding.EncodeToString(content) }

// Act sends a form, or presses a button. An error of code invalid names the
// fields that are wrong.
func (c *Console) Act(action string, values url.Values) (sdk.Done, error) {
	v := c.visit()
	v.Action, v.Values = action, values
	return c.host.Act(c.Context(), v)
}

// Answer is what a route has answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Err    error // why the status isn't one of success; nil when the route has said so itself
}

// JSON reads the body.
func (a Answer) JSON(into any) error {
	if a.Err != nil {
		return a.Err
	}
	return json.Unmarshal(a.Body, into)
}

// Route asks one of the plugin's routes, below its mount: "/notes?limit=5". The
// body is sent as JSON; nil is none. An error of the plugin is answered with
// its status, as the console does.
func (c *Console) Route(method, path string, body any) Answer {
	path, query, _ := strings.Cut(path, "?")
	in := host.RouteRequest{Method: method, Query: query, Tenant: c.Tenant, Header: map[string]string{"Accept": "application/json"}}
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return Answer{Err: fmt.Errorf("write the body: %w", err)}
		}
		in.Body, in.Header["Content-Type"] = raw, "application/json"
	}
	in.Path = "/api/plugins/" + c.plugin.ID + strings.TrimSuffix(path, "/")
	if c.Tenant == "" {
		in.Path, in.Staff = "/api/admin/plugins/"+c.plugin.ID+strings.TrimSuffix(path, "/"), true
	}
	reply, err := c.host.Route(c.Context(), in)
	if err != nil {
		return Answer{Status: problem.Status(err), Err: err}
	}
	answer := Answer{Status: reply.Status, Header: http.Header{}, Body: reply.Body}
	for name, value := range reply.Header {
		answer.Header.Set(name, value)
	}
	return answer
}

// Event tells the plugin of an event, as the console's core or another plugin
// would, and returns it. Data is written as JSON; nil is none. It fails when
// the plugin doesn't listen to the event, and with the plugin's own error.
func (c *Console) Event(name string, subject core.Target, data any) (core.Event, error) {
	if data == nil {
		data = struct{}{}
	}
	body, err := json.Marshal(data)
	if err != nil {
		return core.Event{}, fmt.Errorf("write the event's data: %w", err)
	}
	e := core.Event{ID: core.NewID(core.PrefixEvent, c.Now()), Name: name, Subject: subject, Data: body, At: c.Now()}
	return e, c.Deliver(e)
}

// Deliver hands an event over once more: each may come twice.
func (c *Console) Deliver(e core.Event) error {
	s := c.rooms.listener(e.Name)
	if s == nil {
		return fmt.Errorf("the plugin doesn't listen to %s", e.Name)
	}
	return s.Handle(c.ctx, c.Tenant, e)
}

// Job runs a job once, in the tenant or on the platform, and returns its line.
// A job that follows changes (sdk.Job.Changed) isn't called, and its line is
// empty, when nothing is new since it last ended well in the tenant.
func (c *Console) Job(id string) (string, error) {
	task, found := c.rooms.task(c.plugin.ID + "." + id)
	if !found {
		return "", fmt.Errorf("the plugin has no job %q", id)
	}
	if task.Mark == nil {
		return c.work(task)
	}
	marks, err := task.Mark(c.ctx, []core.TenantID{c.Tenant})
	mark := marks[c.Tenant]
	if err != nil || mark != "" && mark == c.rooms.mark(task.ID, c.Tenant) {
		return "", err
	}
	line, err := c.work(task)
	if err == nil {
		c.rooms.keep(task.ID, c.Tenant, mark)
	}
	return line, err
}

// work runs a task, whether anything has changed or not.
func (c *Console) work(task host.Task) (string, error) {
	return task.Run(core.WithActor(c.ctx, core.System), c.Tenant, func(int, int) {})
}

// Run is one use of a tool.
type Run struct {
	ID          string
	Plan        sdk.Plan
	State       core.WorkState
	Done, Total int64
	Summary     string
	Error       string // a sentence
}

// Plan asks a tool what it would do. Params are written as JSON; nil takes the
// defaults.
func (c *Console) Plan(tool string, params any) (Run, error) {
	var body []byte
	if params != nil {
		var err error
		if body, err = json.Marshal(params); err != nil {
			return Run{}, fmt.Errorf("write the parameters: %w", err)
		}
	}
	run, err := c.host.PlanTool(c.Context(), c.plugin.ID, tool, c.Tenant, body)
	return runOf(run), err
}

// Apply does what was planned, and returns when it is done. A run that has
// failed is an error that says why.
func (c *Console) Apply(run Run) (Run, error) {
	now, err := c.host.ApplyTool(c.Context(), run.ID)
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for err == nil && (now.State == core.Running || now.State == core.Pending) {
		select {
		case <-look.C:
			now, err = c.host.FindTool(c.Context(), run.ID)
		case <-c.ctx.Done():
			return runOf(now), c.ctx.Err()
		}
	}
	if err == nil && now.State != core.Done {
		err = fmt.Errorf("the tool is %s: %s", now.State, now.Error)
	}
	return runOf(now), err
}

func runOf(r host.ToolRun) Run {
	return Run{ID: r.ID, Plan: r.Plan, State: r.State, Done: r.Done, Total: r.Total, Summary: r.Summary, Error: r.Error}
}

// RollUp computes the plugin's figures of the tenant.
func (c *Console) RollUp() ([]core.Figure, error) {
	ask, found := c.rooms.asks()
	if !found {
		return nil, fmt.Errorf("the plugin has no metrics")
	}
	return ask(c.Context(), c.Tenant)
}

// SetSettings saves the plugin's settings of the tenant, or of the platform, as
// a person does on its page.
func (c *Console) SetSettings(values any) error {
	body, err := json.Marshal(values)
	if err != nil {
		return fmt.Errorf("write the settings: %w", err)
	}
	_, _, version, err := c.host.Settings(c.Context(), c.plugin.ID, c.Tenant)
	if err != nil {
		return err
	}
	return c.host.SaveSettings(c.Context(), c.plugin.ID, c.Tenant, body, version)
}

// Events are what the plugin has emitted in the tenant, oldest first.
func (c *Console) Events() []core.Event {
	c.t.Helper()
	return every(c, func(q core.Query) (core.List[core.Event], error) { return c.bus.List(c.ctx, c.Tenant, q) },
		func(e core.Event) bool { return strings.HasPrefix(e.Name, c.plugin.ID+".") })
}

// Records are what the plugin has written to the audit log of the tenant, or of
// the platform, oldest first.
func (c *Console) Records() []core.Record {
	c.t.Helper()
	return every(c, func(q core.Query) (core.List[core.Record], error) { return c.audit.List(c.ctx, c.Tenant, q) },
		func(r core.Record) bool { return strings.HasPrefix(r.Action, c.plugin.ID+".") })
}

// every reads a list to its end, and turns it round.
func every[T any](c *Console, list func(core.Query) (core.List[T], error), ours func(T) bool) []T {
	c.t.Helper()
	var all []T
	for q := (core.Query{Limit: core.MaxLimit}); ; {
		page, err := list(q)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, one := range page.Items {
			if ours(one) {
				all = append([]T{one}, all...)
			}
		}
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}
