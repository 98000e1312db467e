package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// openAPI is where the API's own description is.
const openAPI = "/api/openapi.json"

// firstCall is a request that answers with something at once.
func firstCall(base, secret string, k core.Key) string {
	path := "/api/admin/tenants"
	switch {
	case k.Role == core.Reporter:
		return firstEvent(base, secret)
	case k.Tenant != "":
		path = "/api/developments"
	}
	return "curl -H \"Authorization: Bearer " + secret + "\" \\\n  " + base + path
}

// firstAnswer says what the first call answers.
func firstAnswer(k core.Key) string {
	switch {
	case k.Role == core.Reporter:
		return "It reports one event, and answers that it was accepted; sent again, it is a duplicate."
	case k.Tenant != "":
		return "It answers with the first page of developments."
	}
	return "It answers with the first page of tenants."
}

// showReference is the API's description, to read and to try.
func showReference(q *request) (ui.Page, error) {
	start := ui.Section{
		Title: "Start here", Lead: "Every call carries an API key. What it may do is the key's role; whose data it sees is the key's scope. Each tenant's settings bound its requests a minute; an answer of 429 says when to come back.",
		Blocks: ui.Blocks{
			ui.Code{Title: "The first call", Text: firstCall(q.site.BaseURL, "$KEY", core.Key{})},
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
