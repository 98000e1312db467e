package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// attributes put the process into a group of its own. It dies with the thread
// that started it, which lives as long as the process: that reaches a plugin
// that can't read its lifeline, because it is stopped or hangs.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// awaitEnd waits until a process has ended, and leaves it to be reaped.
func awaitEnd(cmd *exec.Cmd) {
	for {
		var info unix.Siginfo
		if err := unix.Waitid(unix.P_PID, cmd.Process.Pid, &info, unix.WEXITED|unix.WNOWAIT, nil); !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// signalGroup kills a group whose leader isn't reaped.
func signalGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // an empty group is none

// emptyGroup waits until nobody of the killed group runs but its leader, which
// has ended.
func emptyGroup(pid int) {
	for waited := time.Duration(0); waited < drain; waited += busyPause {
		others := 0
		eachOf(pid, func(member int) {
			if lives(member) {
				others++
			}
		})
		if others == 0 {
			return
		}
		<-time.After(busyPause)
	}
}

// groupMemory is the sum of the resident pages, which counts pages twice that
// two of the group share.
func groupMemory(pid int) (int64, error) {
	var pages int64
	eachOf(pid, func(member int) {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(member) + "/statm")
		if fields := bytes.Fields(text); err == nil && len(fields) > 1 {
			n, _ := strconv.ParseInt(string(fields[1]), 10, 64)
			pages += n
		}
	})
	if pages == 0 {
		return 0, fmt.Errorf("memory of process %d: %w", pid, os.ErrProcessDone)
	}
	return pages * int64(os.Getpagesize()), nil
}

// eachOf calls visit with the number of each process of a group. Asking for a
// group is far cheaper than reading a file of /proc.
func eachOf(group int, visit func(pid int)) {
	proc, err := os.Open("/proc")
	if err != nil {
		return
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1) // what can be read
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if of, err := unix.Getpgid(pid); err == nil && of == group {
			visit(pid)
		}
	}
}

// lives says whether a process runs, not counting one that waits to be reaped.
func lives(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return false
	}
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:]) // its name may hold brackets and spaces
	return len(fields) > 0 && !bytes.ContainsAny(fields[0], "ZX")
}
