// Package sandbox confines a plugin's process before a line of the plugin's
// own code runs: what it may read and write, whom it may reach, and what it
// may ask of the kernel. It is Landlock, with a filter of system calls for
// what Landlock leaves open. Both outlive every exec and can't be taken off.
package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// Rules are what one process may do.
type Rules struct {
	Binary   string   `json:"binary"`              // its own: read and execute
	Dir      string   `json:"dir"`                 // its temporary files and sockets: read, write
	Ports    []uint16 `json:"ports,omitempty"`     // TCP connect; with any, it may ask for names over UDP
	ReadOnly []string `json:"read_only,omitempty"` // files and folders beside the system's libraries and time zones
	Outside  bool     `json:"outside,omitempty"`   // not a part of the console's binary

	entered bool // by the process that has executed this one
}

// traveling is how rules pass through the environment.
type traveling struct {
	Rules
	Entered bool `json:"entered,omitempty"`
}

// Encode writes rules for the variable wire.SandboxKey.
func (r Rules) Encode() string {
	text, err := json.Marshal(traveling{Rules: r, Entered: r.entered})
	if err != nil {
		return "" // strings and numbers always have a JSON
	}
	return string(text)
}

// Decode reads what Encode wrote. Returns core.Invalid for anything else.
func Decode(text string) (Rules, error) {
	var t traveling
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&t); err != nil || d.More() {
		return Rules{}, core.Errorf(core.Invalid, "The rules of the sandbox can't be read.")
	}
	t.entered = t.Entered
	return t.Rules, t.check()
}

// check refuses rules that would confine nothing or can't be held.
func (r Rules) check() error {
	for _, path := range append([]string{r.Binary, r.Dir}, r.ReadOnly...) {
		if !filepath.IsAbs(path) || filepath.Clean(path) == "/" {
			return core.Errorf(core.Invalid, "The sandbox can't allow %q: it has to be an absolute path below the root.", path)
		}
	}
	return nil
}

// Enter confines the calling process, all of its threads, and everything that
// it will start. It is the first thing that a process does: it executes its
// own binary once more, with the same arguments, on a confined thread, so that
// no thread is older than the rules; there it checks that they hold and
// returns. Returns core.Unavailable where the system can't do it.
func Enter(r Rules) error {
	if before, err := Decode(value(os.Environ(), wire.SandboxKey)); err == nil && before.entered {
		return holds()
	}
	if err := r.check(); err != nil {
		return err
	}
	r.entered = true
	env := append(without(os.Environ(), wire.SandboxKey), wire.SandboxKey+"="+r.Encode())
	return confined(r, ownBinary, os.Args, env)
}

// Launch reads the rules from the environment, enters them and becomes their
// binary, with args. It returns only when that fails.
func Launch(args []string) error {
	r, err := Decode(value(os.Environ(), wire.SandboxKey))
	if err != nil {
		return err
	}
	env := without(os.Environ(), wire.SandboxKey)
	return confined(r, r.Binary, append([]string{r.Binary}, args...), env)
}

// value finds a variable in an environment.
func value(env []string, key string) string {
	for _, v := range env {
		if name, text, _ := strings.Cut(v, "="); name == key {
			return text
		}
	}
	return ""
}

// without leaves a variable out of an environment.
func without(env []string, key string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(v string) bool { return strings.HasPrefix(v, key+"=") })
}

// unsupported says why there is no sandbox here.
func unsupported(format string, args ...any) error {
	return core.Errorf(core.Unavailable, "This system can't confine a plugin: %s.", fmt.Sprintf(format, args...))
}
