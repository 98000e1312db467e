package fresh_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// TestStorageStandsInAFreshFolder: nothing is left beside the files, nothing is
// migrated again, and no two folders know of each other.
func TestStorageStandsInAFreshFolder(t *testing.T) {
	t.Parallel()
	one, other := fresh.Dir(t), fresh.Dir(t)
	files, err := os.ReadDir(one)
	if err != nil || len(files) != 2 {
		t.Fatalf("the folder has %v, %v; want the control database and the template alone", files, err)
	}
	before := map[string]os.FileInfo{}
	for _, f := range files {
		if before[f.Name()], err = f.Info(); err != nil {
			t.Fatal(err)
		}
	}
	store := open(t, one)
	if id := create(t, store); open(t, other).Update(t.Context(), id, nothing) == nil {
		t.Error("a tenant of one folder is known in another")
	}
	for name, info := range before {
		after, err := os.Stat(one + "/" + name)
		if err != nil || !os.SameFile(info, after) {
			t.Errorf("%s was made again: %v", name, err)
		}
	}
}

func nothing(*tenants.Tx) error { return nil }

func open(t *testing.T, dir string) *tenants.Store {
	t.Helper()
	store, err := tenants.Open(context.Background(), tenants.Options{
		Dir: dir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: time.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func create(t *testing.T, store *tenants.Store) core.TenantID {
	t.Helper()
	tenant := core.Tenant{ID: core.NewTenantID(time.Now()), Name: "Harpur Homes", Code: "HARP", Region: "eu-west", Status: core.TenantActive}
	if err := store.Create(t.Context(), tenant); err != nil {
		t.Fatal(err)
	}
	if err := store.Update(t.Context(), tenant.ID, nothing); err != nil {
		t.Fatal(err)
	}
	return tenant.ID
}
