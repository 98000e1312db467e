package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/openhouse-ai/console/core/sdk"
)

// pluginDiff says how one version of a plugin differs from another. It exits
// with 1 when there is a difference.
func pluginDiff(ctx context.Context, args []string) error {
	flags := newFlags("plugin diff", "OLD NEW  (binaries, or manifests as plugin pack writes them)")
	words, err := flags.take(args, 2)
	if err != nil {
		return err
	}
	old, err := readManifest(ctx, words[0])
	if err != nil {
		return err
	}
	now, err := readManifest(ctx, words[1])
	if err != nil {
		return err
	}
	changes := compareManifests(old, now)
	if len(changes) == 0 {
		fmt.Println("Nothing that the console or its users would notice.")
		return nil
	}
	breaking := 0
	for _, c := range changes {
		mark := "  "
		if c.breaks {
			mark, breaking = "! ", breaking+1
		}
		fmt.Println(mark + c.text)
	}
	return exit{1, fmt.Errorf("%s, %d of them breaking (!)", counted(len(changes), "difference"), breaking)}
}

// readManifest reads a manifest, or asks a binary for its own.
func readManifest(ctx context.Context, path string) (m sdk.Manifest, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return m, err
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("{")) {
		if err := json.Unmarshal(text, &m); err != nil {
			return m, fmt.Errorf("%s is not a manifest: %w", path, err)
		}
		return m, nil
	}
	b, err := inspectPlugin(ctx, path)
	if err != nil {
		return m, fmt.Errorf("ask %s what it is: %w", path, err)
	}
	return b.manifest, nil
}

// difference is one line. It breaks when somebody who relied on the old
// version has to do something.
type difference struct {
	text   string
	breaks bool
}

// facts are what a manifest says of one kind of thing, by their names.
type facts map[string]fact

// fact is how one thing is: what a person reads of it, and the rest, of which
// only a change is told.
type fact struct{ said, shape string }

func compareManifests(old, now sdk.Manifest) (all []difference) {
	if old.ID != now.ID {
		all = append(all, difference{fmt.Sprintf("id: %s is now %s: it is another plugin", old.ID, now.ID), true})
	}
	if old.Version != now.Version {
		all = append(all, difference{fmt.Sprintf("version: %s is now %s", old.Version, now.Version), false})
	}
	for _, kind := range []struct {
		name         string
		of           func(sdk.Manifest) facts
		asks, shared bool // asks: more of it has to be granted; shared: others rely on it
	}{
		{"reads", func(m sdk.Manifest) facts { return columns(m.Needs.Read) }, true, false},
		{"reads of the platform", func(m sdk.Manifest) facts { return columns(m.Needs.ReadPlatform) }, true, false},
		{"calls", func(m sdk.Manifest) facts { return words(m.Needs.Egress) }, true, false},
		{"environment", func(m sdk.Manifest) facts { return words(m.Needs.Env) }, true, false},
		{"route", routeFacts, false, true},
		{"page", pageFacts, false, true},
		{"action", actionFacts, false, false},
		{"table", func(m sdk.Manifest) facts { return tableFacts(m.Schema, m.Platform) }, false, false},
		{"migration", migrationFacts, false, true},
		{"metric", metricFacts, false, true},
		{"event", func(m sdk.Manifest) facts { return words(m.Events) }, false, false},
		{"job", jobFacts, false, false},
		{"tool", toolFacts, false, true},
		{"setting", settingFacts, false, true},
		{"record", recordFacts, false, false},
	} {
		all = append(all, compareFacts(kind.name, kind.of(old), kind.of(now), kind.asks, kind.shared)...)
	}
	return all
}

func compareFacts(name string, old, now facts, asks, shared bool) (all []difference) {
	for _, key := range sortedKeys(old) {
		value, stays := now[key]
		switch {
		case !stays:
			all = append(all, difference{name + ": " + key + " is gone", shared})
		case value.said != old[key].said:
			all = append(all, difference{fmt.Sprintf("%s: %s: %s is now %s", name, key, old[key].said, value.said), shared})
		case value.shape != old[key].shape:
			all = append(all, difference{fmt.Sprintf("%s: %s has changed", name, key), shared})
		}
	}
	for _, key := range sortedKeys(now) {
		if _, was := old[key]; !was {
			text := name + ": " + key + " is new"
			if asks {
				text += " and has to be granted"
			}
			all = append(all, difference{text, asks})
		}
	}
	return all
}
