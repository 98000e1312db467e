package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// openAPI is where the API's own description is.
const openAPI = "/api/openapi.json"

// firstCall is a request that answers with something at once.
func firstCall(base, secret string, tenant core.TenantID) string {
	path := "/api/admin/tenants"
	if tenant != "" {
		path = "/api/developments"
	}
	return "curl -H \"Authorization: Bearer " + secret + "\" \\\n  " + base + path
}

// showReference is the API's description, to read and to try.
func showReference(q *request) (ui.Page, error) {
	start := ui.Section{
		Title: "Start here", Lead: "Every call carries an API key. What it may do is the key's role; whose data it sees is the key's scope.",
		Blocks: ui.Blocks{
			ui.Code{Title: "The first call", Text: firstCall(q.site.BaseURL, "$KEY", "")},
			ui.Details{Columns: 2, Items: []ui.Detail{
				{Label: "Limits", Value: ui.Text{Text: "By tenant, a minute", Note: "Set on each tenant's settings page; 429 says when to come back in Retry-After."}},
				{Label: "Repeating a create", Value: ui.Text{Text: "Idempotency-Key", Note: "The same key with the same request does it once."}},
				{Label: "Changing safely", Value: ui.Text{Text: "ETag and If-Match", Note: "412 when somebody else was faster."}},
				{Label: "Errors", Value: ui.Text{Text: "application/problem+json", Note: "A code, a sentence, each wrong field, and the request's id."}},
			}},
		},
	}
	if q.may(core.KeysRead) {
		start.Actions = []ui.Action{{Label: "API keys", Href: "/admin/keys", Icon: ui.IconKey}}
	}
	return ui.Page{
		Title: "API",
		Head: ui.Head{
			Title: "API reference", Lead: "OpenAPI 3.1. Keys that you enter here stay in this page.",
			Actions: []ui.Action{{Label: "Download OpenAPI", Href: openAPI, Icon: ui.IconDownload, Download: true}},
		},
		Blocks: ui.Blocks{start, ui.Reference{Document: openAPI}},
	}, nil
}
