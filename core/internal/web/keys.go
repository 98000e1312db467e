package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

func keyHref(k core.Key) string { return "/admin/keys/" + k.ID }

// keyBadge is the state of a key at a moment.
func keyBadge(k core.Key, now time.Time) ui.Badge {
	switch {
	case k.RevokedAt != nil:
		return ui.Badge{Text: "Revoked"}
	case k.ExpiresAt != nil && !k.ExpiresAt.After(now):
		return ui.Badge{Text: "Expired", Tone: ui.Warn}
	}
	return ui.Badge{Text: "Active", Tone: ui.Good}
}

// listKeys is every API key, of the platform and of tenants.
func listKeys(q *request) error {
	tenants, err := q.tenantOptions(q.query.Get("tenant"))
	if err != nil {
		return err
	}
	p := ui.Page{Head: ui.Head{Title: "API keys", Lead: "What programs sign in with. Each holds one role, for the platform or for one tenant."}}
	create := ui.Action{Label: "Create key", Href: "/admin/keys/new", Icon: ui.IconPlus, Kind: ui.Primary}
	none := ui.Empty{Title: "No API keys yet.", Reason: "A program needs one before it can call the API.", Icon: ui.IconKey}
	if q.may(core.KeysWrite) {
		p.Head.Actions, none.Action = []ui.Action{create}, &create
	}
	now := q.site.Now()
	return listing[core.Key]{
		title:  "API keys",
		fetch:  func(query core.Query) (core.List[core.Key], error) { return q.site.Keys.List(q.ctx, query) },
		href:   keyHref,
		search: "Name",
		none:   none,
		filters: []ui.Filter{
			{Name: "kind", Label: "Scope", Value: q.query.Get("kind"), Options: []ui.Option{{Value: "staff", Label: "Platform"}, {Value: "developer", Label: "One tenant"}}},
			{Name: "tenant", Label: "Tenant", Value: q.query.Get("tenant"), Options: tenants},
			{Name: "status", Label: "Status", Value: q.query.Get("status"), Options: []ui.Option{
				{Value: "active", Label: "Active"}, {Value: "expired", Label: "Expired"}, {Value: "revoked", Label: "Revoked"}}},
		},
		columns: []column[core.Key]{
			{title: "Name", sort: "name", width: 30, cell: func(k core.Key) ui.Value { return ui.Link{Text: k.Name, Href: keyHref(k)} }},
			{title: "Ends in", priority: 1, cell: func(k core.Key) ui.Value { return ui.Text{Text: "…" + k.Hint, Muted: true} }},
			{title: "Role", priority: 1, cell: func(k core.Key) ui.Value { return ui.Text{Text: roleName(k.Role)} }},
			{title: "Scope", priority: 2, width: 24, cell: func(k core.Key) ui.Value { return q.scopeCell(k) }},
			{title: "Status", cell: func(k core.Key) ui.Value { return keyBadge(k, now) }},
			{title: "Last used", sort: "used", numeric: true, priority: 1, kind: report.Date, cell: func(k core.Key) ui.Value { return moment(k.LastUsedAt) }},
			{title: "Created", sort: "created", numeric: true, priority: 2, kind: report.Date, cell: func(k core.Key) ui.Value { return ui.Time{At: k.CreatedAt} }},
		},
	}.show(q, p)
}

func (q *request) scopeCell(k core.Key) ui.Value {
	if k.Tenant == "" {
		return ui.Text{Text: "Platform"}
	}
	return q.tenantCell(k.Tenant)
}

// keyLives are how long a key may hold, in days; the last one is for ever.
var keyLives = []ui.Option{{Value: "30", Label: "30 days"}, {Value: "90", Label: "90 days"}, {Value: "365", Label: "One year"}, {Value: "", Label: "Until it is revoked"}}

// createKey asks what a program may do. Its answer is the secret, so that the
// form is not one that sends the browser elsewhere.
var createKey = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		tenants, err := q.tenantOptions(q.query.Get("tenant"))
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		roles := append(append(q.roleOptions(false, false), q.roleOptions(true, false)...), roleOption(core.Reporter))
		return ui.Page{
				Head:   ui.Head{Title: "Create an API key", Lead: "The key is shown once, on the next page."},
				Crumbs: []ui.Link{{Text: "API keys", Href: "/admin/keys"}},
			}, ui.Form{
				Action: "/admin/keys/new", Submit: "Create key", Cancel: &ui.Link{Text: "Cancel", Href: "/admin/keys"}, Guard: true,
				Fields: []ui.Field{
					{Name: "name", Label: "Name", Required: true, Autofocus: true, MaxLength: 80, Hint: "What uses it: billing export, site office."},
					{Kind: ui.Select, Name: "tenant", Label: "Scope", Half: true, Placeholder: "The platform", Options: tenants, Value: q.query.Get("tenant"), Hint: "A tenant's key sees that tenant alone."},
					{Kind: ui.Select, Name: "days", Label: "Holds for", Half: true, Value: "90", Required: true, Options: keyLives},
					{Kind: ui.Radios, Name: "role", Label: "Role", Required: true, Options: roles, Hint: "As little as it needs. A tenant's key has a role of a developer or of a portal."},
				},
			}, nil
	},
}

// makeKey creates the key and shows its secret, this once.
func makeKey(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	k := core.Key{Name: sent.Get("name"), Role: core.Role(sent.Get("role")), Tenant: core.TenantID(sent.Get("tenant"))}
	if days, err := strconv.Atoi(sent.Get("days")); err == nil && days > 0 {
		at := q.site.Now().AddDate(0, 0, days)
		k.ExpiresAt = &at
	}
	k, secret, err := q.site.Keys.Create(q.ctx, k)
	if err != nil {
		return createKey.again(q, sent, err)
	}
	return q.show(http.StatusOK, ui.Page{
		Title:  "Your new key",
		Head:   ui.Head{Title: k.Name + " is ready", Lead: "Copy the key now: only a hash of it is kept, and nobody can show it again."},
		Crumbs: []ui.Link{{Text: "API keys", Href: "/admin/keys"}},
		Blocks: ui.Blocks{
			ui.Secret{Label: "API key", Value: secret},
			ui.Section{
				Title: "The first call", Lead: firstAnswer(k),
				Blocks:  ui.Blocks{ui.Code{Title: "Shell", Text: firstCall(q.site.BaseURL, secret, k)}},
				Actions: []ui.Action{{Label: "API reference", Href: "/admin/api", Icon: ui.IconAPI}, {Label: "About this key", Href: keyHref(k), Icon: ui.IconKey}},
			},
		},
	})
}
