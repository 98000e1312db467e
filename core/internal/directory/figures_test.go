package directory_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
	"github.com/openhouse-ai/console/tenants"
)

func (h *house) figures(t fataler) map[string]int64 {
	t.Helper()
	all := map[string]int64{}
	ok(t, h.store.View(context.Background(), h.tenant, func(tx *tenants.Tx) error {
		figures, err := h.Figures(context.Background(), tx)
		for _, f := range figures {
			all[f.Metric+" "+f.Development] = f.Value
		}
		return err
	}))
	return all
}

func TestFiguresCountWhatListsCount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	equal(t, "before anything is there", fmt.Sprint(h.figures(t)), "map[developments :0 homeowners :0 units :0 units.activated :0]")
	lane, park := h.development(t, "Harpur Lane"), h.development(t, "Harpur Park")
	h.development(t, "Without units")
	first := h.unit(t, lane, "1 Harpur Lane")
	h.unit(t, lane, "2 Harpur Lane")
	third := h.unit(t, park, "1 Harpur Park")
	h.homeowner(t, first, "one@homeowner.example")
	gone := h.homeowner(t, third, "two@homeowner.example")
	gone.Status = "left"
	_, err := h.Homeowners.Update(t.Context(), h.tenant, gone)
	ok(t, err)
	for range 2 {
		_, err = h.Units.Scan(t.Context(), h.tenant, first.Code, directory.Visit{UserAgent: "Mozilla/5.0 (iPhone) Safari/604.1"})
		ok(t, err)
	}
	got := h.figures(t)
	for name, want := range map[string]int64{
		"developments ": 3, "units ": 3, "units " + lane.ID: 2, "units " + park.ID: 1, "units.activated ": 1, "units.activated " + lane.ID: 1,
		"units.activated " + park.ID: 0, "homeowners ": 1, "homeowners " + lane.ID: 1, "homeowners " + park.ID: 0,
	} {
		equal(t, name, got[name], want)
	}
	for status, name := range map[string]string{"": "units ", "scanned": "units.activated "} {
		list, err := h.Units.List(t.Context(), h.tenant, core.Query{Status: status})
		ok(t, err)
		equal(t, name+"as listed", int64(list.Total), got[name])
	}
}
