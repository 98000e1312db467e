package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/example"
)

// pluginNew writes a module of its own: the example under another name.
func pluginNew(ctx context.Context, args []string) error {
	flags := newFlags("plugin new", "NAME --sdk DIR [--out DIR]")
	checkout := flags.String("sdk", "", "`DIR` of a checkout of OpenHouse Console, whose SDK the plugin is built with")
	out := flags.String("out", "", "`DIR` to write to; without it, NAME in the working directory")
	names, err := flags.take(args, 1)
	if err != nil {
		return err
	}
	name := names[0]
	if !regexp.MustCompile(`^[a-z][a-z0-9]{1,30}$`).MatchString(name) || slices.Contains(sdk.Reserved, name) || bundled[name] != nil {
		return fmt.Errorf("%q can't be a plugin's name: one word of 2 to 31 small letters and digits that the console doesn't use itself", name)
	}
	dir, err := filepath.Abs(*out)
	if *out == "" {
		dir, err = filepath.Abs(name)
	}
	if err != nil {
		return err
	}
	module, err := readModule(ctx, *checkout)
	if err != nil {
		return err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty: choose another folder with --out", dir)
	}
	if err := writeModule(dir, name, module); err != nil {
		return err
	}
	tidy(ctx, dir)
	fmt.Printf("%s is a plugin of its own now. To go on:\n\n  cd %s\n  go test ./...\n  openhouse plugin dev .\n", name, dir)
	return nil
}

// sdkModule is the checkout that a plugin is built with.
type sdkModule struct {
	dir      string
	version  string // of Go
	requires []string
	sums     []byte
}

const consoleModule = "github.com/openhouse-ai/console"

// readModule reads what the SDK needs, so that a plugin needs no network.
func readModule(ctx context.Context, dir string) (m sdkModule, err error) {
	if dir == "" {
		return m, errors.New("openhouse plugin new: --sdk names a checkout of OpenHouse Console")
	}
	if m.dir, err = filepath.Abs(dir); err != nil {
		return m, err
	}
	c := exec.CommandContext(ctx, "go", "mod", "edit", "-json")
	c.Dir = m.dir
	text, err := c.Output()
	if err != nil {
		return m, fmt.Errorf("read %s: %w. Is Go installed, and is it a checkout of OpenHouse Console?", filepath.Join(m.dir, "go.mod"), err)
	}
	var module struct {
		Module  struct{ Path string }
		Go      string
		Require []struct{ Path, Version string }
	}
	if err := json.Unmarshal(text, &module); err != nil {
		return m, err
	}
	if module.Module.Path != consoleModule {
		return m, fmt.Errorf("%s is the module %s, not %s", m.dir, module.Module.Path, consoleModule)
	}
	m.version = module.Go
	for _, r := range module.Require {
		m.requires = append(m.requires, r.Path+" "+r.Version+" // indirect")
	}
	m.sums, err = os.ReadFile(filepath.Join(m.dir, "go.sum"))
	return m, err
}

func writeModule(dir, name string, m sdkModule) error {
	files := map[string]string{
		"go.mod": fmt.Sprintf("module %s\n\ngo %s\n\nrequire %s v0.0.0\n\nreplace %s => %s\n\nrequire (\n\t%s\n)\n",
			name, m.version, consoleModule, consoleModule, m.dir, strings.Join(m.requires, "\n\t")),
		"go.sum":     string(m.sums),
		"main.go":    fmt.Sprintf(mainText, name, title(name)),
		".gitignore": "/" + name + "\n/dist/\n",
		"README.md":  fmt.Sprintf(readmeText, title(name), name, m.dir),
	}
	err := fs.WalkDir(example.Source, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || file == "source.go" {
			return err
		}
		text, err := example.Source.ReadFile(file)
		files[renamed(file)] = rename(string(text), name)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the example: %w", err)
	}
	for file, text := range files {
		at := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// renamed calls the example's own files after what they are.
func renamed(file string) string {
	if base := path.Base(file); strings.HasPrefix(base, "example") {
		return "plugin" + strings.TrimPrefix(base, "example")
	}
	return file
}

var (
	itsID      = regexp.MustCompile(`\bexample(_|\b)`)
	itsComment = regexp.MustCompile(`(?s)^// Package example .*?\npackage example\n`)
)

// rename makes a source of the example one of the plugin.
func rename(text, name string) string {
	text = itsComment.ReplaceAllString(text, "package main\n")
	text = strings.Replace(text, "package example\n", "package main\n", 1)
	text = strings.ReplaceAll(text, "Site notes", title(name))
	return itsID.ReplaceAllString(text, name+"$1")
}

func title(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// tidy leaves only what the plugin needs in go.mod. Without a network it may
// not know everything that it wants to; then all of it stays.
func tidy(ctx context.Context, dir string) {
	before := map[string][]byte{}
	for _, file := range []string{"go.mod", "go.sum"} {
		before[file], _ = os.ReadFile(filepath.Join(dir, file)) // it was written a moment ago
	}
	c := exec.CommandContext(ctx, "go", "mod", "tidy")
	c.Dir = dir
	c.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off")
	if c.Run() == nil {
		return
	}
	for file, text := range before {
		_ = os.WriteFile(filepath.Join(dir, file), text, 0o644) // the build says what is wrong
	}
}

const mainText = `// Command %s is %s, a plugin of OpenHouse Console.
package main

import "github.com/openhouse-ai/console/core/sdk"

func main() { sdk.Serve(Plugin()) }
`

const readmeText = `# %[1]s

A plugin of OpenHouse Console.

    go test ./...                          # its tests, and the promises of every plugin
    openhouse plugin dev .                 # a console with demo data; built anew when a file changes
    openhouse plugin test .                # the tests, and the built plugin killed in the middle of its work
    openhouse plugin doctor .              # what is wrong, and how to mend it
    openhouse plugin pack . -o dist        # the binary, its manifest and its lines for plugins.yaml

The SDK comes from the checkout that go.mod names: %[3]s.
Its docs/plugin-author.md is the guide.

| file | what is in it |
|---|---|
| main.go | the process |
| plugin.go | what %[2]s is: pages, actions, routes, events, jobs, tools, metrics, settings |
| pages.go, notes.go | what they do |
| store.go | its SQL |
| migrations/ | its tables, in every developer's file |
| plugin_test.go | its tests |
`
