package web

import "github.com/openhouse-ai/console/core"

const (
	get  = "GET"
	post = "POST"
)

// routes is the table of contents: one row for each page and action, with who
// may use it. Tenant routes are mounted for staff and in the portal.
func (s *site) routes() []route {
	return []route{
		// coming in
		{method: get, path: "/", permission: core.Public, handle: index},
		{method: get, path: "/sign-in", permission: core.Public, handle: showSignIn},
		{method: post, path: "/sign-in", permission: core.Public, handle: signIn},
		{method: get, path: "/sign-in/code", permission: core.Public, handle: showCode},
		{method: post, path: "/sign-in/code", permission: core.Public, handle: verifyCode},
		{method: post, path: "/sign-out", permission: core.Public, handle: signOut},

		// the console
		{method: get, path: "/admin/tenants", permission: core.TenantsRead, handle: listTenants},
	}
}
