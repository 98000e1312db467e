package host

import (
	"context"
	"sync"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
)

var memo struct {
	sync.Mutex
	crashes   map[string][]Crash
	manifests map[string][]byte
	approved  map[string]sdk.Grants
	tenants   map[string]map[core.TenantID]TenantState
	off       map[string]string
	runs      map[string]ToolRun
}

func init() {
	memo.crashes, memo.manifests, memo.approved, memo.tenants, memo.off, memo.runs = map[string][]Crash{}, map[string][]byte{}, map[string]sdk.Grants{}, map[string]map[core.TenantID]TenantState{}, map[string]string{}, map[string]ToolRun{}
}

func lock() func() { memo.Lock(); return memo.Unlock }

func (h *Host) keepCrash(ctx context.Context, id string, c Crash) error {
	defer lock()()
	memo.crashes[id] = append([]Crash{c}, memo.crashes[id]...)
	return nil
}
func (h *Host) crashes(ctx context.Context, id string) ([]Crash, error) {
	defer lock()()
	return memo.crashes[id], nil
}
func (h *Host) keptManifest(ctx context.Context, key string) ([]byte, bool, error) {
	defer lock()()
	m, ok := memo.manifests[key]
	return m, ok, nil
}
func (h *Host) keepManifest(ctx context.Context, id, key string, m []byte) error {
	defer lock()()
	memo.manifests[key] = m
	return nil
}
func (h *Host) approved(ctx context.Context, id string) (sdk.Grants, error) {
	defer lock()()
	return memo.approved[id], nil
}
func (h *Host) approve(ctx context.Context, id string, p Proposal) error {
	defer lock()()
	memo.approved[id] = union(memo.approved[id], p.Manifest.Needs)
	return nil
}
func (h *Host) standing(ctx context.Context, id string, t core.TenantID) (TenantState, error) {
	defer lock()()
	return memo.tenants[id][t], nil
}
func (h *Host) setState(id string, t core.TenantID, f func(*TenantState)) error {
	defer lock()()
	if memo.tenants[id] == nil {
		memo.tenants[id] = map[core.TenantID]TenantState{}
	}
	s := memo.tenants[id][t]
	s.Tenant = t
	f(&s)
	memo.tenants[id][t] = s
	return nil
}
func (h *Host) noteMigration(ctx context.Context, id string, t core.TenantID, version int64, why string) error {
	return h.setState(id, t, func(s *TenantState) { s.Version, s.Error = version, why })
}
func (h *Host) switchTenant(ctx context.Context, id string, t core.TenantID, off bool, reason string) error {
	return h.setState(id, t, func(s *TenantState) { s.Off, s.Reason = off, reason })
}
func (h *Host) versions(ctx context.Context, id string) (map[core.TenantID]int64, error) {
	defer lock()()
	v := map[core.TenantID]int64{}
	for t, s := range memo.tenants[id] {
		if s.Error == "" {
			v[t] = s.Version
		}
	}
	return v, nil
}
func (h *Host) countTenants(ctx context.Context, id string) (off, broken int, err error) {
	defer lock()()
	for _, s := range memo.tenants[id] {
		if s.Off {
			off++
		}
		if s.Error != "" {
			broken++
		}
	}
	return
}
func (h *Host) offReason(ctx context.Context, id string) (string, error) {
	defer lock()()
	return memo.off[id], nil
}
func (h *Host) switchPlugin(ctx context.Context, id string, off bool, reason string) error {
	defer lock()()
	delete(memo.off, id)
	if off {
		memo.off[id] = reason
	}
	return nil
}
func (h *Host) noteOutside(plugin string, tenant core.TenantID, call *wire.OutsideCall) {}
func (h *Host) record(ctx context.Context, action, id, reason string) error {
	return h.Store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		return h.Audit.Record(ctx, tx, core.Entry{Action: action, Target: core.Target{Kind: "plugin", ID: id}, Reason: reason})
	})
}
func (h *Host) recordTool(ctx context.Context, action string, run ToolRun) error { return nil }
func (h *Host) addRun(ctx context.Context, run ToolRun) error {
	defer lock()()
	memo.runs[run.ID] = run
	return nil
}
func (h *Host) beginRun(ctx context.Context, run ToolRun) error                 { return h.addRun(ctx, run) }
func (h *Host) moveRun(ctx context.Context, id string, done, total int64) error { return nil }
func (h *Host) endRun(ctx context.Context, run ToolRun) error                   { return h.addRun(ctx, run) }
func (h *Host) findRun(ctx context.Context, id string) (ToolRun, error) {
	defer lock()()
	r, ok := memo.runs[id]
	if !ok {
		return r, core.Errorf(core.NotFound, "There is no such run.")
	}
	return r, nil
}
func (h *Host) listRuns(ctx context.Context, q core.Query) (core.List[ToolRun], error) {
	return core.List[ToolRun]{}, nil
}
func (h *Host) recoverRuns(ctx context.Context) error { return nil }

// Outside lists the recorded calls of a plugin to others, latest first.
func (h *Host) Outside(ctx context.Context, id string, q core.Query) (core.List[OutsideCall], error) {
	return core.List[OutsideCall]{}, nil
}

// Tenants lists how a plugin stands in each tenant. Status filters: off, broken.
func (h *Host) Tenants(ctx context.Context, id string, q core.Query) (core.List[TenantState], error) {
	return core.List[TenantState]{}, nil
}
