package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

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

// fact is one thing that a manifest says: what it is about, and how it is.
type fact map[string]string

func compareManifests(old, now sdk.Manifest) (all []difference) {
	if old.ID != now.ID {
		all = append(all, difference{fmt.Sprintf("id: %s is now %s: it is another plugin", old.ID, now.ID), true})
	}
	if old.Version != now.Version {
		all = append(all, difference{fmt.Sprintf("version: %s is now %s", old.Version, now.Version), false})
	}
	for _, kind := range []struct {
		name         string
		of           func(sdk.Manifest) fact
		asks, shared bool // asks: more of it has to be granted; shared: others rely on it
	}{
		{"reads", func(m sdk.Manifest) fact { return columns(m.Needs.Read) }, true, false},
		{"reads of the platform", func(m sdk.Manifest) fact { return columns(m.Needs.ReadPlatform) }, true, false},
		{"calls", func(m sdk.Manifest) fact { return words(m.Needs.Egress) }, true, false},
		{"environment", func(m sdk.Manifest) fact { return words(m.Needs.Env) }, true, false},
		{"route", routeFacts, false, true},
		{"page", pageFacts, false, true},
		{"action", actionFacts, false, false},
		{"table", func(m sdk.Manifest) fact { return tableFacts(m.Schema, m.Platform) }, false, false},
		{"migration", migrationFacts, false, true},
		{"metric", metricFacts, false, true},
		{"event", func(m sdk.Manifest) fact { return words(m.Events) }, false, false},
		{"job", jobFacts, false, false},
		{"tool", toolFacts, false, true},
		{"setting", settingFacts, false, true},
		{"record", func(m sdk.Manifest) fact { return fact(m.Records) }, false, false},
	} {
		all = append(all, compareFacts(kind.name, kind.of(old), kind.of(now), kind.asks, kind.shared)...)
	}
	return all
}

func compareFacts(name string, old, now fact, asks, shared bool) (all []difference) {
	for _, key := range sortedKeys(old) {
		value, stays := now[key]
		switch {
		case !stays:
			all = append(all, difference{name + ": " + key + " is gone", shared})
		case value != old[key]:
			all = append(all, difference{strings.TrimSpace(fmt.Sprintf("%s: %s: %s is now %s", name, key, short(old[key]), short(value))), shared})
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

func short(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 100 {
		return strings.ToValidUTF8(text[:100], "") + "…"
	}
	return text
}

func columns(tables map[string][]string) fact {
	f := fact{}
	for table, names := range tables {
		for _, name := range names {
			f[table+"."+name] = ""
		}
	}
	return f
}

func words(all []string) fact {
	f := fact{}
	for _, word := range all {
		f[word] = ""
	}
	return f
}

func routeFacts(m sdk.Manifest) fact {
	f := fact{}
	for _, r := range m.Routes {
		f[r.Method+" "+r.Path] = fmt.Sprintf("%s, %s, %s", r.Permission, r.Scope, operation(m, r))
	}
	return f
}

// operation is what a route takes and answers, with its schemas.
func operation(m sdk.Manifest, r sdk.RouteInfo) string {
	var api struct {
		Paths map[string]map[string]struct {
			Parameters  any `json:"parameters"`
			RequestBody any `json:"requestBody"`
			Responses   any `json:"responses"`
		} `json:"paths"`
		Components struct {
			Schemas map[string]json.RawMessage `json:"schemas"`
		} `json:"components"`
	}
	if json.Unmarshal(m.OpenAPI, &api) != nil {
		return ""
	}
	text, err := json.Marshal(api.Paths[r.Path][strings.ToLower(r.Method)])
	if err != nil {
		return ""
	}
	for _, name := range sortedKeys(api.Components.Schemas) {
		if strings.Contains(string(text), `/schemas/`+name+`"`) {
			text = append(append(text, ' '), api.Components.Schemas[name]...)
		}
	}
	return string(text)
}

func pageFacts(m sdk.Manifest) fact {
	f := fact{}
	for _, p := range m.Pages {
		f[p.Path+" ("+string(p.Scope)+")"] = string(p.Permission)
	}
	return f
}

func actionFacts(m sdk.Manifest) fact {
	f := fact{}
	for _, a := range m.Actions {
		f[a.ID] = string(a.Permission) + " " + string(a.Schema)
	}
	return f
}

var createTable = regexp.MustCompile(`(?i)create\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)`)

func tableFacts(sets ...[]sdk.Migration) fact {
	f := fact{}
	for _, m := range slices.Concat(sets...) {
		up, _, _ := strings.Cut(m.SQL, "-- +goose Down")
		for _, found := range createTable.FindAllStringSubmatch(up, -1) {
			f[found[1]] = ""
		}
	}
	return f
}

func migrationFacts(m sdk.Manifest) fact {
	f := fact{}
	for _, one := range m.Schema {
		f[one.Name] = one.SQL
	}
	for _, one := range m.Platform {
		f["platform "+one.Name] = one.SQL
	}
	return f
}

func metricFacts(m sdk.Manifest) fact {
	f := fact{}
	for _, metric := range m.Metrics {
		f[metric.Name] = fmt.Sprintf("%s, level %v", metric.Unit, metric.Level)
	}
	return f
}

func jobFacts(m sdk.Manifest) fact {
	f := fact{}
	for _, j := range m.Jobs {
		f[j.ID] = fmt.Sprintf("%s, %s", j.Schedule, j.Scope)
	}
	return f
}

func toolFacts(m sdk.Manifest) fact {
	f := fact{}
	for _, t := range m.Tools {
		f[t.ID] = string(t.Permission) + " " + string(t.Schema)
	}
	return f
}

func settingFacts(m sdk.Manifest) fact {
	f := fact{}
	for prefix, s := range map[string]sdk.Schema{"": m.Settings, "platform ": m.PlatformSettings} {
		var schema struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if json.Unmarshal(s, &schema) != nil {
			continue
		}
		for name, property := range schema.Properties {
			f[prefix+name] = string(property)
		}
	}
	return f
}
