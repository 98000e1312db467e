// Package directory keeps a tenant's core nouns: developments, their units,
// and the homeowners who live there. Every verb that changes something is one
// transaction that holds the rows, their audit record and their event.
package directory

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Recorder writes a record to the audit log, in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Emitter puts an event into the tenant's outbox, in the transaction of the
// change.
type Emitter interface {
	Emit(ctx context.Context, tx *tenants.Tx, e core.Event) error
}

// Usage takes usage events into the tenant's ledger.
type Usage interface {
	Accept(ctx context.Context, tx *tenants.Tx, events []core.UsageEvent) error
}

// Options are what the directory works with; all of them are required.
type Options struct {
	Store    *tenants.Store
	Recorder Recorder
	Emitter  Emitter
	Usage    Usage
}

// Directory holds one store for each noun.
type Directory struct {
	Developments *Developments
	Units        *Units
	Homeowners   *Homeowners
}

// New returns the directory of every tenant of the store.
func New(options Options) *Directory {
	return &Directory{
		Developments: &Developments{options},
		Units:        &Units{options},
		Homeowners:   &Homeowners{options},
	}
}

// fact is a change that has happened, told twice: to the audit log with its
// values, and to subscribers with ids alone.
type fact struct {
	action  string // unit.hand_over
	event   string // unit.handed_over
	target  core.Target
	changes []core.Change
	data    eventData
}

// eventData is what subscribers learn. It never holds a personal value.
type eventData struct {
	DevelopmentID string   `json:"development_id,omitempty"`
	UnitID        string   `json:"unit_id,omitempty"`
	Changed       []string `json:"changed,omitempty"`
	Count         int      `json:"count,omitempty"`
}

func (o Options) tell(ctx context.Context, tx *tenants.Tx, f fact) error {
	entry := core.Entry{Action: f.action, Target: f.target, Changes: f.changes}
	if err := o.Recorder.Record(ctx, tx, entry); err != nil {
		return fmt.Errorf("record %s of %s: %w", f.action, f.target.ID, err)
	}
	return o.emit(ctx, tx, f)
}

func (o Options) emit(ctx context.Context, tx *tenants.Tx, f fact) error {
	data, err := json.Marshal(f.data)
	if err != nil {
		return fmt.Errorf("write event %s: %w", f.event, err)
	}
	event := core.Event{Name: f.event, Subject: f.target, Data: data, At: tx.Now}
	if err := o.Emitter.Emit(ctx, tx, event); err != nil {
		return fmt.Errorf("emit %s of %s: %w", f.event, f.target.ID, err)
	}
	return nil
}
