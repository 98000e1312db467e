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

// nothing is written to by what panics.
var nothing map[string]int

// everything is a plugin with something behind each door.
func everything() sdk.Plugin {
	p := working(func(context.Context, sdk.Call) error { return nil })
	p.Pages = []sdk.Page{
		{ID: "show", Path: "/things/{thing}", Title: "Thing", Permission: core.DirectoryRead, Show: func(_ context.Context, c sdk.Call) (ui.Page, error) {
			return ui.Page{Head: ui.Head{Title: c.Param("thing") + " of " + c.Name}, Blocks: ui.Blocks{c.Form("order", "Order", order{Number: 3}), ui.Notice{Text: c.URL("/") + " " + c.URL("/a")}}}, nil
		}},
		{ID: "fall", Path: "/fall", Title: "Fall", Permission: core.DirectoryRead, Show: func(context.Context, sdk.Call) (ui.Page, error) {
			nothing["a"] = 1
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

func TestEventsBearThePluginsName(t *testing.T) {
	t.Parallel()
	_, err := within(t, func(ctx context.Context, c sdk.Call) error {
		return c.Emit(ctx, nil, "billing.invoice.sent", core.Target{}, nil)
	})
	if core.CodeOf(err) != core.Invalid {
		t.Errorf("%v", err)
	}
}
