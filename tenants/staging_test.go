package tenants_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func TestStagedFiles(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	content := randomBytes(70_000)
	stage := func(r io.Reader, limit int64) (tenants.StagedFile, error) {
		return s.Stage(t.Context(), "uk", tenants.StagedFile{Name: "units.csv", Type: "text/csv"}, r, limit)
	}
	staged, err := stage(bytes.NewReader(content), 70_000)
	must(t, err)
	info, r, err := s.Staged(t.Context(), staged.ID)
	must(t, err)
	got, err := io.ReadAll(r)
	must(t, errors.Join(err, r.Close()))
	sum := sha256.Sum256(content)
	if info != staged || !bytes.Equal(got, content) || info.SHA256 != hex.EncodeToString(sum[:]) || info.Size != 70_000 {
		t.Errorf("staged %+v, found %+v with %d bytes", staged, info, len(got))
	}
	_, err = stage(bytes.NewReader(content), 69_999)
	wantCode(t, err, core.Invalid)
	broken := errors.New("the connection broke")
	if _, err = stage(io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken)), 1000); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	_, err = s.Stage(t.Context(), "mars", tenants.StagedFile{}, strings.NewReader(""), 1)
	wantCode(t, err, core.Invalid)

	if ids := stagedIDs(t, s); !slices.Equal(ids, []string{staged.ID}) {
		t.Errorf("staged are %v", ids)
	}
	must(t, s.Unstage(t.Context(), staged.ID))
	must(t, s.Unstage(t.Context(), staged.ID))
	must(t, s.Unstage(t.Context(), "../../control.db"))
	_, _, err = s.Staged(t.Context(), staged.ID)
	wantCode(t, err, core.NotFound)
	_, _, err = s.Staged(t.Context(), "../../control.db")
	wantCode(t, err, core.NotFound)
}

func stagedIDs(t *testing.T, s *tenants.Store) (ids []string) {
	t.Helper()
	must(t, s.ViewControl(t.Context(), func(tx *tenants.Tx) error {
		var id string
		err := tx.QueryRow(t.Context(), `select coalesce(group_concat(id), '') from staged_files`).Scan(&id)
		ids = strings.Split(id, ",")
		return err
	}))
	return ids
}

func TestSweepStaged(t *testing.T) {
	t.Parallel()
	now := start
	o := options(newDir(t))
	o.Now = func() time.Time { return now }
	s := open(t, o)
	old, err := s.Stage(t.Context(), "uk", tenants.StagedFile{Name: "old.csv"}, strings.NewReader("a"), 10)
	must(t, err)
	now = now.Add(time.Hour)
	fresh, err := s.Stage(t.Context(), "uk", tenants.StagedFile{Name: "fresh.csv"}, strings.NewReader("b"), 10)
	must(t, err)
	n, err := s.SweepStaged(t.Context(), start.Add(time.Minute))
	must(t, err)
	if n != 1 {
		t.Errorf("swept %d", n)
	}
	_, _, err = s.Staged(t.Context(), old.ID)
	wantCode(t, err, core.NotFound)
	_, r, err := s.Staged(t.Context(), fresh.ID)
	must(t, err)
	must(t, r.Close())
}

func TestOwnedStagedFiles(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	stage := func(owner string) string {
		u, err := s.Stage(t.Context(), "uk", tenants.StagedFile{Name: "units.csv", Owner: owner}, strings.NewReader("x"), 1)
		must(t, err)
		return u.ID
	}
	adopt := func(id, owner string) error {
		return s.UpdateControl(t.Context(), func(tx *tenants.Tx) error { return tenants.AdoptStaged(t.Context(), tx, id, owner) })
	}
	free, taken := stage(""), stage("run_1")
	other := stage("run_2")
	wantCode(t, adopt(taken, "run_2"), core.Conflict)
	wantCode(t, adopt("upl_gone", "run_1"), core.Conflict)
	must(t, adopt(free, "run_1"))
	must(t, adopt(free, "run_1"))
	must(t, s.ViewControl(t.Context(), func(tx *tenants.Tx) error {
		owners, err := tenants.StagedOwners(t.Context(), tx)
		if !slices.Equal(owners, []string{"run_1", "run_2"}) {
			t.Errorf("owners are %v", owners)
		}
		return err
	}))
	must(t, s.UnstageOwned(t.Context(), ""))
	must(t, s.UnstageOwned(t.Context(), "run_1"))
	if ids := stagedIDs(t, s); !slices.Equal(ids, []string{other}) {
		t.Errorf("staged are %v, want %s alone", ids, other)
	}
}
