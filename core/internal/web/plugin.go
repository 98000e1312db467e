package web

import (
	"fmt"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// plugin returns the plugin of the address /admin/plugins/:plugin.
func (q *request) plugin() (host.Status, error) { return q.site.Plugins.Find(q.Params("plugin")) }

// ofInstalled hands the plugin of the address to a page.
func ofInstalled(build func(*request, host.Status) (ui.Page, error)) func(*request) error {
	return page(func(q *request) (ui.Page, error) {
		s, err := q.plugin()
		if err != nil {
			return ui.Page{}, err
		}
		return build(q, s)
	})
}

// pluginTab is one of the pages about a plugin.
type pluginTab struct {
	path, label string
	count       func(host.Status) int
	shown       func(host.Status) bool
}

var pluginTabs = []pluginTab{
	{"", "Overview", nil, nil},
	{"/grants", "Grants", nil, nil},
	{"/tenants", "Tenants", func(s host.Status) int { return s.OffFor + s.Broken }, nil},
	{"/events", "Events", func(s host.Status) int { return s.Dead }, nil},
	{"/outside", "Outside calls", nil, nil},
	{"/logs", "Log", nil, nil},
	{"/crashes", "Crashes", func(s host.Status) int { return len(s.Crashes) }, nil},
	{"/tools", "Tools", nil, func(s host.Status) bool { return len(s.Manifest.Tools) > 0 }},
	{"/settings", "Settings", nil, func(s host.Status) bool { return len(s.Manifest.PlatformSettings) > 0 }},
}

// pluginPage is one of the pages about a plugin, under its name.
func (q *request) pluginPage(s host.Status, path string) ui.Page {
	badge := pluginBadge(s)
	p := ui.Page{
		Title: nameOf(s), Crumbs: []ui.Link{{Text: "Plugins", Href: "/admin/plugins"}},
		Head: ui.Head{Title: nameOf(s), Lead: s.Manifest.Summary, Monogram: ui.Monogram(nameOf(s)), Status: &badge},
	}
	if path != "" {
		p.Crumbs = append(p.Crumbs, ui.Link{Text: nameOf(s), Href: pluginHref(s.ID)})
	}
	for _, t := range pluginTabs {
		if t.shown != nil && !t.shown(s) {
			continue
		}
		tab := ui.Tab{Label: t.label, Href: pluginHref(s.ID) + t.path, Current: t.path == path}
		if t.count != nil && t.count(s) > 0 {
			tab.Count = count(t.count(s))
		}
		if tab.Current && path != "" {
			p.Title = t.label
		}
		p.Tabs = append(p.Tabs, tab)
	}
	return p
}

// pluginLeaf is a page below one of the tabs.
func (q *request) pluginLeaf(s host.Status, path, title string) ui.Page {
	p := ui.Page{Title: title, Head: ui.Head{Title: title}, Crumbs: []ui.Link{{Text: "Plugins", Href: "/admin/plugins"}, {Text: nameOf(s), Href: pluginHref(s.ID)}}}
	for _, t := range pluginTabs {
		if t.path == path && path != "" {
			p.Crumbs = append(p.Crumbs, ui.Link{Text: t.label, Href: pluginHref(s.ID) + path})
		}
	}
	return p
}

// showInstalled is how a plugin stands: its state, what it uses, what it adds.
func showInstalled(q *request, s host.Status) (ui.Page, error) {
	p := q.pluginPage(s, "")
	p.Head.Actions = q.pluginActions(s)
	if n := pluginNotice(s); n != nil {
		p.Blocks = append(p.Blocks, *n)
	}
	if s.Proposal != nil || s.State == host.Held {
		p.Blocks = append(p.Blocks, q.proposal(s))
	}
	p.Blocks = append(p.Blocks, pluginFigures(s), ui.Grid{Blocks: ui.Blocks{runningOf(s), offerOf(s)}})
	if len(s.Manifest.Pages) > 0 {
		p.Blocks = append(p.Blocks, pagesOf(s))
	}
	if len(s.Manifest.Jobs) > 0 {
		p.Blocks = append(p.Blocks, q.jobsOf(s))
	}
	if len(s.Manifest.Metrics) > 0 {
		p.Blocks = append(p.Blocks, metricsOf(s.Manifest.Metrics))
	}
	return p, nil
}

func (q *request) pluginActions(s host.Status) []ui.Action {
	if !q.may(core.PluginsWrite) {
		return nil
	}
	on := ui.Action{Label: "Switch on", Href: pluginHref(s.ID) + "/enable", Icon: ui.IconPlay, Kind: ui.Primary}
	if s.State == host.Stopped {
		return []ui.Action{on}
	}
	restart := ui.Action{Label: "Restart", Href: pluginHref(s.ID) + "/restart", Post: true, Icon: ui.IconRefresh,
		Confirm: "A new process takes over; calls under way have 30 seconds to end. Should it not start, its pages say that it is resting."}
	if s.State == host.Held {
		restart.Disabled = "It waits for approval."
	}
	return []ui.Action{restart, {Label: "Switch off", Href: pluginHref(s.ID) + "/disable", Icon: ui.IconStop}}
}

// pluginNotice says why a plugin isn't simply at work.
func pluginNotice(s host.Status) *ui.Notice {
	state := pluginStates[s.State]
	switch s.State {
	case host.Ready, host.Held:
		if s.Why == "" || s.State == host.Held {
			return nil
		}
	}
	n := &ui.Notice{Tone: state.tone, Title: nameOf(s) + ": " + strings.ToLower(state.text) + ".", Text: s.Why}
	switch s.State {
	case host.BackingOff:
		if !s.NextStart.IsZero() {
			n.Items = []string{"The next attempt is at " + s.NextStart.UTC().Format("15:04:05") + " UTC."}
		}
	case host.Quarantined:
		n.Items = []string{"It stays down until somebody restarts it. Its log and its crashes say what happened."}
		n.Actions = []ui.Action{{Label: "Read the crashes", Href: pluginHref(s.ID) + "/crashes"}}
	case host.Stopped:
		n.Items = []string{"Its data stays, and its events wait."}
	}
	return n
}

func pluginFigures(s host.Status) ui.Stats {
	c := s.Calls
	var failed, p95, memory ui.Value = ui.Text{Text: "–"}, ui.Text{Text: "–"}, ui.Text{Text: "–"}
	if v := errorRate(c); v != nil {
		failed = v
	}
	if v := durationCell(c.P95); v != nil {
		p95 = v
	}
	if v := memoryCell(s); v != nil {
		memory = v
	}
	median := "in the last hour"
	if c.P50 > 0 {
		median = "median " + durationText(durationCell(c.P50))
	}
	limit := "no limit"
	if s.Limits.Memory > 0 {
		limit = "of " + fileSize(s.Limits.Memory)
	}
	if s.MemoryPeak > 0 {
		limit += ", peak " + fileSize(s.MemoryPeak)
	}
	return ui.Stats{Items: []ui.Stat{
		{Label: "Calls", Value: ui.Number{Value: c.Total}, Versus: fmt.Sprintf("in the last hour, %d under way", c.InFlight)},
		{Label: "Failed", Value: failed, Versus: plural(int(c.Failed), "call") + " in the last hour"},
		{Label: "Slowest twentieth", Value: p95, Versus: median},
		{Label: "Memory", Value: memory, Versus: limit},
		{Label: "Events waiting", Value: ui.Number{Value: int64(s.Pending)}, Versus: plural(s.Dead, "dead letter"), Href: pluginHref(s.ID) + "/events"},
	}}
}

func durationText(v ui.Value) string {
	if n, ok := v.(ui.Number); ok {
		return report.Decimal(n)
	}
	return "–"
}

// runningOf are the facts about a plugin's process.
func runningOf(s host.Status) ui.Section {
	from := ui.Value(ui.Text{Text: "Bundled", Note: "A part of the console's own binary."})
	if !s.Bundled {
		from = ui.Text{Text: "Outside", Note: s.Path}
	}
	items := []ui.Detail{
		{Label: "State", Value: pluginBadge(s), Hint: s.Why},
		{Label: "Since", Value: timeOrNil(s.Since)},
		{Label: "Version", Value: textOrNil(s.Manifest.Version)},
		{Label: "Comes from", Value: from},
		{Label: "Started", Value: timeOrNil(s.StartedAt)},
		{Label: "Process", Value: processOf(s)},
		{Label: "Memory", Value: memoryMeter(s)},
		{Label: "Sandbox", Value: textOrNil(s.Sandbox)},
	}
	if s.SHA256 != "" {
		items = append(items, ui.Detail{Label: "Checksum", Value: ui.ID{Text: s.SHA256}, Hint: "SHA-256 of the binary."})
	}
	return ui.Section{Title: "Process", Blocks: ui.Blocks{ui.Details{Items: items}}}
}

func processOf(s host.Status) ui.Value {
	if s.PID == 0 {
		return nil
	}
	return ui.Text{Text: fmt.Sprint(s.PID)}
}

// memoryMeter compares what a plugin uses with what it may.
func memoryMeter(s host.Status) ui.Value {
	if s.Memory == 0 || s.Limits.Memory == 0 {
		return nil
	}
	return ui.Meter{Done: s.Memory, Total: s.Limits.Memory, Tone: toneIf(s.Memory > s.Limits.Memory/10*8, ui.Warn)}
}

// offerOf are a plugin's limits, and what it adds to the console.
func offerOf(s host.Status) ui.Section {
	l, m := s.Limits, s.Manifest
	items := []ui.Detail{
		{Label: "Mounts", Value: textOrNil(strings.Join(s.Mounts, ", "))},
		{Label: "Routes", Value: ui.Number{Value: int64(len(m.Routes))}},
		{Label: "Listens to", Value: textOrNil(strings.Join(m.Events, ", "))},
		{Label: "Metrics", Value: ui.Number{Value: int64(len(m.Metrics))}},
		{Label: "Calls at a time", Value: ui.Number{Value: int64(l.Calls)}},
		{Label: "A call may take", Value: textOrNil(spell(l.Call))},
		{Label: "A job or tool may take", Value: textOrNil(spell(l.Work)), Hint: "For each tenant."},
		{Label: "Database time of a call", Value: textOrNil(spell(l.Database))},
		{Label: "Processors", Value: ui.Number{Value: int64(l.Procs)}},
		{Label: "Log lines a minute", Value: ui.Number{Value: int64(l.LogPerMin)}},
	}
	return ui.Section{Title: "What it adds, and its limits", Blocks: ui.Blocks{ui.Details{Items: items}}}
}

// metricsOf are the metrics that a plugin adds to the roll-ups.
func metricsOf(metrics []core.Metric) ui.Table {
	t := ui.Table{ID: "metrics", Title: "Metrics", Count: count(len(metrics)), Columns: []ui.Column{{Title: "Metric"}, {Title: "What it is", Priority: 1}, {Title: "Counted in", Priority: 2}}}
	for _, m := range metrics {
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{ui.Text{Text: m.Name}, ui.Text{Text: m.Meaning}, ui.Text{Text: m.Unit, Muted: true}}})
	}
	return t
}

// pagesOf are the pages that a plugin adds.
func pagesOf(s host.Status) ui.Table {
	t := ui.Table{ID: "pages", Title: "Pages", Count: count(len(s.Manifest.Pages)), Columns: []ui.Column{
		{Title: "Page"}, {Title: "Address", Priority: 1}, {Title: "About"}, {Title: "Permission", Priority: 2},
	}}
	for _, page := range s.Manifest.Pages {
		address, about := "/admin/"+s.ID+page.Path, "The platform"
		name := ui.Value(ui.Text{Text: page.Title})
		if page.Scope != sdk.Platform {
			address, about = "/admin/"+s.ID+"/tenants/…"+page.Path, "A tenant"
		} else if !strings.Contains(page.Path, "{") {
			name = ui.Link{Text: page.Title, Href: pageAddress("/admin/"+s.ID, page.Path)}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{name, ui.Text{Text: strings.TrimSuffix(address, "/"), Muted: true}, ui.Text{Text: about}, ui.Text{Text: string(page.Permission), Muted: true}}})
	}
	return t
}

// jobsOf are the jobs that a plugin adds.
func (q *request) jobsOf(s host.Status) ui.Table {
	t := ui.Table{ID: "jobs", Title: "Jobs", Count: count(len(s.Manifest.Jobs)), Columns: []ui.Column{
		{Title: "Job"}, {Title: "Runs", Priority: 1}, {Title: "About", Priority: 2},
	}}
	for _, job := range s.Manifest.Jobs {
		id, about := s.ID+"."+job.ID, "Each tenant"
		if job.Scope == sdk.Platform {
			about = "The platform"
		} else if job.Changed {
			about = "Each tenant that has changed"
		}
		name := ui.Value(ui.Text{Text: id, Note: job.Summary})
		if q.may(core.JobsRead) {
			name = ui.Link{Text: id, Href: "/admin/jobs/runs?kind=" + escape(id), Note: job.Summary}
		}
		t.Rows = append(t.Rows, ui.Row{Cells: ui.Values{name, ui.Text{Text: scheduleWords(job.Schedule)}, ui.Text{Text: about}}})
	}
	return t
}

// spell says a limit of time: 30 s, 10 min.
func spell(d time.Duration) string {
	switch {
	case d <= 0:
		return ""
	case d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d%time.Second == 0:
		return fmt.Sprintf("%d s", d/time.Second)
	}
	return d.String()
}

func timeOrNil(at time.Time) ui.Value {
	if at.IsZero() {
		return nil
	}
	return ui.Time{At: at}
}
