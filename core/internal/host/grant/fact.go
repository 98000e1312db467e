package grant

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
)

// maxEvent is how much an event may tell, in bytes of JSON.
const maxEvent = 64 << 10

// eventName is what follows a plugin's id in the name of its events.
var eventName = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$`)

// Emit implements wire.HostServer. The event gets its id and its moment from
// the outbox.
func (c *counter) Emit(ctx context.Context, r *wire.EmitRequest) (*wire.EmitReply, error) {
	return answer(ctx, c, "Emit", func(ctx context.Context, p *pass) (*wire.EmitReply, error) {
		var e core.Event
		if err := json.Unmarshal(r.Event, &e); err != nil {
			return nil, core.Errorf(core.Invalid, "The event can't be read: it isn't JSON.")
		}
		name, own := strings.CutPrefix(e.Name, p.Rights.Plugin+".")
		switch {
		case p.Tenant == "":
			return nil, core.Errorf(core.Invalid, "An event belongs to a tenant, and this call to none.")
		case !own || !eventName.MatchString(name):
			return nil, core.Errorf(core.Invalid, "The event %q has to be called %s.noun.past.", e.Name, p.Rights.Plugin)
		case len(e.Data) > maxEvent:
			return nil, core.Errorf(core.Invalid, "The event %s tells more than %d KiB.", e.Name, maxEvent>>10)
		}
		e = core.Event{Name: e.Name, Subject: e.Subject, Data: e.Data}
		return &wire.EmitReply{}, p.trusted(ctx, r.Transaction, func(tx *tenants.Tx) error {
			return c.desk.options.Emitter.Emit(ctx, tx, e)
		})
	})
}

// Audit implements wire.HostServer. The action is given without the plugin's
// id; the record has it with the id, and the grant's actor.
func (c *counter) Audit(ctx context.Context, r *wire.AuditRequest) (*wire.AuditReply, error) {
	return answer(ctx, c, "Audit", func(ctx context.Context, p *pass) (*wire.AuditReply, error) {
		var e core.Entry
		if err := json.Unmarshal(r.Entry, &e); err != nil {
			return nil, core.Errorf(core.Invalid, "The record can't be read: it isn't JSON.")
		}
		verb := strings.TrimPrefix(e.Action, p.Rights.Plugin+".")
		if _, listed := p.Rights.Records[verb]; !listed {
			return nil, core.Errorf(core.Invalid, "The plugin %s has not declared that it records %q.", p.Rights.Plugin, e.Action)
		}
		e.Action = p.Rights.Plugin + "." + verb
		return &wire.AuditReply{}, p.trusted(ctx, r.Transaction, func(tx *tenants.Tx) error {
			return c.desk.options.Recorder.Record(ctx, tx, e)
		})
	})
}

// ReadSettings implements wire.HostServer.
func (c *counter) ReadSettings(ctx context.Context, r *wire.SettingsRequest) (*wire.SettingsReply, error) {
	return answer(ctx, c, "ReadSettings", func(ctx context.Context, p *pass) (*wire.SettingsReply, error) {
		tenant := p.Tenant
		if r.Platform {
			tenant = ""
		}
		values, _, err := c.desk.options.Keep.Settings(ctx, tenant, p.Rights.Plugin)
		return &wire.SettingsReply{Settings: values}, err
	})
}

// ReadKey implements wire.HostServer. It sees what is stored, not what an open
// transaction is about to.
func (c *counter) ReadKey(ctx context.Context, r *wire.KeyRequest) (*wire.KeyReply, error) {
	return answer(ctx, c, "ReadKey", func(ctx context.Context, p *pass) (*wire.KeyReply, error) {
		reply := &wire.KeyReply{}
		err := p.look(ctx, func(tx *tenants.Tx) (err error) {
			reply.Value, reply.Found, err = c.desk.options.Keep.Value(ctx, tx, p.Rights.Plugin, r.Key)
			return err
		})
		return reply, err
	})
}

// WriteKey implements wire.HostServer.
func (c *counter) WriteKey(ctx context.Context, r *wire.WriteKeyRequest) (*wire.WriteKeyReply, error) {
	return answer(ctx, c, "WriteKey", func(ctx context.Context, p *pass) (*wire.WriteKeyReply, error) {
		return &wire.WriteKeyReply{}, p.trusted(ctx, r.Transaction, func(tx *tenants.Tx) error {
			if r.Delete {
				return c.desk.options.Keep.DeleteValue(ctx, tx, p.Rights.Plugin, r.Key)
			}
			return c.desk.options.Keep.PutValue(ctx, tx, p.Rights.Plugin, r.Key, r.Value)
		})
	})
}

// ListKeys implements wire.HostServer.
func (c *counter) ListKeys(ctx context.Context, r *wire.ListKeysRequest) (*wire.ListKeysReply, error) {
	return answer(ctx, c, "ListKeys", func(ctx context.Context, p *pass) (*wire.ListKeysReply, error) {
		reply := &wire.ListKeysReply{}
		err := p.look(ctx, func(tx *tenants.Tx) (err error) {
			reply.Keys, err = c.desk.options.Keep.Keys(ctx, tx, p.Rights.Plugin, r.Prefix)
			return err
		})
		return reply, err
	})
}

// Limits of what is noted of an outside call, in bytes.
const (
	maxHost = 255
	maxPath = 1 << 10
)

// NoteCall implements wire.HostServer.
func (c *counter) NoteCall(ctx context.Context, r *wire.OutsideCall) (*wire.NoteCallReply, error) {
	return answer(ctx, c, "NoteCall", func(_ context.Context, p *pass) (*wire.NoteCallReply, error) {
		r.Path, _, _ = strings.Cut(r.Path, "?")
		r.Method, r.Host, r.Path, r.Error = cut(r.Method, 16), cut(r.Host, maxHost), cut(r.Path, maxPath), cut(r.Error, maxPath)
		if c.desk.options.Note != nil {
			c.desk.options.Note(p.Rights.Plugin, p.Tenant, r)
		}
		return &wire.NoteCallReply{}, nil
	})
}

// cut shortens a text to at most n bytes of valid UTF-8.
func cut(s string, n int) string { return strings.ToValidUTF8(s[:min(len(s), n)], "") }
