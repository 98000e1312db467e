package host_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/tenants"
)

func TestSwitchedOffForATenant(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	go h.bus.Run(t.Context())
	a, b := h.ids[0], h.ids[1]
	h.wants(h.Switch(h.as(core.Owner), "probe", a, true, ""), core.Invalid, "Say why")
	h.must(h.Switch(h.as(core.Owner), "probe", a, true, "they asked"))
	_, err := h.page("probe", a, "hello", "")
	h.wants(err, core.NotFound, "switched off for this developer")
	if _, err := h.page("probe", b, "hello", ""); err != nil {
		t.Errorf("another developer: %v", err)
	}
	h.emit(a, "unit1")
	h.emit(b, "unit2")
	h.until("the other's event is delivered", func() bool { return len(h.effects("probe", b)) == 1 })
	h.until("the event waits", func() bool {
		s, _ := h.Find("probe")
		return s.Pending == 1 && s.Dead == 0 && s.OffFor == 1
	})
	if got := h.effects("probe", a); len(got) != 0 {
		t.Errorf("effects = %v", got)
	}
	h.must(h.Switch(h.as(core.Owner), "probe", a, false, ""))
	h.until("the event is delivered", func() bool { return len(h.effects("probe", a)) == 1 })
	h.wants(h.Switch(h.as(core.Owner), "probe", core.NewTenantID(time.Now()), true, "who?"), core.NotFound, "")
}

func TestTenantWhoseMigrationFails(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, "plugins: {}\n")
	a, b := h.ids[0], h.ids[1]
	block := func(statement string) {
		h.must(h.store.Update(t.Context(), a, func(tx *tenants.Tx) error {
			_, err := tx.Exec(t.Context(), statement)
			return err
		}))
	}
	block("create table brittle_effects (other text) strict")
	h.write(only("brittle"))
	_, err := h.Reload(h.as(core.Owner))
	h.must(err)
	h.state("brittle", host.Ready)
	_, err = h.page("brittle", a, "hello", "")
	h.wants(err, core.Unavailable, "could not prepare its tables for this developer")
	if _, err := h.page("brittle", b, "hello", ""); err != nil {
		t.Errorf("another developer: %v", err)
	}
	if s, _ := h.Find("brittle"); s.Broken != 1 {
		t.Errorf("broken = %d", s.Broken)
	}
	list, err := h.Tenants(h.as(core.Owner), "brittle", core.Query{Status: "broken"})
	if err != nil || len(list.Items) != 1 || list.Items[0].Tenant != a || list.Items[0].Error == "" {
		t.Errorf("tenants = %+v, %v", list, err)
	}
	block("drop table brittle_effects")
	h.must(h.Restart(h.as(core.Owner), "brittle"))
	h.until("it works there, too", func() bool {
		_, err := h.page("brittle", a, "hello", "")
		return err == nil
	})
	if s, _ := h.Find("brittle"); s.Broken != 0 {
		t.Errorf("broken = %d", s.Broken)
	}
}

func TestTenantThatCameLater(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	late := core.Tenant{ID: core.NewTenantID(time.Now()), Name: "Late Homes", Code: "LATE", Region: "eu-west", Status: core.TenantActive}
	h.must(h.store.Create(t.Context(), late))
	h.must(h.put("probe", late.ID, "e1"))
	if got := h.effects("probe", late.ID); got["e1"] != 1 {
		t.Errorf("effects = %v", got)
	}
}

func TestFiguresOfAPlugin(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	for n := range 3 {
		h.must(h.put("probe", h.ids[0], fmt.Sprintf("e%d", n)))
	}
	for _, tenant := range h.ids {
		h.must(h.count.Refresh(t.Context(), tenant))
	}
	totals, err := h.count.Totals(t.Context(), []string{"probe.effects"}, "")
	if err != nil || totals["probe.effects"].Value != 3 {
		t.Errorf("totals = %+v, %v", totals, err)
	}
}

func TestTools(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	ctx, a := h.as(core.Owner), h.ids[0]
	for _, id := range []string{"e1", "e2", "other"} {
		h.must(h.put("probe", a, id))
	}
	_, err := h.PlanTool(h.as(core.Auditor), "probe", "double", a, nil)
	h.wants(err, core.Forbidden, "")
	_, err = h.PlanTool(ctx, "probe", "double", a, []byte(`{"wait":"yes"}`))
	h.wants(err, core.Invalid, "")
	run, err := h.PlanTool(ctx, "probe", "double", a, nil)
	h.must(err)
	if run.State != core.Pending || run.Plan.Counts[0].Value != 2 || run.Plan.Hash == "" {
		t.Fatalf("plan = %+v", run)
	}
	ended := func(id string) host.ToolRun {
		var found host.ToolRun
		h.until("the run has ended", func() bool {
			found, err = h.FindTool(ctx, id)
			return err == nil && found.State != core.Running
		})
		return found
	}
	// The process dies when all is done and nothing was said of it.
	_, err = h.ApplyTool(ctx, run.ID)
	h.must(err)
	if got := ended(run.ID); got.State != core.Failed || !strings.Contains(got.Error, "stopped while it was at work") {
		t.Errorf("run = %+v", got)
	}
	_, err = h.ApplyTool(ctx, run.ID)
	h.wants(err, core.Conflict, "Plan a new one")
	h.state("probe", host.Ready)
	_, err = h.ResumeTool(ctx, run.ID)
	h.must(err)
	if got := ended(run.ID); got.State != core.Done || got.Summary != "0 doubled" {
		t.Errorf("run = %+v", got)
	}
	if got := h.effects("probe", a); got["e1"] != 101 || got["e2"] != 101 || got["other"] != 1 {
		t.Errorf("effects = %v", got)
	}
	// A plan whose data has changed since is not applied.
	h.must(h.put("probe", a, "e3"))
	stale, err := h.PlanTool(ctx, "probe", "double", a, nil)
	h.must(err)
	h.must(h.put("probe", a, "e4"))
	_, err = h.ApplyTool(ctx, stale.ID)
	h.must(err)
	if got := ended(stale.ID); got.State != core.Failed || !strings.Contains(got.Error, "has changed since") {
		t.Errorf("run = %+v", got)
	}
	list, err := h.ToolRuns(ctx, core.Query{Kind: "probe"})
	if err != nil || list.Total != 2 || list.Items[0].ID != stale.ID || list.Items[0].Tool.Title != "Double" {
		t.Errorf("runs = %+v, %v", list, err)
	}
}

func TestToolIsCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe"))
	h.state("probe", host.Ready)
	ctx, a := h.as(core.Owner), h.ids[0]
	h.must(h.put("probe", a, "e1"))
	first, err := h.PlanTool(ctx, "probe", "double", a, []byte(`{"wait":true}`))
	h.must(err)
	second, err := h.PlanTool(ctx, "probe", "double", a, nil)
	h.must(err)
	_, err = h.ApplyTool(ctx, first.ID)
	h.must(err)
	h.until("it is at work", func() bool {
		run, err := h.FindTool(ctx, first.ID)
		return err == nil && run.Total == 1
	})
	_, err = h.ApplyTool(ctx, second.ID)
	h.wants(err, core.Conflict, "")
	h.must(h.CancelTool(ctx, first.ID))
	h.until("it is cancelled", func() bool {
		run, err := h.FindTool(ctx, first.ID)
		return err == nil && run.State == core.Cancelled
	})
	h.wants(h.CancelTool(ctx, first.ID), core.Conflict, "cancelled already")
	h.must(h.CancelTool(ctx, second.ID))
}

// kept is a file of an export.
type kept struct{ strings.Builder }

func (*kept) Close() error { return nil }

func TestLeavingTenant(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("probe", "second"))
	h.state("probe", host.Ready)
	h.state("second", host.Ready)
	ctx := h.as(core.Owner)
	files := map[string]*kept{}
	h.must(h.ExportTenant(ctx, h.ids[0], func(plugin, name string) (io.WriteCloser, error) {
		f := &kept{}
		files[plugin+"/"+name] = f
		return f, nil
	}))
	if len(files) != 4 || files["second/effects/one.txt"].String() != "effects/one.txt of Harpur Homes" {
		t.Errorf("files = %v", files)
	}
	h.must(h.PurgeTenant(ctx, h.ids[0]))
	for _, id := range []string{"probe", "second"} {
		if got := h.effects(id, h.ids[0]); got["purged"] != 1 {
			t.Errorf("effects of %s = %v", id, got)
		}
		if got := h.effects(id, h.ids[1]); len(got) != 0 {
			t.Errorf("another tenant was purged: %v", got)
		}
	}
	h.must(h.Disable(ctx, "second", "for the test"))
	h.must(h.PurgeTenant(ctx, h.ids[0])) // what is switched off is not asked
}
