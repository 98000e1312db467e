package web

import (
	"cmp"
	"time"

	"github.com/openhouse-ai/console/core"
)

// How staff of OpenHouse AI read times and numbers on pages about no tenant:
// they work in Ireland.
const (
	staffZone   = "Europe/Dublin"
	staffLocale = "en-IE"
)

// settings are those of the tenant that the page is about, read once for each
// request; zero where there is no tenant, or no settings yet.
func (q *request) settings() core.Settings {
	if q.known != nil {
		return *q.known
	}
	q.known = &core.Settings{}
	id := q.tenant.ID
	if id == "" && q.portal {
		id = q.actor.Tenant
	}
	if id == "" {
		return *q.known
	}
	// A page of times in the staff's zone is better than none.
	if s, err := q.site.Settings.Find(q.ctx, id); err == nil {
		q.known = &s
	}
	return *q.known
}

// zone is where the days of the page's dates begin, both of those that it
// shows and of those that are sent to it.
func (q *request) zone() *time.Location { return zoneOf(q.settings()) }

// zoneOf is a tenant's time zone, the staff's without one.
func zoneOf(s core.Settings) *time.Location {
	zone, err := time.LoadLocation(cmp.Or(s.TimeZone, staffZone))
	if err != nil {
		return time.UTC
	}
	return zone
}

// locale is how the reader writes numbers and times: a developer's staff as
// their company does.
func (q *request) locale() string {
	if q.portal {
		return cmp.Or(q.settings().Locale, staffLocale)
	}
	return staffLocale
}
