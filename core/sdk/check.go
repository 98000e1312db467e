package sdk

import (
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/schema"
	"github.com/robfig/cron/v3"
)

// checker notes the mistakes of a plugin's value, each with its field.
type checker struct {
	plugin   Plugin
	problems *core.Problems
}

var (
	pluginID   = regexp.MustCompile(`^[a-z][a-z0-9]{1,30}$`)
	semantic   = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
	doorID     = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	pathPart   = regexp.MustCompile(`^([a-z0-9][a-z0-9._-]*|\{[a-z][a-z0-9_]*\})$`)
	parameter  = regexp.MustCompile(`\{[^}]*\}`)
	eventName  = regexp.MustCompile(`^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){1,3}$`)
	recordVerb = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z][a-z0-9_-]*$`)
	identifier = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)
	variable   = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)
)

// Reserved are the words that no plugin can be called, because the console's
// own addresses begin with them.
var Reserved = []string{
	"actions", "admin", "api", "assets", "audit", "brand", "console", "core", "deadletters", "developers", "developments", "drafts", "events", "gallery",
	"home", "homeowners", "impersonate", "insight", "jobs", "keys", "login", "metrics", "notify", "onboard", "onboarding", "openhouse", "outbox", "platform",
	"plugin", "plugins", "portal", "search", "sessions", "settings", "sqlite", "tenant", "tenants", "tools", "units", "usage", "users",
}

func (c checker) add(field, value, reason string) { c.problems.Add(field, value, reason) }

func (c checker) itself() {
	p := c.plugin
	switch {
	case !pluginID.MatchString(p.ID):
		c.add("ID", p.ID, "has to be one word of 2 to 31 lower-case letters and digits")
	case slices.Contains(Reserved, p.ID):
		c.add("ID", p.ID, "is a word that the console uses itself")
	}
	if p.Name == "" {
		c.add("Name", "", "is missing")
	}
	if !semantic.MatchString(p.Version) {
		c.add("Version", p.Version, "has to be a semantic version: 1.4.0")
	}
	if p.Summary == "" {
		c.add("Summary", "", "is missing: one sentence")
	}
}

func (c checker) grants() {
	for field, tables := range map[string]map[string][]string{"Needs.Read": c.plugin.Needs.Read, "Needs.ReadPlatform": c.plugin.Needs.ReadPlatform} {
		for _, table := range slices.Sorted(maps.Keys(tables)) {
			switch {
			case !identifier.MatchString(table):
				c.add(field, table, "is not the name of a table")
			case strings.HasPrefix(table, c.plugin.ID+"_"):
				c.add(field, table, "is the plugin's own: it needs no grant")
			case len(tables[table]) == 0:
				c.add(field, table, "names no column")
			}
			for _, column := range tables[table] {
				if !identifier.MatchString(column) {
					c.add(field, table+"."+column, "is not the name of a column")
				}
			}
		}
	}
	for _, place := range c.plugin.Needs.Egress {
		host, port, err := net.SplitHostPort(place)
		n, wrong := strconv.ParseUint(port, 10, 16)
		if err != nil || wrong != nil || n == 0 || host == "" || strings.Contains(strings.TrimPrefix(host, "*."), "*") {
			c.add("Needs.Egress", place, "has to be host:port or *.domain:port")
		}
	}
	for _, name := range c.plugin.Needs.Env {
		if !variable.MatchString(name) {
			c.add("Needs.Env", name, "is not the name of a variable")
		}
	}
}

// door checks what all doors have: an id that is there once, a scope, a
// permission.
func (c checker) door(field, id string, s Scope, seen map[string]bool) {
	switch {
	case !doorID.MatchString(id):
		c.add(field+".ID", id, "has to be lower-case words with dashes")
	case seen[id]:
		c.add(field+".ID", id, "is there twice")
	}
	seen[id] = true
	if s != "" && s != Tenant && s != Platform {
		c.add(field+".Scope", string(s), "has to be Tenant or Platform")
	}
}

func (c checker) permission(field string, p core.Permission, others ...core.Permission) {
	if !slices.Contains(core.Permissions, p) && !slices.Contains(others, p) {
		c.add(field+".Permission", string(p), "is not a permission of the console")
	}
}

// path checks a path of a page or a route, and that its pattern is there once.
func (c checker) path(field, path, key string, seen map[string]bool) {
	if path != "/" {
		rest, ok := strings.CutPrefix(path, "/")
		for part := range strings.SplitSeq(rest, "/") {
			ok = ok && pathPart.MatchString(part)
		}
		if !ok {
			c.add(field+".Path", path, "has to be / or like /notes/{note}")
		}
	}
	key += parameter.ReplaceAllString(path, "{}")
	if seen[key] {
		c.add(field+".Path", path, "is there twice")
	}
	seen[key] = true
}

func (c checker) pages() {
	ids, paths := map[string]bool{}, map[string]bool{}
	for i, p := range c.plugin.Pages {
		field := fmt.Sprintf("Pages[%d]", i)
		c.door(field, p.ID, p.Scope, ids)
		c.permission(field, p.Permission, core.SignedIn)
		c.path(field, p.Path, string(scope(p.Scope))+" ", paths)
		if p.Title == "" {
			c.add(field+".Title", "", "is missing")
		}
		if p.Nav && strings.Contains(p.Path, "{") {
			c.add(field+".Nav", p.Path, "can't be: a path with parameters has no place in the navigation")
		}
		if first, _, _ := strings.Cut(strings.TrimPrefix(p.Path, "/"), "/"); first == "actions" || first == "tenants" {
			c.add(field+".Path", p.Path, "begins with a word that the console uses")
		}
		if p.Show == nil {
			c.add(field+".Show", "", "is missing")
		}
	}
}

func (c checker) doors() {
	ids := map[string]bool{}
	for i, a := range c.plugin.Actions {
		field := fmt.Sprintf("Actions[%d]", i)
		c.door(field, a.ID, a.Scope, ids)
		c.permission(field, a.Permission, core.SignedIn)
		c.shape(field, a.wrong)
		if a.do == nil {
			c.add(field, a.ID, "has no function: NewAction makes actions")
		}
	}
	paths := map[string]bool{}
	for i, r := range c.plugin.Routes {
		field := fmt.Sprintf("Routes[%d]", i)
		c.permission(field, r.Permission, core.SignedIn, core.Public)
		c.path(field, r.Path, r.Method+" ", paths)
		if !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, r.Method) {
			c.add(field+".Method", r.Method, "has to be GET, POST, PUT, PATCH or DELETE")
		}
		if r.Summary == "" {
			c.add(field+".Summary", "", "is missing")
		}
	}
	ids = map[string]bool{}
	for i, t := range c.plugin.Tools {
		field := fmt.Sprintf("Tools[%d]", i)
		c.door(field, t.ID, t.Scope, ids)
		c.permission(field, t.Permission)
		c.shape(field, t.wrong)
		c.fileless(field, t.schema)
		if t.Title == "" || t.Summary == "" {
			c.add(field+".Title", t.Title, "is missing, or the summary is")
		}
		if t.plan == nil || t.apply == nil {
			c.add(field, t.ID, "needs a function that plans and one that applies: NewTool makes tools")
		}
	}
}

func (c checker) shape(field string, wrong error) {
	if wrong != nil {
		c.add(field, "", "has a struct without a schema: "+wrong.Error())
	}
}

// fileless refuses files where nobody could send one.
func (c checker) fileless(field string, s Schema) {
	if files, err := schema.Files(s); err == nil && len(files) > 0 {
		c.add(field, "", "has a file, which only the form of an action takes")
	}
}

func (c checker) work() {
	seen := map[string]bool{}
	for i, sub := range c.plugin.Events {
		field := fmt.Sprintf("Events[%d]", i)
		switch {
		case !eventName.MatchString(sub.Event):
			c.add(field+".Event", sub.Event, "is not the name of an event: unit.handed_over")
		case seen[sub.Event]:
			c.add(field+".Event", sub.Event, "is there twice")
		}
		seen[sub.Event] = true
		if sub.Handle == nil {
			c.add(field+".Handle", "", "is missing")
		}
	}
	ids := map[string]bool{}
	for i, j := range c.plugin.Jobs {
		field := fmt.Sprintf("Jobs[%d]", i)
		c.door(field, j.ID, j.Scope, ids)
		if _, err := cron.ParseStandard(j.Schedule); err != nil || len(strings.Fields(j.Schedule)) != 5 {
			c.add(field+".Schedule", j.Schedule, "has to be cron with five fields: 0 3 * * *")
		}
		if j.Summary == "" {
			c.add(field+".Summary", "", "is missing: one sentence")
		}
		if j.Changed && scope(j.Scope) != Tenant {
			c.add(field+".Changed", j.ID, "can't be: it is about tenants, and the job is about the platform")
		}
		if j.Run == nil {
			c.add(field+".Run", "", "is missing")
		}
	}
	for _, verb := range slices.Sorted(maps.Keys(c.plugin.Records)) {
		if !recordVerb.MatchString(verb) || c.plugin.Records[verb] == "" {
			c.add("Records", verb, "has to be noun.verb with how it reads: note.create, “added note to”")
		}
	}
}

func (c checker) figures() {
	seen := map[string]bool{}
	for i, m := range c.plugin.Metrics {
		field := fmt.Sprintf("Metrics[%d]", i)
		switch {
		case !strings.HasPrefix(m.Name, c.plugin.ID+".") || !eventName.MatchString(m.Name):
			c.add(field+".Name", m.Name, "has to begin with the plugin's id: "+c.plugin.ID+".notes.open")
		case seen[m.Name]:
			c.add(field+".Name", m.Name, "is there twice")
		}
		seen[m.Name] = true
		if m.Unit == "" {
			c.add(field+".Unit", "", "is missing")
		}
		if m.Meaning == "" {
			c.add(field+".Meaning", "", "is missing: one sentence")
		}
	}
	if len(c.plugin.Metrics) > 0 && c.plugin.RollUp == nil {
		c.add("RollUp", "", "is missing: it computes the metrics")
	}
}
