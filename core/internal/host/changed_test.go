package host_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/tenants"
)

// follower is a plugin whose job follows what changes and what is published.
func follower() sdk.Plugin {
	type sharing struct {
		Tenant core.TenantID `json:"tenant,omitempty"`
		Value  string        `json:"value"`
	}
	share := func(ctx context.Context, c sdk.Call, s sharing) (sdk.Done, error) {
		return sdk.Done{}, c.Publish(ctx, nil, s.Tenant, "key", []byte(s.Value))
	}
	return sdk.Plugin{
		ID: "follower", Name: "Follower", Version: "1.0.0", Summary: "Follows.",
		Actions: []sdk.Action{
			sdk.NewAction("share", core.DirectoryWrite, share).OnPlatform(),
			sdk.NewAction("leak", core.DirectoryWrite, share),
		},
		Jobs: []sdk.Job{{ID: "follow", Summary: "Follows.", Schedule: "* * * * *", Changed: true, Run: func(ctx context.Context, c sdk.Call) (string, error) {
			list, _, err := c.Published(ctx, 0)
			said := "seen:"
			for _, p := range list {
				said += fmt.Sprintf(" %s %v", p.Value, p.Own)
			}
			return said, err
		}}},
		PlatformSettings: sdk.NewSettings[struct {
			Band int `json:"band,omitempty"`
		}](nil),
	}
}

func (h *house) share(tenant core.TenantID, value string) {
	h.t.Helper()
	_, err := h.Act(h.as(core.Owner), host.Visit{
		Plugin: "follower", Action: "share", Scope: sdk.Platform, Values: map[string][]string{"tenant": {string(tenant)}, "value": {value}},
	})
	h.must(err)
}

// follow runs the follower's job and returns what it says of the run and of
// each tenant that it visits.
func (h *house) follow() (said string) {
	h.t.Helper()
	run, err := h.jobs.RunNow(h.t.Context(), "follower.follow")
	h.must(err)
	states, err := h.jobs.Watch(h.t.Context(), run.ID)
	h.must(err)
	for run = range states {
	}
	said = run.Summary + run.Error
	lines, err := h.jobs.Lines(h.t.Context(), run.ID)
	h.must(err)
	for _, line := range lines {
		said += " | " + line.Text
	}
	return said
}

func TestJobFollowsWhatChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil, only("follower"))
	h.state("follower", host.Ready)
	h.until("its jobs are declared", func() bool {
		all, err := h.jobs.List(t.Context())
		return err == nil && len(all) == 1
	})
	one, two := h.ids[0], h.ids[1]
	said := func(id core.TenantID, what string) string { return " | " + string(id) + ": seen:" + what }
	const first, both = "1 of 1 tenants had something to do.", "2 of 2 tenants had something to do."
	wants := func(why, want string) {
		t.Helper()
		if got := h.follow(); got != want {
			t.Errorf("%s: %q, want %q", why, got, want)
		}
	}
	wants("at first", both+said(one, "")+said(two, ""))
	wants("nothing has happened", "")
	h.emit(one, "unt_1")
	wants("a file has changed", first+said(one, ""))
	wants("it was visited", "")
	h.share(two, "hello")
	wants("something was published for one", first+said(two, " hello true"))
	h.share(two, "hello")
	wants("the same was published again", "")
	h.share("", "all")
	wants("something was published for all", both+said(one, " all false")+said(two, " hello true all false"))
	h.must(h.SaveSettings(h.as(core.Owner), "follower", "", json.RawMessage(`{"band": 3}`), 0))
	wants("the platform's settings were saved", both+said(one, " all false")+said(two, " hello true all false"))

	h.must(h.Switch(h.as(core.Owner), "follower", one, true, "They asked for it."))
	wants("it was switched off for one", "")
	h.emit(one, "unt_1")
	wants("the file of one that it is off for has changed", "")
	h.must(h.Switch(h.as(core.Owner), "follower", one, false, ""))
	wants("it was switched on again", first+said(one, " all false"))
	wants("nothing more has happened", "")

	_, err := h.Act(h.as(core.Owner), host.Visit{
		Plugin: "follower", Action: "leak", Scope: sdk.Tenant, Tenant: core.Tenant{ID: one}, Values: map[string][]string{"tenant": {string(two)}, "value": {"leaked"}},
	})
	h.wants(err, core.Forbidden, "A call of a tenant can't publish")
	wants("a call of a tenant has tried to publish", "")
}

// BenchmarkNothingChanged is a run of a job that follows changes, for which
// 10,000 tenants have nothing to do: target 200 ms.
func BenchmarkNothingChanged(b *testing.B) {
	h := newHouse(b, nil, only("follower"))
	h.state("follower", host.Ready)
	h.until("its jobs are declared", func() bool {
		all, err := h.jobs.List(b.Context())
		return err == nil && len(all) == 1
	})
	folder := filepath.Join(h.dir, "regions", "eu-west", "tenants")
	h.must(h.store.UpdateControl(b.Context(), func(tx *tenants.Tx) error {
		for i := range 10_000 {
			id := core.NewTenantID(time.Now())
			_, err := tx.Exec(b.Context(), `
				insert into tenants (id, name, code, region, status, sort_name, search, schema_version, created_at, updated_at)
				values (?1, ?1, ?2, 'eu-west', 'active', ?1, ?1, 1, 0, 0)`, id, fmt.Sprintf("C%d", i))
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(folder, string(id)+".db"), []byte("a file"), 0o600); err != nil {
				return err
			}
			for day := range 3 {
				_, err := tx.Exec(b.Context(), `insert into plugin_publications values ('follower', ?, ?, x'00', ?, 0)`, id, fmt.Sprint(day), 3*i+day+1)
				if err != nil {
					return err
				}
			}
		}
		return nil
	}))
	var ids []core.TenantID
	h.must(h.store.ViewControl(b.Context(), func(tx *tenants.Tx) error {
		rows, err := tx.Query(b.Context(), `select id from tenants`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id core.TenantID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	}))
	// Their files are none, so that visits would fail: it is as if these had been.
	task, _ := h.tasks.Load("follower.follow")
	marks, err := task.(host.Task).Mark(b.Context(), ids)
	h.must(err)
	h.must(h.store.UpdateControl(b.Context(), func(tx *tenants.Tx) error {
		for id, mark := range marks {
			if _, err := tx.Exec(b.Context(), `insert into job_visits values ('follower.follow', ?, ?)`, id, mark); err != nil {
				return err
			}
		}
		return nil
	}))
	for b.Loop() {
		if said := h.follow(); said != "" {
			b.Fatal(said)
		}
	}
}
