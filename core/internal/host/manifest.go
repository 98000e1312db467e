package host

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

var (
	wordForm    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,60}$`)
	versionForm = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.-]+)?$`)
	methods     = map[string]bool{"GET": true, "POST": true, "PUT": true, "PATCH": true, "DELETE": true}
)

// operated are the words behind /api/admin/plugins/<id> that the console's own
// operations use: no route of the platform begins with one.
var operated = []string{"", "approve", "disable", "enable", "refuse", "restart", "settings", "tenants"}

// firstWord is what a path begins with.
func firstWord(path string) string {
	word, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return word
}

// checkManifest refuses a manifest that the console can't work with. The SDK
// has told the author of each mistake; this is for who goes without it.
func checkManifest(id string, m sdk.Manifest) error {
	var problems core.Problems
	word := func(field, value string) {
		if !wordForm.MatchString(value) {
			problems.Add(field, value, "is not a word such as close-old")
		}
	}
	address := func(field, value string) {
		if !strings.HasPrefix(value, "/") || strings.ContainsAny(value, "?#\\ ") || len(value) > 200 {
			problems.Add(field, value, "is not a path such as /notes/{note}")
		}
	}
	if m.ID != id {
		problems.Add("id", m.ID, "is not the plugin that plugins.yaml names")
	}
	if n := len(m.Name); n == 0 || n > 60 {
		problems.Add("name", m.Name, "has 1 to 60 characters")
	}
	if !versionForm.MatchString(m.Version) {
		problems.Add("version", m.Version, "is not a version such as 1.4.0")
	}
	if m.SDK != wire.ProtocolVersion {
		problems.Add("sdk", m.Version, "is not the version of the contract that this console speaks")
	}
	for _, p := range m.Pages {
		word("pages.id", p.ID)
		address("pages.path", p.Path)
		if word := firstWord(p.Path); word == "actions" || p.Scope == sdk.Platform && word == "tenants" {
			problems.Add("pages.path", p.Path, "begins with a word that the console uses itself")
		}
	}
	for _, a := range m.Actions {
		word("actions.id", a.ID)
	}
	for _, r := range m.Routes {
		address("routes.path", r.Path)
		if (r.Scope == sdk.Platform || r.Both) && slices.Contains(operated, firstWord(r.Path)) {
			problems.Add("routes.path", r.Path, "begins with a word that the console uses itself")
		}
		if !methods[r.Method] {
			problems.Add("routes.method", r.Method, "is not a method")
		}
	}
	for _, j := range m.Jobs {
		word("jobs.id", j.ID)
		if j.Changed && j.Scope == sdk.Platform {
			problems.Add("jobs.changed", j.ID, "is a job of the platform, which is about no tenant that could change")
		}
	}
	for _, t := range m.Tools {
		word("tools.id", t.ID)
	}
	for _, metric := range m.Metrics {
		if !strings.HasPrefix(metric.Name, id+".") {
			problems.Add("metrics.name", metric.Name, "doesn't begin with "+id+".")
		}
	}
	for _, host := range m.Needs.Egress {
		if !isPlace(host) {
			problems.Add("needs.egress", host, "is not a host and a port such as api.example.com:443")
		}
	}
	err := problems.Err()
	if err == nil {
		return nil
	}
	first := problems[0]
	return &core.Error{Code: core.Invalid, Message: "The manifest of " + id + " can't be used: " + first.Field + " “" + cut(first.Value, 80) + "” " + first.Reason + ".", Fields: problems}
}

// scoped fills the scope of what says nothing: it is about a tenant.
func scoped(m sdk.Manifest) sdk.Manifest {
	for i := range m.Pages {
		m.Pages[i].Scope = cmp.Or(m.Pages[i].Scope, sdk.Tenant)
	}
	for i := range m.Actions {
		m.Actions[i].Scope = cmp.Or(m.Actions[i].Scope, sdk.Tenant)
	}
	for i := range m.Routes {
		m.Routes[i].Scope = cmp.Or(m.Routes[i].Scope, sdk.Tenant)
	}
	for i := range m.Tools {
		m.Tools[i].Scope = cmp.Or(m.Tools[i].Scope, sdk.Tenant)
	}
	return m
}

// cut shortens a text to so many bytes.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
