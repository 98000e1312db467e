package web

import (
	"slices"

	"github.com/openhouse-ai/console/core"
)

// tenantRoutes are the rows about one tenant, and the public page behind a
// unit's code. A row with tenant is mounted twice: for staff and in the portal.
func tenantRoutes() []route {
	code := newLanding()
	return slices.Concat(directoryRoutes(), deskRoutes(), []route{
		// behind a scanned code
		{method: get, path: "/q", permission: core.Public, handle: showTyping},
		{method: post, path: "/q", permission: core.Public, handle: findTyped},
		{method: get, path: "/q/:code", permission: core.Public, handle: code.show},
		{method: post, path: "/q/:code", permission: core.Public, handle: code.signUp},
		{method: get, path: "/q/:code/welcome", permission: core.Public, handle: code.done},
		{method: get, path: "/q/:code/brand.css", permission: core.Public, handle: code.style},
		{method: get, path: "/q/:code/logo", permission: core.Public, handle: code.logo},

		// everywhere
		{method: get, path: "/palette", permission: core.SignedIn, handle: palette},

		// a tenant
		{method: get, path: adminTenant, permission: core.TenantsRead, handle: ofTenant(page(showTenant))},
		{method: get, path: adminTenant + "/status", permission: core.TenantsWrite, handle: ofTenant(changeStatus.show)},
		{method: post, path: adminTenant + "/status", permission: core.TenantsWrite, handle: ofTenant(changeStatus.submit)},
		{method: get, path: portalTenant, permission: core.SignedIn, handle: ofTenant(page(showPortal))},
		{method: get, path: "/logo", permission: core.SignedIn, tenant: true, handle: showLogo},
	})
}

// directoryRoutes are the rows about developments, units and homeowners.
func directoryRoutes() []route {
	printer := printRoom{newPress()}
	return []route{
		// developments
		{method: get, path: "/developments", permission: core.DirectoryRead, tenant: true, handle: listDevelopments},
		{method: get, path: "/developments/new", permission: core.DirectoryWrite, tenant: true, handle: createDevelopment.show},
		{method: post, path: "/developments/new", permission: core.DirectoryWrite, tenant: true, handle: createDevelopment.submit},
		{method: get, path: "/developments/:development", permission: core.DirectoryRead, tenant: true, handle: showDevelopment},
		{method: get, path: "/developments/:development/edit", permission: core.DirectoryWrite, tenant: true, handle: editDevelopment.show},
		{method: post, path: "/developments/:development/edit", permission: core.DirectoryWrite, tenant: true, handle: editDevelopment.submit},
		{method: get, path: "/developments/:development/delete", permission: core.DirectoryWrite, tenant: true, handle: deleteDevelopment.show},
		{method: post, path: "/developments/:development/delete", permission: core.DirectoryWrite, tenant: true, handle: deleteDevelopment.submit},
		{method: get, path: "/developments/:development/packs/:kind", permission: core.DirectoryRead, tenant: true, handle: downloadPack},
		{method: post, path: "/developments/:development/packs/:kind/print", permission: core.DirectoryWrite, tenant: true, handle: action(printer.start)},
		{method: get, path: "/developments/:development/packs/:kind/print", permission: core.DirectoryRead, tenant: true, handle: printer.show},
		{method: get, path: "/developments/:development/packs/:kind/print/stream", permission: core.DirectoryRead, tenant: true, handle: printer.stream},
		{method: get, path: "/developments/:development/packs/:kind/print/poll", permission: core.DirectoryRead, tenant: true, handle: printer.poll},

		// units
		{method: get, path: "/units", permission: core.DirectoryRead, tenant: true, handle: listUnits},
		{method: get, path: "/units/new", permission: core.DirectoryWrite, tenant: true, handle: createUnit.show},
		{method: post, path: "/units/new", permission: core.DirectoryWrite, tenant: true, handle: createUnit.submit},
		{method: get, path: "/units/:unit", permission: core.DirectoryRead, tenant: true, handle: page(showUnit)},
		{method: get, path: "/units/:unit/qr.svg", permission: core.DirectoryRead, tenant: true, handle: unitQR("svg")},
		{method: get, path: "/units/:unit/qr.png", permission: core.DirectoryRead, tenant: true, handle: unitQR("png")},
		{method: get, path: "/units/:unit/edit", permission: core.DirectoryWrite, tenant: true, handle: editUnit.show},
		{method: post, path: "/units/:unit/edit", permission: core.DirectoryWrite, tenant: true, handle: editUnit.submit},
		{method: get, path: "/units/:unit/hand-over", permission: core.DirectoryWrite, tenant: true, handle: handOver.show},
		{method: post, path: "/units/:unit/hand-over", permission: core.DirectoryWrite, tenant: true, handle: handOver.submit},
		{method: get, path: "/units/:unit/delete", permission: core.DirectoryWrite, tenant: true, handle: deleteUnit.show},
		{method: post, path: "/units/:unit/delete", permission: core.DirectoryWrite, tenant: true, handle: deleteUnit.submit},

		// homeowners
		{method: get, path: "/homeowners", permission: core.DirectoryRead, tenant: true, handle: listHomeowners},
		{method: get, path: "/homeowners/new", permission: core.DirectoryWrite, tenant: true, handle: newHomeowner},
		{method: post, path: "/homeowners/new", permission: core.DirectoryWrite, tenant: true, handle: createHomeowner.submit},
		{method: get, path: "/homeowners/:homeowner", permission: core.DirectoryRead, tenant: true, handle: page(showHomeowner)},
		{method: get, path: "/homeowners/:homeowner/edit", permission: core.DirectoryWrite, tenant: true, handle: editHomeowner.show},
		{method: post, path: "/homeowners/:homeowner/edit", permission: core.DirectoryWrite, tenant: true, handle: editHomeowner.submit},
		{method: get, path: "/homeowners/:homeowner/delete", permission: core.DirectoryWrite, tenant: true, handle: deleteHomeowner.show},
		{method: post, path: "/homeowners/:homeowner/delete", permission: core.DirectoryWrite, tenant: true, handle: deleteHomeowner.submit},
	}
}

// deskRoutes are the rows about how a tenant is set, what it leaves behind and
// who of it signs in.
func deskRoutes() []route {
	return []route{
		{method: get, path: "/settings", permission: core.SettingsRead, tenant: true, handle: showSettings},
		{method: post, path: "/settings", permission: core.SettingsWrite, tenant: true, handle: editSettings.submit},
		{method: get, path: "/branding", permission: core.SettingsRead, tenant: true, handle: showBranding},
		{method: post, path: "/branding", permission: core.BrandWrite, tenant: true, handle: saveBranding},
		{method: get, path: "/messages", permission: core.OutboxRead, tenant: true, handle: listTenantMessages},
		{method: get, path: "/messages/:message", permission: core.OutboxRead, tenant: true, handle: page(showTenantMessage)},
		{method: get, path: "/messages/:message/html", permission: core.OutboxRead, tenant: true, handle: showTenantLetter},
		{method: post, path: "/messages/:message/retry", permission: core.OutboxRetry, tenant: true, handle: action(retryTenantMessage)},
		{method: post, path: "/messages/:message/release", permission: core.OutboxRetry, tenant: true, handle: action(releaseTenantMessage)},
		{method: get, path: "/events", permission: core.EventsRead, tenant: true, handle: listEvents},
		{method: get, path: "/usage", permission: core.EventsRead, tenant: true, handle: showUsage},
		{method: get, path: "/usage/poll", permission: core.EventsRead, tenant: true, handle: pollUsage},
		{method: get, path: "/usage/test", permission: core.UsageReport, tenant: true, handle: sendTest.show},
		{method: post, path: "/usage/test", permission: core.UsageReport, tenant: true, handle: sendTest.submit},
		{method: get, path: "/usage/quarantine", permission: core.EventsRead, tenant: true, handle: listHeld},
		{method: post, path: "/usage/quarantine/release", permission: core.UsageDecide, tenant: true, handle: action(releaseType)},
		{method: post, path: "/usage/quarantine/:held/release", permission: core.UsageDecide, tenant: true, handle: action(releaseHeld)},
		{method: post, path: "/usage/quarantine/:held/dismiss", permission: core.UsageDecide, tenant: true, handle: action(dismissHeld)},
		{method: get, path: "/usage/conflicts", permission: core.EventsRead, tenant: true, handle: listClashes},
		{method: get, path: "/usage/refused", permission: core.EventsRead, tenant: true, handle: listRefusals},
		{method: get, path: "/audit", permission: core.AuditRead, tenant: true, handle: listTenantAudit},
		{method: get, path: "/users", permission: core.UsersRead, tenant: true, handle: listTenantUsers},
		{method: get, path: "/users/invite", permission: core.UsersWrite, tenant: true, handle: inviteTenantUser.show},
		{method: post, path: "/users/invite", permission: core.UsersWrite, tenant: true, handle: inviteTenantUser.submit},
		{method: get, path: "/users/:user", permission: core.UsersRead, tenant: true, handle: page(showTenantUser)},
		{method: get, path: "/users/:user/disable", permission: core.UsersWrite, tenant: true, handle: disableTenantUser.show},
		{method: post, path: "/users/:user/disable", permission: core.UsersWrite, tenant: true, handle: disableTenantUser.submit},
		{method: post, path: "/users/:user/enable", permission: core.UsersWrite, tenant: true, handle: action(enableTenantUser)},
		{method: post, path: "/users/:user/invite-again", permission: core.UsersWrite, tenant: true, handle: action(inviteTenantUserAgain)},
	}
}
