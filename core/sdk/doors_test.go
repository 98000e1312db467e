package sdk_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/ui"
)

// order is what the form of the action "order" sends.
type order struct {
	Item   string   `json:"item" label:"What" enum:"door,window"`
	Number int      `json:"number" minimum:"1" maximum:"9"`
	Fast   bool     `json:"fast,omitempty"`
	Words  []string `json:"words,omitempty"`
	Secret string   `json:"secret,omitempty" writeOnly:"true"`
	Long   string   `json:"long,omitempty" format:"textarea" maxLength:"20" doc:"As long as you like."`
}

type bounds struct {
	Days int `json:"days" minimum:"1" default:"30"`
}

// everything is a plugin with something behind each door.
func everything() sdk.Plugin {
	p := working(func(context.Context, sdk.Call) error { return nil })
	p.Pages = []sdk.Page{
		{ID: "show", Path: "/things/{thing}", Title: "Thing", Permission: core.DirectoryRead, Show: func(_ context.Context, c sdk.Call) (ui.Page, error) {
			return ui.Page{Head: ui.Head{Title: c.Param("thing") + " of " + c.Name}, Blocks: ui.Blocks{c.Form("order", "Order", order{Number: 3}), ui.Notice{Text: c.URL("/") + " " + c.URL("/a")}}}, nil
		}},
		{ID: "fall", Path: "/fall", Title: "Fall", Permission: core.DirectoryRead, Show: func(context.Context, sdk.Call) (ui.Page, error) {
			var none map[string]int
			none["a"] = 1
			return ui.Page{}, nil
		}},
	}
	p.Actions = []sdk.Action{sdk.NewAction("order", core.DirectoryWrite, func(_ context.Context, c sdk.Call, o order) (sdk.Done, error) {
		if o.Item == "window" {
			return sdk.Done{}, &core.Error{Code: core.Invalid, Message: "No.", Fields: []core.FieldError{{Field: "item", Reason: "is out of stock"}}}
		}
		return sdk.Done{Next: "/things/1", Said: fmt.Sprintf("%+v", o)}, nil
	})}
	p.Events = []sdk.Subscription{{Event: "unit.handed_over", Handle: func(_ context.Context, c sdk.Call, e core.Event) error {
		if e.Subject.ID == "bad" {
			return core.Errorf(core.Unavailable, "Not now.")
		}
		return nil
	}}}
	p.Jobs = append(p.Jobs, sdk.Job{ID: "count", Summary: "Counts.", Schedule: "0 3 * * *", Scope: sdk.Platform, Run: func(_ context.Context, c sdk.Call) (string, error) {
		for i := range int64(1000) {
			c.Progress(i, 1000, "counting")
		}
		c.Progress(1000, 1000, "counted")
		return "Counted.", nil
	}})
	p.Tools = []sdk.Tool{sdk.NewTool("clean", "Clean", "Cleans up.", core.DirectoryWrite,
		func(ctx context.Context, c sdk.Call, b bounds) (sdk.Plan, error) {
			var n int64
			err := c.DB().QueryRowContext(ctx, `select count(*) from probe_dirt`).Scan(&n)
			return sdk.Plan{Counts: []sdk.Count{{Label: "Dirt", Value: n}, {Label: "Days", Value: int64(b.Days)}}}, err
		},
		func(ctx context.Context, c sdk.Call, b bounds, plan sdk.Plan) (string, error) {
			err := sdk.Update(ctx, c, func(tx *sql.Tx) error {
				_, err := tx.ExecContext(ctx, `delete from probe_dirt`)
				return err
			})
			return fmt.Sprintf("Cleaned %d.", plan.Counts[0].Value), err
		})}
	p.Metrics = []core.Metric{{Name: "probe.things.made", Unit: "things", Meaning: "Things that were made."}}
	p.RollUp = func(context.Context, sdk.Call) ([]core.Figure, error) { return nil, nil }
	p.Settings = sdk.NewSettings(func(_ context.Context, _ sdk.Call, o order) error {
		if o.Number == 4 {
			return core.Errorf(core.Invalid, "Four is unlucky.")
		}
		return nil
	})
	p.Export = func(_ context.Context, _ sdk.Call, f *sdk.Files) error {
		w, err := f.Create("a.txt")
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, strings.Repeat("a", 600<<10))
		return errors.Join(err, w.Close())
	}
	return p
}

func TestPageIsDrawnInItsPlace(t *testing.T) {
	t.Parallel()
	h := start(t, everything(), sdk.Outside{})
	r, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_PAGE, Id: "show"},
		sdk.Scene{Tenant: "ten_a", Name: "Acme", Base: "/admin/probe/tenants/ten_a", Params: map[string]string{"thing": "Roof"}})
	must(t, err)
	var page ui.Page
	must(t, json.Unmarshal(r.result, &page))
	if page.Head.Title != "Roof of Acme" {
		t.Errorf("title %q", page.Head.Title)
	}
	form := page.Blocks[0].(ui.Form)
	if form.Action != "/admin/probe/tenants/ten_a/actions/order" || form.Title != "Order" || form.Error != "" {
		t.Errorf("form %+v", form)
	}
	kinds := map[string]ui.FieldKind{}
	var names []string
	for _, f := range form.Fields {
		kinds[f.Name] = f.Kind
		names = append(names, f.Name)
	}
	if want := []string{"item", "number", "fast", "words", "secret", "long"}; !reflect.DeepEqual(names, want) {
		t.Errorf("fields stand in the order %v", names)
	}
	want := map[string]ui.FieldKind{"item": ui.Select, "number": ui.NumberField, "fast": ui.Checkbox, "words": ui.ListField, "secret": ui.PasswordField, "long": ui.TextArea}
	if !reflect.DeepEqual(kinds, want) {
		t.Errorf("fields are %v", kinds)
	}
	if f := form.Field("item"); f.Label != "What" || len(f.Options) < 2 {
		t.Errorf("item is %+v", f)
	}
	if f := form.Field("number"); f.Value != "3" || f.Min != "1" || f.Max != "9" {
		t.Errorf("number is %+v", f)
	}
	if n := page.Blocks[1].(ui.Notice); n.Text != "/admin/probe/tenants/ten_a /admin/probe/tenants/ten_a/a" {
		t.Errorf("addresses %q", n.Text)
	}
}

func TestActionReadsItsForm(t *testing.T) {
	t.Parallel()
	h := start(t, everything(), sdk.Outside{})
	for _, one := range []struct{ form, said, wrong string }{
		{`{"item":["door"],"number":["2"],"fast":["on"],"words":["a\nb"],"long":["x"],"other":["ignored"]}`, "{Item:door Number:2 Fast:true Words:[a b] Secret: Long:x}", ""},
		{`{"item":["gate"],"number":["two"],"long":["123456789012345678901"]}`, "", "item long number"},
		{`{}`, "", "item number"},
		{`{"item":["window"],"number":["1"]}`, "", "item"},
	} {
		r, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_ACTION, Id: "order", Input: []byte(one.form)}, sdk.Scene{Tenant: "ten_a"})
		var done sdk.Done
		if err == nil {
			must(t, json.Unmarshal(r.result, &done))
		}
		if done.Said != one.said || fields(err) != one.wrong {
			t.Errorf("%s: %q, %v", one.form, done.Said, err)
		}
	}
}

// fields are the names of an error's fields, in the alphabet's order.
func fields(err error) string {
	e, _ := errors.AsType[*core.Error](err)
	if e == nil {
		return ""
	}
	var names []string
	for _, f := range e.Fields {
		if f.Reason == "" {
			return "no reason for " + f.Field
		}
		names = append(names, f.Field)
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestPanicIsAnErrorWithAStack(t *testing.T) {
	t.Parallel()
	h := start(t, everything(), sdk.Outside{})
	_, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_PAGE, Id: "fall"}, sdk.Scene{Tenant: "ten_a"})
	fault, ok := errors.AsType[*wire.Fault](err)
	if !ok || !strings.Contains(fault.Text, "nil map") || !strings.Contains(fault.Stack, "doors_test.go") || core.CodeOf(err) != core.Internal {
		t.Errorf("%v", err)
	}
	_, err = h.client.Health(t.Context(), &wire.HealthRequest{})
	must(t, err)
}

func TestUnknownDoors(t *testing.T) {
	t.Parallel()
	h := start(t, everything(), sdk.Outside{})
	for _, door := range []wire.Door{wire.Door_DOOR_PAGE, wire.Door_DOOR_ACTION, wire.Door_DOOR_ROUTE, wire.Door_DOOR_JOB, wire.Door_DOOR_PLAN, wire.Door_DOOR_APPLY} {
		if _, err := h.invoke(t.Context(), &wire.Invocation{Door: door, Id: "nothing"}, sdk.Scene{}); core.CodeOf(err) != core.NotFound {
			t.Errorf("%v: %v", door, err)
		}
	}
	for _, in := range []*wire.Invocation{{Door: 99}, {}, {Door: wire.Door_DOOR_EVENT, Input: []byte(`garbage`)}, {Door: wire.Door_DOOR_ACTION, Id: "order", Input: []byte(`[1`)}} {
		if _, err := h.invoke(t.Context(), in, sdk.Scene{}); core.CodeOf(err) != core.Internal {
			t.Errorf("%v: %v", in, err)
		}
	}
}

func TestEventsAreAcknowledgedOrNot(t *testing.T) {
	t.Parallel()
	h := start(t, everything(), sdk.Outside{})
	for subject, want := range map[string]core.Code{"unt_1": "", "bad": core.Unavailable} {
		raw, err := json.Marshal(core.Event{ID: "evt_1", Name: "unit.handed_over", Subject: core.Target{Kind: "unit", ID: subject}})
		must(t, err)
		if _, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_EVENT, Input: raw}, sdk.Scene{Tenant: "ten_a"}); core.CodeOf(err) != want {
			t.Errorf("%s: %v", subject, err)
		}
	}
}

func TestJobTellsItsProgress(t *testing.T) {
	t.Parallel()
	h := start(t, everything(), sdk.Outside{})
	r, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_JOB, Id: "count"}, sdk.Scene{})
	must(t, err)
	if string(r.result) != `"Counted."` || len(r.progress) < 2 || len(r.progress) > 900 {
		t.Fatalf("%s after %d times", r.result, len(r.progress))
	}
	if last := r.progress[len(r.progress)-1]; last.GetDone() != 1000 || last.GetNote() != "counted" {
		t.Errorf("at last %v", last)
	}
}

func TestToolIsAppliedAsItWasPlanned(t *testing.T) {
	t.Parallel()
	h := start(t, everything(), sdk.Outside{})
	_, err := h.db.Exec(`create table probe_dirt (id integer); insert into probe_dirt values (1), (2)`)
	must(t, err)
	ask := func(door wire.Door, params, hash string) (reply, error) {
		return h.invoke(t.Context(), &wire.Invocation{Door: door, Id: "clean", Input: []byte(params), Hash: hash}, sdk.Scene{Tenant: "ten_a"})
	}
	planned := func(params string) (p sdk.Plan) {
		r, err := ask(wire.Door_DOOR_PLAN, params, "")
		must(t, err)
		must(t, json.Unmarshal(r.result, &p))
		return p
	}
	first := planned(`{}`)
	if first.Hash == "" || first.Counts[0].Value != 2 || first.Counts[1].Value != 30 || first.Hash != planned(`{}`).Hash || first.Hash == planned(`{"days":31}`).Hash {
		t.Errorf("plan %+v", first)
	}
	if _, err := ask(wire.Door_DOOR_PLAN, `{"days":0}`, ""); fields(err) != "days" {
		t.Errorf("days 0: %v", err)
	}
	_, err = h.db.Exec(`insert into probe_dirt values (3)`)
	must(t, err)
	if _, err := ask(wire.Door_DOOR_APPLY, `{}`, first.Hash); core.CodeOf(err) != core.Conflict {
		t.Errorf("a stale plan: %v", err)
	}
	r, err := ask(wire.Door_DOOR_APPLY, `{}`, planned(`{}`).Hash)
	must(t, err)
	if string(r.result) != `"Cleaned 3."` {
		t.Errorf("%s", r.result)
	}
	if _, err := ask(wire.Door_DOOR_APPLY, `{}`, ""); err != nil {
		t.Errorf("going on: %v", err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	type values struct {
		Item   string `json:"item"`
		Number int    `json:"number" default:"7"`
		Token  string `json:"token,omitempty" writeOnly:"true"`
	}
	p := working(func(ctx context.Context, c sdk.Call) error {
		var v values
		if err := c.Settings(ctx, &v); err != nil {
			return err
		}
		_, err := c.Secret(ctx, "token")
		return fmt.Errorf("%+v %v", v, core.CodeOf(err))
	})
	p.Settings = sdk.NewSettings(func(_ context.Context, _ sdk.Call, v values) error {
		if v.Number == 4 {
			return core.Errorf(core.Invalid, "Four is unlucky.")
		}
		return nil
	})
	h := start(t, p, sdk.Outside{})
	for stored, want := range map[string]string{
		"": "{Item: Number:7 Token:} not_found", "null": "{Item: Number:7 Token:} not_found", `{"item":"a"}`: "{Item:a Number:7 Token:} not_found",
		`{"item":"a","number":0,"token":"s"}`: "{Item:a Number:0 Token:s} ",
	} {
		h.mu.Lock()
		h.settings = stored
		h.mu.Unlock()
		_, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_JOB, Id: "work"}, sdk.Scene{Tenant: "ten_a"})
		if err == nil || err.Error() != want {
			t.Errorf("%s: %v", stored, err)
		}
	}
	for given, want := range map[string]core.Code{`{"number":3}`: "", `{"number":4}`: core.Invalid, `{"number":"x"}`: core.Invalid} {
		_, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_VALIDATE, Input: []byte(given)}, sdk.Scene{Tenant: "ten_a"})
		if core.CodeOf(err) != want {
			t.Errorf("%s: %v", given, err)
		}
	}
	if _, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_VALIDATE, Input: []byte(`{}`)}, sdk.Scene{}); core.CodeOf(err) != core.NotFound {
		t.Errorf("the platform has none: %v", err)
	}
}

func TestExportStreamsFiles(t *testing.T) {
	t.Parallel()
	h := start(t, everything(), sdk.Outside{})
	r, err := h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_EXPORT}, sdk.Scene{Tenant: "ten_a"})
	must(t, err)
	if len(r.head) != 1 || r.head[0].GetName() != "a.txt" || string(r.body) != strings.Repeat("a", 600<<10) {
		t.Errorf("%v and %d bytes", r.head, len(r.body))
	}
	r, err = h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_ROLL_UP}, sdk.Scene{Tenant: "ten_a"})
	must(t, err)
	if string(r.result) != "[]" {
		t.Errorf("figures %s", r.result)
	}
	_, err = h.invoke(t.Context(), &wire.Invocation{Door: wire.Door_DOOR_PURGE}, sdk.Scene{Tenant: "ten_a"})
	must(t, err)
}

func TestListReadsTheAddress(t *testing.T) {
	t.Parallel()
	c := sdk.Call{Scene: sdk.Scene{Zone: "Europe/Dublin", Query: map[string][]string{
		"q": {" oak "}, "sort": {"-created_at"}, "after": {"x"}, "limit": {"50"}, "from": {"2026-07-01"}, "to": {"2026-07-31"}, "status": {"open"},
	}}}
	q := c.List()
	dublin := c.Location()
	want := core.Query{Text: "oak", Status: "open", Sort: "created_at", Desc: true, After: "x", Limit: 50,
		From: time.Date(2026, 7, 1, 0, 0, 0, 0, dublin), To: time.Date(2026, 8, 1, 0, 0, 0, 0, dublin)}
	if !reflect.DeepEqual(q, want) || c.Limit() != 50 {
		t.Errorf("%+v", q)
	}
	c.Whole = true
	if q = c.List(); q.After != "" || q.Limit < 1_000_000 || c.Limit() != -1 {
		t.Errorf("whole: %+v", q)
	}
	c.Zone = "Nowhere/Land"
	if c.Location() != time.UTC {
		t.Error("an unknown zone isn't UTC")
	}
}

func TestEventsBearThePluginsName(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		return c.Emit(ctx, nil, "billing.invoice.sent", core.Target{}, nil)
	})
	if core.CodeOf(err) != core.Invalid {
		t.Errorf("%v", err)
	}
}
