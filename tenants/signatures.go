package tenants

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Signatures are those of every tenant that isn't deleted and has its file. What
// has moved them can be read from then on. It costs a few microseconds for each.
func (s *Store) Signatures(ctx context.Context) (map[core.TenantID]string, error) {
	regions, err := s.listRegions(ctx)
	if err != nil {
		return nil, fmt.Errorf("read signatures: %w", err)
	}
	all := map[core.TenantID]string{}
	for name, ids := range regions {
		root, err := s.root(name)
		if err != nil {
			continue // a region that is configured no more has no reachable files
		}
		if err := readSignatures(ctx, root, ids, all); err != nil {
			return nil, fmt.Errorf("read signatures: %w", err)
		}
	}
	s.files.await(slices.Collect(maps.Keys(all))...)
	return all, nil
}

// readSignatures adds those of a region's tenants. Few files have a log, so it
// asks the folder which.
func readSignatures(ctx context.Context, root *os.Root, ids []core.TenantID, all map[core.TenantID]string) error {
	folder, err := root.OpenRoot(tenantsFolder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer folder.Close()
	list, err := folder.Open(".")
	if err != nil {
		return err
	}
	defer list.Close()
	names, err := list.Readdirnames(-1)
	if err != nil {
		return err
	}
	logs := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "-wal") {
			logs[name] = true
		}
	}
	stat := func(name string) (fs.FileInfo, error) {
		if strings.HasSuffix(name, "-wal") && !logs[name] {
			return nil, fs.ErrNotExist
		}
		return folder.Stat(name)
	}
	for _, id := range ids {
		if err := ctx.Err(); err != nil {
			return err
		}
		current, err := signatureAt(stat, string(id)+".db")
		if errors.Is(err, fs.ErrNotExist) {
			continue // not made yet, or removed meanwhile
		}
		if err != nil {
			return err
		}
		all[id] = current
	}
	return nil
}
