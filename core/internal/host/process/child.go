package process

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin/runner"
)

// How long the end of a process is waited for, once it was killed: for the
// pipes that somebody outside its group holds, and for its group.
const drain = time.Second

// busyTries is how often a binary is executed that another start's fork still
// has open for writing, at busyPause each.
const (
	busyTries = 100
	busyPause = 10 * time.Millisecond
)

// child is the process behind go-plugin's runner. A thread of its own starts
// it and waits for it, because the kernel ties the death signal to the thread.
type child struct {
	spec Spec
	env  []string // go-plugin's
	log  *log

	stdout  *io.PipeReader // the first line alone: the handshake
	ours    []*os.File     // our ends of its pipes, closed when it has ended
	readers sync.WaitGroup

	mu       sync.Mutex
	lifeline *os.File // closing it asks the plugin to end
	pid      int
	running  bool // it was started and isn't reaped: its number is its own
	doomed   bool // it was killed, maybe before it ran
	state    *os.ProcessState
	early    string // what came instead of a handshake

	reaped chan struct{} // its number is free again
	ended  chan struct{} // and everything it printed is read
}

func newChild(s Spec) *child {
	return &child{spec: s, log: newLog(s.Log), reaped: make(chan struct{}), ended: make(chan struct{})}
}

// runner takes the environment that go-plugin has made and nothing else of
// its command: that would share the console's standard input.
func (c *child) runner(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
	c.env = append(c.spec.environment(), cmd.Env...)
	return c, nil
}

// Start implements go-plugin's Runner.
func (c *child) Start(ctx context.Context) error {
	started := make(chan error)
	go c.live(ctx, started)
	return <-started
}

// live is the life of the process, on one thread.
func (c *child) live(ctx context.Context, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd, err := c.launch(ctx)
	started <- err
	if err != nil {
		return
	}
	pid := cmd.Process.Pid
	awaitEnd(cmd)
	signalGroup(pid) // what it has forked: until it is reaped its number is nobody else's
	emptyGroup(pid)
	c.mu.Lock()
	_ = cmd.Wait() // the state says how it ended
	c.running, c.state = false, cmd.ProcessState
	c.mu.Unlock()
	close(c.reaped)
	c.clear()
	close(c.ended)
}

// clear reads what the process has printed last and closes what belonged to it.
func (c *child) clear() {
	read := make(chan struct{})
	go func() {
		c.readers.Wait()
		close(read)
	}()
	select {
	case <-read:
	case <-time.After(drain): // a process that has left the group holds the pipes
	}
	for _, f := range c.ours {
		_ = f.Close() // that ends the readers
	}
	<-read
	c.ask()
}

// launch executes the command with pipes of its own.
func (c *child) launch(ctx context.Context) (*exec.Cmd, error) {
	var ours, theirs [3]*os.File // stdout, stderr, lifeline
	defer func() {
		for _, f := range theirs {
			_ = f.Close() // the process has its own; nil says so
		}
	}()
	for i := range ours {
		r, w, err := os.Pipe()
		if err != nil {
			return nil, errors.Join(err, closeAll(ours[:]))
		}
		ours[i], theirs[i] = r, w
	}
	ours[2], theirs[2] = theirs[2], ours[2]
	cmd, err := c.execute(ctx, theirs[:])
	if err != nil {
		return nil, errors.Join(err, closeAll(ours[:]))
	}
	handshake, toClient := io.Pipe()
	c.stdout, c.ours = handshake, ours[:2]
	c.readers.Add(2)
	go c.readStdout(ours[0], toClient)
	go c.readStderr(ours[1])
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pid, c.running, c.lifeline = cmd.Process.Pid, true, ours[2]
	if c.doomed {
		signalGroup(c.pid)
	}
	return cmd, nil
}

func closeAll(files []*os.File) error {
	for _, f := range files {
		if f != nil {
			_ = f.Close() // nothing was written to it
		}
	}
	return nil
}

// execute tries again while the binary is busy: a fork of another start may
// hold it open for writing for a moment, though we have closed it.
func (c *child) execute(ctx context.Context, files []*os.File) (*exec.Cmd, error) {
	for try := 1; ; try++ {
		cmd := &exec.Cmd{
			Path: c.spec.Command[0], Args: c.spec.Command, Env: c.env, Dir: c.spec.Dir,
			Stdout: files[0], Stderr: files[1], ExtraFiles: files[2:], SysProcAttr: attributes(),
		}
		err := cmd.Start()
		if err == nil || !errors.Is(err, syscall.ETXTBSY) || try == busyTries {
			return cmd, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(busyPause):
		}
	}
}

// kill ends the whole group, unless the process was reaped: then its number
// may be somebody else's. One that doesn't run yet will be killed when it does.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doomed = true
	if c.running {
		signalGroup(c.pid)
	}
}

// ask closes the lifeline.
func (c *child) ask() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lifeline != nil {
		_ = c.lifeline.Close() // nobody writes to it
		c.lifeline = nil
	}
}

// number is the process's, also after its end; 0 when it never ran.
func (c *child) number() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.pid
}

// memory is what the group holds while the number is its own.
func (c *child) memory() (int64, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.running {
		return 0, os.ErrProcessDone
	}
	return groupMemory(c.pid)
}
