package web

import (
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
)

// sessionLocal is where identify leaves the session of the request.
const sessionLocal = "session"

// session is the request's session; zero for a key.
func (q *request) session() access.Session {
	s, _ := q.Locals(sessionLocal).(access.Session)
	return s
}

// token is the session's token, as the cookie has it.
func (q *request) token() string { return q.Cookies(q.site.sessionCookie()) }

// home is where a person begins.
func home(r core.Role) string {
	if r.ForDeveloper() {
		return "/portal"
	}
	return "/admin"
}
