package sdk

import (
	"context"
	"database/sql"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// Publication is a value that the plugin's calls of the platform have left for
// its calls of tenants.
type Publication struct {
	Key      string
	Own      bool   // for this tenant alone
	Value    []byte // nil: withdrawn
	Revision int64  // grows with each change
}

// Publish leaves a value for the plugin's calls of one tenant, or of all
// tenants when tenant is empty; it takes the place of the value under the same
// key, and nil withdraws that. The same value again changes nothing. It happens
// in the transaction tx of the call's database, or in one of its own when tx is
// nil. A key has at most 200 bytes, a value 1 MiB; there are at most 10,000
// keys for each tenant and for all.
//
// Calls of the platform alone may publish: in a call of a tenant it returns
// forbidden. Returns not_found for a tenant that doesn't exist.
func (c Call) Publish(ctx context.Context, tx *sql.Tx, tenant core.TenantID, key string, value []byte) error {
	return c.session.within(ctx, tx, func(ctx context.Context, transaction string) error {
		_, err := c.session.host.Publish(ctx, &wire.PublishRequest{
			Transaction: transaction, Tenant: string(tenant), Key: key, Value: value, Withdraw: value == nil,
		})
		return err
	})
}

// Published returns what was published for all tenants and for the call's own
// (in a call of the platform: for all) after a revision, oldest first; at most
// 64 values or 8 MiB at a time, and more says that there are more. The caller
// keeps the last Revision and asks again from there.
func (c Call) Published(ctx context.Context, after int64) (list []Publication, more bool, err error) {
	err = c.session.ask(ctx, func(ctx context.Context) error {
		reply, err := c.session.host.Published(ctx, &wire.PublishedRequest{After: after})
		if err != nil {
			return err
		}
		for _, p := range reply.GetList() {
			one := Publication{Key: p.GetKey(), Own: p.GetOwn(), Value: p.GetValue(), Revision: p.GetRevision()}
			switch {
			case p.GetWithdrawn():
				one.Value = nil
			case one.Value == nil:
				one.Value = []byte{}
			}
			list = append(list, one)
		}
		more = reply.GetMore()
		return nil
	})
	return list, more, err
}
