package process

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/openhouse-ai/console/core"
)

// readStdout hands go-plugin the first line when it is a handshake; all that
// comes else belongs to the log.
func (c *child) readStdout(from io.Reader, handshake *io.PipeWriter) {
	defer c.readers.Done()
	defer handshake.Close()
	lines := c.log.writer("info")
	defer lines.flush()
	r := bufio.NewReaderSize(from, maxLine)
	first, long, err := r.ReadLine()
	switch {
	case err != nil:
		return
	case !long && isHandshake(string(first)):
		_, _ = fmt.Fprintf(handshake, "%s\n", first) // go-plugin reads to the end
	default:
		c.mu.Lock()
		c.early = clip(string(first), maxQuote)
		c.mu.Unlock()
		_ = handshake.Close() // that ends go-plugin's waiting
		_, _ = lines.Write(append(first, '\n'))
	}
	_, _ = io.Copy(lines, r) // it ends with the process
}

func (c *child) readStderr(from io.Reader) {
	defer c.readers.Done()
	lines := c.log.writer("")
	defer lines.flush()
	_, _ = io.Copy(lines, from) // it ends with the process
}

// isHandshake recognises go-plugin's line: core and protocol version, network,
// address, protocol, certificate.
func isHandshake(line string) bool {
	parts := strings.Split(strings.TrimSpace(line), "|")
	if len(parts) < 5 {
		return false
	}
	_, err := strconv.Atoi(parts[0])
	return err == nil
}

// Exit is how a process ended.
type Exit struct {
	Code   int    // -1 when a signal ended it
	Signal string // "killed", "segmentation fault"; empty when it ended by itself
	Panic  string // the last panic or fatal error with its stack
	Last   []Line // the last fifty lines
}

// String says it in a few words: "exit code 2", "killed by a signal: killed".
func (e Exit) String() string {
	if e.Signal != "" {
		return "ended by a signal: " + e.Signal
	}
	return "exit code " + strconv.Itoa(e.Code)
}

func (c *child) exit() Exit {
	e := Exit{Code: -1}
	e.Panic, e.Last = c.log.end()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state == nil {
		return e
	}
	e.Code = c.state.ExitCode()
	if status, ok := c.state.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		e.Signal = status.Signal().String()
	}
	return e
}

// explain says why a start failed, by what the plugin did instead. late is
// the end of the context, when that came first.
func (p *Process) explain(late, failure error) error {
	c := p.child
	c.mu.Lock()
	early, ran := c.early, c.pid != 0
	c.mu.Unlock()
	exit, name := c.exit(), p.spec.Plugin
	switch {
	case !ran:
		return core.Errorf(core.Unavailable, "The plugin %s can't be executed: %v.", name, failure)
	case early != "":
		return core.Errorf(core.Unavailable, "The plugin %s printed to standard output before sdk.Serve, where the console expects its handshake. The first line was %q.", name, early)
	case exit.Signal != syscall.SIGKILL.String():
		why := exit.reason()
		return core.Errorf(core.Unavailable, "The plugin %s ended before it was ready, with %s%s", name, exit, why)
	case errors.Is(late, context.DeadlineExceeded):
		return core.Errorf(core.Unavailable, "The plugin %s wasn't ready within %s.", name, p.spec.StartTimeout)
	case late != nil:
		return fmt.Errorf("start plugin %s: %w", name, late)
	}
	return core.Errorf(core.Unavailable, "The plugin %s couldn't be reached after its start: %v.", name, failure)
}

// reason is the first line of the panic or the last one that was printed, as
// the end of a sentence.
func (e Exit) reason() string {
	said := ""
	if line, _, _ := strings.Cut(e.Panic, "\n"); line != "" {
		said = line
	} else if len(e.Last) > 0 {
		said = e.Last[len(e.Last)-1].Text
	}
	if said == "" {
		return "; it printed nothing."
	}
	return ": " + clip(said, maxQuote)
}

func invalid(format string, args ...any) error { return core.Errorf(core.Invalid, format, args...) }

// The rest is what go-plugin asks of a runner.

func (c *child) Wait(context.Context) error {
	<-c.reaped
	return nil
}

func (c *child) Kill(context.Context) error {
	c.kill()
	return nil
}

func (c *child) Stdout() io.ReadCloser { return c.stdout }

// Stderr is empty: go-plugin panics on some lines of JSON.
func (c *child) Stderr() io.ReadCloser { return io.NopCloser(strings.NewReader("")) }

func (c *child) Name() string { return c.spec.Command[0] }

func (c *child) ID() string { return strconv.Itoa(c.number()) }

func (c *child) Diagnose(context.Context) string { return "" }

// PluginToHost lets the console connect to sockets of the plugin's own folder
// alone.
func (c *child) PluginToHost(network, address string) (string, string, error) {
	inside, err := filepath.Rel(c.spec.Dir, address)
	if network != "unix" || err != nil || !filepath.IsLocal(inside) {
		return "", "", fmt.Errorf("the plugin listens on %s %s, not on a socket in its folder", network, address)
	}
	return network, address, nil
}

func (c *child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
