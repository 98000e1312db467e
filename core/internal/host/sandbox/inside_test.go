//go:build linux && (amd64 || arm64)

package sandbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
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
		select {}
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
	number := func(i int) int { n, _ := strconv.Atoi(args[i]); return n }
	switch what {
	case "read":
		_, err := os.ReadFile(args[0])
		return err
	case "list":
		_, err := os.ReadDir(args[0])
		return err
	case "write":
		return os.WriteFile(args[0], []byte("x"), 0o600)
	case "remove":
		return os.Remove(args[0])
	case "chmod":
		return os.Chmod(args[0], 0o777)
	case "truncate":
		return os.Truncate(args[0], 0)
	case "link":
		return os.Symlink(args[0], filepath.Join(args[1], strconv.Itoa(unix.Gettid())))
	case "dir":
		name := filepath.Join(args[0], strconv.Itoa(unix.Gettid()))
		if err := os.WriteFile(name, []byte("x"), 0o600); err != nil {
			return err
		}
		l, err := net.Listen("unix", name+".s")
		if err != nil {
			return err
		}
		c, err := net.Dial("unix", name+".s")
		if err != nil {
			return err
		}
		return errors.Join(c.Close(), l.Close(), os.Remove(name))
	case "dial":
		c, err := net.DialTimeout(args[0], args[1], 10*time.Second)
		if err == nil {
			err = c.Close()
		}
		return err
	case "listen":
		l, err := net.Listen(args[0], args[1])
		if err == nil {
			err = l.Close()
		}
		return err
	case "socket":
		fd, err := unix.Socket(number(0), number(1), number(2))
		if err == nil {
			err = unix.Close(fd)
		}
		return err
	case "fastopen":
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return unix.Sendto(fd, []byte("x"), unix.MSG_FASTOPEN, &unix.SockaddrInet4{Port: number(0), Addr: [4]byte{127, 0, 0, 1}})
	case "signal":
		return unix.Kill(number(0), unix.Signal(number(1)))
	case "ptrace":
		return unix.PtraceAttach(number(0))
	case "peek":
		b := make([]byte, 8)
		_, err := unix.ProcessVMReadv(number(0), []unix.Iovec{{Base: &b[0], Len: 8}}, []unix.RemoteIovec{{Base: 0x400000, Len: 8}}, 0)
		return err
	case "limit":
		return unix.Prlimit(number(0), unix.RLIMIT_CORE, &unix.Rlimit{}, nil)
	case "unshare":
		return unix.Unshare(unix.CLONE_NEWNS)
	case "mount":
		return unix.Mount("none", args[0], "tmpfs", 0, "")
	case "exec":
		return exec.Command(args[0], args[1:]...).Run()
	case "setsid":
		_, err := unix.Setsid()
		return err
	case "watch":
		fd, err := unix.InotifyInit()
		if err == nil {
			_, err = unix.InotifyAddWatch(fd, args[0], unix.IN_CREATE)
		}
		return err
	case "uring":
		_, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, 1, 0, 0)
		return errno
	case "raise":
		return syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: 9999, Max: 9999})
	case "zone":
		_, err := time.LoadLocation("Europe/Dublin")
		return err
	}
	return errors.New("nobody knows how to " + what)
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
