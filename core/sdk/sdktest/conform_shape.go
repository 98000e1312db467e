package sdktest

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/tenants"
)

// describesItself: what a plugin says of itself is good, and the same each time.
func describesItself(t testing.TB, p sdk.Plugin, _ []Option) {
	var said [2]string
	for i := range said {
		s, err := sdk.New(p)
		if err != nil {
			t.Fatalf("The plugin's value has mistakes: %v", err)
		}
		for range 2 {
			reply, err := s.Describe(t.Context(), &wire.DescribeRequest{})
			if err != nil {
				t.Fatalf("Describe fails: %v", err)
			}
			if said[i] != "" && said[i] != string(reply.GetManifest()) {
				t.Errorf("One plugin describes itself in two ways.")
			}
			said[i] = string(reply.GetManifest())
		}
	}
	if said[0] != said[1] {
		t.Errorf("The manifest is another each time: Plugin() may not depend on time, chance or the machine. It is kept by the binary's checksum.%s", difference(pretty(said[0]), pretty(said[1])))
	}
}

func pretty(manifest string) string {
	var v any
	if json.Unmarshal([]byte(manifest), &v) != nil {
		return manifest
	}
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return manifest
	}
	return string(text)
}

// migrates: the tables go up, leave nothing when they go down, and come back
// as they were.
func migrates(t testing.TB, p sdk.Plugin, with []Option) {
	m, err := manifestOf(p)
	if err != nil {
		t.Fatal(err)
	}
	o := options{at: Start, forms: map[string]map[string][]string{}}
	for _, option := range with {
		option(&o)
	}
	r := &room{t: t, options: o, plugin: p, dir: t.TempDir(), clock: &clock{at: o.at}}
	ctx := context.WithoutCancel(t.Context())
	if r.store, err = openStore(ctx, r.dir, r.clock.now); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.store.Close(); err != nil {
			t.Error(err)
		}
	})
	tenant, err := r.addTenant(ctx, "Harpur Homes", "TEST1")
	if err != nil {
		t.Fatal(err)
	}
	for _, set := range []struct {
		field  string
		tenant core.TenantID
		files  []sdk.Migration
	}{{"Migrations", tenant, m.Schema}, {"Platform", "", m.Platform}} {
		if len(set.files) > 0 {
			r.upDownUp(ctx, set.field, &Console{room: r, Tenant: set.tenant, ctx: ctx}, set.files)
		}
	}
}

func (r *room) upDownUp(ctx context.Context, field string, c *Console, migrations []sdk.Migration) {
	files := fstest.MapFS{}
	for _, m := range migrations {
		files[m.Name] = &fstest.MapFile{Data: []byte(m.SQL), Mode: 0o400}
	}
	set := tenants.GuestSchema{Guest: r.plugin.ID, Migrations: files}
	up := func() string {
		if _, err := r.store.MigrateGuest(ctx, c.Tenant, set); err != nil {
			r.t.Fatalf("%s: %v Tables and indexes have to be called %s_…, and nothing else may be touched.", field, err, r.plugin.ID)
		}
		schema, err := c.schema()
		if err != nil {
			r.t.Fatal(err)
		}
		return schema
	}
	first := up()
	if err := r.store.DemoteGuest(ctx, c.Tenant, set, 0); err != nil {
		r.t.Fatalf("%s: the way down fails: %v", field, err)
	}
	left, err := c.schema()
	if err != nil {
		r.t.Fatal(err)
	}
	if left != "" {
		r.t.Errorf("%s: the way down leaves something behind. Drop in Down what Up has made:\n%s", field, left)
	}
	if again := up(); again != first {
		r.t.Errorf("%s: up, down and up again leads to other tables:%s", field, difference(first, again))
	}
	r.wellKept(field, c)
}

// wellKept looks at the tables that were made.
func (r *room) wellKept(field string, c *Console) {
	schema, err := c.schema()
	if err != nil {
		r.t.Fatal(err)
	}
	for object := range strings.SplitSeq(schema, "type=") {
		kind, sql, _ := strings.Cut(object, " ")
		if kind == "table" && !strings.HasSuffix(strings.ToLower(strings.TrimRight(sql, " \n;")), "strict") && !strings.Contains(strings.ToLower(sql), "strict,") && !strings.Contains(strings.ToLower(sql), ", strict") {
			name, _, _ := strings.Cut(strings.TrimPrefix(sql, "name="), " ")
			r.t.Errorf("%s: the table %s isn't strict, so SQLite would keep text in its numbers: end its statement with “) strict;”.", field, name)
		}
	}
}
