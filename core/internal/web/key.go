package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

func (q *request) key() (core.Key, error) { return q.site.Keys.Find(q.ctx, q.Params("key")) }

func (q *request) keyPage(k core.Key) ui.Page {
	badge := keyBadge(k, q.site.Now())
	return ui.Page{
		Head:   ui.Head{Title: k.Name, Lead: "API key ending in " + k.Hint, Status: &badge},
		Crumbs: []ui.Link{{Text: "API keys", Href: "/admin/keys"}},
	}
}

// showKey is one key without its secret, which nobody has but its holder.
func showKey(q *request) (ui.Page, error) {
	k, err := q.key()
	if err != nil {
		return ui.Page{}, err
	}
	var expires ui.Value = ui.Text{Text: "Never"}
	if k.ExpiresAt != nil {
		expires = ui.Time{At: *k.ExpiresAt}
	}
	p := q.keyPage(k)
	if k.RevokedAt == nil && q.may(core.KeysWrite) {
		p.Head.Actions = []ui.Action{{Label: "Revoke key", Href: keyHref(k) + "/revoke", Icon: ui.IconTrash, Kind: ui.Danger}}
	}
	details := ui.Details{Items: []ui.Detail{
		{Label: "Role", Value: ui.Text{Text: roleName(k.Role), Note: rolePurpose[k.Role]}},
		{Label: "Scope", Value: q.scopeCell(k)},
		{Label: "Created", Value: ui.Time{At: k.CreatedAt}},
		{Label: "Created by", Value: ui.Text{Text: q.names().of("user", k.CreatedBy)}},
		{Label: "Last used", Value: moment(k.LastUsedAt)},
		{Label: "Expires", Value: expires},
		{Label: "Identifier", Value: ui.ID{Text: k.ID}},
	}}
	if k.RevokedAt != nil {
		details.Items = append(details.Items, ui.Detail{Label: "Revoked", Value: ui.Time{At: *k.RevokedAt}})
	}
	p.Blocks = ui.Blocks{ui.Section{Title: "About", Blocks: ui.Blocks{details}}}
	if !q.may(core.AuditRead) {
		return p, nil
	}
	done, err := q.site.Audit.List(q.ctx, "", core.Query{Actor: k.ID, Limit: 8})
	p.Blocks = append(p.Blocks, ui.Section{Title: "What it did last", Blocks: q.timeline(done.Items, "Nothing yet in the platform's log.")})
	return p, err
}

var revokeKey = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		k, err := q.key()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		p := q.keyPage(k)
		p.Title = "Revoke key"
		p.Crumbs = append(p.Crumbs, ui.Link{Text: k.Name, Href: keyHref(k)})
		return p, ui.Form{
			Action: q.Path(), Title: "Revoke key", Submit: "Revoke key", Danger: true, Typed: k.Name,
			Consequence: "Whatever uses it is refused from the next request on. It can't be taken back.",
			Fields:      []ui.Field{reasonField("Kept in the audit log.")}, Cancel: &ui.Link{Text: "Cancel", Href: keyHref(k)},
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		k, err := q.key()
		if err == nil && sent.Get("confirm") != k.Name {
			err = core.Errorf(core.Invalid, "Type the name of the key to confirm.")
		}
		if err == nil {
			err = q.site.Keys.Revoke(q.ctx, k.ID, sent.Get("reason"))
		}
		return keyHref(k), "The key is revoked.", err
	},
}
