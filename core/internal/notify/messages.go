package notify

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// List returns a page of the outbox, newest first, from the index alone: ID,
// Tenant, Template, State, Attempts, NextAt and At are set. It filters by
// Tenant, Status and Kind (the template). A message that is being sent shows
// as queued.
func (o *Outbox) List(ctx context.Context, q core.Query) (core.List[core.Message], error) {
	var list core.List[core.Message]
	err := o.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		list, err = listEntries(ctx, tx, q)
		return err
	})
	if err != nil {
		return list, fmt.Errorf("list messages: %w", err)
	}
	return list, nil
}

// private letters hold a one-time link.
var private = []string{UserInvitation{}.template(), PasswordReset{}.template()}

// Find returns a whole message, with its image inside the HTML, so that it can
// be shown. A letter that lets its bearer in is not: who may read the outbox
// could become its receiver. Reading somebody's mail is audited as
// message.read. Returns not_found when the tenant, or the platform for "", has
// no such message.
func (o *Outbox) Find(ctx context.Context, tenant core.TenantID, id string) (core.Message, error) {
	var m core.Message
	err := o.change(ctx, tenant, func(tx *tenants.Tx) error {
		found, key, err := findMessage(ctx, tx, id)
		if err != nil {
			return err
		}
		image, err := findImage(ctx, tx, key)
		if err != nil {
			return err
		}
		m = found
		if slices.Contains(private, m.Template) {
			m.HTML, m.Text = "", "This letter holds a link that lets its bearer in. It is shown to its receiver alone."
		} else if len(image.Bytes) > 0 {
			data := "data:" + image.Type + ";base64," + base64.StdEncoding.EncodeToString(image.Bytes)
			m.HTML = strings.ReplaceAll(m.HTML, "cid:"+image.Name, data)
		}
		return o.options.Recorder.Record(ctx, tx, core.Entry{Action: "message.read", Target: target(id)})
	})
	return m, err
}

// Retry queues a failed or unknown message again, with its attempts counted
// from none. It is audited as message.retry. Returns conflict in other states.
func (o *Outbox) Retry(ctx context.Context, tenant core.TenantID, id string) error {
	return o.requeue(ctx, tenant, id, "message.retry", func(m core.Message) error {
		return wantState(m, failed, unknown)
	})
}

// Release queues a message that was held for want of a mail server. It is
// audited as message.release. Returns not_found for an unknown message, conflict
// in other states, and as long as there is no mail server.
func (o *Outbox) Release(ctx context.Context, tenant core.TenantID, id string) error {
	return o.requeue(ctx, tenant, id, "message.release", func(m core.Message) error {
		if o.options.Transport == nil {
			return core.Errorf(core.Conflict, heldReason)
		}
		return wantState(m, held)
	})
}

// wantState returns conflict for a message in none of the states.
func wantState(m core.Message, states ...string) error {
	if !slices.Contains(states, m.State) {
		return core.Errorf(core.Conflict, "The message is %s.", m.State)
	}
	return nil
}

// requeue queues a message again unless may, which sees it as it is, refuses.
func (o *Outbox) requeue(ctx context.Context, tenant core.TenantID, id, action string, may func(core.Message) error) error {
	return o.change(ctx, tenant, func(tx *tenants.Tx) error {
		m, _, err := findMessage(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := may(m); err != nil {
			return err
		}
		before := m.State
		m.State, m.Attempts, m.Error, m.NextAt = queued, 0, "", &tx.Now
		if err := o.announce(ctx, tx, m); err != nil {
			return err
		}
		if err := updateMessage(ctx, tx, m); err != nil {
			return fmt.Errorf("requeue message %s: %w", id, err)
		}
		tx.OnCommit(o.kick)
		return o.options.Recorder.Record(ctx, tx, core.Entry{
			Action: action, Target: target(id),
			Changes: []core.Change{{Field: "state", Before: before, After: queued}},
		})
	})
}

func target(id string) core.Target { return core.Target{Kind: "message", ID: id} }
