package process_test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"google.golang.org/grpc"

	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// A host that is killed leaves no plugin behind, be the plugin stopped, hung or
// confined, and its folder is swept by the next.
func TestHostIsKilled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ guest, stop string }{
		{"good", ""}, {"good", "stopped"}, {"sdk", ""}, {"confined", ""}, {"launched good", "stopped"}, {"hung", ""}, {"launched hung", ""},
	} {
		t.Run(strings.TrimSpace(c.guest+" "+c.stop), func(t *testing.T) {
			t.Parallel()
			run := folder(t)
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			host := exec.Command(self)
			host.Env = []string{kindKey + "=host", "OPENHOUSE_TEST_DIR=" + run, "OPENHOUSE_TEST_GUEST=" + c.guest, "OPENHOUSE_TEST_STOP=" + c.stop}
			host.Stderr = os.Stderr
			out, err := host.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := host.Start(); err != nil {
				t.Fatal(err)
			}
			line, err := bufio.NewReader(out).ReadString('\n')
			if err != nil {
				t.Fatal(err)
			}
			pid, path, _ := strings.Cut(strings.TrimSpace(line), " ")
			if err := process.Sweep(run); err != nil {
				t.Fatal(err)
			}
			if sockets, _ := filepath.Glob(path + "/p/*/*"); len(sockets) == 0 || !alive(pid) {
				t.Fatal("a living host's folder was swept, or its plugin has ended")
			}
			if err := host.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = host.Wait() // it was killed
			until(t, "the plugin ends with its host", func() bool { return !alive(pid) })
			if err := process.Sweep(run); err != nil {
				t.Fatal(err)
			}
			if left, _ := filepath.Glob(run + "/[^.]*"); len(left) > 0 {
				t.Errorf("%v is left", left)
			}
		})
	}
}

func TestFolders(t *testing.T) {
	t.Parallel()
	run := filepath.Join(folder(t), "run")
	mine, err := process.Claim(run)
	if err != nil {
		t.Fatal(err)
	}
	other, err := process.Claim(run)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(run, "unlocked"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := process.Sweep(run); err != nil {
		t.Fatal(err)
	}
	for path, there := range map[string]bool{mine.Path: true, other.Path: true, filepath.Join(run, "unlocked"): false} {
		if _, err := os.Stat(path); (err == nil) != there {
			t.Errorf("%s: %v", path, err)
		}
	}
	if err := other.Release(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(other.Path); !os.IsNotExist(err) {
		t.Error("a released folder is there")
	}
}

func TestPanic(t *testing.T) {
	t.Parallel()
	var seen lines
	s := spec(t, "good")
	s.Log = seen.add
	p := start(t, s)
	if _, err := call(t, p, "panic"); err == nil {
		t.Error("a call to a plugin that panics succeeds")
	}
	<-p.Done()
	e := p.Exit()
	if e.Code != 2 || !strings.HasPrefix(e.Panic, "panic: boom on order\n") || !strings.Contains(e.Panic, "main_test.go:") {
		t.Errorf("it ended with %s: %s", e, e.Panic)
	}
	if line, ok := seen.find("panic: boom"); !ok || !line.Panic || line.Level != "error" {
		t.Errorf("the line is %+v", line)
	}
	gone(t, s)
}

func TestExit(t *testing.T) {
	t.Parallel()
	p := start(t, spec(t, "good"))
	if _, err := call(t, p, "exit"); err == nil {
		t.Error("a call to a plugin that exits succeeds")
	}
	<-p.Done()
	if e := p.Exit(); e.Code != 7 || e.Signal != "" || e.Panic != "" || e.String() != "exit code 7" {
		t.Errorf("it ended with %+v", e)
	}
	p.Kill() // its number may be another's by now
}

// What a plugin has forked ends with it, also when the plugin ends by itself
// and when what it forked holds its pipes.
func TestGrandchildren(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*process.Process){
		"killed": (*process.Process).Kill,
		"exits":  func(p *process.Process) { _, _ = call(t, p, "exit") },
		"asked":  func(p *process.Process) { p.Stop(t.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := start(t, spec(t, "good"))
			pid, err := call(t, p, "fork")
			if err != nil {
				t.Fatal(err)
			}
			if !alive(pid) {
				t.Fatal("there is no grandchild")
			}
			end(p)
			<-p.Done()
			if alive(pid) || alive(strconv.Itoa(p.PID())) {
				t.Error("somebody lives")
			}
		})
	}
}

// A process that has left the group keeps its end of the pipes; nobody waits
// for it. A confined plugin can't do that.
func TestEscape(t *testing.T) {
	t.Parallel()
	s := spec(t, "good")
	p := start(t, s)
	answer, err := call(t, p, "escape")
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(answer)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(pid, syscall.SIGKILL) })
	p.Kill()
	if !alive(answer) {
		t.Error("it was in the group")
	}
	gone(t, s)
}

func TestMemory(t *testing.T) {
	t.Parallel()
	p := start(t, spec(t, "good"))
	before, err := p.Memory()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := call(t, p, "leak"); err != nil {
		t.Fatal(err)
	}
	if after, err := p.Memory(); err != nil || after-before < 60<<20 {
		t.Errorf("64 MiB were taken, %d more are seen: %v", after-before, err)
	}
}

// Two starts of one binary have keys, sockets and folders of their own.
func TestParallelStarts(t *testing.T) {
	t.Parallel()
	binary := spec(t, "good").Command[0]
	sum, err := process.Sum(binary)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 3 {
		s := spec(t, "good")
		store := folder(t)
		all.Go(func() {
			kept, err := process.Keep(store, binary, sum)
			if err != nil {
				t.Error(err)
				return
			}
			s.Command = []string{kept}
			p, err := process.Start(t.Context(), s)
			if err != nil {
				t.Error(err)
				return
			}
			if _, err := p.Plugin().Health(t.Context(), &wire.HealthRequest{}); err != nil {
				t.Error(err)
			}
			p.Stop(t.Context())
		})
	}
	all.Wait()
}

// A call that waits for a frozen plugin ends with it.
func TestFrozenCall(t *testing.T) {
	t.Parallel()
	p := start(t, spec(t, "good"))
	answered := make(chan error, 1)
	go func() { _, err := call(t, p, "freeze"); answered <- err }()
	until(t, "it is stopped", func() bool { return state(p.PID()) == "T" })
	p.Kill()
	if err := <-answered; err == nil {
		t.Error("a call to a killed plugin succeeds")
	}
}

// Starts, good and failed, cost the host no descriptor and no goroutine. It
// runs alone.
func TestNothingIsLeft(t *testing.T) {
	count := func() (files, goroutines int) {
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		return len(entries), runtime.NumGoroutine()
	}
	once := func() {
		p := start(t, spec(t, "good"))
		p.Offer(func(s *grpc.Server) { wire.RegisterHostServer(s, answering{}) })
		if _, err := call(t, p, "print"); err != nil {
			t.Fatal(err)
		}
		p.Stop(t.Context())
		for _, kind := range []string{"prints", "exits"} {
			if _, err := process.Start(t.Context(), spec(t, kind)); err == nil {
				t.Fatal("it started")
			}
		}
	}
	once() // what is opened once for all
	files, goroutines := count()
	for range 5 {
		once()
	}
	until(t, "all is closed", func() bool {
		f, g := count()
		return f <= files && g <= goroutines
	})
}
