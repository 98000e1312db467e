package host

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing/fstest"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
	"golang.org/x/sync/errgroup"
)

// migrators is how many tenants are migrated at a time.
const migrators = 4

// errOff is in the error of a call for a tenant that the plugin is off for.
var errOff = errors.New("the plugin is switched off for the tenant")

// offHere is that error.
type offHere struct{ resting }

func (offHere) Is(target error) bool { return target == errOff }

// admit checks that a plugin may work for a tenant, and prepares its tables
// when the tenant came after the plugin's start.
func (h *Host) admit(ctx context.Context, p *plugin, i *instance, tenant core.TenantID) error {
	state, err := h.Keep.TenantState(ctx, tenant, p.id)
	if err != nil {
		return err
	}
	if state.Off {
		return offHere{resting{core.Errorf(core.NotFound, "%s is switched off for this developer.", i.manifest.Name)}}
	}
	prepared, known := i.prepared.Load(tenant)
	if !known {
		prepared = h.migrate(ctx, p, i, tenant)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	if why := prepared.(string); why != "" {
		return restingf(core.Unavailable, "%s could not prepare its tables for this developer: %s", i.manifest.Name, why)
	}
	return nil
}

// migrate brings the plugin's tables of one tenant up to date and notes how
// that went. It returns why it failed.
func (h *Host) migrate(ctx context.Context, p *plugin, i *instance, tenant core.TenantID) (why string) {
	version, err := h.Store.MigrateGuest(ctx, tenant, schemaOf(p.id, i.manifest.Schema))
	if ctx.Err() != nil {
		return ctx.Err().Error() // nothing is known
	}
	if err != nil {
		why = sentence(err)
		h.Log.Error("migrate plugin's tables", "plugin", p.id, "tenant", tenant, "error", err)
	}
	if err := h.Keep.Migrated(ctx, tenant, p.id, version, why); err != nil {
		h.Log.Error("note migration", "plugin", p.id, "tenant", tenant, "error", err)
	}
	i.prepared.Store(tenant, why)
	return why
}

// migrateAll prepares the platform's tables and those of every tenant. One
// tenant that fails stops nothing: the plugin is off for it alone.
func (h *Host) migrateAll(ctx context.Context, p *plugin, i *instance) error {
	if len(i.manifest.Platform) > 0 {
		if _, err := h.Store.MigrateGuest(ctx, "", schemaOf(p.id, i.manifest.Platform)); err != nil {
			return fmt.Errorf("prepare the platform's tables: %w", err)
		}
	}
	newest := newestOf(i.manifest.Schema)
	versions, err := h.versions(ctx, p.id)
	if err != nil {
		return err
	}
	group, bound := errgroup.WithContext(ctx)
	group.SetLimit(migrators)
	for _, status := range []core.TenantStatus{core.TenantActive, core.TenantSuspended} {
		query := core.Query{Status: string(status), Limit: core.MaxLimit}
		for {
			page, err := h.Store.List(bound, query)
			if err != nil {
				return errors.Join(err, group.Wait())
			}
			for _, t := range page.Items {
				if newest == 0 || versions[t.ID] == newest {
					i.prepared.Store(t.ID, "")
					continue
				}
				group.Go(func() error {
					h.migrate(bound, p, i, t.ID)
					return bound.Err()
				})
			}
			if query.After = page.Next; page.Next == "" {
				break
			}
		}
	}
	return group.Wait()
}

// newestOf is the version that migrations lead to; their names begin with it.
func newestOf(migrations []sdk.Migration) (newest int64) {
	for _, m := range migrations {
		number, _, _ := strings.Cut(m.Name, "_")
		if n, err := strconv.ParseInt(number, 10, 64); err == nil {
			newest = max(newest, n)
		}
	}
	return newest
}

func schemaOf(id string, migrations []sdk.Migration) tenants.GuestSchema {
	return tenants.GuestSchema{Guest: id, Migrations: filesOf(migrations)}
}

// filesOf are migrations as files, nil without any.
func filesOf(migrations []sdk.Migration) fs.FS {
	if len(migrations) == 0 {
		return nil
	}
	files := fstest.MapFS{}
	for _, m := range migrations {
		files[m.Name] = &fstest.MapFile{Data: []byte(m.SQL), Mode: 0o400}
	}
	return files
}

// Switch turns a plugin off or on for one tenant. Its events for the tenant
// wait meanwhile. Returns not_found for a plugin or tenant that isn't there.
func (h *Host) Switch(ctx context.Context, id string, tenant core.TenantID, off bool, reason string) error {
	p, err := h.find(id)
	if err != nil {
		return err
	}
	if off && strings.TrimSpace(reason) == "" {
		return needsReason
	}
	if err := h.Keep.Switch(ctx, tenant, id, off, reason); err != nil {
		return err
	}
	if !off {
		h.Bus.Wake(p.id)
	}
	return nil
}

var needsReason = &core.Error{Code: core.Invalid, Message: "Say why.", Fields: []core.FieldError{{Field: "reason", Reason: "is missing"}}}
