package audit

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// VerifyOptions say which chain to verify, and against what.
type VerifyOptions struct {
	Tenant   core.TenantID     // empty: the platform's chain
	From, To time.Time         // half-open; zero is unbounded. Databases alone
	Anchors  string            // anchors file; empty: the checkpoints of the control database
	Export   string            // verify this export (.zip or .jsonl) instead of a database
	Key      ed25519.PublicKey // who signs checkpoints; nil: the log's own, or the one that the export names
}

// Verify follows a chain in its database from end to end, or from From to To.
// It only fails when something can't be read: whatever is wrong with the chain
// is in the report.
func (l *Log) Verify(ctx context.Context, o VerifyOptions) (Report, error) {
	if o.Export != "" {
		return VerifyExport(ctx, o)
	}
	if o.Key == nil {
		o.Key = l.public()
	}
	sheet, err := l.sheet(ctx, o)
	if err != nil {
		return Report{}, fmt.Errorf("verify audit log: %w", err)
	}
	c := newChecker(o.Tenant, sheet.pins)
	c.report.Findings = sheet.findings
	if err := l.follow(ctx, c, o); err != nil {
		return Report{}, fmt.Errorf("verify audit log: %w", err)
	}
	return c.finish(), nil
}

// sheet returns what the checkpoints say about the chain.
func (l *Log) sheet(ctx context.Context, o VerifyOptions) (*sheet, error) {
	s := newSheet(l.chain(o.Tenant), o.Key)
	if o.Anchors != "" {
		return s, s.readFile(o.Anchors)
	}
	err := l.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error { return s.readStore(ctx, tx) })
	return s, err
}

// follow reads the chain in pieces, so that verifying a long one neither fills
// the memory nor keeps a snapshot open.
func (l *Log) follow(ctx context.Context, c *checker, o VerifyOptions) error {
	err := l.view(ctx, o.Tenant, func(tx *tenants.Tx) (err error) {
		c.last, c.ends, err = readSpan(ctx, tx, o.From, o.To)
		return err
	})
	if err != nil {
		return err
	}
	for {
		entries, err := l.piece(ctx, o.Tenant, c.last.seq, c.ends)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if !c.next(e) {
				return nil
			}
		}
		if len(entries) == 0 {
			break
		}
	}
	return l.view(ctx, o.Tenant, func(tx *tenants.Tx) error { return c.rest(ctx, tx) })
}

// rest looks at what lies beyond the last record: erasures after the part that
// was asked for, and values of records that don't exist.
func (c *checker) rest(ctx context.Context, tx *tenants.Tx) error {
	if c.ends == 0 {
		seq, err := strayValue(ctx, tx, c.last.seq)
		if err == nil && seq > 0 {
			c.broken(seq, "a personal value stands beside record %d, which does not exist", seq)
		}
		return err
	}
	targets, err := readErasures(ctx, tx, c.last.seq)
	for _, target := range targets {
		c.explain(target)
	}
	return err
}

// pieceSize is the number of records that are read at once.
const pieceSize = 2000

// piece returns the records after a place in the chain, with their values; up
// to ends, unless that is 0.
func (l *Log) piece(ctx context.Context, tenant core.TenantID, after, ends int64) (entries []entry, err error) {
	err = l.view(ctx, tenant, func(tx *tenants.Tx) error {
		entries, err = readPiece(ctx, tx, after, ends)
		return err
	})
	return entries, err
}
