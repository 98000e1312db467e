//go:build amd64 || arm64

package sandbox

import (
	"errors"
	"fmt"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ownBinary is what runs, also when a newer one has taken its place on disk.
const ownBinary = "/proc/self/exe"

// Limits of a confined process.
const (
	openFiles = 1024
	busyTries = 100 // of a binary that somebody's fork has open for writing
	busyPause = 10 * time.Millisecond
)

// confined limits the calling thread and executes a binary on it: all threads
// that will ever be are that one's children. It returns only when that fails,
// on a thread that is good for nothing any more.
func confined(r Rules, binary string, args, env []string) error {
	if _, err := Supported(); err != nil {
		return err
	}
	runtime.LockOSThread() // and never unlock it
	for resource, limit := range map[int]uint64{syscall.RLIMIT_CORE: 0, syscall.RLIMIT_NOFILE: openFiles} {
		if err := lower(resource, limit); err != nil {
			return fmt.Errorf("limit a confined process: %w", err)
		}
	}
	if err := restrict(r, binary); err != nil {
		return err
	}
	// The death signal belongs to the thread; this one's life is the process's.
	if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
		return fmt.Errorf("end with the host: %w", err)
	}
	if err := filter(len(r.Ports) > 0).install(); err != nil {
		return fmt.Errorf("filter system calls: %w", err)
	}
	for try := 1; ; try++ {
		err := syscall.Exec(binary, args, env)
		if !errors.Is(err, syscall.ETXTBSY) || try == busyTries {
			return fmt.Errorf("execute %s in the sandbox: %w", binary, err)
		}
		<-time.After(busyPause)
	}
}

// lower sets both limits, or the hard one that is lower already.
func lower(resource int, limit uint64) error {
	var now syscall.Rlimit
	if err := syscall.Getrlimit(resource, &now); err != nil {
		return err
	}
	limit = min(limit, now.Max)
	return syscall.Setrlimit(resource, &syscall.Rlimit{Cur: limit, Max: limit})
}

// holds checks what can be seen of the sandbox from inside.
func holds() error {
	locked, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
	if err != nil || locked != 1 {
		return unsupported("its privileges can grow")
	}
	mode, err := unix.PrctlRetInt(unix.PR_GET_SECCOMP, 0, 0, 0, 0)
	if err != nil || mode != unix.SECCOMP_MODE_FILTER {
		return unsupported("system calls aren't filtered")
	}
	fd, err := unix.Open("/", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err == nil {
		_ = unix.Close(fd) // it was only read
	}
	if !errors.Is(err, unix.EACCES) {
		return unsupported("the root folder can be read inside the sandbox")
	}
	return nil
}
