//go:build amd64 || arm64

package sandbox

import (
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// program is a filter of system calls, in the kernel's little language. What
// it doesn't name is allowed.
type program []unix.SockFilter

// Where the kernel's struct seccomp_data has what is asked for.
const (
	callNumber = 0
	callArch   = 4
	callArgs   = 16 // eight bytes each, the low half first
)

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func argument(n uint32) unix.SockFilter { return load(callArgs + 8*n) }

func mask(bits uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: bits}
}

func end(action uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
}

func refuse(errno unix.Errno) unix.SockFilter { return end(unix.SECCOMP_RET_ERRNO | uint32(errno)) }

// when runs steps if the loaded value compares so with k; otherwise it goes on
// behind them.
func when(compare uint16, k uint32, steps ...unix.SockFilter) program {
	jump := unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | compare, Jf: uint8(len(steps)), K: k}
	return append(program{jump}, steps...)
}

func is(k uint32, steps ...unix.SockFilter) program { return when(unix.BPF_JEQ, k, steps...) }

var allow = end(unix.SECCOMP_RET_ALLOW)

// Flags of clone and of socket.
const (
	newNamespaces = unix.CLONE_NEWNS | unix.CLONE_NEWCGROUP | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC |
		unix.CLONE_NEWUSER | unix.CLONE_NEWPID | unix.CLONE_NEWNET
	kindOfSocket = 0xf // beside flags
)

// forbidden asks the kernel for what no plugin has a need for: to look into
// other processes, to leave its group, to change files that it can't open, to
// go around Landlock, or to change the machine.
var forbidden = []uint32{
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PROCESS_MADVISE, unix.SYS_KCMP,
	unix.SYS_PIDFD_GETFD, unix.SYS_MIGRATE_PAGES, unix.SYS_MOVE_PAGES, unix.SYS_SETPRIORITY, unix.SYS_IOPRIO_SET,
	unix.SYS_SCHED_SETATTR, unix.SYS_SCHED_SETPARAM, unix.SYS_SCHED_SETSCHEDULER,
	unix.SYS_SETSID, unix.SYS_SETPGID, unix.SYS_SETNS, unix.SYS_UNSHARE,
	unix.SYS_FCHMODAT, unix.SYS_FCHMODAT2, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT, unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT,
	unix.SYS_SETXATTR, unix.SYS_LSETXATTR, unix.SYS_REMOVEXATTR, unix.SYS_LREMOVEXATTR,
	unix.SYS_SETXATTRAT, unix.SYS_REMOVEXATTRAT,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_INOTIFY_ADD_WATCH, unix.SYS_FANOTIFY_INIT,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL,
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_SHMCTL, unix.SYS_SEMGET, unix.SYS_SEMCTL, unix.SYS_MSGGET, unix.SYS_MSGCTL,
	unix.SYS_MQ_OPEN, unix.SYS_MQ_UNLINK,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOVE_MOUNT, unix.SYS_OPEN_TREE,
	unix.SYS_FSOPEN, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_FSCONFIG, unix.SYS_MOUNT_SETATTR,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_KEXEC_FILE_LOAD,
	unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_SWAPOFF, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_QUOTACTL_FD, unix.SYS_SYSLOG,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_CLOCK_ADJTIME, unix.SYS_ADJTIMEX,
	unix.SYS_SETHOSTNAME, unix.SYS_SETDOMAINNAME, unix.SYS_VHANGUP,
}

// filter makes the program. Landlock knows nothing of sockets other than TCP's
// and Unix's, which leaves Multipath TCP to go anywhere, nor of TCP Fast Open,
// which connects without being asked.
func filter(network bool) program {
	p := program{load(callArch)}
	p = append(p, is(architecture, load(callNumber), unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_JA, K: 1})...)
	p = append(p, end(unix.SECCOMP_RET_KILL_PROCESS))
	p = append(p, oldCalls()...)
	p = append(p, is(unix.SYS_SOCKET, sockets(network)...)...)
	fastOpen := []unix.SockFilter{mask(unix.MSG_FASTOPEN)}
	fastOpen = append(fastOpen, is(0, allow)...)
	fastOpen = append(fastOpen, refuse(unix.EPERM))
	p = append(p, is(unix.SYS_SENDTO, append([]unix.SockFilter{argument(3)}, fastOpen...)...)...)
	p = append(p, is(unix.SYS_SENDMSG, append([]unix.SockFilter{argument(2)}, fastOpen...)...)...)
	p = append(p, is(unix.SYS_SENDMMSG, append([]unix.SockFilter{argument(3)}, fastOpen...)...)...)
	// Limits of its own, not of another process.
	p = append(p, is(unix.SYS_PRLIMIT64, slices.Concat(program{argument(0)}, is(0, allow), program{refuse(unix.EPERM)})...)...)
	// Flags in memory can't be read: the C library then uses clone.
	p = append(p, is(unix.SYS_CLONE3, refuse(unix.ENOSYS))...)
	p = append(p, is(unix.SYS_CLONE, slices.Concat(program{argument(0), mask(newNamespaces)}, is(0, allow), program{refuse(unix.EPERM)})...)...)
	for _, call := range append(forbidden, forbiddenHere...) {
		p = append(p, is(call, refuse(unix.EPERM))...)
	}
	return append(p, allow)
}

// sockets allows those of Unix, and with a network TCP's, and UDP's for
// questions to name servers.
func sockets(network bool) program {
	p := append(program{argument(0)}, is(unix.AF_UNIX, allow)...)
	if network {
		internet := slices.Concat(
			program{argument(1), mask(kindOfSocket)},
			is(unix.SOCK_STREAM, slices.Concat(program{argument(2)}, is(0, allow), is(unix.IPPROTO_TCP, allow), program{refuse(unix.EPROTONOSUPPORT)})...),
			is(unix.SOCK_DGRAM, slices.Concat(program{argument(2)}, is(0, allow), is(unix.IPPROTO_UDP, allow), program{refuse(unix.EPROTONOSUPPORT)})...),
			program{refuse(unix.EPERM)})
		p = slices.Concat(p, is(unix.AF_INET, internet...), is(unix.AF_INET6, internet...))
	}
	return append(p, refuse(unix.EPERM))
}

// install puts the program on the calling thread and on what it will start.
func (p program) install() error {
	prog := unix.SockFprog{Len: uint16(len(p)), Filter: &p[0]}
	if _, _, errno := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog))); errno != 0 {
		return errno
	}
	return nil
}
