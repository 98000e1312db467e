package host

import (
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// Addresses that the console uses itself are nobody's, and only tenants change.
func TestManifestIsChecked(t *testing.T) {
	t.Parallel()
	with := func(change func(*sdk.Manifest)) error {
		m := sdk.Manifest{ID: "probe", Name: "Probe", Version: "1.0.0", SDK: wire.ProtocolVersion}
		change(&m)
		return checkManifest("probe", m)
	}
	for path, taken := range map[string]bool{"/tenants/x": true, "/actions": true, "/": false, "/tenantry": false} {
		err := with(func(m *sdk.Manifest) { m.Pages = []sdk.PageInfo{{ID: "a", Path: path, Scope: sdk.Platform}} })
		if (core.CodeOf(err) == core.Invalid) != taken {
			t.Errorf("platform page %s: %v", path, err)
		}
	}
	for scope, wrong := range map[sdk.Scope]bool{sdk.Platform: true, sdk.Tenant: false, "": false} {
		err := with(func(m *sdk.Manifest) { m.Jobs = []sdk.JobInfo{{ID: "follow", Scope: scope, Changed: true}} })
		if (core.CodeOf(err) == core.Invalid) != wrong {
			t.Errorf("%s job that follows changes: %v", scope, err)
		}
	}
	for path, taken := range map[string]bool{"/": true, "/settings": true, "/tenants/{id}": true, "/restart": true, "/restarts": false} {
		for scope, matters := range map[sdk.Scope]bool{sdk.Platform: true, sdk.Tenant: false} {
			err := with(func(m *sdk.Manifest) {
				m.Routes = []sdk.RouteInfo{{Method: "GET", Path: path, Scope: scope}}
			})
			if (core.CodeOf(err) == core.Invalid) != (taken && matters) {
				t.Errorf("%s route %s: %v", scope, path, err)
			}
		}
	}
}
