// Package api is the typed HTTP API: one file for each noun, one OpenAPI 3.1
// document of them all. An operation parses, asks a room, shapes and returns.
package api

import (
	"log/slog"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
)

// Options are what the API stands on.
type Options struct {
	Rooms
	Allows  func(core.Role, core.Permission) bool
	Limiter Limiter
	Now     func() time.Time
	Log     *slog.Logger
	BaseURL string // what QR codes lead to: BaseURL + "/q/" + code
	Version string
}

// api is the API at work.
type api struct {
	Options
	app  *fiber.App
	huma huma.API
	core openAPI  // the document of core's own operations
	busy keyLocks // of idempotency keys whose first request is under way

	limits sync.Map // of events: core.TenantID → eventLimit
}

// Mount adds every operation, and the document at /api/openapi.json. The
// actor comes from the request's context: the web's middleware named them. What
// is no operation of core's may be a plugin's route.
func Mount(app *fiber.App, options Options) error {
	problems()
	a := &api{Options: options, app: app}
	config := huma.DefaultConfig("OpenHouse Console", options.Version)
	config.DocsPath, config.SchemasPath, config.OpenAPIPath, config.CreateHooks = "", "", "", nil
	config.Info.Description = description
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"key": {Type: "http", Scheme: "bearer", Description: "An API key, made on the console's page of keys or with `openhouse key create`."},
	}
	config.Security = []map[string][]string{{"key": {}}}
	app.Use("/api", a.limit, a.idempotent)
	a.huma = humafiber.New(app, config)
	for _, noun := range nouns {
		noun(a)
	}
	if err := a.document(app); err != nil {
		return err
	}
	app.Use("/api", a.pluginRoute)
	return nil
}

// nouns is the table of contents.
var nouns = []func(*api){
	(*api).me,
	(*api).provision,
	(*api).uploads,
	(*api).tenants,
	(*api).settings,
	(*api).brand,
	(*api).developments,
	(*api).units,
	(*api).unitCodes,
	(*api).homeowners,
	(*api).packs,
	(*api).messages,
	(*api).events,
	(*api).usageEvents,
	(*api).ingestion,
	(*api).traces,
	(*api).usageTypes,
	(*api).usageReceipts,
	(*api).quarantine,
	(*api).figures,
	(*api).jobs,
	(*api).users,
	(*api).keys,
	(*api).audit,
	(*api).plugins,
	(*api).pluginSettings,
	(*api).tools,
	(*api).deadLetters,
}

const description = `Everything the console does, for programs.

**Keys.** Send ` + "`Authorization: Bearer KEY`" + `. A platform key reaches every tenant, under ` + "`/api/admin/tenants/{tenant_id}/…`" + `;
a tenant's key reaches that tenant alone, under ` + "`/api/…`" + `. Another tenant's id answers 404.

**Lists** come a page at a time: pass ` + "`next`" + ` of the page before as ` + "`after`" + `.

**Changes.** Responses carry an ` + "`ETag`" + `; send it back as ` + "`If-Match`" + ` to change only what you have read (412 otherwise).
Creates take an ` + "`Idempotency-Key`" + `: the same key with the same body is carried out once and answered again.

**Errors** are problem documents (RFC 9457) with a ` + "`code`" + `, a sentence in ` + "`detail`" + ` and each wrong field in ` + "`errors`" + `.
` + "`instance`" + ` is the request id, which the log has too.`
