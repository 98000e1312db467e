//go:build linux && (amd64 || arm64)

package sandbox_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
	"pgregory.net/rapid"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/internal/host/sandbox"
)

// attempt is what a plugin tries, and how it goes.
type attempt struct {
	want string
	do   []string
}

func file(t *testing.T, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// listener accepts on 127.0.0.1 or on an abstract socket until the test ends.
func listener(t *testing.T, network, address string) net.Listener {
	t.Helper()
	l, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	return l
}

func portOf(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

// hostile is a plugin that tries what it can, and what comes of it.
func hostile(t *testing.T, data, dir string) (sandbox.Rules, map[string]attempt) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	granted, other := listener(t, "tcp4", "127.0.0.1:0"), listener(t, "tcp4", "127.0.0.1:0")
	abstract := listener(t, "unix", "@"+strings.TrimPrefix(data, os.TempDir()))
	outsider := exec.Command(self)
	outsider.Env = []string{roleKey + "=outsider"}
	if err := outsider.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = outsider.Process.Kill(); _ = outsider.Wait() })
	parent, stranger := strconv.Itoa(os.Getpid()), strconv.Itoa(outsider.Process.Pid)
	shown := filepath.Join(data, "shown")
	if err := os.Mkdir(shown, 0o700); err != nil {
		t.Fatal(err)
	}
	mptcp := []string{"socket", strconv.Itoa(unix.AF_INET), strconv.Itoa(unix.SOCK_STREAM), strconv.Itoa(unix.IPPROTO_MPTCP)}
	rules := sandbox.Rules{Binary: self, Dir: dir, Ports: []uint16{uint16(portOf(granted))}, ReadOnly: []string{shown, file(t, data, "given")}}
	return rules, map[string]attempt{
		"another tenant's file":       {"EACCES", []string{"read", file(t, data, "ten_2.db")}},
		"control database":            {"EACCES", []string{"read", file(t, data, "control.db")}},
		"key":                         {"EACCES", []string{"read", file(t, data, "key")}},
		"key by a link":               {"EACCES", []string{"read", filepath.Join(dir, "planted")}},
		"data folder":                 {"EACCES", []string{"list", data}},
		"users":                       {"EACCES", []string{"read", "/etc/passwd"}},
		"root's home":                 {"EACCES", []string{"list", "/root"}},
		"root folder":                 {"EACCES", []string{"list", "/"}},
		"processes":                   {"EACCES", []string{"list", "/proc"}},
		"environment of the host":     {"EACCES", []string{"read", "/proc/" + parent + "/environ"}},
		"write outside":               {"EACCES", []string{"write", filepath.Join(data, "new")}},
		"write to what it may read":   {"EACCES", []string{"write", filepath.Join(data, "given")}},
		"remove outside":              {"EACCES", []string{"remove", filepath.Join(data, "given")}},
		"truncate outside":            {"EACCES", []string{"truncate", filepath.Join(data, "given")}},
		"change rights outside":       {"EPERM", []string{"chmod", filepath.Join(data, "given")}},
		"names in the data folder":    {"EPERM", []string{"watch", data}},
		"a link that leads out":       {"EACCES", []string{"link", "/etc", dir}},
		"port that isn't granted":     {"EACCES", []string{"dial", "tcp4", other.Addr().String()}},
		"listen":                      {"EACCES", []string{"listen", "tcp4", "127.0.0.1:0"}},
		"Multipath TCP":               {"EPROTONOSUPPORT", mptcp},
		"TCP Fast Open":               {"EPERM", []string{"fastopen", strconv.Itoa(portOf(other))}},
		"raw socket":                  {"EPERM", []string{"socket", strconv.Itoa(unix.AF_INET), strconv.Itoa(unix.SOCK_RAW), "1"}},
		"netlink":                     {"EPERM", []string{"socket", strconv.Itoa(unix.AF_NETLINK), strconv.Itoa(unix.SOCK_RAW), "0"}},
		"io_uring":                    {"EPERM", []string{"uring"}},
		"abstract socket of the host": {"EPERM", []string{"dial", "unix", abstract.Addr().String()}},
		"is the host there":           {"EPERM", []string{"signal", parent, "0"}},
		"end the host":                {"EPERM", []string{"signal", parent, strconv.Itoa(int(syscall.SIGTERM))}},
		"end a stranger":              {"EPERM", []string{"signal", stranger, strconv.Itoa(int(syscall.SIGKILL))}},
		"debug a stranger":            {"EPERM", []string{"ptrace", stranger}},
		"read a stranger's memory":    {"EPERM", []string{"peek", stranger}},
		"limit the host":              {"EPERM", []string{"limit", parent}},
		"new namespace":               {"EPERM", []string{"unshare"}},
		"mount":                       {"EPERM", []string{"mount", dir}},
		"leave its group":             {"EPERM", []string{"setsid"}},
		"shell":                       {"EACCES", []string{"exec", "/bin/sh", "-c", "true"}},
		"what it has written":         {"EACCES", []string{"exec", filepath.Join(dir, "script")}},

		"port that is granted": {"ok", []string{"dial", "tcp4", granted.Addr().String()}},
		"name of this machine": {"ok", []string{"name", "localhost"}},
		"given file":           {"ok", []string{"read", filepath.Join(data, "given")}},
		"given folder":         {"ok", []string{"list", shown}},
		"its folder":           {"ok", []string{"dir", dir}},
		"time zone":            {"ok", []string{"zone"}},
		"nothing":              {"ok", []string{"write", "/dev/null"}},
		"its own limits":       {"ok", []string{"limit", "0"}},
	}
}

// check runs the attempts and compares how they went, on every thread.
func check(t *testing.T, role string, rules sandbox.Rules, attempts map[string]attempt) {
	t.Helper()
	do := map[string][]string{}
	for name, a := range attempts {
		do[name] = a.do
	}
	r := run(t, role, rules, do)
	for n, seen := range r.Threads {
		for name, a := range attempts {
			if seen[name] != a.want {
				t.Errorf("thread %d, %s: got %s, want %s", n, name, seen[name], a.want)
			}
		}
	}
	if r.Open != 1024 || r.Core != 0 {
		t.Errorf("it may have %d files open and leave a core of %d bytes", r.Open, r.Core)
	}
	if !reflect.DeepEqual(r.Args, []string{"one", "two words"}) {
		t.Errorf("its arguments are %q", r.Args)
	}
	if role == "launch" && r.Rules != "" {
		t.Error("what was launched knows its rules")
	}
}

func TestSandbox(t *testing.T) {
	t.Parallel()
	for _, role := range []string{"enter", "launch"} {
		t.Run(role, func(t *testing.T) {
			t.Parallel()
			data, dir := t.TempDir(), t.TempDir()
			rules, attempts := hostile(t, data, dir)
			if err := os.Symlink(filepath.Join(data, "key"), filepath.Join(dir, "planted")); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "script"), []byte("#!/bin/sh\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			if role == "launch" { // another binary than the launcher's
				sum, err := process.Sum(rules.Binary)
				if err != nil {
					t.Fatal(err)
				}
				attempts["launcher"] = attempt{"EACCES", []string{"exec", rules.Binary}}
				rules.Outside = true
				if rules.Binary, err = process.Keep(filepath.Join(data, "store"), rules.Binary, sum); err != nil {
					t.Fatal(err)
				}
			}
			check(t, role, rules, attempts)
			if left, err := os.ReadFile(filepath.Join(data, "given")); err != nil || string(left) != "secret" {
				t.Errorf("the given file is %q, %v", left, err)
			}
		})
	}
}

// Without a port there is no network at all, not even a socket for it.
func TestWithoutNetwork(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	l, dir := listener(t, "tcp4", "127.0.0.1:0"), t.TempDir()
	check(t, "enter", sandbox.Rules{Binary: self, Dir: dir}, map[string]attempt{
		"dial":       {"EPERM", []string{"dial", "tcp4", l.Addr().String()}},
		"ask":        {"EPERM", []string{"dial", "udp4", "127.0.0.1:53"}},
		"resolver":   {"EACCES", []string{"read", "/etc/resolv.conf"}},
		"its folder": {"ok", []string{"dir", dir}},
	})
}

func TestRefusedRules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for want, r := range map[string]sandbox.Rules{
		`can't allow "/"`:   {Binary: "/bin/true", Dir: "/"},
		`can't allow ""`:    {Dir: dir},
		`can't allow "etc"`: {Binary: "/bin/true", Dir: dir, ReadOnly: []string{"etc"}},
	} {
		if err := sandbox.Enter(r); core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", r, err)
		}
	}
	for _, text := range []string{"", "null", "{}", `{"binary":"/a","dir":"/b","more":1}`, `{"binary":"/a","dir":"/b"} {}`} {
		if _, err := sandbox.Decode(text); core.CodeOf(err) != core.Invalid {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestRulesTravel(t *testing.T) {
	t.Parallel()
	path := rapid.StringMatching(`/[a-zé "\\]{1,20}`)
	rapid.Check(t, func(t *rapid.T) {
		r := sandbox.Rules{
			Binary: path.Draw(t, "binary"), Dir: path.Draw(t, "dir"), Outside: rapid.Bool().Draw(t, "outside"),
			Ports: rapid.SliceOfN(rapid.Uint16(), 1, 5).Draw(t, "ports"), ReadOnly: rapid.SliceOfN(path, 1, 3).Draw(t, "read only"),
		}
		got, err := sandbox.Decode(r.Encode())
		if err != nil || fmt.Sprint(got) != fmt.Sprint(r) {
			t.Fatalf("%v became %v: %v", r, got, err)
		}
	})
}

func TestSupported(t *testing.T) {
	t.Parallel()
	if version, err := sandbox.Supported(); err != nil || version < 6 {
		t.Errorf("version %d, %v", version, err)
	}
}
