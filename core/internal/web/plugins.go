package web

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/internal/problem"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// pluginState is a state of a plugin in words.
type pluginState struct {
	text string
	tone ui.Tone
}

var pluginStates = map[host.State]pluginState{
	host.Verified:    {"Not started", ui.Info},
	host.Held:        {"Needs approval", ui.Warn},
	host.Starting:    {"Starting", ui.Info},
	host.Ready:       {"Ready", ui.Good},
	host.Degraded:    {"Degraded", ui.Warn},
	host.BackingOff:  {"Backing off", ui.Warn},
	host.Quarantined: {"Quarantined", ui.Bad},
	host.Draining:    {"Stopping", ui.Info},
	host.Stopped:     {"Switched off", ui.Plain},
}

// stateOrder lists the states as the filter shows them.
var stateOrder = []host.State{
	host.Ready, host.Degraded, host.Starting, host.BackingOff, host.Quarantined, host.Held, host.Verified, host.Draining, host.Stopped,
}

func pluginBadge(s host.Status) ui.Badge {
	state, ok := pluginStates[s.State]
	if !ok {
		return ui.Badge{Text: capital(string(s.State))}
	}
	return ui.Badge{Text: state.text, Tone: state.tone}
}

func pluginHref(id string) string { return "/admin/plugins/" + id }

func nameOf(s host.Status) string { return cmp.Or(s.Manifest.Name, s.ID) }

// needsSomebody reports whether a plugin doesn't go on by itself.
func needsSomebody(s host.Status) bool {
	return isDown(s) || asks(s) || s.Dead > 0 || s.Broken > 0
}

// isDown reports whether a plugin that should work doesn't.
func isDown(s host.Status) bool {
	return s.State == host.Quarantined || s.State == host.BackingOff || s.State == host.Degraded
}

// asks reports whether a version of the plugin waits for approval.
func asks(s host.Status) bool {
	_, waits := proposed(s)
	return waits
}

// countPlugins counts those that something is true of.
func (q *request) countPlugins(is func(host.Status) bool) func() (int, error) {
	return func() (int, error) {
		n := 0
		for _, s := range q.site.Plugins.Plugins() {
			if is(s) {
				n++
			}
		}
		return n, nil
	}
}

func (q *request) countLetters() (int, error) {
	list, err := q.site.DeadLetters.DeadLetters(q.ctx, core.Query{Status: "dead", Limit: 1})
	return list.Total, err
}

// listPlugins is every plugin that is installed, and how it is doing.
func listPlugins(q *request) error { return q.pluginList(nil) }

func (q *request) pluginList(wrong error) error {
	p := ui.Page{Head: ui.Head{Title: "Plugins", Lead: "What extends the console. Each runs as a process of its own and can do what it was granted, nothing else."}}
	if q.may(core.PluginsWrite) {
		p.Head.Actions = []ui.Action{{Label: "Read plugins.yaml again", Href: "/admin/plugins/reload", Post: true, Icon: ui.IconRefresh,
			Confirm: "Plugins that are new, gone or changed in plugins.yaml are started, stopped or upgraded. The others go on."}}
	}
	all := q.site.Plugins.Plugins()
	l := listing[host.Status]{
		title:   "Plugins",
		fetch:   func(query core.Query) (core.List[host.Status], error) { return pickPlugins(all, query), nil },
		href:    func(s host.Status) string { return pluginHref(s.ID) },
		search:  "Name or id",
		filters: []ui.Filter{pluginStateFilter(q)},
		views:   pluginViews(q, all),
		keep:    []string{"kind"},
		none:    ui.Empty{Title: "No plugins yet.", Reason: "A plugin is added by its entry in plugins.yaml.", Icon: ui.IconPlug},
		columns: pluginColumns(),
	}
	if wrong == nil {
		return l.show(q, p)
	}
	t, err := l.table(q)
	if err != nil {
		return err
	}
	p.Blocks = ui.Blocks{(&refusal{err: wrong}).notice(), t}
	return q.show(problem.Status(wrong), p)
}

func pluginStateFilter(q *request) ui.Filter {
	f := ui.Filter{Name: "status", Label: "State", Value: q.query.Get("status")}
	for _, s := range stateOrder {
		f.Options = append(f.Options, ui.Option{Value: string(s), Label: pluginStates[s].text})
	}
	return f
}

func pluginViews(q *request, all []host.Status) []ui.Tab {
	open := 0
	for _, s := range all {
		if needsSomebody(s) {
			open++
		}
	}
	chosen := q.query.Get("kind") == "attention"
	return []ui.Tab{
		{Label: "All", Href: "/admin/plugins", Count: count(len(all)), Current: !chosen},
		{Label: "Need attention", Href: "/admin/plugins?kind=attention", Count: count(open), Current: chosen},
	}
}

func pluginColumns() []column[host.Status] {
	return []column[host.Status]{
		{title: "Plugin", sort: "name", width: 24, cell: func(s host.Status) ui.Value {
			return ui.Link{Text: nameOf(s), Href: pluginHref(s.ID), Monogram: ui.Monogram(nameOf(s)), Note: originOf(s)}
		}},
		{title: "State", sort: "state", cell: func(s host.Status) ui.Value { return pluginBadge(s) }},
		{title: "Version", priority: 1, cell: func(s host.Status) ui.Value { return textOrNil(s.Manifest.Version) }},
		{title: "Calls", sort: "calls", numeric: true, priority: 1, kind: report.Integer, cell: func(s host.Status) ui.Value { return ui.Number{Value: s.Calls.Total} }},
		{title: "Errors", sort: "errors", numeric: true, cell: func(s host.Status) ui.Value { return errorRate(s.Calls) }},
		{title: "p95", sort: "p95", numeric: true, priority: 1, cell: func(s host.Status) ui.Value { return durationCell(s.Calls.P95) }},
		{title: "Memory", sort: "memory", numeric: true, priority: 1, cell: func(s host.Status) ui.Value { return memoryCell(s) }},
		{title: "Pending events", sort: "pending", numeric: true, priority: 2, kind: report.Integer, cell: func(s host.Status) ui.Value { return ui.Number{Value: int64(s.Pending)} }},
		{title: "Dead letters", sort: "dead", numeric: true, priority: 2, kind: report.Integer, cell: func(s host.Status) ui.Value {
			return ui.Number{Value: int64(s.Dead), Tone: toneIf(s.Dead > 0, ui.Bad)}
		}},
		{title: "Last crash", sort: "crash", numeric: true, priority: 2, kind: report.Date, cell: func(s host.Status) ui.Value {
			if len(s.Crashes) == 0 {
				return nil
			}
			return ui.Time{At: s.Crashes[0].At}
		}},
	}
}

func originOf(s host.Status) string {
	if s.Bundled {
		return "Bundled"
	}
	return "Outside"
}

func toneIf(so bool, tone ui.Tone) ui.Tone {
	if so {
		return tone
	}
	return ui.Plain
}

// errorRate is the share of the last hour's calls that failed.
func errorRate(c host.Calls) ui.Value {
	if c.Total == 0 {
		return nil
	}
	return ui.Number{Value: (c.Failed*1000 + c.Total/2) / c.Total, Decimals: 1, Unit: "%", Tone: toneIf(c.Failed > 0, ui.Bad)}
}

// durationCell is a time that a machine took: 4 ms, 1.2 s.
func durationCell(d time.Duration) ui.Value {
	switch {
	case d <= 0:
		return nil
	case d < time.Second:
		return ui.Number{Value: max(1, d.Milliseconds()), Unit: "\u00a0ms"}
	}
	return ui.Number{Value: d.Milliseconds() / 100, Decimals: 1, Unit: "\u00a0s"}
}

func memoryCell(s host.Status) ui.Value {
	if s.Memory == 0 {
		return nil
	}
	return ui.Text{Text: fileSize(s.Memory)}
}

// pluginSorts order the list; what is equal stays in the order of names.
var pluginSorts = map[string]func(a, b host.Status) int{
	"name": func(a, b host.Status) int {
		return strings.Compare(strings.ToLower(nameOf(a)), strings.ToLower(nameOf(b)))
	},
	"state": func(a, b host.Status) int {
		return slices.Index(stateOrder, a.State) - slices.Index(stateOrder, b.State)
	},
	"calls": func(a, b host.Status) int { return cmp.Compare(a.Calls.Total, b.Calls.Total) },
	"errors": func(a, b host.Status) int {
		return cmp.Compare(a.Calls.Failed*max(1, b.Calls.Total), b.Calls.Failed*max(1, a.Calls.Total))
	},
	"p95":     func(a, b host.Status) int { return cmp.Compare(a.Calls.P95, b.Calls.P95) },
	"memory":  func(a, b host.Status) int { return cmp.Compare(a.Memory, b.Memory) },
	"pending": func(a, b host.Status) int { return cmp.Compare(a.Pending, b.Pending) },
	"dead":    func(a, b host.Status) int { return cmp.Compare(a.Dead, b.Dead) },
	"crash":   func(a, b host.Status) int { return lastCrash(a).Compare(lastCrash(b)) },
}

func lastCrash(s host.Status) time.Time {
	if len(s.Crashes) == 0 {
		return time.Time{}
	}
	return s.Crashes[0].At
}

// pickPlugins filters and sorts the plugins; there are never many, so that all
// are on one page.
func pickPlugins(all []host.Status, query core.Query) core.List[host.Status] {
	text := strings.ToLower(query.Text)
	var picked []host.Status
	for _, s := range all {
		named := strings.Contains(strings.ToLower(s.ID+" "+s.Manifest.Name+" "+s.Manifest.Summary), text)
		if named && (query.Status == "" || query.Status == string(s.State)) && (query.Kind != "attention" || needsSomebody(s)) {
			picked = append(picked, s)
		}
	}
	slices.SortStableFunc(picked, pluginSorts["name"])
	if by := pluginSorts[query.Sort]; by != nil {
		slices.SortStableFunc(picked, func(a, b host.Status) int {
			if query.Desc {
				a, b = b, a
			}
			return by(a, b)
		})
	}
	return core.List[host.Status]{Items: picked, Total: len(picked)}
}

// reloadPlugins reads plugins.yaml again and says what came of it.
func reloadPlugins(q *request) error {
	changed, err := q.site.Plugins.Reload(q.ctx)
	switch core.CodeOf(err) {
	case "":
	case core.Invalid, core.Conflict:
		return q.pluginList(err)
	default:
		return err
	}
	said := "plugins.yaml says nothing new."
	if len(changed) > 0 {
		said = "Changed: " + strings.Join(changed, ", ") + "."
	}
	q.toast(clip(said))
	return q.Redirect("/admin/plugins", http.StatusSeeOther)
}
