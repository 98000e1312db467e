package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

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
