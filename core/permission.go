package core

// The permissions. A route declares exactly one; access says who holds it.
const (
	Public   Permission = "public"    // nobody needs to sign in
	SignedIn Permission = "signed_in" // every user and every key

	TenantsRead    Permission = "tenants.read"
	TenantsWrite   Permission = "tenants.write"
	OnboardRead    Permission = "onboard.read"
	Onboard        Permission = "onboard.run"
	DirectoryRead  Permission = "directory.read"
	DirectoryWrite Permission = "directory.write"
	SettingsRead   Permission = "settings.read"
	SettingsWrite  Permission = "settings.write"
	BrandWrite     Permission = "brand.write"
	UsersRead      Permission = "users.read"
	UsersWrite     Permission = "users.write"
	Impersonate    Permission = "users.impersonate"
	KeysRead       Permission = "keys.read"
	KeysWrite      Permission = "keys.write"
	AuditRead      Permission = "audit.read"
	EventsRead     Permission = "events.read"
	OutboxRead     Permission = "outbox.read"
	OutboxRetry    Permission = "outbox.retry"
	JobsRead       Permission = "jobs.read"
	JobsRun        Permission = "jobs.run"
	MetricsRead    Permission = "metrics.read"
	PluginsRead    Permission = "plugins.read"
	PluginsWrite   Permission = "plugins.write"
	CostsRead      Permission = "costs.read"
	CostsWrite     Permission = "costs.write"
	UsageReport    Permission = "usage.report"
	UsageDecide    Permission = "usage.decide" // what becomes of those in quarantine: they are billed once released
)

// Permissions lists every permission that a role can hold; Public and SignedIn
// need no role.
var Permissions = []Permission{
	TenantsRead, TenantsWrite, OnboardRead, Onboard, DirectoryRead, DirectoryWrite,
	SettingsRead, SettingsWrite, BrandWrite, UsersRead, UsersWrite, Impersonate, KeysRead, KeysWrite,
	AuditRead, EventsRead, OutboxRead, OutboxRetry, JobsRead, JobsRun, MetricsRead, PluginsRead, PluginsWrite, CostsRead, CostsWrite,
	UsageReport, UsageDecide,
}
