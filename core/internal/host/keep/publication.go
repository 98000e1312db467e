package keep

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Limits of what a plugin publishes: bytes of a value, how many keys there may
// be for one tenant or for all, and how much is read at a time.
const (
	MaxPublication  = 1 << 20
	MaxPublications = 10_000
	pagePublished   = 64
	bytesPublished  = 8 << 20
)

// Publication is what a plugin's calls of the platform have left for its calls
// of tenants.
type Publication struct {
	Key      string
	Own      bool   // for the tenant alone
	Value    []byte // nil: withdrawn
	Revision int64
}

// Publish leaves a value for one tenant, or for all with an empty one, in a
// transaction of the control database; nil withdraws it. The same value again
// changes nothing. Returns not_found for a tenant that doesn't exist or is
// deleted, invalid for a key or a value that is too long and for one key too many.
func (k *Keep) Publish(ctx context.Context, tx *tenants.Tx, plugin string, tenant core.TenantID, key string, value []byte) error {
	switch {
	case key == "" || !utf8.ValidString(key) || strings.ContainsRune(key, 0):
		return core.Errorf(core.Invalid, "A key has to be a text.")
	case len(key) > MaxKey:
		return core.Errorf(core.Invalid, "The key has %d bytes; %d are allowed.", len(key), MaxKey)
	case len(value) > MaxPublication:
		return core.Errorf(core.Invalid, "The value of %s has %d bytes; %d are allowed.", key, len(value), MaxPublication)
	}
	if err := writePublication(ctx, tx, plugin, tenant, key, value); err != nil {
		return fmt.Errorf("publish %s: %w", key, err)
	}
	return nil
}

// Published lists what was published for all tenants and for one of them after
// a revision, oldest first: at most 64 values or 8 MiB.
func (k *Keep) Published(ctx context.Context, plugin string, tenant core.TenantID, after int64) (list []Publication, more bool, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) error {
		revisions, err := listRevisions(ctx, tx, plugin, tenant, after)
		if err != nil {
			return err
		}
		size := 0
		for _, revision := range revisions {
			p, err := readPublication(ctx, tx, plugin, revision)
			if err != nil {
				return err
			}
			if size += len(p.Value); len(list) == pagePublished || size > bytesPublished {
				more = true
				return nil
			}
			list = append(list, p)
		}
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("read publications: %w", err)
	}
	return list, more, nil
}

// Sight is what a tenant sees of a plugin, beside its own file.
type Sight struct {
	Revision int64 // of the last publication for it or for all; 0: none
	Settings int64 // version of the platform's settings of the plugin; 0: none
	Off      bool  // the plugin is switched off for it
}

// Sights returns what every tenant sees of a plugin.
func (k *Keep) Sights(ctx context.Context, plugin string) (sights map[core.TenantID]Sight, err error) {
	err = k.options.Store.ViewControl(ctx, func(tx *tenants.Tx) (err error) {
		sights, err = readSights(ctx, tx, plugin)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what tenants see of %s: %w", plugin, err)
	}
	return sights, nil
}
