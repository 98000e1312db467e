package tenants

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"github.com/openhouse-ai/console/core"
)

// Region is a place where tenants' files may lie.
type Region struct {
	Name  string // eu-west
	Label string // Ireland
	Root  string // folder; empty: DIR/regions/NAME
}

// Folders under a region's root. Whatever belongs to a tenant lies in one of
// them and nowhere else.
const (
	tenantsFolder   = "tenants"
	stagingFolder   = "staging"
	temporaryFolder = "temporary"
)

var regionName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,30}$`)

// openRoots makes the folders of every region and opens its root.
func openRoots(dir string, regions []Region) (map[string]*os.Root, error) {
	roots := map[string]*os.Root{}
	for _, region := range regions {
		if !regionName.MatchString(region.Name) || roots[region.Name] != nil {
			return roots, core.Errorf(core.Invalid, "Region %q needs a name of its own in small letters, digits and hyphens.", region.Name)
		}
		path := region.Root
		if path == "" {
			path = filepath.Join(dir, "regions", region.Name)
		}
		if err := os.MkdirAll(path, 0o700); err != nil {
			return roots, fmt.Errorf("open region %s: %w", region.Name, err)
		}
		root, err := os.OpenRoot(path)
		if err != nil {
			return roots, fmt.Errorf("open region %s: %w", region.Name, err)
		}
		roots[region.Name] = root
		for _, folder := range []string{tenantsFolder, stagingFolder, temporaryFolder} {
			if err := root.MkdirAll(folder, 0o700); err != nil {
				return roots, fmt.Errorf("open region %s: %w", region.Name, err)
			}
		}
	}
	return roots, nil
}

// Regions returns the regions of the configuration, in its order.
func (s *Store) Regions() []Region { return append([]Region(nil), s.options.Regions...) }

// root returns the root folder of a region. Returns invalid for a region that
// is not configured.
func (s *Store) root(region string) (*os.Root, error) {
	if root := s.roots[region]; root != nil {
		return root, nil
	}
	return nil, core.Errorf(core.Invalid, "There is no region %q in the configuration.", region)
}

// tenantPath is the file of a tenant, inside its region's root. The id has
// been checked, by core.ParseTenantID or by the registry.
func tenantPath(id core.TenantID) string {
	return filepath.Join(tenantsFolder, string(id)+".db")
}

// copyInto copies source to name inside root, so that after a crash either the
// whole file is there or none. Returns fs.ErrExist when name is there already:
// a file with a tenant's data is never written over.
func copyInto(root *os.Root, name string, source io.Reader) error {
	temporary := filepath.Join(temporaryFolder, core.NewSecret(10))
	file, err := root.OpenFile(temporary, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return explain(err)
	}
	defer root.Remove(temporary)
	_, err = io.Copy(file, source)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return explain(err)
	}
	if err := root.Link(temporary, name); err != nil {
		return explain(err)
	}
	return syncFolder(root, filepath.Dir(name))
}

// syncFolder makes new and removed names in a folder survive a power loss.
func syncFolder(root *os.Root, folder string) error {
	f, err := root.Open(folder)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// sweepTemporary removes the temporary files that were last written before
// olderThan: nobody finishes them any more.
func sweepTemporary(root *os.Root, olderThan time.Time) error {
	entries, err := fs.ReadDir(root.FS(), temporaryFolder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err == nil && info.ModTime().Before(olderThan) {
			err = root.Remove(filepath.Join(temporaryFolder, entry.Name()))
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
