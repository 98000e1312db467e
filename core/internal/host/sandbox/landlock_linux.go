//go:build amd64 || arm64

package sandbox

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The versions of Landlock that brought what is used here.
const (
	withTCP    = 4
	withIoctl  = 5
	withScopes = 6 // the least that will do
	withUnix   = 9
	withUDP    = 10
)

// netPort is the kernel's LANDLOCK_RULE_NET_PORT.
const netPort = 2

// What may be done with files, in groups.
const (
	read  = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	run   = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_EXECUTE
	write = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	// Of a folder of its own: no devices, and no links that lead elsewhere.
	own = read | write | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR | unix.LANDLOCK_ACCESS_FS_REMOVE_FILE |
		unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG | unix.LANDLOCK_ACCESS_FS_MAKE_SOCK |
		unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_REFER
	// Of a file, not of a folder.
	ofFiles = read&^unix.LANDLOCK_ACCESS_FS_READ_DIR | run | write
	// Everything that the third version knows; the rest is added by version.
	known = unix.LANDLOCK_ACCESS_FS_TRUNCATE<<1 - 1
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
	v, _, errno := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	version = int(v)
	switch {
	case errno == unix.EOPNOTSUPP:
		return 0, unsupported("Landlock was switched off when it started (see the kernel's parameter lsm=)")
	case errno != 0:
		return 0, unsupported("its kernel has no Landlock (%v)", errno)
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

// portRule is the kernel's struct landlock_net_port_attr.
type portRule struct{ access, port uint64 }

// ruleset makes the kernel's set of rules and returns its descriptor.
func ruleset(version int, r Rules, binary string) (int, error) {
	handled := unix.LandlockRulesetAttr{
		Handled_access_fs:  known,
		Handled_access_net: unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP,
		Scoped:             unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET | unix.LANDLOCK_SCOPE_SIGNAL,
	}
	home, udp := uint64(own), version >= withUDP
	if version >= withIoctl {
		handled.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
	}
	if version >= withUnix {
		handled.Handled_access_fs |= unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX
		home |= unix.LANDLOCK_ACCESS_FS_RESOLVE_UNIX
	}
	if udp {
		handled.Handled_access_net |= unix.LANDLOCK_ACCESS_NET_BIND_UDP | unix.LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP
	}
	size := unsafe.Offsetof(handled.Quiet_access_fs) // what all of these versions know
	fd, _, errno := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&handled)), size, 0)
	if errno != 0 {
		return 0, fmt.Errorf("make the rules of the sandbox: %w", errno)
	}
	set := &rules{fd: fd}
	set.paths(home, true, r.Dir)
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
		set.port(unix.LANDLOCK_ACCESS_NET_CONNECT_TCP, port)
	}
	if len(r.Ports) > 0 {
		set.paths(read, false, network...)
		if udp { // questions to a name server, from any port
			set.port(unix.LANDLOCK_ACCESS_NET_CONNECT_SEND_UDP, 53)
			set.port(unix.LANDLOCK_ACCESS_NET_BIND_UDP, 0)
		}
	}
	return int(fd), set.err
}

// rules are added to a set; the first error stays.
type rules struct {
	fd  uintptr
	err error
}

// paths allows access to files and to all that is below folders. A path that
// isn't needed may be missing.
func (l *rules) paths(access uint64, needed bool, paths ...string) {
	for _, path := range paths {
		if l.err != nil {
			return
		}
		if err := l.path(access, path); err != nil && (needed || !errors.Is(err, unix.ENOENT)) {
			l.err = fmt.Errorf("allow %s in the sandbox: %w", path, err)
		}
	}
}

func (l *rules) path(access uint64, path string) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return err
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		access &= ofFiles
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: access, Parent_fd: int32(fd)}
	return l.add(unix.LANDLOCK_RULE_PATH_BENEATH, unsafe.Pointer(&rule))
}

func (l *rules) port(access uint64, port uint16) {
	rule := portRule{access: access, port: uint64(port)}
	if err := l.add(netPort, unsafe.Pointer(&rule)); err != nil && l.err == nil {
		l.err = fmt.Errorf("allow port %d in the sandbox: %w", port, err)
	}
}

func (l *rules) add(kind uintptr, rule unsafe.Pointer) error {
	if _, _, errno := unix.RawSyscall6(unix.SYS_LANDLOCK_ADD_RULE, l.fd, kind, uintptr(rule), 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
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
