package tenants_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func init() { roles["full disk"] = fillADisk }

// TestFullDisk fills a small disk of its own and then makes room, and at last
// makes the disk read-only. The disk is mounted in a namespace; where the
// system allows none, TestFullFile is what remains of this test.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	cmd := child(t, "full disk", t.TempDir(), "")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.CombinedOutput()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSPC) {
		t.Logf("no namespaces here: %v", err)
		return
	}
	if err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

func fillADisk(dir string, _ core.TenantID) error {
	ctx := context.Background()
	disk := filepath.Join(dir, "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		return err
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=4m"); err != nil {
		return err
	}
	o := options(dir)
	o.Regions = []tenants.Region{{Name: "small", Root: disk}}
	s, err := tenants.Open(ctx, o)
	if err != nil {
		return err
	}
	id := core.NewTenantID(start)
	err = errors.Join(
		s.Create(ctx, core.Tenant{ID: id, Name: "Harpur Homes", Code: "HARP", Region: "small", Status: core.TenantActive}),
		s.Update(ctx, id, func(tx *tenants.Tx) error {
			_, err := tx.Exec(ctx, `create table notes (text text not null unique) strict`)
			return err
		}))
	if err != nil {
		return err
	}
	ballast := filepath.Join(disk, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 2<<20), 0o600); err != nil {
		return err
	}
	acknowledged, err := writeUntilRefused(ctx, s, id)
	if err != nil {
		return err
	}
	_, err = s.Stage(ctx, "small", tenants.StagedFile{Name: "big.csv"}, strings.NewReader(strings.Repeat("x", 3<<20)), 4<<20)
	if core.CodeOf(err) != core.Unavailable {
		return fmt.Errorf("stage on a full disk: %v", err)
	}
	if err := errors.Join(os.Remove(ballast), addPair(ctx, s, id, "afterwards")); err != nil {
		return err
	}
	if n, err := countNotes(ctx, s, id); err != nil || n != 2*len(acknowledged)+2 {
		return fmt.Errorf("%d rows of %d updates are stored: %w", n, len(acknowledged)+1, err)
	}
	if err := s.Close(); err != nil {
		return err
	}
	return readOnlyDisk(ctx, o, disk, id)
}

func readOnlyDisk(ctx context.Context, o tenants.Options, disk string, id core.TenantID) error {
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		return err
	}
	s, err := tenants.Open(ctx, o)
	if err != nil {
		return err
	}
	if err := addPair(ctx, s, id, "refused"); core.CodeOf(err) != core.Unavailable {
		return fmt.Errorf("update on a read-only disk: %v", err)
	}
	if err := errors.Join(s.Close(), syscall.Mount("", disk, "", syscall.MS_REMOUNT, "")); err != nil {
		return err
	}
	if s, err = tenants.Open(ctx, o); err != nil {
		return err
	}
	return errors.Join(addPair(ctx, s, id, "refused"), s.Close())
}

func countNotes(ctx context.Context, s *tenants.Store, id core.TenantID) (n int, err error) {
	err = s.View(ctx, id, func(tx *tenants.Tx) error {
		return tx.QueryRow(ctx, `select count(*) from notes`).Scan(&n)
	})
	return n, err
}
