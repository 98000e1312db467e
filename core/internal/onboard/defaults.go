package onboard

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

//go:embed defaults.yaml
var defaultsFile []byte

// Defaults are the settings that a new tenant starts with, and what a region
// changes in them (defaults.yaml).
type Defaults struct {
	settings map[string]any
	regions  map[string]map[string]any
}

// ReadDefaults reads a defaults file; nil reads the one that comes with the
// console. Returns an error that names an unknown key or a wrong value.
func ReadDefaults(file []byte) (Defaults, error) {
	if file == nil {
		file = defaultsFile
	}
	values := map[string]any{}
	if err := yaml.Unmarshal(file, &values); err != nil {
		return Defaults{}, fmt.Errorf("read defaults: %w", err)
	}
	d := Defaults{settings: values, regions: map[string]map[string]any{}}
	regions, _ := values["regions"].(map[string]any)
	delete(values, "regions")
	for name, changes := range regions {
		fields, ok := changes.(map[string]any)
		if !ok {
			return Defaults{}, fmt.Errorf("read defaults: regions.%s is not a mapping", name)
		}
		d.regions[name] = fields
	}
	for name := range d.regions {
		if _, err := d.For(name); err != nil {
			return Defaults{}, err
		}
	}
	_, err := d.For("")
	return d, err
}

// For returns the settings of a new tenant in a region, whose data may be in
// that region alone until its residency policy says otherwise.
func (d Defaults) For(region string) (core.Settings, error) {
	merged := map[string]any{}
	for _, layer := range []map[string]any{d.settings, d.regions[region]} {
		for key, value := range layer {
			merged[key] = value
		}
	}
	body, err := json.Marshal(merged)
	if err != nil {
		return core.Settings{}, fmt.Errorf("read defaults: %w", err)
	}
	s := tenants.NewSettings()
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return core.Settings{}, fmt.Errorf("read defaults: %w", err)
	}
	s.AllowedRegions = []string{region}
	return s, nil
}
