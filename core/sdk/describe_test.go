package sdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/ui"
)

func TestDescribeSaysWhatThePluginIs(t *testing.T) {
	t.Parallel()
	p := everything()
	p.Migrations = fstest.MapFS{
		"sql/00002_more.sql":  {Data: []byte("-- +goose Up\nselect 2;\n-- +goose Down\n")},
		"sql/00001_notes.sql": {Data: []byte("-- +goose Up\nselect 1;\n-- +goose Down\n")},
	}
	server, err := sdk.New(p)
	must(t, err)
	d, err := server.Describe(t.Context(), &wire.DescribeRequest{})
	must(t, err)
	var m sdk.Manifest
	must(t, json.Unmarshal(d.GetManifest(), &m))
	if m.ID != "probe" || m.SDK != wire.ProtocolVersion || len(m.Schema) != 2 || m.Schema[0].Name != "00001_notes.sql" || !m.Exports || m.Purges {
		t.Errorf("%s", d.GetManifest())
	}
	if m.Jobs[0].Scope != sdk.Tenant || m.Jobs[1].Scope != sdk.Platform || m.Pages[0].Scope != sdk.Tenant || m.Events[0] != "unit.handed_over" {
		t.Errorf("%s", d.GetManifest())
	}
	if !strings.Contains(string(m.Settings), `"writeOnly":true`) || !strings.Contains(string(m.Settings), `"x-order":4`) || !strings.Contains(string(m.Settings), `"title":"What"`) {
		t.Errorf("settings %s", m.Settings)
	}
}

// inner holds itself, which a form can't.
type inner struct {
	Name  string  `json:"name"`
	Parts []inner `json:"parts,omitempty"`
}

func TestMistakesAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	show := func(context.Context, sdk.Call) (ui.Page, error) { return ui.Page{}, nil }
	run := func(context.Context, sdk.Call) (string, error) { return "", nil }
	act := func(context.Context, sdk.Call, inner) (sdk.Done, error) { return sdk.Done{}, nil }
	get := func(context.Context, sdk.Call, *struct{}) (*struct{}, error) { return nil, nil }
	handle := func(context.Context, sdk.Call, core.Event) error { return nil }
	good := "-- +goose Up\n-- +goose Down\n"
	for name, one := range map[string]struct {
		change func(*sdk.Plugin)
		want   string // the fields
	}{
		"nothing":  {func(*sdk.Plugin) {}, ""},
		"id":       {func(p *sdk.Plugin) { p.ID = "my_plugin" }, "ID Metrics[0].Name"},
		"reserved": {func(p *sdk.Plugin) { p.ID, p.Metrics = "tenants", nil }, "ID"},
		"empty":    {func(p *sdk.Plugin) { *p = sdk.Plugin{} }, "ID Name Summary Version"},
		"version":  {func(p *sdk.Plugin) { p.Version = "1.0" }, "Version"},
		"pages": {func(p *sdk.Plugin) {
			p.Pages = []sdk.Page{
				{ID: "a", Path: "/", Title: "A", Permission: core.DirectoryRead, Show: show},
				{ID: "a", Path: "/", Title: "A", Permission: "all", Show: show},
				{ID: "B", Path: "b", Nav: true, Scope: "world", Permission: core.Public},
				{ID: "c", Path: "/x/{x}", Nav: true, Title: "C", Permission: core.SignedIn, Show: show},
				{ID: "d", Path: "/actions/do", Title: "D", Permission: core.SignedIn, Show: show},
				{ID: "e", Path: "/x/{y}", Title: "E", Permission: core.SignedIn, Show: show},
				{ID: "f", Path: "/", Scope: sdk.Platform, Title: "F", Permission: core.SignedIn, Show: show},
			}
		}, "Pages[1].ID Pages[1].Path Pages[1].Permission Pages[2].ID Pages[2].Path Pages[2].Permission Pages[2].Scope Pages[2].Show Pages[2].Title Pages[3].Nav Pages[4].Path Pages[5].Path"},
		"actions": {func(p *sdk.Plugin) {
			p.Actions = []sdk.Action{{ID: "by-hand", Permission: core.DirectoryRead}, sdk.NewAction("a b", core.DirectoryRead, act),
				sdk.NewAction("x", core.DirectoryRead, func(context.Context, sdk.Call, int) (sdk.Done, error) { return sdk.Done{}, nil })}
		}, "Actions[0] Actions[1].ID Actions[2]"},
		"routes": {func(p *sdk.Plugin) {
			p.Routes = []sdk.Route{sdk.NewRoute("GET", "/a", "A", core.Public, get), sdk.NewRoute("GET", "/a", "A", core.Public, get),
				sdk.NewRoute("TRACE", "/b", "", "none", get), {},
				sdk.NewRoute("GET", "/c", "C", core.SignedIn, func(context.Context, sdk.Call, *struct {
					N *int `query:"n"`
				}) (*struct{}, error) {
					return nil, nil
				})}
		}, "Routes[1].Path Routes[2].Method Routes[2].Permission Routes[2].Summary Routes[3] Routes[3].Method Routes[3].Path Routes[3].Permission Routes[3].Summary Routes[4]"},
		"events": {func(p *sdk.Plugin) {
			p.Events = []sdk.Subscription{{Event: "handed over", Handle: handle}, {Event: "a.b", Handle: handle}, {Event: "a.b"}}
		}, "Events[0].Event Events[2].Event Events[2].Handle"},
		"jobs": {func(p *sdk.Plugin) {
			p.Jobs = []sdk.Job{{ID: "a", Summary: "A.", Schedule: "@daily", Run: run}, {ID: "b", Schedule: "61 * * * *", Run: run}, {ID: "c", Summary: "C.", Schedule: "* * * * *"},
				{ID: "d", Summary: "D.", Schedule: "* * * * *", Scope: sdk.Platform, Changed: true, Run: run}}
		}, "Jobs[0].Schedule Jobs[1].Schedule Jobs[1].Summary Jobs[2].Run Jobs[3].Changed"},
		"tools":   {func(p *sdk.Plugin) { p.Tools = []sdk.Tool{{ID: "a", Permission: core.DirectoryRead}} }, "Tools[0] Tools[0].Title"},
		"metrics": {func(p *sdk.Plugin) { p.RollUp, p.Metrics = nil, []core.Metric{{Name: "other.a.b"}} }, "Metrics[0].Meaning Metrics[0].Name Metrics[0].Unit RollUp"},
		"records": {func(p *sdk.Plugin) { p.Records = map[string]string{"note.create": "", "create": "made"} }, "Records Records"},
		"migrations": {func(p *sdk.Plugin) {
			p.Migrations = fstest.MapFS{"1_a.sql": {Data: []byte(good)}, "00001_a.sql": {Data: []byte(good)}, "00001_b.sql": {Data: []byte(good)}, "00002_c.sql": {Data: []byte("select 1")}}
		}, "Migrations Migrations Migrations"},
		"unreadable": {func(p *sdk.Plugin) { p.Platform = broken{} }, "Platform"},
		"grants": {func(p *sdk.Plugin) {
			p.Needs = sdk.Grants{
				Read: map[string][]string{"units": {"id", "*"}, "probe_own": {"id"}, "homeowners": nil}, ReadPlatform: map[string][]string{"Bad Name": {"id"}},
				Egress: []string{"api.example.com", "*.example.com:443", "a.*.com:443", "x:0"}, Env: []string{"HOME", "a b"},
			}
		}, "Needs.Egress Needs.Egress Needs.Egress Needs.Env Needs.Read Needs.Read Needs.Read Needs.ReadPlatform"},
		"settings": {func(p *sdk.Plugin) { p.Settings, p.PlatformSettings = &sdk.Settings{}, sdk.NewSettings[string](nil) }, "PlatformSettings Settings"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := everything()
			one.change(&p)
			server, err := sdk.New(p)
			if got := fields(err); got != one.want {
				t.Errorf("\n got %s\nwant %s\n%v", got, one.want, err)
			}
			if _, described := server.Describe(t.Context(), &wire.DescribeRequest{}); fields(wire.FromStatus(described)) != one.want {
				t.Errorf("described: %v", described)
			}
		})
	}
}

type broken struct{}

func (broken) Open(string) (fs.File, error) { return nil, errors.New("the disk is gone") }

// Files come with the form of an action alone, as bytes.
func TestFilesAreForActions(t *testing.T) {
	t.Parallel()
	type list struct {
		List []byte `json:"list" format:"file"`
	}
	p := everything()
	p.Actions = []sdk.Action{
		sdk.NewAction("good", core.DirectoryRead, func(context.Context, sdk.Call, list) (sdk.Done, error) { return sdk.Done{}, nil }),
		sdk.NewAction("text", core.DirectoryRead, func(context.Context, sdk.Call, struct {
			List string `format:"file"`
		}) (sdk.Done, error) {
			return sdk.Done{}, nil
		}),
	}
	p.Tools = []sdk.Tool{sdk.NewTool("a", "A", "A.", core.DirectoryRead,
		func(context.Context, sdk.Call, list) (sdk.Plan, error) { return sdk.Plan{}, nil },
		func(context.Context, sdk.Call, list, sdk.Plan) (string, error) { return "", nil })}
	p.Settings = sdk.NewSettings[list](nil)
	if _, err := sdk.New(p); fields(err) != "Actions[1] Settings Tools[0]" {
		t.Errorf("mistakes %s: %v", fields(err), err)
	}
}
