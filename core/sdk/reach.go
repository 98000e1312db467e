package sdk

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// Emit writes an event to the tenant's outbox, in the transaction of the
// change that it tells of; with a nil tx in one of its own. The name begins with the
// plugin's id: example.note.overdue. Data is written as JSON, at most 64 KiB.
func (c Call) Emit(ctx context.Context, tx *sql.Tx, name string, subject core.Target, data any) error {
	if c.session != nil && !strings.HasPrefix(name, c.session.server.plugin.ID+".") {
		return core.Errorf(core.Invalid, "The event %q doesn't begin with the plugin's id.", name)
	}
	body, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("write the event %s: %w", name, err)
	}
	event, err := json.Marshal(core.Event{Name: name, Subject: subject, Data: body})
	if err != nil {
		return fmt.Errorf("write the event %s: %w", name, err)
	}
	return c.session.within(ctx, tx, func(ctx context.Context, transaction string) error {
		_, err := c.session.host.Emit(ctx, &wire.EmitRequest{Transaction: transaction, Event: event})
		return err
	})
}

// Audit adds a record to the audit log, in the transaction of the change that
// it tells of; with a nil tx in one of its own. The action is the plugin's id and one of
// its Records: example.note.create.
func (c Call) Audit(ctx context.Context, tx *sql.Tx, entry core.Entry) error {
	body, err := json.Marshal(entry)
	if err != nil {
		return fmt.Errorf("write the record %s: %w", entry.Action, err)
	}
	return c.session.within(ctx, tx, func(ctx context.Context, transaction string) error {
		_, err := c.session.host.Audit(ctx, &wire.AuditRequest{Transaction: transaction, Entry: body})
		return err
	})
}

// within asks the host in the transaction, or in none.
func (s *session) within(ctx context.Context, tx *sql.Tx, ask func(ctx context.Context, transaction string) error) error {
	if tx != nil {
		_, err := tx.ExecContext(ctx, "", &aside{session: s, do: func(ctx context.Context, c *conn) error { return ask(ctx, c.transaction) }})
		return err
	}
	return s.ask(ctx, func(ctx context.Context) error { return ask(ctx, "") })
}

// ask asks the host; its errors are core's.
func (s *session) ask(ctx context.Context, ask func(context.Context) error) error {
	ctx, done, err := s.reach(ctx)
	if err != nil {
		return err
	}
	defer done()
	return wire.FromStatus(ask(ctx))
}

// KV are small values under keys of the plugin's own, beside its tables: a
// cursor, a token. A key has at most 200 bytes, a value 64 KiB.
type KV struct{ session *session }

// KV is the call's store of small values.
func (c Call) KV() KV { return KV{c.session} }

// Get returns the value of a key; found is false without one.
func (k KV) Get(ctx context.Context, key string) (value []byte, found bool, err error) {
	err = k.session.ask(ctx, func(ctx context.Context) error {
		reply, err := k.session.host.ReadKey(ctx, &wire.KeyRequest{Key: key})
		value, found = reply.GetValue(), reply.GetFound()
		return err
	})
	return value, found, err
}

// Put writes the value of a key.
func (k KV) Put(ctx context.Context, key string, value []byte) error {
	return k.PutTx(ctx, nil, key, value)
}

// PutTx writes the value of a key in a transaction of the call.
func (k KV) PutTx(ctx context.Context, tx *sql.Tx, key string, value []byte) error {
	return k.write(ctx, tx, &wire.WriteKeyRequest{Key: key, Value: value})
}

// Delete removes a key, if it is there.
func (k KV) Delete(ctx context.Context, key string) error { return k.DeleteTx(ctx, nil, key) }

// DeleteTx removes a key, if it is there, in a transaction of the call.
func (k KV) DeleteTx(ctx context.Context, tx *sql.Tx, key string) error {
	return k.write(ctx, tx, &wire.WriteKeyRequest{Key: key, Delete: true})
}

func (k KV) write(ctx context.Context, tx *sql.Tx, in *wire.WriteKeyRequest) error {
	return k.session.within(ctx, tx, func(ctx context.Context, transaction string) error {
		in.Transaction = transaction
		_, err := k.session.host.WriteKey(ctx, in)
		return err
	})
}

// List returns the keys that begin with the prefix, in order.
func (k KV) List(ctx context.Context, prefix string) (keys []string, err error) {
	err = k.session.ask(ctx, func(ctx context.Context) error {
		reply, err := k.session.host.ListKeys(ctx, &wire.ListKeysRequest{Prefix: prefix})
		keys = reply.GetKeys()
		return err
	})
	return keys, err
}
