package sdktest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// trial is a console on which one promise is tried.
type trial struct {
	*Console
	t        testing.TB
	manifest sdk.Manifest
	site     Site // of the seeded tenant
}

// begin opens a console for one promise. A panic of the plugin breaks every
// promise.
func begin(t testing.TB, p sdk.Plugin, with []Option, seeded bool) *trial {
	t.Helper()
	m, err := manifestOf(p)
	if err != nil {
		t.Fatal(err)
	}
	x := &trial{Console: Host(t, p, with...), t: t, manifest: m}
	t.Cleanup(func() {
		for _, stack := range x.watch.fallen() {
			t.Errorf("A function of the plugin has panicked. The process lives on, but whoever asked sees an error.\n%s", stack)
		}
	})
	if seeded {
		x.site = x.Seed()
		if x.options.prepare != nil {
			x.options.prepare(x.Console)
		}
	}
	return x
}

func manifestOf(p sdk.Plugin) (m sdk.Manifest, err error) {
	s, err := sdk.New(p)
	if err != nil {
		return m, err
	}
	said, err := s.Describe(context.Background(), &wire.DescribeRequest{})
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(said.GetManifest(), &m)
}

// faults are errors that no visitor should meet, whatever they sent.
func faulty(err error) bool {
	switch core.CodeOf(err) {
	case core.Internal, core.Unavailable, core.Forbidden:
		return true
	}
	return false
}

// why is an error as a sentence, and what it may come from.
func why(err error) string {
	what := strings.TrimSuffix(fmt.Sprint(err), ".") + ". "
	switch core.CodeOf(err) {
	case core.Forbidden:
		return what + "It uses something that it has no right to: write to the plugin's own tables alone, and name the columns of core tables that it reads in Plugin.Needs."
	case core.Unavailable:
		return what + "Something that it needs did not answer: give sdktest.Conform the option sdktest.HTTP, or sdktest.Prepare with the settings."
	}
	return what + "Return an error with a code (core.Errorf) for what a person can mend."
}

// events are one of each that the plugin listens to, about what Seed made.
func (x *trial) events() []core.Event {
	var all []core.Event
	for _, name := range x.manifest.Events {
		kind, _, _ := strings.Cut(name, ".")
		subject := core.Target{Kind: kind, ID: "sample"}
		switch kind {
		case "unit":
			subject.ID = x.site.Units[0].ID
		case "development":
			subject.ID = x.site.Development.ID
		case "homeowner":
			subject.ID = x.site.Homeowners[0].ID
		case "tenant", "developer":
			subject.ID = string(x.Tenant)
		}
		data, err := json.Marshal(map[string]any{"development_id": x.site.Development.ID, "unit_id": x.site.Units[0].ID, "count": 1})
		if err != nil {
			x.t.Fatal(err)
		}
		all = append(all, core.Event{ID: core.NewID(core.PrefixEvent, x.Now()), Name: name, Subject: subject, Data: data, At: x.Now()})
	}
	return all
}

// scopes are the same console looking at the tenant, and at the platform.
func (x *trial) scopes(fn func(c *Console, scope sdk.Scope)) {
	fn(x.Console, sdk.Tenant)
	fn(x.OnPlatform(), sdk.Platform)
}

// live goes through every door that changes something once, so that there is
// something to look at. What goes wrong is another promise's.
func (x *trial) live() {
	for _, e := range x.events() {
		_ = x.Deliver(e)
	}
	x.scopes(func(c *Console, scope sdk.Scope) {
		for _, a := range x.manifest.Actions {
			if a.Scope == scope {
				_, _ = c.Act(a.ID, x.form(a.ID, a.Schema))
			}
		}
		for _, r := range x.manifest.Routes {
			if r.Scope == scope && r.Method == http.MethodPost && !strings.Contains(r.Path, "{") {
				c.Route(r.Method, r.Path, x.body(r))
			}
		}
		for _, j := range x.manifest.Jobs {
			if j.Scope == scope {
				_, _ = c.Job(j.ID)
			}
		}
	})
}

// alter is live and the tools.
func (x *trial) alter() {
	x.live()
	x.scopes(func(c *Console, scope sdk.Scope) {
		for _, tool := range x.manifest.Tools {
			if tool.Scope != scope {
				continue
			}
			if run, err := c.Plan(tool.ID, x.params(tool)); err == nil {
				_, _ = c.Apply(run)
			}
		}
	})
}

// dumps are what the plugin keeps, everywhere.
func (x *trial) dumps() string {
	return x.InTenant(x.tenants[0]).Dump() + x.InTenant(x.tenants[1]).Dump() + x.OnPlatform().Dump()
}

// difference shows the first lines in which two texts differ.
func difference(before, after string) string {
	was, is := strings.Split(before, "\n"), strings.Split(after, "\n")
	var b strings.Builder
	shown := 0
	for _, line := range was {
		if !slices.Contains(is, line) && shown < 5 {
			b.WriteString("\n- " + line)
			shown++
		}
	}
	for _, line := range is {
		if !slices.Contains(was, line) && shown < 10 {
			b.WriteString("\n+ " + line)
			shown++
		}
	}
	return b.String()
}
