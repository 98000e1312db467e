package grant

import (
	"context"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
)

var errNotPlatform = core.Errorf(core.Forbidden, "A call of a tenant can't publish: what tenants share comes from calls of the platform.")

// Publish implements wire.HostServer. The tenant that it names receives; what
// is read and who publishes stays the grant's to say.
func (c *counter) Publish(ctx context.Context, r *wire.PublishRequest) (*wire.PublishReply, error) {
	return answer(ctx, c, "Publish", func(ctx context.Context, p *pass) (*wire.PublishReply, error) {
		if p.Tenant != "" {
			return nil, errNotPlatform
		}
		value := r.Value
		switch {
		case r.Withdraw:
			value = nil
		case value == nil:
			value = []byte{} // nothing is a value too
		}
		return &wire.PublishReply{}, p.trusted(ctx, r.Transaction, func(tx *tenants.Tx) error {
			return c.desk.options.Keep.Publish(ctx, tx, p.Rights.Plugin, core.TenantID(r.Tenant), r.Key, value)
		})
	})
}

// Published implements wire.HostServer. It sees what is stored, not what an
// open transaction is about to.
func (c *counter) Published(ctx context.Context, r *wire.PublishedRequest) (*wire.PublishedReply, error) {
	return answer(ctx, c, "Published", func(ctx context.Context, p *pass) (*wire.PublishedReply, error) {
		list, more, err := c.desk.options.Keep.Published(ctx, p.Rights.Plugin, p.Tenant, r.After)
		reply := &wire.PublishedReply{More: more}
		for _, one := range list {
			reply.List = append(reply.List, &wire.Publication{
				Key: one.Key, Own: one.Own, Value: one.Value, Withdrawn: one.Value == nil, Revision: one.Revision,
			})
		}
		return reply, err
	})
}
