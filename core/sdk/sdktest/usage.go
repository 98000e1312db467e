package sdktest

import (
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/insight"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/tenants"
)

// reportsOfUpdate is how many usage events are taken in one transaction.
const reportsOfUpdate = 5000

// Report takes usage events into the tenant's ledger, as portals report them.
// What an event leaves out is filled in: source, id, time (now). Those that were
// reported before have no effect.
func (c *Console) Report(events ...core.UsageEvent) {
	c.t.Helper()
	ledger := usage.New(usage.Options{Store: c.store, Recorder: c.audit})
	for from := 0; from < len(events); from += reportsOfUpdate {
		some := append([]core.UsageEvent{}, events[from:min(from+reportsOfUpdate, len(events))]...)
		for i := range some {
			if some[i].Source == "" {
				some[i].Source = "sdktest"
			}
			if some[i].ID == "" {
				some[i].ID = core.NewID(core.PrefixEvent, c.Now())
			}
			if some[i].Time.IsZero() {
				some[i].Time = c.Now()
			}
		}
		err := c.store.Update(c.Context(), c.Tenant, func(tx *tenants.Tx) error { return ledger.Accept(c.Context(), tx, some) })
		if err != nil {
			c.t.Fatalf("report usage: %v", err)
		}
	}
}

// Erase removes usage events of the tenant that are older than so many days, as
// retention does, and returns how many.
func (c *Console) Erase(days int) int {
	c.t.Helper()
	n, err := usage.New(usage.Options{Store: c.store, Recorder: c.audit}).Retain(c.Context(), c.Tenant, days)
	if err != nil {
		c.t.Fatalf("erase usage: %v", err)
	}
	return n
}

// Settle computes the plugin's figures of both tenants and keeps them, so that
// calls of the platform find them among the roll-ups.
func (c *Console) Settle() {
	c.t.Helper()
	c.rooms.mu.Lock()
	source := c.rooms.source
	c.rooms.mu.Unlock()
	if source == nil {
		c.t.Fatal("the plugin has no metrics")
	}
	rollups := insight.New(insight.Options{Store: c.store, Now: c.Now, Log: slog.New(slog.DiscardHandler)})
	err := rollups.Declare(insight.Source{Name: source.Name, Metrics: source.Metrics, Ask: source.Ask})
	for _, tenant := range c.tenants {
		if err == nil {
			err = rollups.Refresh(c.Context(), tenant)
		}
	}
	if err != nil {
		c.t.Fatalf("keep the figures: %v", err)
	}
}

// AddUnits adds so many more units to a seeded development, and returns them.
func (c *Console) AddUnits(site Site, n int) []core.Unit {
	c.t.Helper()
	units := make([]core.Unit, n)
	for i := range units {
		label := fmt.Sprintf("%d Harpur Row", i+1)
		units[i] = core.Unit{DevelopmentID: site.Development.ID, Label: label, Address: label + ", Leixlip", County: "Kildare", Kind: "House"}
	}
	err := c.store.Update(c.Context(), c.Tenant, func(tx *tenants.Tx) error {
		_, _, err := c.directory.Units.Add(c.Context(), tx, units)
		return err
	})
	if err != nil {
		c.t.Fatalf("add units: %v", err)
	}
	return units
}

// File is where the tenant's SQLite file lies.
func (c *Console) File() string {
	c.t.Helper()
	var found string
	err := filepath.WalkDir(c.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) == ".db" && strings.Contains(path, string(c.Tenant)) {
			found = path
		}
		return err
	})
	if err != nil || found == "" {
		c.t.Fatalf("find the tenant's file: %v", err)
	}
	return found
}
