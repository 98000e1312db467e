package sdk

import (
	"cmp"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// describe builds the manifest and notes every mistake of the plugin.
func describe(p Plugin, r routes, problems *core.Problems) Manifest {
	c := checker{plugin: p, problems: problems}
	c.itself()
	m := Manifest{
		ID: p.ID, Name: p.Name, Version: p.Version, Summary: p.Summary, SDK: wire.ProtocolVersion, Needs: p.Needs,
		Schema: c.migrations("Migrations", p.Migrations), Platform: c.migrations("Platform", p.Platform),
		OpenAPI: r.document, Metrics: p.Metrics, Records: p.Records,
		Settings: c.settings("Settings", p.Settings), PlatformSettings: c.settings("PlatformSettings", p.PlatformSettings),
		Purges: p.Purge != nil, Exports: p.Export != nil,
	}
	c.grants()
	c.pages()
	c.doors()
	c.work()
	c.figures()
	for _, page := range p.Pages {
		m.Pages = append(m.Pages, PageInfo{
			ID: page.ID, Path: page.Path, Title: page.Title, Scope: scope(page.Scope), Nav: page.Nav, Hidden: page.Hidden, Permission: page.Permission,
		})
	}
	for _, a := range p.Actions {
		m.Actions = append(m.Actions, ActionInfo{ID: a.ID, Scope: scope(a.Scope), Permission: a.Permission, Schema: a.schema})
	}
	for _, route := range p.Routes {
		route.Scope = scope(route.Scope)
		m.Routes = append(m.Routes, route.RouteInfo)
	}
	for _, sub := range p.Events {
		m.Events = append(m.Events, sub.Event)
	}
	for _, j := range p.Jobs {
		m.Jobs = append(m.Jobs, JobInfo{ID: j.ID, Summary: j.Summary, Schedule: j.Schedule, Scope: scope(j.Scope), Changed: j.Changed})
	}
	for _, t := range p.Tools {
		m.Tools = append(m.Tools, ToolInfo{ID: t.ID, Title: t.Title, Summary: t.Summary, Scope: scope(t.Scope), Permission: t.Permission, Schema: t.schema})
	}
	return m
}

// scope is a tenant's unless said otherwise.
func scope(s Scope) Scope { return cmp.Or(s, Tenant) }

func (c checker) settings(field string, s *Settings) Schema {
	if s == nil {
		return nil
	}
	if s.wrong != nil {
		c.problems.Add(field, "", s.wrong.Error())
	} else if s.validate == nil {
		c.problems.Add(field, "", "has no struct: NewSettings makes settings")
	}
	c.fileless(field, s.schema)
	return s.schema
}

var migrationName = regexp.MustCompile(`^\d{5}_[a-z0-9_]+\.sql$`)

// migrations reads goose files, in their order.
func (c checker) migrations(field string, from fs.FS) []Migration {
	if from == nil {
		return nil
	}
	read := map[string]Migration{}
	err := fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		m := Migration{Name: path.Base(name), SQL: string(raw)}
		switch {
		case !migrationName.MatchString(m.Name):
			c.problems.Add(field, name, "is not called like a goose file: 00001_notes.sql")
		case read[m.Name[:5]].Name != "":
			c.problems.Add(field, name, "has the number of "+read[m.Name[:5]].Name)
		case !strings.Contains(m.SQL, "-- +goose Up") || !strings.Contains(m.SQL, "-- +goose Down"):
			c.problems.Add(field, name, "has no “-- +goose Up” and “-- +goose Down”")
		default:
			read[m.Name[:5]] = m
		}
		return nil
	})
	if err != nil {
		c.problems.Add(field, "", fmt.Sprintf("can't be read: %v", err))
	}
	var all []Migration
	for _, number := range slices.Sorted(maps.Keys(read)) {
		all = append(all, read[number])
	}
	return all
}
