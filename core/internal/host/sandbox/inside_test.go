//go:build linux && (amd64 || arm64)

package sandbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/openhouse-ai/console/core/internal/host/sandbox"
)

// roleKey makes the test binary something else than a test.
const roleKey = "OPENHOUSE_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(roleKey) {
	case "":
		os.Exit(m.Run())
	case "enter":
		r, err := sandbox.Decode(os.Getenv("OPENHOUSE_TEST_RULES"))
		if err == nil {
			err = sandbox.Enter(r)
		}
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		inside()
	case "launch":
		_ = os.Setenv(roleKey, "inside")
		fmt.Println(sandbox.Launch(os.Args[1:]))
		os.Exit(1)
	case "inside":
		inside()
	case "outsider":
		never := make(chan os.Signal, 1)
		signal.Notify(never, syscall.SIGUSR1) // without it the runtime sees a deadlock
		for range never {
		}
	}
}

// report is what a process in the sandbox saw, per thread.
type report struct {
	Args    []string
	Threads []map[string]string
	Open    uint64
	Core    uint64
	Rules   string
}

// inside tries everything on the first thread and on four others at once.
func inside() {
	var attempts map[string][]string
	if err := json.Unmarshal([]byte(os.Getenv("OPENHOUSE_TEST_ATTEMPTS")), &attempts); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	r := report{Args: os.Args[1:], Threads: make([]map[string]string, 5), Rules: os.Getenv("OPENHOUSE_SANDBOX")}
	var limit syscall.Rlimit
	_ = syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	r.Open = limit.Max
	_ = syscall.Getrlimit(syscall.RLIMIT_CORE, &limit)
	r.Core = limit.Max
	var all sync.WaitGroup
	for n := range r.Threads {
		all.Go(func() {
			runtime.LockOSThread()
			seen := map[string]string{}
			for name, a := range attempts {
				seen[name] = outcome(try(a[0], a[1:]))
			}
			r.Threads[n] = seen
		})
	}
	all.Wait()
	_ = json.NewEncoder(os.Stdout).Encode(r)
}

// outcome is the name of an error's number, or ok.
func outcome(err error) string {
	var errno syscall.Errno
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &errno):
		return unix.ErrnoName(errno)
	}
	return err.Error()
}

func try(what string, args []string) error {
	do := tries[what]
	if do == nil {
		return errors.New("nobody knows how to " + what)
	}
	return do(args)
}

func number(text string) int {
	n, _ := strconv.Atoi(text)
	return n
}

// closed is an attempt that only wants to succeed.
func closed(c io.Closer, err error) error {
	if err != nil {
		return err
	}
	return c.Close()
}

func ofCall(_, _ uintptr, errno syscall.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}

var tries = map[string]func(args []string) error{
	"read":     func(a []string) error { _, err := os.ReadFile(a[0]); return err },
	"list":     func(a []string) error { _, err := os.ReadDir(a[0]); return err },
	"write":    func(a []string) error { return os.WriteFile(a[0], []byte("x"), 0o600) },
	"remove":   func(a []string) error { return os.Remove(a[0]) },
	"chmod":    func(a []string) error { return os.Chmod(a[0], 0o777) },
	"truncate": func(a []string) error { return os.Truncate(a[0], 0) },
	"link":     func(a []string) error { return os.Symlink(a[0], filepath.Join(a[1], strconv.Itoa(unix.Gettid()))) },
	"mount":    func(a []string) error { return unix.Mount("none", a[0], "tmpfs", 0, "") },
	"dir":      useFolder,
	"watch": func(a []string) error {
		fd, err := unix.InotifyInit()
		if err == nil {
			_, err = unix.InotifyAddWatch(fd, a[0], unix.IN_CREATE)
		}
		return err
	},

	"dial":   func(a []string) error { return closed(net.DialTimeout(a[0], a[1], 10*time.Second)) },
	"listen": func(a []string) error { return closed(net.Listen(a[0], a[1])) },
	"name":   func(a []string) error { _, err := net.LookupHost(a[0]); return err },
	"socket": func(a []string) error {
		fd, err := unix.Socket(number(a[0]), number(a[1]), number(a[2]))
		if err == nil {
			err = unix.Close(fd)
		}
		return err
	},
	"fastopen": func(a []string) error {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Sendto(fd, []byte("x"), unix.MSG_FASTOPEN, &unix.SockaddrInet4{Port: number(a[0]), Addr: [4]byte{127, 0, 0, 1}})
	},

	"signal": func(a []string) error { return unix.Kill(number(a[0]), unix.Signal(number(a[1]))) },
	"ptrace": func(a []string) error { return unix.PtraceAttach(number(a[0])) },
	"peek": func(a []string) error {
		b := make([]byte, 8)
		_, err := unix.ProcessVMReadv(number(a[0]), []unix.Iovec{{Base: &b[0], Len: 8}}, []unix.RemoteIovec{{Base: 0x400000, Len: 8}}, 0)
		return err
	},
	"limit":   func(a []string) error { return unix.Prlimit(number(a[0]), unix.RLIMIT_CORE, &unix.Rlimit{}, nil) },
	"exec":    func(a []string) error { return exec.Command(a[0], a[1:]...).Run() },
	"unshare": func([]string) error { return unix.Unshare(unix.CLONE_NEWNS) },
	"setsid":  func([]string) error { _, err := unix.Setsid(); return err },
	"uring":   func([]string) error { return ofCall(unix.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)) },
	"zone":    func([]string) error { _, err := time.LoadLocation("Europe/Dublin"); return err },
}

// useFolder writes a file there and talks over a socket.
func useFolder(a []string) error {
	name := filepath.Join(a[0], strconv.Itoa(unix.Gettid()))
	if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
		return err
	}
	l, err := net.Listen("unix", name+".s")
	if err != nil {
		return err
	}
	return errors.Join(closed(net.Dial("unix", name+".s")), l.Close(), os.Remove(name))
}

// run starts the test binary in a role and reads what it saw.
func run(t *testing.T, role string, rules sandbox.Rules, attempts map[string][]string) report {
	t.Helper()
	text, err := json.Marshal(attempts)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "one", "two words")
	variable := map[string]string{"enter": "OPENHOUSE_TEST_RULES", "launch": "OPENHOUSE_SANDBOX"}[role]
	cmd.Env = []string{roleKey + "=" + role, variable + "=" + rules.Encode(), "OPENHOUSE_TEST_ATTEMPTS=" + string(text)}
	var trouble strings.Builder
	cmd.Stderr = &trouble
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s%s", err, out, trouble.String())
	}
	var r report
	if err := json.Unmarshal(out, &r); err != nil {
		t.Fatalf("%v: %s%s", err, out, trouble.String())
	}
	return r
}
