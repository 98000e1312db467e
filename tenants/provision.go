package tenants

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/openhouse-ai/console/core"
)

// Create makes a tenant: its row in the registry, then its file, copied from
// the template. It can be repeated after a crash and then completes what is
// missing. The functions also run once, in the control transaction that adds
// the row. Status is provisioning, unless t asks for another. Returns invalid
// with every wrong field, and conflict when the code is taken or the id is in
// use for something else.
func (s *Store) Create(ctx context.Context, t core.Tenant, also ...func(*Tx) error) error {
	if err := checkTenant(t); err != nil {
		return err
	}
	root, err := s.root(t.Region)
	if err != nil {
		return err
	}
	if err := s.register(ctx, t, also); err != nil {
		return fmt.Errorf("create tenant %s: %w", t.ID, err)
	}
	if err := s.copyTemplate(root, t.ID); err != nil {
		return fmt.Errorf("create tenant %s: %w", t.ID, err)
	}
	status := cmp.Or(t.Status, core.TenantProvisioning)
	err = s.UpdateControl(ctx, func(tx *Tx) error { return finishTenant(ctx, tx, t.ID, s.schema, status) })
	if err != nil {
		return fmt.Errorf("create tenant %s: %w", t.ID, err)
	}
	return nil
}

// register adds the row of a new tenant, or accepts the one that an earlier
// attempt has added.
func (s *Store) register(ctx context.Context, t core.Tenant, also []func(*Tx) error) error {
	return s.UpdateControl(ctx, func(tx *Tx) error {
		buried, err := hasTombstone(ctx, tx, s.tombstone(t.ID))
		if err != nil {
			return err
		}
		old, err := findTenant(ctx, tx, t.ID)
		switch {
		case buried, err == nil && old.Status == core.TenantDeleted:
			return core.Errorf(core.Conflict, "A tenant with this id was deleted. Its id is not used again.")
		case err == nil && (old.Code != t.Code || old.Region != t.Region):
			return core.Errorf(core.Conflict, "This id belongs to another tenant.")
		case err == nil:
			return nil
		case !errors.Is(err, errNoTenant):
			return err
		}
		if err := insertTenant(ctx, tx, t); err != nil {
			return err
		}
		return runAll(tx, also)
	})
}

// copyTemplate makes the file of a tenant; one that is there stays untouched.
func (s *Store) copyTemplate(root *os.Root, id core.TenantID) error {
	if _, err := root.Stat(tenantPath(id)); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	template, err := s.dir.Open(s.template)
	if err != nil {
		return err
	}
	defer template.Close()
	err = copyInto(root, tenantPath(id), template)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	return err
}

// Remove deletes a tenant for good: its file with all that SQLite keeps beside
// it, and its name in the registry. What remains is a tombstone with the id of
// the deletion's certificate; the id can't be opened, created or restored any
// more. It can be repeated after a crash. The functions also run once, in the
// control transaction that buries the row.
func (s *Store) Remove(ctx context.Context, id core.TenantID, certificate string, also ...func(*Tx) error) error {
	var t core.Tenant
	err := s.UpdateControl(ctx, func(tx *Tx) (err error) {
		if t, err = findTenant(ctx, tx, id); err != nil || t.Status == core.TenantDeleted {
			return err
		}
		if err := buryTenant(ctx, tx, id, s.tombstone(id), certificate); err != nil {
			return err
		}
		tx.OnCommit(func() { s.files.setStatus(id, core.TenantDeleted) })
		return runAll(tx, also)
	})
	if err != nil {
		return fmt.Errorf("remove tenant %s: %w", id, err)
	}
	root, err := s.root(t.Region)
	if err != nil {
		return err
	}
	err = s.files.alone(ctx, id, func() error { return removeFile(root, tenantPath(id)) })
	if err != nil {
		return fmt.Errorf("remove tenant %s: %w", id, explain(err))
	}
	return nil
}
