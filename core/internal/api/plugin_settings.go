package api

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/openhouse-ai/console/core"
)

type pluginSettings struct {
	Schema json.RawMessage `json:"schema" doc:"JSON Schema of the values."`
	Values json.RawMessage `json:"values" doc:"A secret is {\"set\": true} with a hint of how it ends, never itself."`
}

// PluginSettingsInput replaces a plugin's settings.
type PluginSettingsInput struct {
	PluginInput
	Match
	Body struct {
		Values json.RawMessage `json:"values" doc:"As the schema says. A secret that is absent or as it was read keeps its value; null takes it away."`
	}
}

func (a *api) readPluginSettings(ctx context.Context, id string, tenant core.TenantID) (*one[pluginSettings], error) {
	schema, masked, version, err := a.Plugins.Settings(ctx, id, tenant)
	if err != nil {
		return nil, err
	}
	return oneOf(version, pluginSettings{json.RawMessage(schema), json.RawMessage(masked)}), nil
}

func (a *api) writePluginSettings(ctx context.Context, in *PluginSettingsInput, tenant core.TenantID) (*one[pluginSettings], error) {
	version, err := in.version()
	if err != nil {
		return nil, err
	}
	if err := a.Plugins.SaveSettings(ctx, in.ID, tenant, in.Body.Values, version); err != nil {
		return nil, in.stale(ctx, err, func() (int64, error) {
			_, _, now, err := a.Plugins.Settings(ctx, in.ID, tenant)
			return now, err
		})
	}
	return a.readPluginSettings(ctx, in.ID, tenant)
}

func (a *api) pluginSettings() {
	const platform = pluginsPath + "/{id}/settings"
	add(a, operation{id: "platform-read-plugin-settings", method: http.MethodGet, path: platform, permission: core.PluginsRead, summary: "Read a plugin's settings of the platform"},
		func(ctx context.Context, in *PluginInput) (*one[pluginSettings], error) {
			return a.readPluginSettings(ctx, in.ID, "")
		})
	add(a, operation{id: "platform-update-plugin-settings", method: http.MethodPut, path: platform, permission: core.PluginsWrite, summary: "Replace a plugin's settings of the platform"},
		func(ctx context.Context, in *PluginSettingsInput) (*one[pluginSettings], error) {
			return a.writePluginSettings(ctx, in, "")
		})
	addTenant(a, operation{id: "read-plugin-settings", method: http.MethodGet, path: "/plugin-settings/{id}", permission: core.SettingsRead, summary: "Read a plugin's settings"},
		func(ctx context.Context, in *PluginInput) (*one[pluginSettings], error) {
			return a.readPluginSettings(ctx, in.ID, tenantOf(ctx))
		})
	addTenant(a, operation{id: "update-plugin-settings", method: http.MethodPut, path: "/plugin-settings/{id}", permission: core.SettingsWrite, summary: "Replace a plugin's settings"},
		func(ctx context.Context, in *PluginSettingsInput) (*one[pluginSettings], error) {
			return a.writePluginSettings(ctx, in, tenantOf(ctx))
		})
}
