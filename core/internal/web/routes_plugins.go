package web

import "github.com/openhouse-ai/console/core"

// extensionRoutes are the console's pages about plugins, their tools and the
// events that they did not take.
var extensionRoutes = []route{
	// plugins
	{method: get, path: "/admin/plugins", permission: core.PluginsRead, handle: listPlugins},
	{method: post, path: "/admin/plugins/reload", permission: core.PluginsWrite, handle: reloadPlugins},
	{method: get, path: "/admin/plugins/:plugin", permission: core.PluginsRead, handle: ofInstalled(showInstalled)},
	{method: post, path: "/admin/plugins/:plugin/restart", permission: core.PluginsWrite, handle: action(restartPlugin)},
	{method: get, path: "/admin/plugins/:plugin/enable", permission: core.PluginsWrite, handle: enablePlugin.show},
	{method: post, path: "/admin/plugins/:plugin/enable", permission: core.PluginsWrite, handle: enablePlugin.submit},
	{method: get, path: "/admin/plugins/:plugin/disable", permission: core.PluginsWrite, handle: disablePlugin.show},
	{method: post, path: "/admin/plugins/:plugin/disable", permission: core.PluginsWrite, handle: disablePlugin.submit},
	{method: get, path: "/admin/plugins/:plugin/approve", permission: core.PluginsWrite, handle: confirmed("", approvePlugin.show)},
	{method: post, path: "/admin/plugins/:plugin/approve", permission: core.PluginsWrite, handle: confirmed("", approvePlugin.submit)},
	{method: get, path: "/admin/plugins/:plugin/refuse", permission: core.PluginsWrite, handle: refusePlugin.show},
	{method: post, path: "/admin/plugins/:plugin/refuse", permission: core.PluginsWrite, handle: refusePlugin.submit},
	{method: get, path: "/admin/plugins/:plugin/grants", permission: core.PluginsRead, handle: ofInstalled(showGrants)},
	{method: get, path: "/admin/plugins/:plugin/tenants", permission: core.PluginsRead, handle: ofListed(listPluginTenants)},
	{method: get, path: "/admin/plugins/:plugin/tenants/:tenant", permission: core.PluginsWrite, handle: switchPlugin.show},
	{method: post, path: "/admin/plugins/:plugin/tenants/:tenant", permission: core.PluginsWrite, handle: switchPlugin.submit},
	{method: get, path: "/admin/plugins/:plugin/events", permission: core.PluginsRead, handle: ofListed(listPluginEvents)},
	{method: get, path: "/admin/plugins/:plugin/outside", permission: core.PluginsRead, handle: ofListed(listOutside)},
	{method: get, path: "/admin/plugins/:plugin/logs", permission: core.PluginsRead, handle: ofInstalled(showPluginLog)},
	{method: get, path: "/admin/plugins/:plugin/logs/stream", permission: core.PluginsRead, handle: streamPluginLog},
	{method: get, path: "/admin/plugins/:plugin/logs/poll", permission: core.PluginsRead, handle: pollPluginLog},
	{method: get, path: "/admin/plugins/:plugin/crashes", permission: core.PluginsRead, handle: ofInstalled(showCrashes)},
	{method: get, path: "/admin/plugins/:plugin/crashes/:crash", permission: core.PluginsRead, handle: ofInstalled(showCrash)},
	{method: get, path: "/admin/plugins/:plugin/tools", permission: core.PluginsRead, handle: ofInstalled(showPluginTools)},
	{method: get, path: "/admin/plugins/:plugin/settings", permission: core.PluginsRead, handle: showPlatformSettings},
	{method: post, path: "/admin/plugins/:plugin/settings", permission: core.PluginsWrite, handle: platformSettings.submit},

	// a tenant's
	{method: get, path: "/plugins", permission: core.SettingsRead, tenant: true, handle: page(listTenantPlugins)},
	{method: get, path: "/plugins/:plugin", permission: core.SettingsRead, tenant: true, handle: showTenantSettings},
	{method: post, path: "/plugins/:plugin", permission: core.SettingsWrite, tenant: true, handle: tenantSettings.submit},

	// tools; which of them, each tool says itself
	{method: get, path: "/admin/tools", permission: core.SignedIn, handle: page(listTools)},
	{method: get, path: "/admin/tools/runs", permission: core.JobsRead, handle: listToolRuns},
	{method: get, path: "/admin/tools/runs/:run", permission: core.SignedIn, handle: page(showToolRun)},
	{method: get, path: "/admin/tools/runs/:run/stream", permission: core.SignedIn, handle: streamToolRun},
	{method: get, path: "/admin/tools/runs/:run/poll", permission: core.SignedIn, handle: pollToolRun},
	{method: post, path: "/admin/tools/runs/:run/apply", permission: core.SignedIn, handle: applyTool},
	{method: post, path: "/admin/tools/runs/:run/resume", permission: core.SignedIn, handle: resumeTool},
	{method: post, path: "/admin/tools/runs/:run/cancel", permission: core.SignedIn, handle: cancelTool},
	{method: get, path: "/admin/tools/:plugin/:tool", permission: core.SignedIn, handle: planTool.show},
	{method: post, path: "/admin/tools/:plugin/:tool", permission: core.SignedIn, handle: planTool.submit},

	// dead letters
	{method: get, path: "/admin/dead-letters", permission: core.PluginsRead, handle: listDeadLetters},
	{method: post, path: "/admin/dead-letters/retry", permission: core.PluginsWrite, handle: action(retryLetters)},
	{method: get, path: "/admin/dead-letters/:tenant/:letter", permission: core.PluginsRead, handle: page(showDeadLetter)},
	{method: post, path: "/admin/dead-letters/:tenant/:letter/retry", permission: core.PluginsWrite, handle: action(retryLetter)},
	{method: get, path: "/admin/dead-letters/:tenant/:letter/drop", permission: core.PluginsWrite, handle: dropLetter.show},
	{method: post, path: "/admin/dead-letters/:tenant/:letter/drop", permission: core.PluginsWrite, handle: dropLetter.submit},
}
