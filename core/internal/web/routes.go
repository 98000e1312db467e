package web

import (
	"slices"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
)

const (
	get  = "GET"
	post = "POST"
)

// routes is the table of contents: one row for each page and action, with who
// may use it. Tenant routes are mounted for staff and in the portal.
func (s *site) routes() []route {
	return slices.Concat(s.devRoutes(), tenantRoutes(), onboardingRoutes, personRoutes(), operatorRoutes(), extensionRoutes, pluginRoutes())
}

// personRoutes are the rows about coming in, and about oneself.
func personRoutes() []route {
	return []route{
		// coming in
		{method: get, path: "/", permission: core.Public, handle: index},
		{method: get, path: "/sign-in", permission: core.Public, handle: showSignIn},
		{method: post, path: "/sign-in", permission: core.Public, handle: slowly(signIn)},
		{method: get, path: "/sign-in/code", permission: core.Public, handle: showCode},
		{method: post, path: "/sign-in/code", permission: core.Public, handle: slowly(verifyCode)},
		{method: post, path: "/sign-out", permission: core.Public, handle: signOut},
		{method: get, path: access.PathFirstRun + ":token", permission: core.Public, handle: showSetup},
		{method: post, path: access.PathFirstRun + ":token", permission: core.Public, handle: slowly(setUp)},
		{method: get, path: access.PathInvitation + ":token", permission: core.Public, handle: slowly(showInvitation)},
		{method: post, path: access.PathInvitation + ":token", permission: core.Public, handle: slowly(acceptInvitation)},
		{method: get, path: "/reset", permission: core.Public, handle: showResetRequest},
		{method: post, path: "/reset", permission: core.Public, handle: slowly(requestReset)},
		{method: get, path: access.PathReset + ":token", permission: core.Public, handle: showReset},
		{method: post, path: access.PathReset + ":token", permission: core.Public, handle: slowly(resetPassword)},
		{method: get, path: "/confirm", permission: core.SignedIn, handle: showConfirm},
		{method: post, path: "/confirm", permission: core.SignedIn, handle: slowly(confirm)},
		{method: post, path: "/impersonation/stop", permission: core.SignedIn, handle: stopImpersonating},

		// oneself
		{method: get, path: "/profile", permission: core.SignedIn, handle: profile.show},
		{method: post, path: "/profile", permission: core.SignedIn, handle: profile.submit},
		{method: get, path: "/profile/security", permission: core.SignedIn, handle: page(security)},
		{method: get, path: "/profile/password", permission: core.SignedIn, handle: confirmed("", changePassword.show)},
		{method: post, path: "/profile/password", permission: core.SignedIn, handle: confirmed("", changePassword.submit)},
		{method: get, path: "/profile/factor", permission: core.SignedIn, handle: confirmed("", page(showFactor))},
		{method: post, path: "/profile/factor", permission: core.SignedIn, handle: confirmed("", enrol)},
		{method: post, path: "/profile/factor/confirm", permission: core.SignedIn, handle: confirmed("/profile/factor", confirmFactor)},
		{method: post, path: "/profile/factor/codes", permission: core.SignedIn, handle: confirmed("/profile/security", renewRecovery)},
		{method: post, path: "/profile/factor/remove", permission: core.SignedIn, handle: confirmed("/profile/security", action(removeFactor))},
		{method: post, path: "/profile/sessions/end", permission: core.SignedIn, handle: endSessions},
		{method: post, path: "/profile/sessions/:session/end", permission: core.SignedIn, handle: action(endSession)},
	}
}

// operatorRoutes are the rows of the console: for staff of OpenHouse AI alone.
func operatorRoutes() []route {
	return []route{
		// the console
		{method: get, path: "/metrics", permission: core.MetricsRead, handle: showMetrics},
		{method: get, path: "/admin", permission: core.SignedIn, handle: page(showHome)},
		{method: get, path: "/admin/tenants", permission: core.TenantsRead, handle: listTenants},

		// users and keys
		{method: get, path: "/admin/users", permission: core.UsersRead, handle: listUsers},
		{method: get, path: "/admin/users/invite", permission: core.UsersWrite, handle: inviteUser.show},
		{method: post, path: "/admin/users/invite", permission: core.UsersWrite, handle: inviteUser.submit},
		{method: get, path: "/admin/users/:user", permission: core.UsersRead, handle: page(showUser)},
		{method: post, path: "/admin/users/:user/invite", permission: core.UsersWrite, handle: action(inviteAgain)},
		{method: get, path: "/admin/users/:user/role", permission: core.UsersWrite, handle: confirmed("", changeRole.show)},
		{method: post, path: "/admin/users/:user/role", permission: core.UsersWrite, handle: confirmed("", changeRole.submit)},
		{method: get, path: "/admin/users/:user/disable", permission: core.UsersWrite, handle: disableUser.show},
		{method: post, path: "/admin/users/:user/disable", permission: core.UsersWrite, handle: disableUser.submit},
		{method: post, path: "/admin/users/:user/enable", permission: core.UsersWrite, handle: action(enableUser)},
		{method: post, path: "/admin/users/:user/sign-out", permission: core.UsersWrite, handle: action(endUserSessions)},
		{method: get, path: "/admin/users/:user/factor", permission: core.UsersWrite, handle: confirmed("", removeUserFactor.show)},
		{method: post, path: "/admin/users/:user/factor", permission: core.UsersWrite, handle: confirmed("", removeUserFactor.submit)},
		{method: get, path: "/admin/users/:user/impersonate", permission: core.Impersonate, handle: confirmed("", impersonate.show)},
		{method: post, path: "/admin/users/:user/impersonate", permission: core.Impersonate, handle: confirmed("", impersonate.submit)},
		{method: get, path: "/admin/keys", permission: core.KeysRead, handle: listKeys},
		{method: get, path: "/admin/keys/new", permission: core.KeysWrite, handle: confirmed("", createKey.show)},
		{method: post, path: "/admin/keys/new", permission: core.KeysWrite, handle: confirmed("", makeKey)},
		{method: get, path: "/admin/keys/:key", permission: core.KeysRead, handle: page(showKey)},
		{method: get, path: "/admin/keys/:key/revoke", permission: core.KeysWrite, handle: revokeKey.show},
		{method: post, path: "/admin/keys/:key/revoke", permission: core.KeysWrite, handle: revokeKey.submit},
		{method: get, path: "/admin/api", permission: core.SignedIn, handle: page(showReference)},

		// operating
		{method: get, path: "/admin/audit", permission: core.AuditRead, handle: listAudit},
		{method: get, path: "/admin/audit/verify", permission: core.AuditRead, handle: page(verifyAudit)},
		{method: get, path: "/admin/audit/export", permission: core.AuditRead, handle: confirmed("", exportAudit.show)},
		{method: post, path: "/admin/audit/export", permission: core.AuditRead, handle: confirmed("", sendAudit)},
		{method: get, path: "/admin/audit/:seq", permission: core.AuditRead, handle: page(showRecord)},
		{method: get, path: "/admin/outbox", permission: core.OutboxRead, handle: listOutbox},
		{method: get, path: "/admin/outbox/:message", permission: core.OutboxRead, handle: page(showMessage)},
		{method: get, path: "/admin/outbox/:message/html", permission: core.OutboxRead, handle: showLetter},
		{method: post, path: "/admin/outbox/:message/retry", permission: core.OutboxRetry, handle: action(retryMessage)},
		{method: post, path: "/admin/outbox/:message/release", permission: core.OutboxRetry, handle: action(releaseMessage)},
		{method: get, path: "/admin/jobs", permission: core.JobsRead, handle: listJobs},
		{method: post, path: "/admin/jobs/:job/run", permission: core.JobsRun, handle: action(runJob)},
		{method: get, path: "/admin/jobs/runs", permission: core.JobsRead, handle: listJobRuns},
		{method: get, path: "/admin/jobs/runs/:run", permission: core.JobsRead, handle: page(showJobRun)},
		{method: get, path: "/admin/jobs/runs/:run/stream", permission: core.JobsRead, handle: streamJobRun},
		{method: get, path: "/admin/jobs/runs/:run/poll", permission: core.JobsRead, handle: pollJobRun},
		{method: post, path: "/admin/jobs/runs/:run/cancel", permission: core.JobsRun, handle: action(cancelJobRun)},
	}
}
