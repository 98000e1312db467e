package keep_test

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access/vault"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/core/internal/host/keep"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/tenants/fresh"
)

// house is a keep over real files with two tenants.
type house struct {
	t        testing.TB
	dir      string
	ms       atomic.Int64
	store    *tenants.Store
	log      *audit.Log
	keep     *keep.Keep
	one, two core.TenantID
}

func (h *house) now() time.Time { return time.UnixMilli(h.ms.Load()).UTC() }

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: fresh.Dir(t)}
	h.ms.Store(time.Date(2026, 3, 1, 9, 30, 0, 0, time.UTC).UnixMilli())
	var err error
	h.store, err = tenants.Open(t.Context(), tenants.Options{
		Dir: h.dir, Regions: []tenants.Region{{Name: "eu-west", Label: "Ireland"}}, Now: h.now,
	})
	h.must(err)
	t.Cleanup(func() { h.must(h.store.Close()) })
	key, err := vault.Open(filepath.Join(h.dir, "platform.key"))
	h.must(err)
	h.log = audit.New(audit.Options{Store: h.store, Signer: ed25519.NewKeyFromSeed(make([]byte, 32)), Now: h.now})
	h.keep = keep.New(keep.Options{Store: h.store, Vault: key, Recorder: h.log, Now: h.now})
	h.one, h.two = h.tenant("ONE"), h.tenant("TWO")
	return h
}

func (h *house) tenant(code string) core.TenantID {
	id := core.NewTenantID(h.now())
	h.must(h.store.Create(h.t.Context(), core.Tenant{ID: id, Name: code + " Homes", Code: code, Region: "eu-west"}))
	return id
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) wantCode(what string, err error, code core.Code) {
	h.t.Helper()
	if core.CodeOf(err) != code {
		h.t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestValuesHaveAnEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	put := func(key string) error {
		return h.store.Update(t.Context(), h.one, func(tx *tenants.Tx) error {
			return h.keep.PutValue(t.Context(), tx, "hubspot", key, []byte("v"))
		})
	}
	h.must(h.store.Update(t.Context(), h.one, func(tx *tenants.Tx) error {
		_, err := tx.Exec(t.Context(), `
			with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
			insert into plugin_values (plugin, key, value, updated_at) select 'hubspot', 'k' || i, x'00', 1 from n`, keep.MaxValues-1)
		return err
	}))
	h.must(put("the last"))
	h.must(put("the last"))
	h.wantCode("one too many", put("another"), core.Invalid)
	h.must(h.store.Update(t.Context(), h.one, func(tx *tenants.Tx) error {
		return h.keep.DeleteValue(t.Context(), tx, "hubspot", "k1")
	}))
	h.must(put("another"))
}

func TestStanding(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := core.WithActor(t.Context(), core.Actor{Kind: "staff", ID: "usr_a"})
	three := h.tenant("ABC")
	h.must(h.keep.Migrated(ctx, h.one, "hubspot", 3, ""))
	h.must(h.keep.Migrated(ctx, h.two, "hubspot", 1, "The migration 00002_x.sql fails."))
	h.must(h.keep.Switch(ctx, h.one, "hubspot", true, "They asked for it."))
	h.must(h.keep.Switch(ctx, h.one, "hubspot", true, "Twice."))
	h.must(h.keep.Migrated(ctx, h.one, "other", 9, ""))
	h.wantCode("an unknown tenant", h.keep.Switch(ctx, core.NewTenantID(h.now()), "hubspot", true, ""), core.NotFound)
	list := func(q core.Query) string {
		page, err := h.keep.TenantStates(ctx, "hubspot", q)
		h.must(err)
		var parts []string
		for _, s := range page.Items {
			parts = append(parts, fmt.Sprint(s.Name, " ", s.Off, " ", s.Version, " ", s.Reason, s.Error))
		}
		return fmt.Sprint(page.Total, ": ", strings.Join(parts, "; "))
	}
	for name, c := range map[string]struct {
		query core.Query
		want  string
	}{
		"all":    {core.Query{}, "3: ABC Homes false 0 ; ONE Homes true 3 They asked for it.; TWO Homes false 1 The migration 00002_x.sql fails."},
		"off":    {core.Query{Status: "off"}, "1: ONE Homes true 3 They asked for it."},
		"broken": {core.Query{Status: "broken"}, "1: TWO Homes false 1 The migration 00002_x.sql fails."},
		"on":     {core.Query{Status: "on"}, "1: ABC Homes false 0 "},
		"one":    {core.Query{Tenant: h.two}, "1: TWO Homes false 1 The migration 00002_x.sql fails."},
		"named":  {core.Query{Text: "homes abc"}, "1: ABC Homes false 0 "},
	} {
		if got := list(c.query); got != c.want {
			t.Errorf("%s: %s", name, got)
		}
	}
	first, err := h.keep.TenantStates(ctx, "hubspot", core.Query{Limit: 2})
	h.must(err)
	rest, err := h.keep.TenantStates(ctx, "hubspot", core.Query{Limit: 2, After: first.Next})
	h.must(err)
	if len(first.Items) != 2 || len(rest.Items) != 1 || rest.Items[0].Tenant != h.two || rest.Next != "" || first.Items[0].Tenant != three {
		t.Errorf("pages %+v and %+v", first, rest)
	}
	records, err := h.log.List(ctx, "", core.Query{Kind: "plugin.switch"})
	h.must(err)
	if records.Total != 1 || records.Items[0].Reason != "They asked for it." {
		t.Errorf("records %+v", records)
	}
	states, err := h.keep.Standing(ctx, "hubspot")
	if err != nil || len(states) != 2 || !states[h.one].Off || states[h.two].Error == "" {
		t.Errorf("standing %+v, %v", states, err)
	}
	h.must(h.keep.Switch(ctx, h.one, "hubspot", false, ""))
	if s, err := h.keep.TenantState(ctx, h.one, "hubspot"); err != nil || s.Off || s.Reason != "" || s.Version != 3 {
		t.Errorf("switched on again: %+v, %v", s, err)
	}
}

func TestApproval(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := core.WithActor(t.Context(), core.Actor{Kind: "staff", ID: "usr_a"})
	if _, found, err := h.keep.Approval(ctx, "hubspot"); found || err != nil {
		t.Errorf("before: %v, %v", found, err)
	}
	grants := sdk.Grants{Read: map[string][]string{"units": {"id"}}, Egress: []string{"api.hubapi.com:443"}}
	h.must(h.keep.Approve(ctx, "hubspot", "abc", grants, []core.Change{{Field: "read units", After: "id"}}))
	a, found, err := h.keep.Approval(ctx, "hubspot")
	if err != nil || !found || a.SHA256 != "abc" || a.By != "usr_a" || !a.At.Equal(h.now()) || fmt.Sprint(a.Grants) != fmt.Sprint(grants) {
		t.Errorf("approval %+v, %v", a, err)
	}
	m := sdk.Manifest{ID: "hubspot", Name: "HubSpot", Version: "1.0.0", Needs: grants}
	h.must(h.keep.PutManifest(ctx, "abc", m))
	if got, found, err := h.keep.Manifest(ctx, "abc"); err != nil || !found || fmt.Sprint(got) != fmt.Sprint(m) {
		t.Errorf("manifest %+v, %v", got, err)
	}
	if _, found, err := h.keep.Manifest(ctx, "def"); found || err != nil {
		t.Errorf("another manifest: %v, %v", found, err)
	}
	h.must(h.keep.Disable(ctx, "hubspot", "It floods the log."))
	if off, err := h.keep.Disabled(ctx); err != nil || off["hubspot"] != "It floods the log." {
		t.Errorf("disabled %v, %v", off, err)
	}
	h.must(h.keep.Enable(ctx, "hubspot", ""))
	if off, err := h.keep.Disabled(ctx); err != nil || len(off) != 0 {
		t.Errorf("disabled %v, %v", off, err)
	}
	records, err := h.log.List(ctx, "", core.Query{})
	h.must(err)
	var actions []string
	for _, r := range records.Items {
		actions = append(actions, r.Action+" "+r.Target.ID)
	}
	if got := strings.Join(actions, ", "); got != "plugin.enable hubspot, plugin.disable hubspot, plugin.approve hubspot" {
		t.Errorf("recorded: %s", got)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	for i := range 25 {
		h.must(h.keep.AddCrash(ctx, "hubspot", json.RawMessage(fmt.Sprint(i))))
	}
	h.must(h.keep.AddCrash(ctx, "other", json.RawMessage(`"other"`)))
	crashes, err := h.keep.Crashes(ctx, "hubspot")
	if err != nil || len(crashes) != 20 || string(crashes[0]) != "24" || string(crashes[19]) != "5" {
		t.Errorf("crashes %s, %v", crashes, err)
	}
	call := func(i int, tenant core.TenantID) keep.OutsideCall {
		return keep.OutsideCall{At: h.now().Add(time.Duration(i) * time.Second), Tenant: tenant, Method: "GET", Host: "api.example:443",
			Path: fmt.Sprint("/", i), Status: 200 + i%2*300, Took: 1500 * time.Microsecond, Sent: 1, Received: 2, Attempt: 1}
	}
	var calls []keep.OutsideCall
	for i := range 1100 {
		calls = append(calls, call(i, []core.TenantID{h.one, h.two, ""}[i%3]))
	}
	h.must(h.keep.AddCalls(ctx, "hubspot", calls...))
	h.must(h.keep.AddCalls(ctx, "other", call(1, core.NewTenantID(h.now()))))
	for name, c := range map[string]struct {
		plugin string
		query  core.Query
		want   int
	}{
		"all":               {"hubspot", core.Query{}, 1000},
		"failed":            {"hubspot", core.Query{Status: "failed"}, 500},
		"answered":          {"hubspot", core.Query{Status: "ok"}, 500},
		"one tenant":        {"hubspot", core.Query{Tenant: h.one}, 333},
		"words":             {"hubspot", core.Query{Text: "API.example /1099"}, 1},
		"time":              {"hubspot", core.Query{From: h.now().Add(1090 * time.Second), To: h.now().Add(1095 * time.Second)}, 5},
		"an unknown tenant": {"other", core.Query{}, 0},
	} {
		if page, err := h.keep.Calls(ctx, c.plugin, c.query); err != nil || page.Total != c.want {
			t.Errorf("%s: %d calls, want %d, %v", name, page.Total, c.want, err)
		}
	}
	page, err := h.keep.Calls(ctx, "hubspot", core.Query{Limit: 2})
	h.must(err)
	if got, want := fmt.Sprint(page.Items[0]), fmt.Sprint(call(1099, h.two)); got != want {
		t.Errorf("latest call\n got %s\nwant %s", got, want)
	}
	next, err := h.keep.Calls(ctx, "hubspot", core.Query{Limit: 2, After: page.Next})
	if err != nil || next.Items[0].Path != "/1097" {
		t.Errorf("next page %+v, %v", next, err)
	}
}

func TestRuns(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := core.WithActor(t.Context(), core.Actor{Kind: "staff", ID: "usr_a"})
	run := func(id string, tenant core.TenantID) keep.Run {
		return keep.Run{ID: id, Plugin: "hubspot", Tool: "repair", Tenant: tenant, State: core.Pending, Hash: "h1", By: "usr_a",
			Params: json.RawMessage(`{"who":"Niamh"}`), Plan: json.RawMessage(`{"hash":"h1"}`)}
	}
	a, b, c := run("run_a", h.one), run("run_b", h.one), run("run_c", "")
	for _, r := range []keep.Run{a, b, c} {
		h.must(h.keep.AddRun(ctx, r))
	}
	a.Hash, a.Plan = "h2", json.RawMessage(`{"hash":"h2"}`)
	h.must(h.keep.BeginRun(ctx, a, "tool.apply"))
	h.wantCode("two at a time", h.keep.BeginRun(ctx, b, "tool.apply"), core.Conflict)
	h.must(h.keep.BeginRun(ctx, c, "tool.apply"))
	h.must(h.keep.MoveRun(ctx, "run_a", 3, 9))
	got, err := h.keep.FindRun(ctx, "run_a")
	h.must(err)
	if got.State != core.Running || got.Done != 3 || got.Total != 9 || got.Hash != "h2" || string(got.Plan) != `{"hash":"h2"}` || string(got.Params) != `{"who":"Niamh"}` || got.StartedAt.IsZero() {
		t.Errorf("run %+v", got)
	}
	c.State, c.Summary, c.Done, c.Total = core.Done, "Repaired Niamh.", 4, 4
	h.must(h.keep.EndRun(ctx, c))
	if n, err := h.keep.Interrupted(ctx); n != 1 || err != nil {
		t.Errorf("interrupted %d, %v", n, err)
	}
	if got, err := h.keep.FindRun(ctx, "run_a"); err != nil || got.State != core.Failed || got.Error == "" || got.EndedAt.IsZero() {
		t.Errorf("after the console ended: %+v, %v", got, err)
	}
	if got, err := h.keep.FindRun(ctx, "run_c"); err != nil || got.Summary != "Repaired Niamh." || got.State != core.Done {
		t.Errorf("run %+v, %v", got, err)
	}
	h.must(h.keep.BeginRun(ctx, a, "tool.resume"))
	for name, c := range map[string]struct {
		query core.Query
		want  string
	}{
		"all":        {core.Query{}, "run_c run_b run_a"},
		"one tenant": {core.Query{Tenant: h.one}, "run_b run_a"},
		"one state":  {core.Query{Status: "running"}, "run_a"},
		"one plugin": {core.Query{Kind: "other"}, ""},
		"a page":     {core.Query{Limit: 1, After: "run_c"}, "run_b"},
	} {
		page, err := h.keep.Runs(ctx, c.query)
		h.must(err)
		var ids []string
		for _, r := range page.Items {
			ids = append(ids, r.ID)
			if len(r.Params) > 0 || r.Summary != "" {
				t.Errorf("a list tells what lies in the tenant's file: %+v", r)
			}
		}
		if got := strings.Join(ids, " "); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
	_, err = h.keep.FindRun(ctx, "run_none")
	h.wantCode("an unknown run", err, core.NotFound)
}

// TestDeletedTenantIsForgotten leaves nothing of a deleted tenant in the control
// database.
func TestDeletedTenantIsForgotten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	h.must(h.keep.Migrated(ctx, h.one, "hubspot", 1, ""))
	h.must(h.keep.AddCalls(ctx, "hubspot", keep.OutsideCall{Tenant: h.one, At: h.now()}))
	h.must(h.keep.AddRun(ctx, keep.Run{ID: "run_a", Plugin: "hubspot", Tool: "repair", Tenant: h.one, Params: json.RawMessage(`{}`), Plan: json.RawMessage(`{}`)}))
	h.must(h.store.UpdateControl(ctx, func(tx *tenants.Tx) error {
		_, err := tx.Exec(ctx, `update tenants set status = 'deleted' where id = ?`, h.one)
		return err
	}))
	h.must(h.keep.Migrated(ctx, h.one, "hubspot", 2, ""))
	h.must(h.keep.AddCalls(ctx, "hubspot", keep.OutsideCall{Tenant: h.one, At: h.now()}))
	states, err := h.keep.Standing(ctx, "hubspot")
	h.must(err)
	calls, err := h.keep.Calls(ctx, "hubspot", core.Query{})
	h.must(err)
	runs, err := h.keep.Runs(ctx, core.Query{})
	h.must(err)
	if len(states) != 0 || calls.Total != 0 || runs.Total != 0 {
		t.Errorf("left: %v, %v, %v", states, calls, runs)
	}
}
