package keep

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// How many crashes and outside calls of each plugin are kept.
const (
	keptCrashes = 20
	keptCalls   = 1000
)

// AddCrash keeps the dossier of a crash, in the host's own JSON.
func (k *Keep) AddCrash(ctx context.Context, plugin string, dossier json.RawMessage) error {
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return insertCrash(ctx, tx, plugin, dossier) })
}

// Crashes returns the dossiers of a plugin's last crashes, latest first.
func (k *Keep) Crashes(ctx context.Context, plugin string) (dossiers []json.RawMessage, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		dossiers, err = readCrashes(ctx, tx, plugin)
		return err
	})
	return dossiers, err
}

// OutsideCall is a call of a plugin to somebody else.
type OutsideCall struct {
	At             time.Time
	Tenant         core.TenantID // empty: the platform
	Method, Host   string
	Path           string // without the query
	Status         int    // 0: no answer
	Took           time.Duration
	Sent, Received int64 // bytes
	Error          string
	Attempt        int // from 1
}

// AddCalls keeps outside calls of a plugin. Those of tenants that were deleted
// meanwhile are left out.
func (k *Keep) AddCalls(ctx context.Context, plugin string, calls ...OutsideCall) error {
	return k.options.Store.UpdateControl(ctx, func(tx *tenants.Tx) error { return insertCalls(ctx, tx, plugin, calls) })
}

// Calls lists a plugin's outside calls, latest first. It heeds Tenant, Status
// ("ok"; "failed": no answer, or 400 and above), From, To and Text (in host and path).
func (k *Keep) Calls(ctx context.Context, plugin string, q core.Query) (page core.List[OutsideCall], err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		page, err = listCalls(ctx, tx, plugin, q)
		return err
	})
	if err != nil {
		return core.List[OutsideCall]{}, fmt.Errorf("list outside calls of %s: %w", plugin, err)
	}
	return page, nil
}
