package keep

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Run is one use of a tool. Its parameters, its plan and what came of it may be
// personal: they lie in the tenant's file and are empty in lists.
type Run struct {
	ID, Plugin, Tool string
	Tenant           core.TenantID // empty: the platform
	State            core.WorkState
	Hash             string // of the plan
	Done, Total      int64
	By               string // who made the plan
	CreatedAt        time.Time
	StartedAt        time.Time // zero until it is applied
	EndedAt          time.Time // zero until it has ended

	Params, Plan   json.RawMessage
	Summary, Error string
}

var errNoRun = core.Errorf(core.NotFound, "There is no such run of a tool.")

// AddRun keeps a fresh plan as a run that is pending.
func (k *Keep) AddRun(ctx context.Context, r Run) error {
	// What it is about comes first: a run that is listed can be shown.
	err := k.update(ctx, r.Tenant, func(tx *tenants.Tx) error { return insertBody(ctx, tx, r) })
	if err == nil {
		err = k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return insertRun(ctx, tx, r) })
	}
	if err != nil {
		return fmt.Errorf("keep run of %s: %w", r.Tool, err)
	}
	return nil
}

// BeginRun notes that a run is applied from now on, with the plan as it is by
// now, and records it. Returns conflict while the tool is at work for the same
// tenant.
func (k *Keep) BeginRun(ctx context.Context, r Run, action string) error {
	err := k.update(ctx, r.Tenant, func(tx *tenants.Tx) error { return replaceBody(ctx, tx, r) })
	if err == nil {
		err = k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
			if err := startRun(ctx, tx, r); err != nil {
				return err
			}
			return k.recordRun(ctx, tx, action, r)
		})
	}
	if err != nil {
		return fmt.Errorf("begin run %s: %w", r.ID, err)
	}
	return nil
}

// MoveRun notes how far a run has come.
func (k *Keep) MoveRun(ctx context.Context, id string, done, total int64) error {
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return moveRun(ctx, tx, id, done, total) })
}

// EndRun notes how a run has ended: its state, summary and error.
func (k *Keep) EndRun(ctx context.Context, r Run) error {
	err := k.update(ctx, r.Tenant, func(tx *tenants.Tx) error { return endBody(ctx, tx, r) })
	if err == nil {
		err = k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return endRun(ctx, tx, r) })
	}
	if err != nil {
		return fmt.Errorf("end run %s: %w", r.ID, err)
	}
	return nil
}

// RecordRun writes what a person did with a run to the platform's log.
func (k *Keep) RecordRun(ctx context.Context, action string, r Run) error {
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return k.recordRun(ctx, tx, action, r) })
}

func (k *Keep) recordRun(ctx context.Context, tx *tenants.Tx, action string, r Run) error {
	changes := []core.Change{{Field: "run", After: r.ID}, {Field: "plan", After: r.Hash}}
	if r.Tenant != "" {
		changes = append(changes, core.Change{Field: "tenant", After: string(r.Tenant)})
	}
	return k.options.Recorder.Record(ctx, tx, core.Entry{
		Action: action, Target: core.Target{Kind: "tool", ID: r.Plugin + "." + r.Tool}, Changes: changes,
	})
}

// FindRun returns a run with all of it, or not_found.
func (k *Keep) FindRun(ctx context.Context, id string) (r Run, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		r, err = readRun(ctx, tx, id)
		return err
	})
	if err == nil {
		err = k.view(ctx, r.Tenant, func(tx *tenants.Tx) error { return readBody(ctx, tx, &r) })
	}
	return r, err
}

// Runs lists runs, latest first, without what lies in tenants' files. Kind
// picks a plugin, Status a state, Tenant a tenant.
func (k *Keep) Runs(ctx context.Context, q core.Query) (page core.List[Run], err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		page, err = listRuns(ctx, tx, q)
		return err
	})
	if err != nil {
		return core.List[Run]{}, fmt.Errorf("list runs of tools: %w", err)
	}
	return page, nil
}

// Interrupted fails the runs that a console was applying when it ended, and
// returns how many. They can be resumed. It runs before any is applied.
func (k *Keep) Interrupted(ctx context.Context) (n int64, err error) {
	err = k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) (err error) {
		n, err = failRunning(ctx, tx)
		return err
	})
	return n, err
}
