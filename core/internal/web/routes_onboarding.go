package web

import "github.com/openhouse-ai/console/core"

// onboardingRoutes are the wizard and the runs that it starts.
var onboardingRoutes = []route{
	{method: get, path: "/admin/onboarding", permission: core.OnboardRead, handle: listOnboardings},
	{method: get, path: "/admin/onboarding/new", permission: core.Onboard, handle: showStep},
	{method: post, path: "/admin/onboarding/new", permission: core.Onboard, handle: saveStep},
	{method: get, path: "/admin/onboarding/drafts/:draft", permission: core.Onboard, handle: resumeDraft},
	{method: post, path: "/admin/onboarding/drafts/:draft/delete", permission: core.Onboard, handle: action(deleteDraft)},
	{method: post, path: "/admin/onboarding/drafts/:draft/start", permission: core.Onboard, handle: startOnboarding},
	{method: get, path: "/admin/onboarding/drafts/:draft/logo", permission: core.Onboard, handle: showDraftLogo},
	{method: get, path: "/admin/onboarding/drafts/:draft/errors.csv", permission: core.Onboard, handle: downloadErrors},
	{method: get, path: "/admin/onboarding/drafts/:draft/:step", permission: core.Onboard, handle: showStep},
	{method: post, path: "/admin/onboarding/drafts/:draft/:step", permission: core.Onboard, handle: saveStep},
	{method: get, path: "/admin/onboarding/runs/:run", permission: core.OnboardRead, handle: showRun},
	{method: get, path: "/admin/onboarding/runs/:run/stream", permission: core.OnboardRead, handle: liveRun(live.stream)},
	{method: get, path: "/admin/onboarding/runs/:run/poll", permission: core.OnboardRead, handle: liveRun(live.poll)},
	{method: post, path: "/admin/onboarding/runs/:run/resume", permission: core.Onboard, handle: action(resumeRun)},
	{method: post, path: "/admin/onboarding/runs/:run/cancel", permission: core.Onboard, handle: action(cancelRun)},
}
