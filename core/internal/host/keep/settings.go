package keep

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
)

// maxBody is the size of a plugin's settings without their secrets, in bytes.
const maxBody = 256 << 10

// Settings returns a plugin's settings of a tenant, or of the platform for "",
// with the secrets in clear: for the plugin alone. The version is 0 and the
// object empty until somebody has saved them.
func (k *Keep) Settings(ctx context.Context, tenant core.TenantID, plugin string) (values json.RawMessage, version int64, err error) {
	err = k.view(ctx, tenant, func(tx *tenants.Tx) error {
		stored, err := readSettings(ctx, tx, plugin)
		if err != nil {
			return err
		}
		object, err := stored.object()
		if err != nil {
			return err
		}
		if err := k.reveal(ctx, tx, plugin, stored.secrets, object); err != nil {
			return err
		}
		version = stored.version
		values, err = json.Marshal(object)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read settings of %s: %w", plugin, err)
	}
	return values, version, nil
}

// Masked returns a plugin's settings for people: in the place of each secret
// stands {"set":true,"hint":"…abcd"} or {"set":false}. The hint is there for
// secrets of 12 characters or more.
func (k *Keep) Masked(ctx context.Context, tenant core.TenantID, plugin string, schema sdk.Schema) (values json.RawMessage, version int64, err error) {
	err = k.view(ctx, tenant, func(tx *tenants.Tx) error {
		fields, err := secretFields(schema)
		if err != nil {
			return err
		}
		stored, err := readSettings(ctx, tx, plugin)
		if err != nil {
			return err
		}
		object, err := stored.object()
		if err != nil {
			return err
		}
		for _, field := range fields {
			mask := map[string]any{"set": false}
			if secret, set := stored.secrets[field]; set {
				mask["set"] = true
				if secret.hint != "" {
					mask["hint"] = secret.hint
				}
			}
			put(object, field, mask)
		}
		version = stored.version
		values, err = json.Marshal(object)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("read settings of %s: %w", plugin, err)
	}
	return values, version, nil
}

// Save replaces a plugin's settings. A secret that is absent, empty or masked
// keeps its value; null takes it away. Version is the one that the caller has
// seen, 0 for any. What fits the schema is the caller's to check. Returns
// invalid for what isn't an object, conflict if somebody else was faster.
func (k *Keep) Save(ctx context.Context, tenant core.TenantID, plugin string, schema sdk.Schema, values []byte, version int64) error {
	fields, err := secretFields(schema)
	if err != nil {
		return err
	}
	var object map[string]any
	if err := decode(values, &object); err != nil || object == nil {
		return core.Errorf(core.Invalid, "Settings have to be a JSON object.")
	}
	secrets, err := takeSecrets(object, fields)
	if err != nil {
		return err
	}
	body, err := json.Marshal(object)
	if err != nil {
		return err
	}
	if len(body) > maxBody {
		return core.Errorf(core.Invalid, "The settings have more than %d KiB.", maxBody>>10)
	}
	err = k.update(ctx, tenant, func(tx *tenants.Tx) error {
		before, err := readSettings(ctx, tx, plugin)
		if err != nil {
			return err
		}
		if version != 0 && version != before.version {
			return core.Errorf(core.Conflict, "Somebody else has changed these settings. Load them again and repeat your change.")
		}
		if err := adopt(&before, fields, secrets); err != nil {
			return err
		}
		return k.replace(ctx, tx, plugin, before, settings{body: body, version: before.version + 1}, secrets)
	})
	if err != nil {
		return fmt.Errorf("save settings of %s: %w", plugin, err)
	}
	return nil
}

// adopt follows a schema that has changed: a plain value that is a secret now
// is sealed and told no more, a secret that is none any more is taken away.
func adopt(before *settings, fields []string, secrets map[string]string) error {
	for field := range before.secrets {
		if !slices.Contains(fields, field) {
			secrets[field] = ""
		}
	}
	object, err := before.object()
	if err != nil {
		return err
	}
	plain, err := takeSecrets(object, fields)
	if err != nil || len(plain) == 0 {
		return err
	}
	for field, value := range plain {
		if _, given := secrets[field]; !given {
			secrets[field] = value
		}
	}
	before.body, err = json.Marshal(object)
	return err
}

// replace writes what has changed, with its record; nothing when nothing has.
func (k *Keep) replace(ctx context.Context, tx *tenants.Tx, plugin string, before, after settings, secrets map[string]string) error {
	changes, err := changesOf(before, after)
	if err != nil {
		return err
	}
	told, err := k.seal(ctx, tx, plugin, before.secrets, secrets)
	if err != nil {
		return err
	}
	if changes = append(changes, told...); len(changes) == 0 && before.version > 0 {
		return nil
	}
	if err := writeSettings(ctx, tx, plugin, after); err != nil {
		return err
	}
	return k.options.Recorder.Record(ctx, tx, core.Entry{Action: "settings.update", Target: target(plugin), Changes: changes})
}

// changesOf are the fields that differ, in order.
func changesOf(before, after settings) ([]core.Change, error) {
	then, now := map[string]string{}, map[string]string{}
	for _, side := range []struct {
		of   settings
		into map[string]string
	}{{before, then}, {after, now}} {
		object, err := side.of.object()
		if err != nil {
			return nil, err
		}
		flatten(side.into, "", object)
	}
	fields := maps.Clone(then)
	maps.Copy(fields, now)
	var changes []core.Change
	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if then[field] != now[field] {
			changes = append(changes, core.Change{Field: field, Before: then[field], After: now[field]})
		}
	}
	return changes, nil
}
