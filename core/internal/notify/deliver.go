package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// States of a message; the package comment says how it goes through them.
const (
	queued  = "queued"
	sending = "sending"
	sent    = "sent"
	failed  = "failed"
	unknown = "unknown"
	held    = "held"
)

// How often a temporary refusal is tried again.
const (
	firstDelay  = time.Minute
	longestWait = 6 * time.Hour
	maxAttempts = 12
)

// Sentences that people read beside a message's state.
const (
	heldReason = "No mail server is configured."
	cutOff     = "The console stopped, or could not write, while this message was on its way. It may have arrived."
)

// unreachable is how long a message waits whose tenant's file can't be changed
// now, because it is suspended, behind on a migration or on a full disk.
const unreachable = 10 * time.Minute

// Deliver sends every message that is due, one after the other, and returns
// one line that says how they ended; empty when none was due. Two calls at a
// time take turns.
func (o *Outbox) Deliver(ctx context.Context) (string, error) {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	ended := map[string]int{}
	for {
		due, err := o.due(ctx)
		if err != nil || len(due) == 0 {
			return tally(ended), err
		}
		for _, e := range due {
			if err := ctx.Err(); err != nil {
				return tally(ended), err
			}
			state, err := o.attend(ctx, e)
			if err != nil {
				return tally(ended), fmt.Errorf("deliver message %s: %w", e.ID, err)
			}
			if state != "" {
				ended[state]++
			}
		}
	}
}

// due reads the next index rows to look at.
func (o *Outbox) due(ctx context.Context) (due []entry, err error) {
	err = o.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		due, err = dueEntries(ctx, tx)
		return err
	})
	return due, err
}

// attend brings one message forward and its index row up to date. It returns
// the message's state, or "" when it was not reached. After it the row is no
// longer due.
func (o *Outbox) attend(ctx context.Context, e entry) (string, error) {
	var p parcel
	err := o.change(ctx, e.Tenant, func(tx *tenants.Tx) (err error) {
		p, err = o.claim(ctx, tx, e.ID)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return "", ctx.Err()
	case core.CodeOf(err) == core.NotFound:
		return "", o.settleIndex(ctx, func(tx *tenants.Tx) error { return dropEntry(ctx, tx, e) })
	case err != nil && e.Tenant != "":
		o.options.Log.Warn("message postponed", "tenant", e.Tenant, "message", e.ID, "error", err)
		return "", o.settleIndex(ctx, func(tx *tenants.Tx) error { return postponeEntry(ctx, tx, e, tx.Now.Add(unreachable)) })
	case err != nil:
		return "", err
	}
	// From here on a stop of the console must not part what was sent from what
	// is written about it.
	ctx = context.WithoutCancel(ctx)
	if p.State == sending {
		verdict := o.options.Transport.Send(ctx, p.Message, p.image)
		err := o.change(ctx, e.Tenant, func(tx *tenants.Tx) error {
			p.Message = conclude(p.Message, verdict, tx.Now)
			return updateMessage(ctx, tx, p.Message)
		})
		if err != nil {
			return "", err
		}
		o.options.Log.Info("message "+p.State, "tenant", e.Tenant, "message", e.ID, "template", p.Template, "attempt", p.Attempts)
	}
	return p.State, o.settleIndex(ctx, func(tx *tenants.Tx) error { return mirrorEntry(ctx, tx, e, p.Message) })
}

func (o *Outbox) settleIndex(ctx context.Context, fn func(*tenants.Tx) error) error {
	return o.options.Store.UpdateControl(ctx, fn)
}

// parcel is a message with its image.
type parcel struct {
	core.Message
	image Inline
}

// claim takes a due message for sending. One that is being sent already was
// cut off by the end of its process. Returns not_found when the transaction
// that queued it was rolled back.
func (o *Outbox) claim(ctx context.Context, tx *tenants.Tx, id string) (parcel, error) {
	m, key, err := findMessage(ctx, tx, id)
	if err != nil {
		return parcel{}, err
	}
	p := parcel{Message: m}
	switch {
	case m.State == sending:
		p.State, p.Error, p.NextAt = unknown, cutOff, nil
	case m.State != queued || m.NextAt.After(tx.Now):
		return p, nil
	case o.options.Transport == nil:
		p.State, p.Error, p.NextAt = held, heldReason, nil
	default:
		p.State, p.Attempts = sending, p.Attempts+1
		if p.image, err = findImage(ctx, tx, key); err != nil {
			return parcel{}, err
		}
	}
	return p, updateMessage(ctx, tx, p.Message)
}

// conclude returns the message as the mail server's verdict leaves it.
func conclude(m core.Message, verdict error, now time.Time) core.Message {
	m.NextAt, m.Error = nil, ""
	if verdict == nil {
		m.State, m.SentAt = sent, &now
		return m
	}
	m.Error = verdict.Error()
	switch outcomeOf(verdict) {
	case Temporary:
		if m.Attempts >= maxAttempts {
			m.State = failed
			m.Error = fmt.Sprintf("Given up after %d attempts: %s", m.Attempts, m.Error)
			break
		}
		next := now.Add(backOff(m.Attempts))
		m.State, m.NextAt = queued, &next
	case Permanent:
		m.State = failed
	default:
		m.State = unknown
	}
	return m
}

// backOff is the wait after the given number of attempts: a minute, doubled
// with each, at most six hours.
func backOff(attempts int) time.Duration {
	wait := firstDelay
	for range attempts - 1 {
		if wait *= 2; wait >= longestWait {
			return longestWait
		}
	}
	return wait
}

// tally says "3 sent, 1 failed", in the order of the alphabet.
func tally(ended map[string]int) string {
	var parts []string
	for state, n := range ended {
		parts = append(parts, fmt.Sprintf("%d %s", n, state))
	}
	slices.SortFunc(parts, func(a, b string) int {
		return strings.Compare(strings.TrimLeft(a, "0123456789"), strings.TrimLeft(b, "0123456789"))
	})
	return strings.Join(parts, ", ")
}
