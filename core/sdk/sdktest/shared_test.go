package sdktest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
)

// What a call of the platform publishes is seen by the calls of those for whom
// it was meant, and by no other.
func TestPublished(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, good())
	platform := c.OnPlatform().Call()
	for _, p := range []struct {
		tenant core.TenantID
		key    string
		value  []byte
	}{{"", "rates", []byte("EUR 0.92")}, {c.Tenant, "bill", []byte("120")}, {"", "none", []byte{}}, {c.Tenant, "old", []byte("1")}, {c.Tenant, "old", nil}} {
		if err := platform.Publish(t.Context(), nil, p.tenant, p.key, p.value); err != nil {
			t.Fatal(err)
		}
	}
	seen := func(c *sdktest.Console, after int64) string {
		list, more, err := c.Call().Published(t.Context(), after)
		if err != nil || more {
			t.Fatal(more, err)
		}
		var parts []string
		for _, p := range list {
			parts = append(parts, fmt.Sprintf("%d %s %v %q %v", p.Revision, p.Key, p.Own, p.Value, p.Value == nil))
		}
		return strings.Join(parts, "; ")
	}
	const shared = `1 rates false "EUR 0.92" false; `
	if got, want := seen(c, 0), shared+`2 bill true "120" false; 3 none false "" false; 5 old true "" true`; got != want {
		t.Errorf("the tenant sees %s\nwant %s", got, want)
	}
	if got, want := seen(c.InTenant(c.Other()), 0), shared+`3 none false "" false`; got != want {
		t.Errorf("the other tenant sees %s\nwant %s", got, want)
	}
	if got := seen(c, 5); got != "" {
		t.Errorf("after the last revision the tenant sees %s", got)
	}
	for _, tenant := range []core.TenantID{"", c.Tenant, c.Other()} {
		if err := c.Call().Publish(t.Context(), nil, tenant, "bill", []byte("0")); core.CodeOf(err) != core.Forbidden {
			t.Errorf("a tenant's call publishes for %q: %v", tenant, err)
		}
	}
	if dump := c.OnPlatform().Dump(); !strings.Contains(dump, "key=rates value=EUR 0.92") {
		t.Errorf("the dump of the platform lacks what was published: %s", dump)
	}
}

// publishing is a plugin whose job of the platform publishes.
func publishing(p *sdk.Plugin) {
	p.Jobs = append(p.Jobs, sdk.Job{ID: "share", Summary: "Shares.", Schedule: "0 3 * * *", Scope: sdk.Platform, Run: func(ctx context.Context, c sdk.Call) (string, error) {
		return "", c.Publish(ctx, nil, "", "rates", []byte("EUR 0.92"))
	}})
}
