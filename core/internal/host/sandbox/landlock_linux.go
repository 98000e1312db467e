//go:build amd64 || arm64

package sandbox

import (
	"cmp"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"unsafe"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// The versions of Landlock that brought what is used here.
const (
	withTCP    = 4
	withScopes = 6 // the least that will do
)

// newest is the version whose restrictions are asked for; what the kernel
// doesn't know of it, above withScopes, is left out.
var newest = landlock.V9

// What may be done with files, in groups.
const (
	read  = ll.AccessFSReadFile | ll.AccessFSReadDir
	run   = ll.AccessFSReadFile | ll.AccessFSExecute
	write = ll.AccessFSWriteFile | ll.AccessFSTruncate
	// Of a folder of its own: no devices, and no links that lead elsewhere.
	own = read | write | ll.AccessFSRemoveDir | ll.AccessFSRemoveFile | ll.AccessFSMakeDir | ll.AccessFSMakeReg |
		ll.AccessFSMakeSock | ll.AccessFSMakeFifo | ll.AccessFSRefer | ll.AccessFSResolveUnix
	// Of a file, not of a folder.
	ofFiles = ll.AccessFSReadFile | run | write
)

// The parts of the system that a process needs, where they are. /etc/ssl isn't
// among them: it holds private keys too.
var (
	devices   = []string{"/dev/null", "/dev/zero"}
	random    = []string{"/dev/urandom", "/dev/random"}
	zones     = []string{"/usr/share/zoneinfo", "/etc/localtime"}
	libraries = []string{"/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/proc/self/maps"}
	network   = []string{"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/run/systemd/resolve",
		"/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/ca-bundle.pem", "/etc/ca-certificates", "/usr/share/ca-certificates",
		"/usr/local/share/ca-certificates", "/etc/pki/tls/certs", "/etc/pki/ca-trust/extracted"}
)

// Supported says whether plugins can be confined here, and by which version of
// Landlock. Returns core.Unavailable with the reason when they can't.
func Supported() (version int, err error) {
	version, err = ll.LandlockGetABIVersion()
	switch {
	case errors.Is(err, unix.EOPNOTSUPP):
		return 0, unsupported("Landlock was switched off when it started (see the kernel's parameter lsm=)")
	case err != nil:
		return 0, unsupported("its kernel has no Landlock (%v)", err)
	case version < withTCP:
		return version, unsupported("Landlock %d can't restrict TCP, nor signals and abstract sockets; version %d can", version, withScopes)
	case version < withScopes:
		return version, unsupported("Landlock %d can't restrict signals and abstract sockets; version %d can", version, withScopes)
	}
	action := uint32(unix.SECCOMP_RET_ERRNO)
	if _, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action))); errno != 0 {
		return version, unsupported("its kernel can't filter system calls (%v)", errno)
	}
	return version, nil
}

// restrict confines the process by Landlock: files and TCP ports of the rules,
// nobody's signals and abstract sockets.
func restrict(r Rules, binary string) error {
	var set allowed
	set.paths(own, true, r.Dir)
	set.paths(read, true, r.ReadOnly...)
	set.paths(run, true, r.Binary, binary)
	set.paths(read|write, false, devices...)
	set.paths(read, false, random...)
	set.paths(read, false, zones...)
	for _, path := range []string{r.Binary, binary} {
		if loader := interpreter(path); loader != "" {
			set.paths(run, true, loader)
			set.paths(read, false, libraries...)
		}
	}
	for _, port := range r.Ports {
		set.rules = append(set.rules, landlock.ConnectTCP(port))
	}
	if len(r.Ports) > 0 {
		set.paths(read, false, network...)
	}
	if set.err != nil {
		return set.err
	}
	if err := newest.BestEffort().Restrict(set.rules...); err != nil {
		return fmt.Errorf("enter the sandbox: %w", err)
	}
	return nil
}

// allowed is what a process may do; the first error stays.
type allowed struct {
	rules []landlock.Rule
	err   error
}

// paths allows access to files and to all that is below folders. A path that
// isn't needed may be missing.
func (a *allowed) paths(access landlock.AccessFSSet, needed bool, paths ...string) {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err == nil:
		case needed || !errors.Is(err, fs.ErrNotExist):
			a.err = cmp.Or(a.err, fmt.Errorf("allow in the sandbox: %w", err))
			continue
		default:
			continue
		}
		rights := access
		if !info.IsDir() {
			rights &= ofFiles
		}
		a.rules = append(a.rules, landlock.PathAccess(rights, path).IgnoreIfMissing())
	}
}

// interpreter is the dynamic loader that a binary asks for; a static one has
// none.
func interpreter(binary string) string {
	f, err := elf.Open(binary)
	if err != nil {
		return ""
	}
	defer f.Close()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			name, err := io.ReadAll(p.Open())
			if err != nil {
				return ""
			}
			return strings.TrimRight(string(name), "\x00")
		}
	}
	return ""
}
