package process_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core/internal/host/process"
)

func TestKeep(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	path, store := filepath.Join(dir, "plugin"), filepath.Join(dir, "store")
	if err := os.WriteFile(path, []byte("#!/bin/true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	sum, err := process.Sum(path)
	if err != nil {
		t.Fatal(err)
	}
	wrong := strings.Repeat("0", 64)
	for _, c := range []struct{ path, sum, want string }{
		{path, wrong, "The checksum of " + path + " doesn't match: the file has " + sum + ", " + wrong + " was expected."},
		{path, "abc", "has to be a SHA-256"},
		{path + "s", sum, "can't be read"},
		{dir, sum, "is not a file"},
	} {
		if _, err := process.Keep(store, c.path, c.sum); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v", c.path, c.sum, err)
		}
	}
	if left, _ := os.ReadDir(store); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	kept, err := process.Keep(store, path, strings.ToUpper(sum))
	if err != nil || kept != filepath.Join(store, sum) {
		t.Fatal(kept, err)
	}
	if info, err := os.Stat(kept); err != nil || info.Mode() != 0o500 {
		t.Errorf("the copy is %v, %v", info.Mode(), err)
	}
	// The original may go; a copy that was changed isn't taken.
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if _, err := process.Keep(store, path, sum); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(kept, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(kept, []byte("#!/bin/false\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := process.Keep(store, path, sum); err == nil {
		t.Error("a changed copy is taken")
	}
	if err := os.WriteFile(path, []byte("#!/bin/true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := process.Keep(store, path, sum); err != nil {
		t.Error(err)
	}
	if have, err := process.Sum(kept); err != nil || have != sum {
		t.Error("the changed copy stays", err)
	}
}
