package tenants_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Some tests run this binary again as a process of its own: to kill it, or to
// take its disk away.
const (
	roleVariable = "TENANTS_TEST_ROLE"
	dirVariable  = "TENANTS_TEST_DIR"
	idVariable   = "TENANTS_TEST_ID"
)

var roles = map[string]func(dir string, id core.TenantID) error{
	"writer": writeForever, "limited": writePastALimit,
}

func TestMain(m *testing.M) {
	role := roles[os.Getenv(roleVariable)]
	if role == nil {
		code := m.Run()
		if dir, err := prepared(); err == nil {
			os.RemoveAll(dir)
		}
		os.Exit(code)
	}
	if err := role(os.Getenv(dirVariable), core.TenantID(os.Getenv(idVariable))); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(t *testing.T, role, dir string, id core.TenantID) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), roleVariable+"="+role, dirVariable+"="+dir, idVariable+"="+string(id))
	return cmd
}

// storeOf makes a store with one tenant in a folder, and closes it again.
func storeOf(t *testing.T, o tenants.Options) core.TenantID {
	t.Helper()
	s := open(t, o)
	id := newTenant(t, s)
	withNotes(t, s, id)
	must(t, s.Close())
	return id
}

// addPair stores two rows that belong together.
func addPair(ctx context.Context, s *tenants.Store, id core.TenantID, text string) error {
	return s.Update(ctx, id, func(tx *tenants.Tx) error {
		if err := addNote(ctx, tx, text+" a"); err != nil {
			return err
		}
		return addNote(ctx, tx, text+" b")
	})
}

// TestKilledProcessLosesNothing kills a process in the middle of its updates,
// again and again, and looks for every one that it had acknowledged.
func TestKilledProcessLosesNothing(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	id := storeOf(t, options(dir))
	s := open(t, options(dir))
	settleAll(t, s, id)
	wantChanged(t, s)
	must(t, s.Close())
	var acknowledged []string
	for round := range 20 {
		acknowledged = append(acknowledged, killed(t, dir, id, 10+3*round)...)
		s = open(t, options(dir))
		stored := notes(t, s, id)
		if len(stored)%2 != 0 {
			t.Fatalf("round %d: half an update is stored", round)
		}
		for _, text := range acknowledged {
			for _, half := range []string{" a", " b"} {
				if _, found := slices.BinarySearch(stored, text+half); !found {
					t.Fatalf("round %d: %s was acknowledged and is not stored", round, text)
				}
			}
		}
		if round < 19 {
			must(t, s.Close())
		}
	}
	found, err := s.ScanChanged(t.Context())
	must(t, err)
	if !slices.Contains(found, id) {
		t.Error("the scan did not find the changes of the killed process")
	}
}

// killed runs a process that writes, kills it after some updates, and returns
// what it had acknowledged.
func killed(t *testing.T, dir string, id core.TenantID, after int) (acknowledged []string) {
	t.Helper()
	cmd := child(t, "writer", dir, id)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == after {
			must(t, cmd.Process.Kill())
		}
	}
	if err := cmd.Wait(); len(acknowledged) < after {
		t.Fatalf("the process ended by itself: %v", err)
	}
	return acknowledged
}

// writeForever stores pairs and says so, until somebody kills it.
func writeForever(dir string, id core.TenantID) error {
	ctx := context.Background()
	s, err := tenants.Open(ctx, options(dir))
	if err != nil {
		return err
	}
	failed := make(chan error)
	for worker := range 8 {
		go func() {
			for i := 0; ; i++ {
				text := fmt.Sprintf("%d-%d-%d", os.Getpid(), worker, i)
				if err := addPair(ctx, s, id, text); err != nil {
					failed <- err
					return
				}
				fmt.Println(text)
			}
		}()
	}
	return <-failed
}

// TestDiskErrorIsSurvived lets the operating system refuse to extend files, and
// then lifts the limit.
func TestDiskErrorIsSurvived(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	id := storeOf(t, options(dir))
	acknowledgedBy(t, child(t, "limited", dir, id), dir, id)
}

// acknowledgedBy runs a process to its end and checks that what it printed is
// stored, and nothing else.
func acknowledgedBy(t *testing.T, cmd *exec.Cmd, dir string, id core.TenantID) {
	t.Helper()
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	must(t, err)
	var want []string
	for text := range strings.Lines(string(out)) {
		text = strings.TrimSpace(text)
		want = append(want, text+" a", text+" b")
	}
	slices.Sort(want)
	if got := notes(t, open(t, options(dir)), id); !slices.Equal(got, want) {
		t.Errorf("%d rows are stored, %d were acknowledged", len(got), len(want))
	}
}

func writePastALimit(dir string, id core.TenantID) error {
	ctx := context.Background()
	s, err := tenants.Open(ctx, options(dir))
	if err != nil {
		return err
	}
	signal.Ignore(syscall.SIGXFSZ) // the write is to fail, not the process
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		return err
	}
	limit := syscall.Rlimit{Cur: 600 << 10, Max: old.Max}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		return err
	}
	acknowledged, err := writeUntilRefused(ctx, s, id)
	if err := errors.Join(err, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old), addPair(ctx, s, id, "afterwards")); err != nil {
		return err
	}
	for _, text := range append(acknowledged, "afterwards") {
		fmt.Println(text)
	}
	return s.Close()
}

// writeUntilRefused stores pairs until one is refused as unavailable, and
// returns those that were acknowledged.
func writeUntilRefused(ctx context.Context, s *tenants.Store, id core.TenantID) (acknowledged []string, err error) {
	for i := range 1000 {
		text := strconv.Itoa(i) + strings.Repeat("x", 4000)
		err := addPair(ctx, s, id, text)
		if core.CodeOf(err) == core.Unavailable {
			return acknowledged, nil
		}
		if err != nil {
			return nil, err
		}
		acknowledged = append(acknowledged, text)
	}
	return nil, errors.New("nothing was refused")
}
