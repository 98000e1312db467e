package sdk

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// Settings are values that people set on the plugin's page. NewSettings makes
// them from a struct.
type Settings struct {
	schema   Schema
	wrong    error // why the struct has no schema
	validate func(context.Context, Call, []byte) error
}

// NewSettings makes settings from the struct T: its fields are the form's, by
// their tags (json, label, doc, enum, minimum, maxLength, format, default …);
// writeOnly:"true" marks a secret, which is sealed and never shown again.
// Validate says what the schema can't; it may be nil. Errors of code invalid
// with fields are shown beside the fields.
func NewSettings[T any](validate func(context.Context, Call, T) error) *Settings {
	s := &Settings{}
	s.schema, s.wrong = schemaOf(reflect.TypeFor[T]())
	s.validate = func(ctx context.Context, c Call, raw []byte) error {
		var values T
		if err := json.Unmarshal(raw, &values); err != nil {
			return core.Errorf(core.Invalid, "The settings don't have the form that the plugin asks for: %v.", err)
		}
		if validate == nil {
			return nil
		}
		return validate(ctx, c, values)
	}
	return s
}

// Settings reads the tenant's settings of the plugin into a struct, secrets
// included. What nobody has set has the default of its tag.
func (c Call) Settings(ctx context.Context, into any) error { return c.readSettings(ctx, false, into) }

// PlatformSettings reads the installation's settings of the plugin.
func (c Call) PlatformSettings(ctx context.Context, into any) error {
	return c.readSettings(ctx, true, into)
}

// Secret is one secret of the tenant's settings, or of the platform's in a
// call without a tenant. Returns not_found while nobody has set it.
func (c Call) Secret(ctx context.Context, name string) (string, error) {
	var all map[string]any
	if err := c.readSettings(ctx, c.Tenant == "", &all); err != nil {
		return "", err
	}
	secret, _ := all[name].(string)
	if secret == "" {
		return "", core.Errorf(core.NotFound, "The setting %q isn't set.", name)
	}
	return secret, nil
}

func (c Call) readSettings(ctx context.Context, platform bool, into any) error {
	var raw []byte
	err := c.session.ask(ctx, func(ctx context.Context) error {
		reply, err := c.session.host.ReadSettings(ctx, &wire.SettingsRequest{Platform: platform})
		raw = reply.GetSettings()
		return err
	})
	if err != nil {
		return err
	}
	declared := c.session.server.plugin.Settings
	if platform {
		declared = c.session.server.plugin.PlatformSettings
	}
	if declared != nil {
		if raw, err = withDefaults(declared.schema, raw); err != nil {
			return fmt.Errorf("read settings: %w", err)
		}
	}
	if len(raw) == 0 {
		return nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	return nil
}

// withDefaults adds the defaults of what the document lacks.
func withDefaults(schema Schema, document []byte) ([]byte, error) {
	var declared struct {
		Properties map[string]struct {
			Default json.RawMessage `json:"default"`
		} `json:"properties"`
	}
	if err := json.Unmarshal(schema, &declared); err != nil {
		return nil, err
	}
	values := map[string]json.RawMessage{}
	if len(document) > 0 {
		if err := json.Unmarshal(document, &values); err != nil {
			return nil, err
		}
	}
	if values == nil { // the document is null
		values = map[string]json.RawMessage{}
	}
	for name, property := range declared.Properties {
		if _, set := values[name]; !set && property.Default != nil {
			values[name] = property.Default
		}
	}
	return json.Marshal(values)
}
