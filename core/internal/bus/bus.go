// Package bus carries events: facts that have happened, written to the outbox
// of the tenant's file in the transaction of the change they tell of.
package bus

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Options say where the outboxes are.
type Options struct {
	Store *tenants.Store
}

// Bus writes and lists events.
type Bus struct {
	options Options
}

// New returns the bus over a store.
func New(options Options) *Bus { return &Bus{options: options} }

// names is what an event may be called: noun.past for the core's own
// (unit.handed_over), plugin.noun.past for a plugin's (billing.invoice.issued).
var names = regexp.MustCompile(`^([a-z][a-z0-9]*\.)?[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$`)

// Emit writes an event to the outbox of the transaction's tenant; it is told
// when the transaction commits. Its id and moment are given here; no data means
// an empty object. Returns internal for a name outside the pattern, data that
// is not JSON, or a transaction without a tenant.
func (b *Bus) Emit(ctx context.Context, tx *tenants.Tx, e core.Event) error {
	if len(e.Data) == 0 {
		e.Data = json.RawMessage("{}")
	}
	switch {
	case !names.MatchString(e.Name):
		return fmt.Errorf("emit %q: an event is called noun.past or plugin.noun.past", e.Name)
	case tx.Tenant == "":
		return fmt.Errorf("emit %s: an event belongs to a tenant", e.Name)
	case !json.Valid(e.Data):
		return fmt.Errorf("emit %s: its data is not JSON", e.Name)
	}
	e.ID, e.At = core.NewID(core.PrefixEvent, tx.Now), tx.Now
	if err := insert(ctx, tx, e); err != nil {
		return fmt.Errorf("emit %s: %w", e.Name, err)
	}
	return nil
}

// List returns a tenant's events, newest first. It heeds Text (words in the
// name, the subject or the data), Kind (the event's name), Unit and Development
// (the subject's id), From and To.
func (b *Bus) List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Event], error) {
	var page core.List[core.Event]
	err := b.options.Store.View(ctx, tenant, func(tx *tenants.Tx) (err error) {
		page, err = list(ctx, tx, q)
		return err
	})
	if err != nil {
		return core.List[core.Event]{}, fmt.Errorf("list events: %w", err)
	}
	return page, nil
}
