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
		eachOf(pid, func(member int, state byte) {
			if state != 'Z' && state != 'X' {
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
	eachOf(pid, func(member int, _ byte) {
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

// eachOf calls visit with the number and the state of each process of a group.
func eachOf(group int, visit func(pid int, state byte)) {
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
		text, err := os.ReadFile("/proc/" + name + "/stat")
		if err != nil {
			continue // it has ended
		}
		// pid (name) state ppid pgrp: the name may hold brackets and spaces.
		fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
		if len(fields) > 2 && string(fields[2]) == strconv.Itoa(group) {
			visit(pid, fields[0][0])
		}
	}
}
