package directory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/directory"
)

// street has ten units of one development, one of another, and some life.
func street(t *testing.T) *house {
	h := newHouseWithClock(t)
	d, other := h.development(t, "Harpur Lane"), h.development(t, "Westmill")
	for i := range 10 {
		u := row(d, fmt.Sprintf("%d Harpur Park, Léixlip", 10-i))
		u.Postcode, u.Kind = "W23 F8EX", "House"
		if i%3 > 0 {
			u.Price = &core.Money{Minor: int64(i%3) * 100, Currency: "EUR"}
			u.Kind, u.SoldOn = "Apartment", "2026-01-0"+fmt.Sprint(i%3)
		}
		created, err := h.Units.Create(t.Context(), h.tenant, u)
		ok(t, err)
		if i%2 == 0 {
			h.homeowner(t, created, fmt.Sprintf("buyer%d@example.ie", i))
			_, err = h.Units.HandOver(t.Context(), h.tenant, created.ID, h.clock.Now())
			ok(t, err)
		}
		if i%5 == 0 {
			_, err = h.Units.Scan(t.Context(), h.tenant, created.Code, directory.Visit{UserAgent: phone})
			ok(t, err)
		}
		h.clock.advance(time.Minute)
	}
	h.unit(t, other, "1 Westmill Walk")
	return h
}

func TestListUnits(t *testing.T) {
	t.Parallel()
	h := street(t)
	developments, err := h.Developments.List(t.Context(), h.tenant, core.Query{})
	ok(t, err)
	d := developments.Items[0]
	for name, c := range map[string]struct {
		query core.Query
		want  string
	}{
		"natural order":   {core.Query{Limit: 3}, "[1 Harpur Park 1 Westmill Walk 2 Harpur Park] of 11"},
		"backwards":       {core.Query{Limit: 2, Desc: true}, "[10 Harpur Park 9 Harpur Park] of 11"},
		"development":     {core.Query{Development: d.ID, Limit: 2}, "[1 Harpur Park 2 Harpur Park] of 10"},
		"no development":  {core.Query{Development: "dvt_x"}, "[] of 0"},
		"accents, case":   {core.Query{Text: "LEIXLIP harpur 3"}, "[3 Harpur Park] of 1"},
		"start of words":  {core.Query{Text: "har 1"}, "[1 Harpur Park 10 Harpur Park] of 2"},
		"inside a word":   {core.Query{Text: "arpur"}, "[] of 0"},
		"one word":        {core.Query{Text: "westmill"}, "[1 Westmill Walk] of 1"},
		"postcode":        {core.Query{Text: "w23f8ex", Limit: 1}, "[1 Harpur Park] of 10"},
		"no such word":    {core.Query{Text: "100%"}, "[] of 0"},
		"kind":            {core.Query{Kind: "Apartment", Limit: 1}, "[2 Harpur Park] of 6"},
		"handed over":     {core.Query{Status: "handed_over", Limit: 1}, "[2 Harpur Park] of 5"},
		"not handed over": {core.Query{Status: "not_handed_over", Limit: 1}, "[1 Harpur Park] of 6"},
		"homeowner":       {core.Query{Status: "with_homeowner", Limit: 1}, "[2 Harpur Park] of 5"},
		"no homeowner":    {core.Query{Status: "without_homeowner", Development: d.ID, Limit: 1}, "[1 Harpur Park] of 5"},
		"scanned":         {core.Query{Status: "scanned"}, "[5 Harpur Park 10 Harpur Park] of 2"},
		"not scanned":     {core.Query{Status: "not_scanned", Limit: 1}, "[1 Harpur Park] of 9"},
		"dearest first":   {core.Query{Sort: "price", Desc: true, Limit: 1, Text: "harpur 5"}, "[5 Harpur Park] of 1"},
		"newest first":    {core.Query{Sort: "created_at", Desc: true, Limit: 2}, "[1 Westmill Walk 1 Harpur Park] of 11"},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := h.Units.List(t.Context(), h.tenant, c.query)
			ok(t, err)
			equal(t, "list", labels(list), c.want)
		})
	}
}

// Every sort in both directions gives each entry once, whatever the page size.
func TestPagesJoinUp(t *testing.T) {
	t.Parallel()
	h := street(t)
	for _, sort := range []string{"", "label", "price", "sold_on", "handed_over_at", "first_scan_at", "created_at"} {
		pagesJoinUp(t, sort, h.Units.List, h.tenant, func(u core.Unit) string { return u.ID })
	}
	for _, sort := range []string{"", "name", "created_at", "updated_at"} {
		pagesJoinUp(t, sort, h.Developments.List, h.tenant, func(d core.Development) string { return d.ID })
	}
	for _, sort := range []string{"", "name", "status", "created_at", "onboarded_at"} {
		pagesJoinUp(t, sort, h.Homeowners.List, h.tenant, func(o core.Homeowner) string { return o.ID })
	}
}

func pagesJoinUp[T any](t *testing.T, sort string, list lister[T], tenant core.TenantID, id func(T) string) {
	for _, desc := range []bool{false, true} {
		all, err := list(t.Context(), tenant, core.Query{Sort: sort, Desc: desc})
		ok(t, err)
		equal(t, "total", all.Total, len(all.Items))
		equal(t, "next of the only page", all.Next, "")
		var joined []T
		q := core.Query{Sort: sort, Desc: desc, Limit: 3}
		for {
			page, err := list(t.Context(), tenant, q)
			ok(t, err)
			equal(t, "total of a page", page.Total, all.Total)
			joined = append(joined, page.Items...)
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		equal(t, "entries sorted by "+sort, len(joined), len(all.Items))
		for i := range joined {
			equal(t, fmt.Sprintf("entry %d sorted by %q", i, sort), id(joined[i]), id(all.Items[i]))
		}
	}
}

func TestListRefuses(t *testing.T) {
	t.Parallel()
	h := street(t)
	first, err := h.Units.List(t.Context(), h.tenant, core.Query{Limit: 1})
	ok(t, err)
	for name, c := range map[string]struct {
		query core.Query
		field string
	}{
		"sort":            {core.Query{Sort: "id; drop table units"}, "sort"},
		"status":          {core.Query{Status: "burnt_down"}, "status"},
		"cursor":          {core.Query{After: "???"}, "after"},
		"forged cursor":   {core.Query{After: "eyJ2IjpbXSwiaSI6IiJ9"}, "after"},
		"another order":   {core.Query{After: first.Next, Desc: true}, "after"},
		"another sorting": {core.Query{After: first.Next, Sort: "price"}, "after"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := h.Units.List(t.Context(), h.tenant, c.query)
			expectCode(t, err, core.Invalid, c.field)
		})
	}
}

func TestListHomeownersAndDevelopments(t *testing.T) {
	t.Parallel()
	h := street(t)
	developments, err := h.Developments.List(t.Context(), h.tenant, core.Query{})
	ok(t, err)
	equal(t, "developments", developments.Total, 2)
	equal(t, "units of the first", developments.Items[0].Units, 10)
	for name, c := range map[string]struct {
		query core.Query
		total int
	}{
		"all":                {core.Query{}, 5},
		"of a development":   {core.Query{Development: developments.Items[0].ID}, 5},
		"of the other":       {core.Query{Development: developments.Items[1].ID}, 0},
		"name":               {core.Query{Text: "aoife"}, 5},
		"e-mail":             {core.Query{Text: "buyer2@example.ie"}, 1},
		"unit":               {core.Query{Text: "byrne 8 harpur"}, 1},
		"invited":            {core.Query{Status: "invited"}, 5},
		"onboarded":          {core.Query{Status: "onboarded"}, 0},
		"development status": {core.Query{Status: "planned"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			list, err := h.Homeowners.List(t.Context(), h.tenant, c.query)
			ok(t, err)
			equal(t, "homeowners", list.Total, c.total)
		})
	}
	for text, total := range map[string]int{"harpur": 1, "LANE kildare": 1, "co": 2, "west lane": 0} {
		list, err := h.Developments.List(t.Context(), h.tenant, core.Query{Text: text, Status: "selling"})
		ok(t, err)
		equal(t, "developments with "+text, list.Total, total)
	}
}
