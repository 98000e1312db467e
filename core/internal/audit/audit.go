// Package audit keeps the log of who did what: records chained by hash, the
// platform's in the control database and each tenant's in its own file, written
// in the transaction of the change they tell of. Personal values stand beside
// the chain behind salted commitments, so that erasing them leaves it whole;
// signed checkpoints show a cut or rewritten chain.
package audit

import (
	"cmp"
	"context"
	"crypto/ed25519"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Options say where the chains are and who signs their checkpoints.
type Options struct {
	Store   *tenants.Store
	Signer  ed25519.PrivateKey // also derives the pseudonyms of chains
	Now     func() time.Time
	Log     *slog.Logger
	Version string // of the program, as records name it
	Anchors string // file that checkpoints are appended to, to be shipped outside; empty: none
}

// Log writes, reads and verifies the audit log.
type Log struct {
	options   Options
	declared  declared
	moved     moved
	anchoring sync.Mutex // one checkpoint at a time; guards shipped
	shipped   int64      // last checkpoint in the anchors file; -1 until it was read
}

// New returns the audit log over a store.
func New(options Options) *Log {
	return &Log{options: options, shipped: -1}
}

// Outcomes of an action.
const (
	outcomeOK     = "ok"
	outcomeDenied = "denied"
	outcomeFailed = "failed"
)

// Record appends an entry to the chain of the transaction's database: the
// platform's in the control database, else the tenant's. Actor and origin come
// from the context. Returns internal for an action that actions.go doesn't
// list and no plugin has declared, and invalid when an action that asks for a reason has none.
func (l *Log) Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error {
	r, beside, err := l.compose(ctx, tx, e)
	if err != nil {
		return err
	}
	h, err := appendRecord(ctx, tx, r, beside)
	if err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	if tx.Tenant != "" { // a checkpoint reads the platform's head itself
		tx.OnCommit(func() { l.moved.note(tx.Tenant, h) })
	}
	return nil
}

// compose makes the record of an entry; appending adds its place in the chain.
func (l *Log) compose(ctx context.Context, tx *tenants.Tx, e core.Entry) (*record, []value, error) {
	by, from := core.ActorOf(ctx), core.OriginOf(ctx)
	known, listed := l.known(e.Action)
	if !listed {
		return nil, nil, fmt.Errorf("record %s: the action is not listed", e.Action)
	}
	outcome := cmp.Or(e.Outcome, outcomeOK)
	if outcome != outcomeOK && outcome != outcomeDenied && outcome != outcomeFailed {
		return nil, nil, fmt.Errorf("record %s: there is no outcome %q", e.Action, e.Outcome)
	}
	reason := cmp.Or(e.Reason, by.Reason)
	if known.reason && outcome == outcomeOK && reason == "" {
		return nil, nil, core.Errorf(core.Invalid, "Say why: this is kept in the audit log.")
	}
	held, beside := commit(e.Changes)
	return &record{
		V:         version,
		ID:        core.NewID(core.PrefixRecord, tx.Now),
		At:        tx.Now.UnixMilli(),
		Tenant:    tx.Tenant,
		Actor:     actor{by.Kind, by.ID, by.OnBehalfOf},
		Session:   by.Session,
		Action:    e.Action,
		Target:    e.Target,
		Outcome:   outcome,
		Code:      e.Code,
		Reason:    reason,
		IPPrefix:  from.IPPrefix,
		UserAgent: from.UserAgent,
		Request:   from.Request,
		Changes:   held,
		Software:  l.options.Version,
	}, beside, nil
}
