package audit_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
)

func TestListFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"), unitCreated("unt_2"), homeownerCreated("hom_1"))
	noon := h.clock.now().Add(3 * time.Hour)
	h.clock.set(noon)
	h.record(h.one, core.Entry{Action: "unit.update", Target: core.Target{Kind: "unit", ID: "unt_1"}, Outcome: "denied", Code: core.Forbidden,
		Changes: []core.Change{{Field: "label", Before: `2 "Harpur" 100%_Park`, After: "3 Harpur Park"}}})
	for name, c := range map[string]struct {
		query core.Query
		want  []int64
	}{
		"everything, newest first":    {core.Query{}, []int64{4, 3, 2, 1}},
		"by unit":                     {core.Query{Unit: "unt_1"}, []int64{4, 1}},
		"by development":              {core.Query{Development: "dvt_1"}, nil},
		"by action":                   {core.Query{Kind: "unit.create"}, []int64{2, 1}},
		"by outcome":                  {core.Query{Status: "denied"}, []int64{4}},
		"by actor":                    {core.Query{Actor: "usr_a"}, []int64{4, 3, 2, 1}},
		"by another actor":            {core.Query{Actor: "usr_b"}, nil},
		"from noon":                   {core.Query{From: noon}, []int64{4}},
		"until noon":                  {core.Query{To: noon}, []int64{3, 2, 1}},
		"by words of any case":        {core.Query{Text: "HARPUR park"}, []int64{4, 2, 1}},
		"by a word with signs":        {core.Query{Text: `"Harpur" 100%_`}, []int64{4}},
		"not by the name of a field":  {core.Query{Text: "actor"}, nil},
		"not by a personal value":     {core.Query{Text: "Niamh"}, nil},
		"by several filters together": {core.Query{Unit: "unt_1", Status: "ok"}, []int64{1}},
	} {
		page := h.list(h.one, c.query)
		var got []int64
		for _, r := range page.Items {
			got = append(got, r.Seq)
		}
		if fmt.Sprint(got) != fmt.Sprint(c.want) || page.Total != len(c.want) {
			t.Errorf("%s: %v of %d, want %v", name, got, page.Total, c.want)
		}
	}
}

func TestListTellsTheWholeRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.record(h.one, unitCreated("unt_1"))
	r := h.list(h.one, core.Query{}).Items[0]
	if !core.ValidID(core.PrefixRecord, r.ID) || len(r.Hash) != 64 {
		t.Errorf("id %q, hash %q", r.ID, r.Hash)
	}
	r.ID, r.Hash, r.Changes = "", "", nil
	want := core.Record{
		Seq: 1, At: h.clock.now(), Tenant: h.one, Actor: core.Actor{Kind: "staff", ID: "usr_a", Session: "5e55"},
		Action: "unit.create", Sentence: "created unit", Target: core.Target{Kind: "unit", ID: "unt_1"}, Outcome: "ok",
		Origin: core.Origin{Request: "req_1", IPPrefix: "192.0.2.0/24", UserAgent: "Firefox"},
	}
	if fmt.Sprintf("%+v", r) != fmt.Sprintf("%+v", want) {
		t.Errorf("record\n got %+v\nwant %+v", r, want)
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 7 {
		h.record("", unitCreated("unt_1"))
	}
	var seen []int64
	for after := ""; ; {
		page := h.list("", core.Query{Limit: 3, After: after})
		for _, r := range page.Items {
			seen = append(seen, r.Seq)
		}
		if after == "" {
			h.record("", unitCreated("unt_2")) // does not shift the pages after
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if fmt.Sprint(seen) != "[7 6 5 4 3 2 1]" {
		t.Errorf("pages hold %v", seen)
	}
	if _, err := h.log.List(t.Context(), "", core.Query{After: "nonsense"}); core.CodeOf(err) != core.Invalid {
		t.Errorf("a cursor of nonsense: %v, want invalid", err)
	}
	h.verify(audit.VerifyOptions{}, 0)
}
