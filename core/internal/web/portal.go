package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// showPortal is where a developer's staff begin.
func showPortal(q *request) (ui.Page, error) {
	p := ui.Page{Title: "Overview", Head: ui.Head{Title: "Welcome, " + firstName(q.actor.Name)}, Blocks: q.standing()}
	if !q.may(core.DirectoryRead) || q.tenant.Status == core.TenantProvisioning || q.tenant.Status == core.TenantFailed {
		return p, nil
	}
	f, err := q.figures("")
	if err != nil {
		return p, err
	}
	p.Head.Lead = f.story()
	if add := q.addUnit(""); add != nil && f.developments > 0 {
		p.Head.Actions = []ui.Action{*add}
	}
	developments, list, err := q.developmentsAtGlance()
	if err != nil {
		return p, err
	}
	packs, err := q.packsAtGlance(list)
	if err != nil {
		return p, err
	}
	p.Blocks = append(p.Blocks, f.stats(q), developments, packs)
	return p, nil
}

// story says in a sentence how far the developer is.
func (f figures) story() string {
	switch {
	case f.units == 0:
		return "Add a development and its units, and each gets a code of its own."
	case f.handedOver == f.units:
		return "All " + plural(f.units, "unit") + " are handed over."
	case f.scanned == 0:
		return "No code has been scanned yet. Print the labels and letters, and hand them to your site team."
	}
	return plural(f.units-f.handedOver, "unit") + " still to hand over."
}
