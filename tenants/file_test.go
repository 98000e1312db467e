package tenants_test

import (
	"bytes"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func TestUpdatesShareACommit(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	before := s.Commits(t, id)
	// The first update holds the writer until all others wait behind it.
	const waiting = 100
	var wg, queued sync.WaitGroup
	queued.Add(waiting)
	inside := make(chan struct{})
	wg.Go(func() {
		must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
			close(inside)
			queued.Wait()
			return addNote(t.Context(), tx, "first")
		}))
	})
	<-inside
	for i := range waiting {
		wg.Go(func() {
			queued.Done()
			note(t.Context(), t, s, id, fmt.Sprint(i))
		})
	}
	wg.Wait()
	if got := len(notes(t, s, id)); got != waiting+1 {
		t.Errorf("%d notes", got)
	}
	if commits := s.Commits(t, id) - before; commits > waiting/2 {
		t.Errorf("%d updates took %d commits", waiting+1, commits)
	}
}

func TestFilesAreClosedAndOpenedUnderLoad(t *testing.T) {
	t.Parallel()
	o := options(newDir(t))
	o.MaxOpen = 3
	s := open(t, o)
	var ids []core.TenantID
	for range 8 {
		id := newTenant(t, s)
		withNotes(t, s, id)
		ids = append(ids, id)
	}
	counts := make([]int, len(ids))
	var mu sync.Mutex
	var wg sync.WaitGroup
	for worker := range 6 {
		wg.Go(func() {
			random := rand.New(rand.NewPCG(1, uint64(worker)))
			for i := range 20 {
				n := random.IntN(len(ids))
				if i%2 == 0 {
					notes(t, s, ids[n])
					continue
				}
				note(t.Context(), t, s, ids[n], fmt.Sprint(worker, i))
				mu.Lock()
				counts[n]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for n, id := range ids {
		if got := len(notes(t, s, id)); got != counts[n] {
			t.Errorf("tenant %d has %d notes of %d", n, got, counts[n])
		}
	}
	if got := s.OpenTenants(); got > o.MaxOpen {
		t.Errorf("%d tenants are open", got)
	}
}

func TestCloseEndsWhatRuns(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	s := open(t, options(dir))
	id := newTenant(t, s)
	withNotes(t, s, id)
	inside, closing := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		must(t, s.Update(t.Context(), id, func(tx *tenants.Tx) error {
			close(inside)
			<-closing
			return addNote(t.Context(), tx, "kept")
		}))
	})
	<-inside
	wg.Go(func() { must(t, s.Close()) })
	close(closing)
	wg.Wait()
	nothing := func(*tenants.Tx) error { return nil }
	wantCode(t, s.View(t.Context(), id, nothing), core.Unavailable)
	wantCode(t, s.Update(t.Context(), id, nothing), core.Unavailable)
	wantCode(t, s.ViewControl(t.Context(), nothing), core.Unavailable)
	wantCode(t, s.UpdateControl(t.Context(), nothing), core.Unavailable)
	must(t, s.Close())
	left, err := filepath.Glob(filepath.Join(dir, "regions", "*", "tenants", "*-wal"))
	if err != nil || len(left) != 0 {
		t.Errorf("write-ahead logs are left: %v %v", left, err)
	}
	if got := notes(t, open(t, options(dir)), id); !slices.Equal(got, []string{"kept"}) {
		t.Errorf("stored %v", got)
	}
}

func TestFewerTenantsStayOpenWithFewDescriptors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		descriptors uint64
		open        int
	}{{1 << 20, 512}, {1024, 109}, {64, 1}} {
		var log bytes.Buffer
		got := tenants.BoundOpen(512, c.descriptors, slog.New(slog.NewTextHandler(&log, nil)))
		if got != c.open || strings.Contains(log.String(), "fewer tenants") != (c.open < 512) {
			t.Errorf("with %d descriptors %d tenants stay open; log: %s", c.descriptors, got, log.String())
		}
	}
}

// TestFullFile limits the pages of a file, which makes SQLite answer as it does
// on a full disk.
func TestFullFile(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	note(t.Context(), t, s, id, "before")
	s.OnWriter(t, id, `pragma max_page_count = 1`) // SQLite raises it to the present size
	err := s.Update(t.Context(), id, func(tx *tenants.Tx) error {
		return addNote(t.Context(), tx, strings.Repeat("x", 1<<20))
	})
	wantCode(t, err, core.Unavailable)
	if !strings.Contains(err.Error(), "disk is full") {
		t.Errorf("the error says %q", err)
	}
	note(t.Context(), t, s, id, "after") // with a connection of its own again
	if got := notes(t, s, id); !slices.Equal(got, []string{"after", "before"}) {
		t.Errorf("stored %v", got)
	}
}

// TestFullFileInABatch checks that an update whose neighbour fills the disk is
// told so, and that nothing of the shared transaction is half there.
func TestFullFileInABatch(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	s.OnWriter(t, id, `pragma max_page_count = 1`)
	inside, queued := make(chan struct{}), make(chan struct{})
	answers := make([]error, 2)
	var wg sync.WaitGroup
	wg.Go(func() {
		answers[0] = s.Update(t.Context(), id, func(tx *tenants.Tx) error {
			close(inside)
			<-queued
			return addNote(t.Context(), tx, "small")
		})
	})
	<-inside
	wg.Go(func() {
		close(queued)
		answers[1] = s.Update(t.Context(), id, func(tx *tenants.Tx) error {
			err := addNote(t.Context(), tx, strings.Repeat("x", 1<<20))
			if again := addNote(t.Context(), tx, "outside of any transaction"); again == nil {
				t.Error("a statement ran after the transaction was given up")
			}
			return err
		})
	})
	wg.Wait()
	wantCode(t, answers[1], core.Unavailable)
	want := []string{"small"}
	if answers[0] != nil { // they shared the transaction
		wantCode(t, answers[0], core.Unavailable)
		want = nil
	}
	if got := notes(t, s, id); !slices.Equal(got, want) {
		t.Errorf("stored %v, answered %v", got, answers[0])
	}
}

// TestReadOnlyFile forbids the writer to write, as a read-only disk does.
func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	s.OnWriter(t, id, `pragma query_only = on`)
	err := s.Update(t.Context(), id, func(tx *tenants.Tx) error { return addNote(t.Context(), tx, "no") })
	wantCode(t, err, core.Unavailable)
	if !strings.Contains(err.Error(), "read-only") {
		t.Errorf("the error says %q", err)
	}
	if got := notes(t, s, id); len(got) != 0 {
		t.Errorf("stored %v", got)
	}
}

func TestSnapshot(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	id := newTenant(t, s)
	withNotes(t, s, id)
	note(t.Context(), t, s, id, "kept")
	path := filepath.Join(t.TempDir(), "copy.db")
	file, err := os.Create(path)
	must(t, err)
	must(t, s.Snapshot(t.Context(), id, file))
	must(t, file.Close())
	db, err := sql.Open("sqlite", path)
	must(t, err)
	defer db.Close()
	var text string
	must(t, db.QueryRow(`select text from notes`).Scan(&text))
	if text != "kept" {
		t.Errorf("the copy says %q", text)
	}
	temporary, err := os.ReadDir(filepath.Join(filepath.Dir(filepath.Dir(s.PathOf("eu-west", id))), "temporary"))
	if err != nil || len(temporary) != 0 {
		t.Errorf("temporary files are left: %v %v", temporary, err)
	}
}
