package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core/sdk"
)

// What a manifest says, kind by kind.

func columns(tables map[string][]string) facts {
	f := facts{}
	for table, names := range tables {
		for _, name := range names {
			f[table+"."+name] = fact{}
		}
	}
	return f
}

func words(all []string) facts {
	f := facts{}
	for _, word := range all {
		f[word] = fact{}
	}
	return f
}

func recordFacts(m sdk.Manifest) facts {
	f := facts{}
	for verb, text := range m.Records {
		f[verb] = fact{said: text}
	}
	return f
}

func routeFacts(m sdk.Manifest) facts {
	f := facts{}
	for _, r := range m.Routes {
		f[r.Method+" "+r.Path] = fact{fmt.Sprintf("%s, %s", r.Permission, r.Scope), operation(m, r)}
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
			text = append(append(text, ' '), compact(api.Components.Schemas[name])...)
		}
	}
	return string(text)
}

func pageFacts(m sdk.Manifest) facts {
	f := facts{}
	for _, p := range m.Pages {
		f[p.Path+" ("+string(p.Scope)+")"] = fact{said: string(p.Permission)}
	}
	return f
}

func actionFacts(m sdk.Manifest) facts {
	f := facts{}
	for _, a := range m.Actions {
		f[a.ID] = fact{string(a.Permission), compact(a.Schema)}
	}
	return f
}

var createTable = regexp.MustCompile(`(?i)create\s+table\s+(?:if\s+not\s+exists\s+)?(\w+)`)

func tableFacts(sets ...[]sdk.Migration) facts {
	f := facts{}
	for _, m := range slices.Concat(sets...) {
		up, _, _ := strings.Cut(m.SQL, "-- +goose Down")
		for _, found := range createTable.FindAllStringSubmatch(up, -1) {
			f[found[1]] = fact{}
		}
	}
	return f
}

func migrationFacts(m sdk.Manifest) facts {
	f := facts{}
	for _, one := range m.Schema {
		f[one.Name] = fact{shape: one.SQL}
	}
	for _, one := range m.Platform {
		f["platform "+one.Name] = fact{shape: one.SQL}
	}
	return f
}

func metricFacts(m sdk.Manifest) facts {
	f := facts{}
	for _, metric := range m.Metrics {
		kind := "what happened"
		if metric.Level {
			kind = "how much there is"
		}
		f[metric.Name] = fact{said: metric.Unit + ", " + kind}
	}
	return f
}

func jobFacts(m sdk.Manifest) facts {
	f := facts{}
	for _, j := range m.Jobs {
		said := fmt.Sprintf("%s, %s", j.Schedule, j.Scope)
		if j.Changed {
			said += ", when changed"
		}
		f[j.ID] = fact{said: said}
	}
	return f
}

func toolFacts(m sdk.Manifest) facts {
	f := facts{}
	for _, t := range m.Tools {
		f[t.ID] = fact{string(t.Permission), compact(t.Schema)}
	}
	return f
}

func settingFacts(m sdk.Manifest) facts {
	f := facts{}
	for prefix, s := range map[string]sdk.Schema{"": m.Settings, "platform ": m.PlatformSettings} {
		var schema struct {
			Properties map[string]json.RawMessage `json:"properties"`
		}
		if json.Unmarshal(s, &schema) != nil {
			continue
		}
		for name, property := range schema.Properties {
			f[prefix+name] = fact{shape: compact(property)}
		}
	}
	return f
}

// compact is a JSON without the spaces that make it readable.
func compact(text []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, text) != nil {
		return string(text)
	}
	return b.String()
}
