package host

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/ui"
)

// Places are the pages of all plugins that have a place in a navigation. Those
// of a plugin that rests are among them.
func (h *Host) Places(scope sdk.Scope, portal bool) []Place {
	var places []Place
	for _, p := range h.sorted() {
		o, ready := p.offer()
		if o == nil {
			continue
		}
		for _, page := range o.manifest.Pages {
			if page.Nav && page.Scope == scope && !(portal && page.Hidden) {
				places = append(places, Place{Plugin: p.id, Page: page, Ready: ready})
			}
		}
	}
	return places
}

// offer is what a plugin offers, also while it rests, unless it is switched off.
func (p *plugin) offer() (o *offer, ready bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.current != nil {
		return &p.current.offer, true
	}
	if p.state == Stopped || p.state == Held || p.state == Draining {
		return nil, false
	}
	return p.asked, false
}

// door finds a plugin and what it offers.
func (h *Host) door(id string) (*plugin, *offer, error) {
	p, err := h.find(id)
	if err != nil {
		return nil, nil, err
	}
	o, _ := p.offer()
	if o == nil {
		_, err := p.enter()
		return nil, nil, err
	}
	return p, o, nil
}

var errNoPage = core.Errorf(core.NotFound, "There is no such page.")

// Page asks a plugin for one of its pages. Returns not_found for a page that
// it doesn't have, forbidden without the page's permission, unavailable while
// the plugin rests.
func (h *Host) Page(ctx context.Context, v Visit) (ui.Page, error) {
	p, o, err := h.door(v.Plugin)
	if err != nil {
		return ui.Page{}, err
	}
	info, params, found := o.page(v.Scope, v.Path)
	if !found || !v.placed() || v.Portal && info.Hidden {
		return ui.Page{}, errNoPage
	}
	if err := h.allow(ctx, info.Permission); err != nil {
		return ui.Page{}, err
	}
	r := request{door: wire.Door_DOOR_PAGE, id: info.ID, tenant: v.Tenant.ID, scene: v.scene()}
	r.scene.Params = params
	answer, err := h.invoke(ctx, p, r)
	if err != nil {
		return ui.Page{}, err
	}
	page, err := pageFrom(answer.result)
	if err == nil && page.Title == "" && page.Head.Title == "" {
		page.Title = info.Title
	}
	return page, h.nonsense(p, r, err)
}

// placed reports whether a visit of a tenant names one, and another none.
func (v Visit) placed() bool { return (v.Scope == sdk.Tenant) == (v.Tenant.ID != "") }

func (v Visit) scene() sdk.Scene {
	return sdk.Scene{Base: v.Base, Portal: v.Portal, Query: v.Query, Whole: v.Whole}
}

// Act submits a form or a button of a plugin's page. Returns invalid with the
// fields that are wrong, else what Page does.
func (h *Host) Act(ctx context.Context, v Visit) (done sdk.Done, err error) {
	p, o, err := h.door(v.Plugin)
	if err != nil {
		return done, err
	}
	info, found := action(o, v)
	if !found || !v.placed() {
		return done, core.Errorf(core.NotFound, "There is no such action.")
	}
	if err := h.allow(ctx, info.Permission); err != nil {
		return done, err
	}
	input, err := json.Marshal(v.Values)
	if err != nil {
		return done, err
	}
	if len(input) > maxInput {
		return done, core.Errorf(core.Invalid, "The form is too large: at most %d MiB travel to a plugin.", maxInput>>20)
	}
	r := request{door: wire.Door_DOOR_ACTION, id: info.ID, tenant: v.Tenant.ID, scene: v.scene(), input: input, writes: true}
	answer, err := h.invoke(ctx, p, r)
	if err != nil {
		return done, err
	}
	err = json.Unmarshal(answer.result, &done)
	if err == nil && (len(done.Said) > maxText || done.Next != "" && (!strings.HasPrefix(done.Next, "/") || !leadsWell(done.Next, false))) {
		err = fmt.Errorf("the action leads to %q, which is no page of the plugin", done.Next)
	}
	return done, h.nonsense(p, r, err)
}

func action(o *offer, v Visit) (sdk.ActionInfo, bool) {
	for _, a := range o.manifest.Actions {
		if a.ID == v.Action && a.Scope == v.Scope {
			return a, true
		}
	}
	return sdk.ActionInfo{}, false
}

// allow checks that whoever acts holds a permission.
func (h *Host) allow(ctx context.Context, permission core.Permission) error {
	actor := core.ActorOf(ctx)
	switch {
	case permission == core.Public || actor.Kind == core.System.Kind || h.Allows(actor.Role, permission):
		return nil
	case actor.Kind == "anonymous":
		return core.Errorf(core.Unauthenticated, "Sign in, or send an API key: Authorization: Bearer KEY.")
	}
	return core.Errorf(core.Forbidden, "The role %s doesn't allow this.", actor.Role)
}

// nonsense is the error of an answer that isn't what its door promises. The
// process lives on, but the call counts as failed.
func (h *Host) nonsense(p *plugin, r request, err error) error {
	if err == nil {
		return nil
	}
	p.tally.fail(h.Clock.Now())
	h.Log.Error("plugin answered garbage", "plugin", p.id, "door", doorNames[r.door], "id", r.id, "tenant", r.tenant, "error", err)
	return failure{core.Errorf(core.Internal, "%s gave an answer that can't be used (%s %s).", p.name(), doorNames[r.door], r.id), err}
}
