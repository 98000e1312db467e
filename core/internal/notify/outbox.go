// Package notify sends e-mail: it keeps the outbox, writes the letters, and
// hands them to a mail server, each at most once by itself.
//
// # Where a message lives
//
// The row in table messages is the truth: body, recipient and state. It lies
// in the tenant's file, or in the control database when it is the platform's
// own. The control database also holds message_index, a projection without
// personal data, which says where to look. Two files can't be committed
// together, so the order is fixed:
//
//   - What makes work appear (Queue, Retry, Release) commits the index row as
//     queued first, inside the transaction on the tenant's file. A crash or a
//     roll-back leaves an index row that points to nothing new; no message is
//     ever without one.
//   - What ends work commits the message first and the index row after it,
//     and only if the row's version is still the one that Deliver read. A
//     crash in between leaves a queued index row for a message that is done.
//
// So a queued index row means "look": Deliver reads the message in a write
// transaction, which waits for the one that queued it. What it then doesn't
// find was rolled back, for good, and the index row is dropped. Locks are taken
// in the order tenant, control; nobody may open a tenant's file for writing
// inside a transaction on the control database.
//
// # States
//
// A message goes queued, sending, sent. Sending is committed before the first
// byte to the mail server, and one process delivers, one message at a time, so
// a message that Deliver finds in it was cut off: it becomes unknown, as it
// does when the connection breaks after the content was sent. An unknown
// message may have arrived and is never sent again by itself. A temporary
// refusal queues the message again, after a minute that doubles up to six hours
// and up to twelve times; a permanent one fails it. Without a mail server it is
// held and can be read; a person releases it, since a mail from weeks ago
// must not go out by surprise once a server is configured.
package notify

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Recorder writes audit records in the transaction of the change.
type Recorder interface {
	Record(ctx context.Context, tx *tenants.Tx, e core.Entry) error
}

// Options say what an Outbox stands on.
type Options struct {
	Store     *tenants.Store
	Recorder  Recorder
	Transport Transport // nil: no mail server is configured, messages are held
	From      string    // address of the sender, with or without a name
	Log       *slog.Logger
}

// Outbox holds messages and delivers them.
type Outbox struct {
	options Options
	from    mail.Address
	turn    chan struct{} // holds the right to deliver
	wake    chan struct{}
}

// New returns an Outbox. Returns invalid when From is not an address.
func New(options Options) (*Outbox, error) {
	from, err := mail.ParseAddress(options.From)
	if err != nil {
		return nil, core.Errorf(core.Invalid, "The sender %q is not an e-mail address.", options.From)
	}
	return &Outbox{options: options, from: *from, turn: make(chan struct{}, 1), wake: make(chan struct{}, 1)}, nil
}

// Run delivers soon after something was queued, until ctx ends. What is due
// later, or was queued by another process, is the minute job's (Deliver).
func (o *Outbox) Run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		}
		if _, err := o.Deliver(ctx); err != nil && ctx.Err() == nil {
			o.options.Log.Error("deliver messages", "error", err)
		}
	}
}

// kick asks Run for a delivery and doesn't wait for it.
func (o *Outbox) kick() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// change runs a transaction on the file that holds the owner's messages: the
// tenant's, or the control database for the platform.
func (o *Outbox) change(ctx context.Context, owner core.TenantID, fn func(*tenants.Tx) error) error {
	if owner == "" {
		return o.options.Store.UpdateControl(ctx, fn)
	}
	return o.options.Store.Update(ctx, owner, fn)
}

// announce commits that a message needs a look, before the transaction that
// makes it so.
func (o *Outbox) announce(ctx context.Context, tx *tenants.Tx, m core.Message) error {
	write := func(control *tenants.Tx) error { return announceIndex(ctx, control, m) }
	var err error
	if tx.Tenant == "" {
		err = write(tx)
	} else {
		err = o.options.Store.UpdateControl(ctx, write)
	}
	if err != nil {
		return fmt.Errorf("announce message %s: %w", m.ID, err)
	}
	return nil
}
