package access

import (
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// everyRead is what an auditor may do: see all, change nothing.
var everyRead = []core.Permission{
	core.TenantsRead, core.OnboardRead, core.DirectoryRead, core.SettingsRead, core.UsersRead, core.KeysRead,
	core.AuditRead, core.EventsRead, core.OutboxRead, core.JobsRead, core.MetricsRead, core.PluginsRead, core.CostsRead,
}

// rights is the table of roles. What a developer's roles hold is bound to
// their own tenant by the session or the key that carries it.
var rights = map[core.Role][]core.Permission{
	core.Owner: core.Permissions,
	core.Admin: core.Permissions,
	core.Finance: {
		core.TenantsRead, core.OnboardRead, core.SettingsRead, core.OutboxRead, core.EventsRead, core.CostsRead, core.CostsWrite,
	},
	core.Sales: {
		core.TenantsRead, core.TenantsWrite, core.OnboardRead, core.Onboard, core.DirectoryRead,
		core.SettingsRead, core.BrandWrite, core.OutboxRead,
	},
	core.Support: {
		core.TenantsRead, core.TenantsWrite, core.OnboardRead, core.Onboard, core.DirectoryRead, core.DirectoryWrite,
		core.SettingsRead, core.SettingsWrite, core.BrandWrite, core.UsersRead, core.Impersonate,
		core.EventsRead, core.OutboxRead, core.OutboxRetry, core.JobsRead, core.UsageReport, core.UsageDecide,
	},
	core.Engineer: {
		core.TenantsRead, core.OnboardRead, core.SettingsRead, core.KeysRead, core.EventsRead,
		core.OutboxRead, core.OutboxRetry, core.JobsRead, core.JobsRun, core.MetricsRead, core.PluginsRead, core.PluginsWrite, core.CostsRead,
		core.UsageReport, core.UsageDecide,
	},
	core.Compliance: {
		core.TenantsRead, core.OnboardRead, core.DirectoryRead, core.SettingsRead, core.UsersRead, core.KeysRead,
		core.AuditRead, core.EventsRead, core.OutboxRead, core.JobsRead, core.PluginsRead, core.CostsRead,
	},
	core.Auditor: everyRead,
	core.DeveloperAdmin: {
		core.DirectoryRead, core.DirectoryWrite, core.SettingsRead, core.SettingsWrite, core.BrandWrite,
		core.UsersRead, core.UsersWrite, core.AuditRead, core.EventsRead, core.CostsRead, core.UsageReport,
	},
	core.DeveloperViewer: {core.DirectoryRead, core.SettingsRead, core.CostsRead},
	core.Reporter:        {core.UsageReport},
}

// Allows reports whether a role holds a permission. Everybody holds
// core.Public, also with no role at all; every known role core.SignedIn.
func Allows(role core.Role, p core.Permission) bool {
	held, known := rights[role]
	return p == core.Public || known && (p == core.SignedIn || slices.Contains(held, p))
}

// RoleName is a role for reading: Developer admin.
func RoleName(role core.Role) string {
	name := strings.ReplaceAll(string(role), "_", " ")
	if name == "" {
		return ""
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// Permissions returns what a role holds, in the order of core.Permissions;
// empty for an unknown role.
func Permissions(role core.Role) []core.Permission {
	return slices.DeleteFunc(slices.Clone(core.Permissions), func(p core.Permission) bool { return !Allows(role, p) })
}

// within reports whether a holds every permission of b.
func within(b, a core.Role) bool {
	return !slices.ContainsFunc(rights[b], func(p core.Permission) bool { return !Allows(a, p) })
}

// mayGrant reports whether the actor may hand out the role in the tenant
// (empty: the platform): never more than it holds itself, and only an owner
// makes an owner.
func mayGrant(actor core.Actor, role core.Role, tenant core.TenantID) bool {
	if actor.Kind == core.System.Kind {
		return true
	}
	if role == core.Owner && actor.Role != core.Owner {
		return false
	}
	return within(role, actor.Role) && sees(actor, tenant)
}

// sees reports whether the actor may know of something of the tenant: the
// platform sees all, a developer's staff their own.
func sees(actor core.Actor, tenant core.TenantID) bool {
	return actor.Tenant == "" || actor.Tenant == tenant
}
