package sdk

import (
	"database/sql"
	"log/slog"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a plugin's machine may have no time zones

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// Scene is who asks, about whom, when, and how the answer is read. The host
// sends it with every invocation.
type Scene struct {
	Tenant   core.TenantID `json:"tenant,omitempty"` // empty: a call of the platform
	Name     string        `json:"name,omitempty"`   // the tenant's
	Locale   string        `json:"locale,omitempty"`
	Zone     string        `json:"zone,omitempty"` // IANA: the tenant's days are days there
	Currency string        `json:"currency,omitempty"`
	Actor    core.Actor    `json:"actor"`
	Now      time.Time     `json:"now"`
	Request  string        `json:"request,omitempty"` // request id
	Base     string        `json:"base,omitempty"`    // of a page or an action: what addresses of the plugin's pages begin with
	Portal   bool          `json:"portal,omitempty"`  // shown to a developer's staff

	Params map[string]string   `json:"params,omitempty"` // of the path
	Query  map[string][]string `json:"query,omitempty"`
	Whole  bool                `json:"whole,omitempty"` // for a file: every row of every table, not one page
}

// Call is one call of the host: about one tenant or about the platform, valid
// until the function that received it returns.
type Call struct {
	Scene
	ID      string // for logs
	session *session
}

// DB is the call's database: the tenant's file, or the control database of a
// call without a tenant. The plugin reads and writes its own tables there and
// reads the columns that it was granted. It ends with the call.
func (c Call) DB() *sql.DB { return c.session.database() }

// Log is a logger whose lines reach the console with tenant and call.
func (c Call) Log() *slog.Logger {
	log := slog.Default()
	if c.session != nil {
		log = c.session.server.logger()
	}
	return log.With("tenant", string(c.Tenant), "call", c.ID)
}

// Progress says how far a job or a tool has come; total is 0 when nobody
// knows. It may be called for every row: the console is told now and then.
func (c Call) Progress(done, total int64, note string) { c.session.progress(done, total, note) }

// Param is a parameter of the page's or route's path: note of /notes/{note}.
func (c Call) Param(name string) string { return c.Params[name] }

// QueryValue is the first value of the name in the address, or "".
func (c Call) QueryValue(name string) string { return url.Values(c.Query).Get(name) }

// List reads the address as the console's lists do: q, status, kind, sort,
// after, limit, from, to and the rest of core.Query.
func (c Call) List() core.Query {
	sort, desc := ui.ParseSort(c.QueryValue("sort"))
	limit, _ := strconv.Atoi(c.QueryValue("limit")) // a limit that is none is the usual one
	q := core.Query{
		Text: strings.TrimSpace(c.QueryValue("q")), Status: c.QueryValue("status"), Kind: c.QueryValue("kind"), Region: c.QueryValue("region"),
		Tenant: core.TenantID(c.QueryValue("tenant")), Development: c.QueryValue("development"), Unit: c.QueryValue("unit"), Actor: c.QueryValue("actor"),
		From: c.day("from", 0), To: c.day("to", 1),
		Sort: sort, Desc: desc, After: c.QueryValue("after"), Limit: limit,
	}
	if c.Whole {
		q.After, q.Limit = "", math.MaxInt
	}
	return q
}

// Limit is how many rows a list may read: the page's size, or -1 (which SQLite
// reads as all of them) when the list becomes a file.
func (c Call) Limit() int {
	if c.Whole {
		return -1
	}
	return c.List().PageSize()
}

// day is the beginning of a local date of the address, some days later; zero
// without one.
func (c Call) day(name string, later int) time.Time {
	t, err := time.ParseInLocation(time.DateOnly, c.QueryValue(name), c.Location())
	if err != nil {
		return time.Time{}
	}
	return t.AddDate(0, 0, later)
}

// URL is the address of one of the plugin's pages, in the place where this
// page is shown.
func (c Call) URL(path string) string { return c.Base + strings.TrimSuffix(path, "/") }

// ActionURL is where the form or the button of an action is posted to.
func (c Call) ActionURL(action string) string { return c.Base + "/actions/" + action }

// Location is the tenant's time zone; UTC when the call has none.
func (c Call) Location() *time.Location {
	l, err := time.LoadLocation(c.Zone)
	if err != nil {
		return time.UTC
	}
	return l
}
