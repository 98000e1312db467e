package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// attach connects a plugin to what calls it: events, jobs and figures. What
// the version before it had and this one hasn't goes.
func (h *Host) attach(ctx context.Context, p *plugin, i *instance) error {
	m := i.manifest
	h.generation.Add(1)
	var errs []error
	if len(m.Events) > 0 {
		errs = append(errs, h.Bus.Subscribe(ctx, Subscription{Name: p.id, Events: m.Events, Handle: func(ctx context.Context, tenant core.TenantID, e core.Event) error {
			return h.deliver(ctx, p, tenant, e)
		}}))
		h.Bus.Wake(p.id)
	} else {
		h.Bus.Unsubscribe(p.id)
	}
	var tasks []Task
	for _, j := range m.Jobs {
		task := Task{ID: p.id + "." + j.ID, Summary: j.Summary, Schedule: j.Schedule, PerTenant: j.Scope != sdk.Platform,
			Run: func(ctx context.Context, tenant core.TenantID, moved func(done, total int)) (string, error) {
				return h.work(ctx, p, j.ID, tenant, moved)
			}}
		if j.Changed {
			task.Mark = func(ctx context.Context, ids []core.TenantID) (map[core.TenantID]string, error) {
				return h.marks(ctx, i, ids)
			}
		}
		tasks = append(tasks, task)
	}
	errs = append(errs, h.Jobs.Replace(p.id, tasks))
	if len(m.Metrics) > 0 {
		errs = append(errs, h.Insight.Declare(Source{Name: p.id, Metrics: m.Metrics, Ask: func(ctx context.Context, tenant core.TenantID) ([]core.Figure, error) {
			return h.figures(ctx, p, tenant)
		}}))
	} else {
		h.Insight.Withdraw(p.id)
	}
	return errors.Join(errs...)
}

// detach lets go of a plugin that is switched off or gone. Its events wait,
// its figures stay as they are.
func (h *Host) detach(p *plugin) {
	h.generation.Add(1)
	h.Bus.Unsubscribe(p.id)
	h.Insight.Withdraw(p.id)
	if err := h.Jobs.Replace(p.id, nil); err != nil {
		h.Log.Error("withdraw plugin's jobs", "plugin", p.id, "error", err)
	}
}

// deliver hands an event to a plugin. While the plugin rests, or is off for
// the tenant, the event waits.
func (h *Host) deliver(ctx context.Context, p *plugin, tenant core.TenantID, e core.Event) error {
	body, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = h.invoke(core.WithActor(ctx, core.System), p, request{door: wire.Door_DOOR_EVENT, id: e.Name, tenant: tenant, input: body, writes: true})
	if isResting(err) {
		return fmt.Errorf("%w: %w", h.NotNow, err)
	}
	return err
}

// marks name the state of tenants as a job of the plugin sees it: its file, what
// was published, the platform's settings, the binary. One that the plugin is
// switched off for has a mark of its own, so that the job comes back with it.
func (h *Host) marks(ctx context.Context, i *instance, ids []core.TenantID) (map[core.TenantID]string, error) {
	signatures, err := h.Store.Signatures(ctx)
	if err != nil {
		return nil, err
	}
	sights, err := h.Keep.Sights(ctx, i.manifest.ID)
	if err != nil {
		return nil, err
	}
	marks := make(map[core.TenantID]string, len(ids))
	for _, id := range ids {
		sight, signature := sights[id], signatures[id]
		switch {
		case sight.Off:
			marks[id] = "off"
		case signature != "": // else the job finds out what is wrong with the file
			marks[id] = signature + " " + strconv.FormatInt(sight.Revision, 36) + " " + strconv.FormatInt(sight.Settings, 36) + " " + i.sum[:min(len(i.sum), 8)]
		}
	}
	return marks, nil
}

// tries is how often a job is called whose process ended in the middle of it:
// running it twice leaves the same data as running it once.
const tries = 3

// work runs a job. It waits for a plugin that is about to be ready, and goes
// past a tenant that the plugin is switched off for.
func (h *Host) work(ctx context.Context, p *plugin, job string, tenant core.TenantID, moved func(done, total int)) (string, error) {
	r := request{door: wire.Door_DOOR_JOB, id: job, tenant: tenant, writes: true, long: true, moved: func(done, total int64, _ string) {
		moved(int(done), int(total))
	}}
	for try := 1; ; try++ {
		if err := p.await(ctx); err != nil {
			return "", err
		}
		i := p.running()
		answer, err := h.invoke(ctx, p, r)
		switch {
		case errors.Is(err, errOff):
			return "", nil
		case err != nil && i != nil && i.gone() && try < tries && ctx.Err() == nil:
			continue
		case err != nil:
			return "", err
		}
		line, err := lineFrom(answer.result)
		return line, h.nonsense(p, r, err)
	}
}

// lineFrom reads a summary line.
func lineFrom(result []byte) (line string, err error) {
	if len(result) == 0 {
		return "", nil
	}
	err = json.Unmarshal(result, &line)
	line, _, _ = strings.Cut(strings.TrimSpace(line), "\n")
	if runes := []rune(line); len(runes) > 500 {
		line = string(runes[:500])
	}
	return line, err
}

// await returns when the plugin takes calls; at once with an error when it
// won't by itself.
func (p *plugin) await(ctx context.Context) error {
	for {
		p.mu.RLock()
		i, state, changed := p.current, p.state, p.changed
		p.mu.RUnlock()
		if i != nil && !i.gone() {
			return nil
		}
		if state == Stopped || state == Held || state == Quarantined || state == Draining {
			_, err := p.enter()
			return err
		}
		select {
		case <-changed:
		case <-p.ended:
			return restingf(core.Unavailable, "The plugin %s is not run any more.", p.id)
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// figures asks a plugin for its figures of a tenant; of one that it is
// switched off for there are none.
func (h *Host) figures(ctx context.Context, p *plugin, tenant core.TenantID) ([]core.Figure, error) {
	r := request{door: wire.Door_DOOR_ROLL_UP, tenant: tenant}
	answer, err := h.invoke(core.WithActor(ctx, core.System), p, r)
	if errors.Is(err, errOff) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var figures []core.Figure
	err = json.Unmarshal(answer.result, &figures)
	for _, f := range figures {
		if !strings.HasPrefix(f.Metric, p.id+".") {
			err = garbage("a figure of %q", f.Metric)
		}
	}
	return figures, h.nonsense(p, r, err)
}
