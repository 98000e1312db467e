// Package fresh gives tests a folder for storage whose control database and
// template are migrated already. Under the race detector the migrations take
// half a second of work, and hundreds of tests open storage of their own.
package fresh

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/openhouse-ai/console/tenants"
)

// Dir returns a new folder, removed after the test, that storage finds as it
// left it after its first opening: migrated, with no tenant in it.
func Dir(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	if err := Fill(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Fill makes an existing folder, empty until now, such a one.
func Fill(dir string) error {
	files, err := opened()
	for name, content := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	return err
}

// opened is what an opening leaves in an empty folder, by the file's name.
var opened = sync.OnceValues(func() (_ map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "fresh")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	store, err := tenants.Open(context.Background(), tenants.Options{Dir: dir, Now: func() time.Time { return time.Time{} }})
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.db"))
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{}
	for _, name := range names {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return files, nil
})
