package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core/internal/host/process"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// built is a plugin's binary, with what it says of itself.
type built struct {
	path     string
	sum      string
	manifest sdk.Manifest
	raw      []byte // of the manifest
}

// buildPlugin builds the module in dir to a file, static and the same each
// time. An error has what the compiler says.
func buildPlugin(ctx context.Context, dir, to string) error {
	to, err := filepath.Abs(to)
	if err != nil {
		return err
	}
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", to, ".")
	c.Dir = dir
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	var said bytes.Buffer
	c.Stdout, c.Stderr = &said, &said
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s can't be built (%w):\n%s", dir, err, strings.TrimSpace(said.String()))
	}
	return nil
}

// inspectPlugin starts a binary and asks it what it is.
func inspectPlugin(ctx context.Context, binary string) (b built, err error) {
	if b.path, err = filepath.Abs(binary); err != nil {
		return b, err
	}
	if b.sum, err = process.Sum(b.path); err != nil {
		return b, err
	}
	dir, err := os.MkdirTemp("", "oh")
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(dir)
	p, err := process.Start(ctx, process.Spec{Plugin: filepath.Base(binary), Command: []string{b.path}, Dir: filepath.Join(dir, "run"), Now: time.Now})
	if err != nil {
		return b, err
	}
	defer p.Kill()
	said, err := p.Plugin().Describe(ctx, &wire.DescribeRequest{})
	if err != nil {
		return b, wire.FromStatus(err)
	}
	b.raw = said.GetManifest()
	return b, json.Unmarshal(b.raw, &b.manifest)
}

// makePlugin builds a module in a folder of temporary files and asks the
// binary what it is.
func makePlugin(ctx context.Context, dir, temp string) (built, error) {
	if info, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil || info.IsDir() {
		return built{}, errors.Join(fmt.Errorf("%s has no go.mod: name the folder of a plugin's module", dir), err)
	}
	to := filepath.Join(temp, "plugin")
	if err := buildPlugin(ctx, dir, to); err != nil {
		return built{}, err
	}
	b, err := inspectPlugin(ctx, to)
	if err != nil {
		return b, fmt.Errorf("the plugin can't be started: %w", err)
	}
	named := filepath.Join(temp, b.manifest.ID)
	if err := os.Rename(b.path, named); err != nil {
		return b, err
	}
	b.path = named
	return b, nil
}

// listing are the plugin's lines of plugins.yaml, with all that it asks for.
func (b built) listing(path string) string {
	var s strings.Builder
	fmt.Fprintf(&s, "plugins:\n  %s:\n    path: %s\n    sha256: %s\n", b.manifest.ID, quoted(path), b.sum)
	needs := b.manifest.Needs
	for _, grant := range []struct {
		key    string
		tables map[string][]string
	}{{"read", needs.Read}, {"read_platform", needs.ReadPlatform}} {
		if len(grant.tables) > 0 {
			fmt.Fprintf(&s, "    %s:\n", grant.key)
		}
		for _, table := range sortedKeys(grant.tables) {
			fmt.Fprintf(&s, "      %s: [%s]\n", table, strings.Join(slices.Sorted(slices.Values(grant.tables[table])), ", "))
		}
	}
	for _, grant := range []struct {
		key   string
		words []string
	}{{"egress", needs.Egress}, {"env", needs.Env}} {
		if len(grant.words) > 0 {
			quotes := make([]string, len(grant.words))
			for i, word := range slices.Sorted(slices.Values(grant.words)) {
				quotes[i] = quoted(word)
			}
			fmt.Fprintf(&s, "    %s: [%s]\n", grant.key, strings.Join(quotes, ", "))
		}
	}
	return s.String()
}

// quoted is a text as YAML reads it whatever is in it.
func quoted(text string) string {
	raw, err := json.Marshal(text)
	if err != nil { // a string always has a JSON
		return text
	}
	return string(raw)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
