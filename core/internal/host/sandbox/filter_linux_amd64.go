package sandbox

import "golang.org/x/sys/unix"

const architecture = unix.AUDIT_ARCH_X86_64

// forbiddenHere has the calls that other architectures never had.
var forbiddenHere = []uint32{
	unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN, unix.SYS_UTIME, unix.SYS_UTIMES, unix.SYS_FUTIMESAT,
	unix.SYS_IOPL, unix.SYS_IOPERM, unix.SYS_MODIFY_LDT,
}

// oldCalls refuses the numbers of the 32-bit interface: they name the same
// calls again.
func oldCalls() program {
	const x32 = 0x40000000
	return when(unix.BPF_JGE, x32, refuse(unix.ENOSYS))
}
