package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/ui"
)

// changeStatus asks why, and suspends or reactivates a tenant.
var changeStatus = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		f := ui.Form{
			Action: q.base + "/status", Cancel: &ui.Link{Text: "Cancel", Href: q.base},
			Fields: []ui.Field{
				{Name: "reason", Label: "Reason", Required: true, Autofocus: true, MaxLength: 300, Hint: "Kept in the audit log for good."},
			},
		}
		switch q.tenant.Status {
		case core.TenantActive:
			f.Submit, f.Danger = "Suspend "+q.tenant.Name, true
			f.Consequence = "Its staff can look and change nothing, its API keys can't write, and scanned codes show a page without a sign-up. No data is removed, and you can reactivate it at any time."
			return q.leaf("", "Suspend "+q.tenant.Name), f, nil
		case core.TenantSuspended:
			f.Submit = "Reactivate " + q.tenant.Name
			f.Consequence = "Its staff, its API keys and its codes work as before."
			return q.leaf("", "Reactivate "+q.tenant.Name), f, nil
		}
		return ui.Page{}, f, core.Errorf(core.Conflict, "A tenant that is %s can't be suspended.", q.tenant.Status)
	},
	do: func(q *request, sent values) (string, string, error) {
		reason := strings.TrimSpace(sent.Get("reason"))
		if reason == "" {
			return "", "", core.Problems{{Field: "reason", Reason: "is missing: say why, for whoever reads the audit log"}}.Err()
		}
		return q.setStatus(reason)
	},
}

// setStatus turns an active tenant into a suspended one, or back.
func (q *request) setStatus(reason string) (next, said string, err error) {
	before := q.tenant
	after := core.Tenant{ID: before.ID, Version: before.Version, Demo: before.Demo, Status: core.TenantSuspended}
	action, said := "tenant.suspend", before.Name+" is suspended."
	if before.Status == core.TenantSuspended {
		action, said, after.Status = "tenant.resume", before.Name+" is active again.", core.TenantActive
	}
	_, err = q.site.Tenants.UpdateTenant(q.ctx, after, func(tx *tenants.Tx) error {
		return q.site.Audit.Record(q.ctx, tx, core.Entry{
			Action: action, Target: core.Target{Kind: "tenant", ID: string(before.ID)}, Reason: reason,
			Changes: []core.Change{{Field: "status", Before: string(before.Status), After: string(after.Status)}},
		})
	})
	return q.base, said, err
}
