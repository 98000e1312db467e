package host_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/openhouse-ai/console/core/internal/host"
)

// playHost makes TestHostThatIsKilled the host, in a folder.
const playHost = "OPENHOUSE_TEST_HOST"

// TestHostThatIsKilled ends a host so that it can clear nothing up: no process
// of a plugin and no socket is left, and the next one starts on the same data.
func TestHostThatIsKilled(t *testing.T) {
	if dir := os.Getenv(playHost); dir != "" {
		h := buildHouse(t, dir, nil, only("probe", "second"))
		h.must(h.Start(t.Context()))
		fmt.Println("pids", h.state("probe", host.Ready).PID, h.state("second", host.Ready).PID, h.Run)
		<-context.Background().Done()
	}
	t.Parallel()
	dir := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run", "^TestHostThatIsKilled$", "-test.v")
	child.Env = append(os.Environ(), playHost+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var words []string
	lines := bufio.NewScanner(out)
	for len(words) == 0 && lines.Scan() {
		if at := strings.Index(lines.Text(), "pids "); at >= 0 {
			words = strings.Fields(lines.Text()[at:])
		}
	}
	if len(words) != 4 {
		t.Fatalf("the host said %q", words)
	}
	t.Cleanup(func() { os.RemoveAll(words[3]) })
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // it was killed

	h := buildHouse(t, dir, nil, only("probe", "second"))
	for _, word := range words[1:3] {
		pid, err := strconv.Atoi(word)
		h.must(err)
		h.until("process "+word+" has ended", func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	}
	h.Run = words[3] // where the dead host's sockets were
	h.must(h.Start(t.Context()))
	left, err := os.ReadDir(h.Run)
	h.must(err)
	folders := 0
	for _, entry := range left {
		if entry.IsDir() {
			folders++
		}
	}
	if folders != 1 {
		t.Errorf("%d folders of hosts are there, want this one's alone", folders)
	}
	h.state("probe", host.Ready)
	h.state("second", host.Ready)
}
