package main

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/internal/host/sandbox"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// pluginDoctor says what is wrong with this machine and with a plugin, and how
// to mend it, one line each. It exits with 1 when something is.
func pluginDoctor(ctx context.Context, args []string) error {
	flags := newFlags("plugin doctor", "[DIR|BINARY] [--plugins FILE]")
	file := flags.String("plugins", "plugins.yaml", "`FILE` that lists the plugins")
	words, err := split(flags.FlagSet, args)
	if err == nil && len(words) > 1 {
		err = exit{2, fmt.Errorf("usage: %s %s", flags.Name(), flags.words)}
	}
	if err != nil {
		return err
	}
	d := &doctor{}
	d.machine()
	var b built
	if len(words) == 1 {
		temp, err := os.MkdirTemp("", "ohdoc")
		if err != nil {
			return err
		}
		defer os.RemoveAll(temp)
		b = d.plugin(ctx, words[0], temp)
	}
	d.listing(*file, b)
	if d.bad > 0 {
		return exit{1, fmt.Errorf("%s to mend", counted(d.bad, "thing"))}
	}
	return nil
}

// doctor prints findings and counts the bad ones.
type doctor struct{ bad int }

func (d *doctor) good(format string, args ...any) { fmt.Printf("ok   "+format+"\n", args...) }
func (d *doctor) note(format string, args ...any) { fmt.Printf("note "+format+"\n", args...) }

// wrong prints what is wrong, and how it is mended.
func (d *doctor) wrong(what, mend string) {
	d.bad++
	fmt.Printf("bad  %s %s\n", strings.TrimSpace(strings.ReplaceAll(what, "\n", "\n     ")), mend)
}

// longestTemp is how long TMPDIR may be: a socket's path has 107 bytes.
const longestTemp = 30

func (d *doctor) machine() {
	if abi, err := sandbox.Supported(); err != nil {
		d.wrong("This machine can't confine plugins: "+err.Error()+".", "Use Linux 6.7 or later with Landlock, or write “sandbox: off” for a plugin that you trust.")
	} else {
		d.good("The kernel confines plugins (Landlock %d).", abi)
	}
	if temp := os.TempDir(); len(temp) > longestTemp {
		d.wrong(fmt.Sprintf("TMPDIR is %s, too long for the sockets of plugins.", temp), "Set TMPDIR to a shorter path, such as /tmp.")
	} else {
		d.good("Sockets of plugins fit into %s.", temp)
	}
}

// plugin looks at a module or at a binary.
func (d *doctor) plugin(ctx context.Context, path, temp string) built {
	info, err := os.Stat(path)
	if err != nil {
		d.wrong(err.Error()+".", "Name the folder of a plugin's module, or its binary.")
		return built{}
	}
	binary := path
	if info.IsDir() {
		binary = filepath.Join(temp, "plugin")
		if !d.module(ctx, path, binary) {
			return built{}
		}
	}
	d.static(binary)
	b, err := inspectPlugin(ctx, binary)
	if err != nil {
		d.started(err)
		return built{}
	}
	d.manifest(b)
	return b
}

// module builds a module.
func (d *doctor) module(ctx context.Context, dir, to string) bool {
	c := exec.CommandContext(ctx, "go", "env", "GOVERSION")
	c.Dir = dir
	var said bytes.Buffer
	c.Stderr = &said
	version, err := c.Output()
	if err != nil {
		d.wrong(fmt.Sprintf("Go can't be run in %s: %v. %s", dir, err, strings.TrimSpace(said.String())), "Install the Go that go.mod names: https://go.dev/dl")
		return false
	}
	d.good("Go is %s.", strings.TrimSpace(string(version)))
	if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
		d.wrong(dir+" has no go.mod.", "Name the folder of the module; “openhouse plugin new” writes one.")
		return false
	}
	if err := buildPlugin(ctx, dir, to); err != nil {
		d.wrong(err.Error(), "\n     Where a module is missing: go mod tidy. Where the SDK is missing: go mod edit -replace "+consoleModule+"=CHECKOUT")
		return false
	}
	d.good("The module builds.")
	return true
}

// static tells whether a binary needs libraries of the machine.
func (d *doctor) static(binary string) {
	f, err := elf.Open(binary)
	if err != nil {
		d.note("%s is not a program of Linux (%v), so the console can't run it there.", filepath.Base(binary), err)
		return
	}
	defer f.Close()
	needs, err := f.ImportedLibraries()
	if err == nil && len(needs) > 0 {
		d.wrong("The binary needs libraries of the machine: "+strings.Join(needs, ", ")+".", "Build it with CGO_ENABLED=0, or with openhouse plugin pack.")
		return
	}
	d.good("The binary is static.")
}

// started explains why a plugin didn't start.
func (d *doctor) started(err error) {
	known, _ := errors.AsType[*core.Error](err)
	switch {
	case strings.Contains(err.Error(), "standard output before"):
		d.wrong(err.Error(), "Take that line out, or print to standard error: before sdk.Serve nothing may be printed.")
	case known != nil && len(known.Fields) > 0:
		for _, f := range known.Fields {
			d.wrong(fmt.Sprintf("The plugin's %s %q %s.", f.Field, f.Value, f.Reason), "Change it in sdk.Plugin.")
		}
	default:
		d.wrong(err.Error(), "The main of a plugin is sdk.Serve(Plugin()), and nothing that can fail before it.")
	}
}

func (d *doctor) manifest(b built) {
	m := b.manifest
	d.good("%s %s starts and describes itself: %s, %s, %s, %s.", m.Name, m.Version,
		counted(len(m.Pages), "page"), counted(len(m.Routes), "route"), counted(len(m.Jobs), "job"), counted(len(m.Tools), "tool"))
	if m.SDK != wire.ProtocolVersion {
		d.wrong(fmt.Sprintf("It was built with an SDK of protocol %d; this console speaks %d.", m.SDK, wire.ProtocolVersion), "Build it with the SDK of this console.")
	} else {
		d.good("Its SDK speaks protocol %d, as this console does.", m.SDK)
	}
	if bundled[m.ID] != nil {
		d.wrong(fmt.Sprintf("The console brings a plugin called %s itself.", m.ID), "Give yours another id.")
	}
	needs := m.Needs
	if len(needs.Read)+len(needs.ReadPlatform)+len(needs.Egress)+len(needs.Env) == 0 {
		d.good("It asks for nothing beyond its own tables.")
		return
	}
	for _, table := range sortedKeys(needs.Read) {
		d.note("It asks to read %s of each developer's %s.", strings.Join(needs.Read[table], ", "), table)
	}
	for _, table := range sortedKeys(needs.ReadPlatform) {
		d.note("It asks to read %s of the platform's %s.", strings.Join(needs.ReadPlatform[table], ", "), table)
	}
	for _, words := range []struct{ asks, what string }{{"to call", strings.Join(needs.Egress, ", ")}, {"to see of the environment", strings.Join(needs.Env, ", ")}} {
		if words.what != "" {
			d.note("It asks %s: %s.", words.asks, words.what)
		}
	}
}

// listing looks at plugins.yaml, if it is there.
func (d *doctor) listing(file string, b built) {
	text, err := os.ReadFile(file)
	if err != nil {
		d.note("There is no %s here: the console runs the plugins that it brings.", file)
		return
	}
	var listed struct {
		Plugins map[string]struct {
			Path, SHA256       string
			Read, ReadPlatform map[string][]string
			Egress, Env        []string
		} `yaml:"plugins"`
	}
	if err := yaml.Unmarshal(text, &listed); err != nil {
		d.wrong(fmt.Sprintf("%s can't be read: %s.", file, yaml.FormatError(err, false, false)), "Its comments show every key.")
		return
	}
	for _, id := range sortedKeys(listed.Plugins) {
		entry := listed.Plugins[id]
		if entry.Path == "" {
			continue
		}
		path := entry.Path
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(file), path)
		}
		sum, err := process.Sum(path)
		switch {
		case err != nil:
			d.wrong(fmt.Sprintf("%s lists %s, whose binary can't be read: %v.", file, id, err), "Set path to it.")
		case !strings.EqualFold(sum, entry.SHA256):
			d.wrong(fmt.Sprintf("%s has another checksum for %s than %s.", file, id, path), "After a look at what has changed (openhouse plugin diff): sha256: "+sum)
		default:
			d.good("%s in %s has the checksum of its binary.", id, file)
		}
		if id == b.manifest.ID {
			d.granted(file, id, sdk.Grants{Read: entry.Read, Egress: entry.Egress, Env: entry.Env}, b.manifest.Needs)
		}
	}
}

// granted compares what plugins.yaml grants with what the plugin asks for.
func (d *doctor) granted(file, id string, granted, asked sdk.Grants) {
	var missing []string
	for _, table := range sortedKeys(asked.Read) {
		for _, column := range asked.Read[table] {
			if !slices.Contains(granted.Read[table], column) {
				missing = append(missing, table+"."+column)
			}
		}
	}
	for _, word := range slices.Concat(asked.Egress, asked.Env) {
		if !slices.Contains(granted.Egress, word) && !slices.Contains(granted.Env, word) {
			missing = append(missing, word)
		}
	}
	if len(missing) > 0 {
		d.note("%s doesn't grant %s: %s. It waits on its page until an administrator approves.", file, id, strings.Join(missing, ", "))
	}
}
