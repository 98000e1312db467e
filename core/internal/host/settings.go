package host

import (
	"context"
	"encoding/json"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/schema"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// settingsOf finds the schema of a plugin's settings.
func (h *Host) settingsOf(id string, tenant core.TenantID) (*plugin, sdk.Schema, error) {
	p, o, err := h.door(id)
	if err != nil {
		return nil, nil, err
	}
	of := o.manifest.Settings
	if tenant == "" {
		of = o.manifest.PlatformSettings
	}
	if len(of) == 0 {
		return nil, nil, core.Errorf(core.NotFound, "%s has no such settings.", o.manifest.Name)
	}
	return p, of, nil
}

// Settings returns the schema of a plugin's settings and the values as people
// may see them. An empty tenant means those of the installation. Returns
// not_found for a plugin without such settings.
func (h *Host) Settings(ctx context.Context, id string, tenant core.TenantID) (of sdk.Schema, masked []byte, version int64, err error) {
	_, of, err = h.settingsOf(id, tenant)
	if err == nil {
		masked, version, err = h.Keep.Masked(ctx, tenant, id, of)
	}
	return of, masked, version, err
}

// SaveSettings checks and stores a plugin's settings: they fit the schema, and
// the plugin has nothing against them. Secrets left empty keep their value.
// Returns invalid with the fields, and conflict for an old version.
func (h *Host) SaveSettings(ctx context.Context, id string, tenant core.TenantID, values []byte, version int64) error {
	p, of, err := h.settingsOf(id, tenant)
	if err != nil {
		return err
	}
	stored, _, err := h.Keep.Settings(ctx, tenant, id)
	if err != nil {
		return err
	}
	whole, err := withSecrets(of, values, stored)
	if err != nil {
		return err
	}
	if err := schema.Check(of, whole); err != nil {
		return err
	}
	r := request{door: wire.Door_DOOR_VALIDATE, id: "tenant", tenant: tenant, input: whole}
	if tenant == "" {
		r.id = "platform"
	}
	if _, err := h.invoke(ctx, p, r); err != nil {
		return err
	}
	return h.Keep.Save(ctx, tenant, id, of, values, version)
}

// withSecrets puts the stored secrets where values leave them as they are:
// absent, empty or masked.
func withSecrets(of sdk.Schema, values, stored []byte) ([]byte, error) {
	var shape struct {
		Properties map[string]struct {
			WriteOnly bool `json:"writeOnly"`
		} `json:"properties"`
	}
	var given, before map[string]json.RawMessage
	if err := json.Unmarshal(of, &shape); err != nil {
		return nil, err
	}
	if err := json.Unmarshal(values, &given); err != nil || given == nil {
		return nil, core.Errorf(core.Invalid, "Settings have to be a JSON object.")
	}
	if err := json.Unmarshal(stored, &before); err != nil {
		return nil, err
	}
	for name, property := range shape.Properties {
		if !property.WriteOnly {
			continue
		}
		switch now := string(given[name]); {
		case now == "null":
			delete(given, name)
		case now == "" || now == `""` || now[0] == '{':
			delete(given, name)
			if secret, set := before[name]; set {
				given[name] = secret
			}
		}
	}
	return json.Marshal(given)
}
