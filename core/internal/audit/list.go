package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// List returns one page of a chain, newest first: the platform's for tenant "".
// It heeds Actor (an id), Kind (the action), Status (the outcome), Development
// and Unit (the target's id), From, To and Text (words in any value).
func (l *Log) List(ctx context.Context, tenant core.TenantID, q core.Query) (core.List[core.Record], error) {
	var page core.List[core.Record]
	err := l.view(ctx, tenant, func(tx *tenants.Tx) (err error) {
		page, err = list(ctx, tx, q)
		return err
	})
	if err != nil {
		return core.List[core.Record]{}, fmt.Errorf("list audit records: %w", err)
	}
	for i := range page.Items {
		page.Items[i].Sentence = l.sentence(page.Items[i].Action)
	}
	return page, nil
}

// view reads the database that holds a chain.
func (l *Log) view(ctx context.Context, tenant core.TenantID, fn func(*tenants.Tx) error) error {
	if tenant == "" {
		return l.options.Store.ViewControl(ctx, fn)
	}
	return l.options.Store.View(ctx, tenant, fn)
}

// read returns what the entry says, with the personal values that are left and
// without the sentence.
func (e entry) read() (core.Record, error) {
	var r record
	if err := json.Unmarshal(e.record, &r); err != nil {
		return core.Record{}, fmt.Errorf("read audit record %d: %w", e.seq, err)
	}
	return core.Record{
		ID:      r.ID,
		Seq:     e.seq,
		At:      time.UnixMilli(r.At).UTC(),
		Tenant:  r.Tenant,
		Actor:   core.Actor{Kind: r.Actor.Kind, ID: r.Actor.ID, OnBehalfOf: r.Actor.OnBehalfOf, Session: r.Session},
		Action:  r.Action,
		Target:  r.Target,
		Outcome: r.Outcome,
		Code:    r.Code,
		Reason:  r.Reason,
		Origin:  core.Origin{Request: r.Request, IPPrefix: r.IPPrefix, UserAgent: r.UserAgent},
		Changes: r.reveal(e.values),
		Hash:    e.hash.String(),
	}, nil
}

// reveal returns the changes with the personal values that are left put back; a
// change with a value gone says so.
func (r *record) reveal(beside []value) []core.Change {
	var changes []core.Change
	for _, c := range r.Changes {
		changes = append(changes, core.Change{Field: c.Field, Before: c.Before, After: c.After})
	}
	for p := range r.commitments() {
		changes[p.Change].Personal = true
		i := slices.IndexFunc(beside, func(v value) bool { return v.place == p })
		switch {
		case i < 0:
			changes[p.Change].Erased = true
		case p.Side == before:
			changes[p.Change].Before = beside[i].Value
		default:
			changes[p.Change].After = beside[i].Value
		}
	}
	return changes
}
