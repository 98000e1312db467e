//go:build unix && !linux

package process

import (
	"errors"
	"os/exec"
	"syscall"
)

// Elsewhere a process has its group and its lifeline, and no more.

func attributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

// awaitEnd reaps at once: what the process has forked is killed a moment after
// its number became free.
func awaitEnd(cmd *exec.Cmd) { _ = cmd.Wait() }

func signalGroup(pid int) { _ = syscall.Kill(-pid, syscall.SIGKILL) } // an empty group is none

func emptyGroup(int) {}

func groupMemory(int) (int64, error) { return 0, errors.ErrUnsupported }
