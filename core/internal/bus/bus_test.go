package bus_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

func (o *outbox) list(q core.Query) core.List[core.Event] {
	o.t.Helper()
	page, err := o.bus.List(o.t.Context(), o.tenant, q)
	o.must(err)
	return page
}

func TestEmitIsReadBack(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	e := event("unit.handed_over", "unt_1")
	e.Data = json.RawMessage(`{"on":"2026-03-01"}`)
	o.must(o.emit(e))
	o.must(o.emit(event("billing.invoice.issued", "inv_1")))
	page := o.list(core.Query{})
	if page.Total != 2 || len(page.Items) != 2 || page.Next != "" {
		t.Fatalf("list %+v", page)
	}
	if string(page.Items[0].Data) != "{}" {
		t.Errorf("an event without data holds %s", page.Items[0].Data)
	}
	got := page.Items[1]
	if !core.ValidID(core.PrefixEvent, got.ID) {
		t.Errorf("id %q", got.ID)
	}
	e.ID, e.At = got.ID, o.clock.now()
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", e) {
		t.Errorf("event\n got %+v\nwant %+v", got, e)
	}
}

func TestEmitRefuses(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	for _, name := range []string{"", "unit", "Unit.created", "unit.created.", ".created", "unit created", "a.b.c.d", "unit.created\n"} {
		if err := o.emit(event(name, "unt_1")); core.CodeOf(err) != core.Internal {
			t.Errorf("name %q: %v, want an internal error", name, err)
		}
	}
	broken := event("unit.created", "unt_1")
	broken.Data = json.RawMessage("{")
	if err := o.emit(broken); core.CodeOf(err) != core.Internal {
		t.Errorf("data that is not JSON: %v, want an internal error", err)
	}
	err := o.store.UpdateControl(t.Context(), func(tx *tenants.Tx) error {
		return o.bus.Emit(t.Context(), tx, event("unit.created", "unt_1"))
	})
	if core.CodeOf(err) != core.Internal {
		t.Errorf("an event of no tenant: %v, want an internal error", err)
	}
	if page := o.list(core.Query{}); page.Total != 0 {
		t.Errorf("%d events were kept", page.Total)
	}
}

func TestRolledBackChangeTellsNothing(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	err := o.store.Update(t.Context(), o.tenant, func(tx *tenants.Tx) error {
		o.must(o.bus.Emit(t.Context(), tx, event("unit.created", "unt_1")))
		return errors.New("the change went wrong")
	})
	if err == nil {
		t.Fatal("the update succeeded")
	}
	if page := o.list(core.Query{}); page.Total != 0 {
		t.Errorf("%d events were kept", page.Total)
	}
}

func TestListFiltersAndPages(t *testing.T) {
	t.Parallel()
	o := newOutbox(t)
	start := o.clock.now()
	for i := range 7 {
		o.clock.set(start.Add(time.Duration(i) * time.Hour))
		e := event("unit.created", fmt.Sprint("unt_", i%2))
		e.Data = fmt.Appendf(nil, `{"label":"%d Harpur Park"}`, i)
		o.must(o.emit(e))
	}
	o.must(o.emit(core.Event{Name: "development.created", Subject: core.Target{Kind: "development", ID: "dvt_1"}}))
	for name, c := range map[string]struct {
		query core.Query
		want  int
	}{
		"everything":       {core.Query{}, 8},
		"by name":          {core.Query{Kind: "unit.created"}, 7},
		"by unit":          {core.Query{Unit: "unt_1"}, 3},
		"by development":   {core.Query{Development: "dvt_1"}, 1},
		"by span of time":  {core.Query{From: start.Add(time.Hour), To: start.Add(3 * time.Hour)}, 2},
		"by words":         {core.Query{Text: "PARK 4"}, 1},
		"by nothing known": {core.Query{Text: "%"}, 0},
	} {
		if page := o.list(c.query); page.Total != c.want || len(page.Items) != c.want {
			t.Errorf("%s: %d of %d, want %d", name, len(page.Items), page.Total, c.want)
		}
	}
	var names []string
	pages := 0
	for after := ""; ; {
		page := o.list(core.Query{Kind: "unit.created", Limit: 3, After: after})
		pages++
		for _, e := range page.Items {
			names = append(names, e.Subject.ID)
		}
		if after = page.Next; after == "" {
			break
		}
	}
	if pages != 3 || fmt.Sprint(names) != "[unt_0 unt_1 unt_0 unt_1 unt_0 unt_1 unt_0]" {
		t.Errorf("%d pages hold %v", pages, names)
	}
	if _, err := o.bus.List(t.Context(), o.tenant, core.Query{After: "nonsense"}); core.CodeOf(err) != core.Invalid {
		t.Errorf("a cursor of nonsense: %v, want invalid", err)
	}
}
