package sdktest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// takesEventsTwice: an event that comes again changes nothing any more.
func takesEventsTwice(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	for _, e := range x.events() {
		if err := x.Deliver(e); err != nil {
			x.t.Errorf("The event %s is not taken: %s", e.Name, why(err))
			continue
		}
		before, emitted, recorded := x.dumps(), len(x.Events()), len(x.Records())
		x.Advance(time.Minute) // a retry comes later
		if err := x.Deliver(e); err != nil {
			x.t.Errorf("The event %s is not taken a second time: %v Acknowledge it: return nil for what is done already.", e.Name, err)
		}
		if after := x.dumps(); after != before {
			x.t.Errorf("The event %s has an effect each time it comes. The same event may come twice: keep its id with the row (event_id text unique, on conflict do nothing).%s", e.Name, difference(before, after))
		}
		if len(x.Events()) != emitted || len(x.Records()) != recorded {
			x.t.Errorf("The event %s is told of once more when it comes again: emit and record in the transaction of the change, and only when something has changed.", e.Name)
		}
		stranger := e
		stranger.ID, stranger.Subject.ID = core.NewID(core.PrefixEvent, x.Now()), nobody
		if err := x.Deliver(stranger); core.CodeOf(err) == core.Internal {
			x.t.Errorf("The event %s of something that is gone by now fails: %v It would be tried for days: return nil, or an error with a code.", e.Name, err)
		}
	}
}

// runsJobsTwice: a job that runs again at the same time changes nothing any more.
func runsJobsTwice(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	x.scopes(func(c *Console, scope sdk.Scope) {
		for _, j := range x.manifest.Jobs {
			if j.Scope == scope {
				x.runTwice(c, j.ID)
			}
		}
	})
}

func (x *trial) runTwice(c *Console, job string) {
	for _, state := range []string{"without data", "with data", "a year later"} {
		switch state {
		case "with data":
			x.live()
		case "a year later":
			x.Advance(365 * 24 * time.Hour)
		}
		if _, err := x.work(c, job); err != nil {
			x.t.Errorf("The job %s fails %s: %s", job, state, why(err))
			return
		}
		before, emitted := x.dumps(), len(x.Events())
		if _, err := x.work(c, job); err != nil {
			x.t.Errorf("The job %s fails when it runs a second time %s: %v", job, state, err)
		}
		if after := x.dumps(); after != before {
			x.t.Errorf("The job %s changes something when it runs a second time %s. It may be run again after a crash: mark what is done, and leave it out the next time.%s", job, state, difference(before, after))
		}
		if len(x.Events()) != emitted {
			x.t.Errorf("The job %s emits its events again when it runs a second time %s: emit in the transaction that marks what is done.", job, state)
		}
	}
}

// work runs a job also when nothing has changed: it may be run again for any
// tenant at any time.
func (x *trial) work(c *Console, job string) (string, error) {
	task, found := x.rooms.task(x.plugin.ID + "." + job)
	if !found {
		return "", fmt.Errorf("the plugin has no job %q", job)
	}
	return c.work(task)
}

// planned: a plan is the same for the same data and changes nothing; it is
// applied as it was seen, or not at all.
func planned(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	x.live()
	x.Advance(365 * 24 * time.Hour)
	x.scopes(func(c *Console, scope sdk.Scope) {
		for _, tool := range x.manifest.Tools {
			if tool.Scope == scope {
				x.useTool(c, tool)
			}
		}
	})
}

func (x *trial) useTool(c *Console, tool sdk.ToolInfo) {
	before := x.dumps()
	run, err := c.Plan(tool.ID, x.params(tool))
	if err != nil {
		x.t.Errorf("The tool %s can't be planned: %s Where the parameters are the cause, give sdktest.Conform the option sdktest.Form.", tool.ID, why(err))
		return
	}
	again, err := c.Plan(tool.ID, x.params(tool))
	if err != nil || again.Plan.Hash != run.Plan.Hash {
		x.t.Errorf("Two plans of the tool %s differ though nothing has changed (%v): it could never be applied. Order the samples, and take no time and no chance.", tool.ID, err)
	}
	if err := c.spoil(again); err != nil {
		x.t.Fatal(err)
	}
	if _, err := c.Apply(again); err == nil {
		x.t.Errorf("The tool %s applies a plan that nobody has seen.", tool.ID)
	}
	if after := x.dumps(); after != before {
		x.t.Errorf("Planning the tool %s changes something.%s", tool.ID, difference(before, after))
	}
	if _, err := c.Apply(run); err != nil {
		x.t.Errorf("The tool %s can't apply its plan: %v", tool.ID, err)
	}
}

// patience is how long a call that was given up may go on.
const patience = 10 * time.Second

// endsWhenCancelled: a function of the plugin returns when its context ends, in
// its beginning and while it asks the console.
func endsWhenCancelled(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	x.live()
	x.scopes(func(c *Console, scope sdk.Scope) {
		for _, page := range x.manifest.Pages {
			if page.Scope == scope {
				x.giveUp(c, "The page "+page.ID, func(c *Console) { _, _ = c.Page(parameter.ReplaceAllString(page.Path, nobody)) })
			}
		}
		for _, a := range x.manifest.Actions {
			if a.Scope == scope {
				x.giveUp(c, "The action "+a.ID, func(c *Console) { _, _ = c.Act(a.ID, x.form(a.ID, a.Schema)) })
			}
		}
		for _, r := range x.manifest.Routes {
			if r.Scope == scope {
				x.giveUp(c, "The route "+r.Method+" "+r.Path, func(c *Console) { c.Route(r.Method, parameter.ReplaceAllString(r.Path, nobody), x.body(r)) })
			}
		}
		for _, j := range x.manifest.Jobs {
			if j.Scope == scope {
				x.giveUp(c, "The job "+j.ID, func(c *Console) { _, _ = x.work(c, j.ID) })
			}
		}
		for _, tool := range x.manifest.Tools {
			if tool.Scope == scope {
				x.giveUp(c, "The plan of the tool "+tool.ID, func(c *Console) { _, _ = c.Plan(tool.ID, x.params(tool)) })
				x.giveUpTool(c, tool)
			}
		}
	})
	for _, e := range x.events() {
		x.giveUp(x.Console, "The event "+e.Name, func(c *Console) { _ = c.Deliver(e) })
	}
	if len(x.manifest.Metrics) > 0 {
		x.giveUp(x.Console, "The roll-up", func(c *Console) { _, _ = c.RollUp() })
	}
}

// giveUp calls twice: the call is given up as it begins, and as it first asks
// the console for something.
func (x *trial) giveUp(c *Console, what string, call func(*Console)) {
	for _, early := range []bool{true, false} {
		ctx, cancel := context.WithCancel(x.t.Context())
		if early {
			x.watch.hook(cancel, nil)
		} else {
			x.watch.hook(nil, cancel)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			call(c.With(ctx))
		}()
		x.ends(what, done)
		cancel()
		x.watch.hook(nil, nil)
	}
}

// giveUpTool cancels the application of a tool, as an operator does.
func (x *trial) giveUpTool(c *Console, tool sdk.ToolInfo) {
	run, err := c.Plan(tool.ID, x.params(tool))
	if err != nil {
		return // another promise says so
	}
	x.watch.hook(nil, func() { _ = x.host.CancelTool(c.Context(), run.ID) })
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = c.Apply(run)
	}()
	x.ends("The tool "+tool.ID, done)
	x.watch.hook(nil, nil)
}

// ends waits until a call has returned, and then the plugin's function.
func (x *trial) ends(what string, done <-chan struct{}) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(x.t.Context()), patience)
	defer cancel()
	select {
	case <-done:
	case <-ctx.Done():
	}
	select {
	case <-x.watch.settled():
	case <-ctx.Done():
		x.t.Fatalf("%s goes on %s after its call was given up. Pass the function's ctx to everything that waits, and return when it ends.", what, patience)
	}
}
