package web

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/ui"
)

// levels of a log, the least first.
var levels = []string{"debug", "info", "warn", "error"}

var levelTones = map[string]ui.Tone{"warn": ui.Warn, "error": ui.Bad}

// linesShown is how many lines of a log a page has.
const linesShown = 300

// showPluginLog is the end of what a plugin has said, while it says more.
func showPluginLog(q *request, s host.Status) (ui.Page, error) {
	p := q.pluginPage(s, "/logs")
	chosen := q.query.Get("level")
	at := pluginHref(s.ID) + "/logs"
	for _, view := range []struct{ level, label string }{{"", "All"}, {"info", "Information"}, {"warn", "Warnings"}, {"error", "Errors"}} {
		p.Head.Segments = append(p.Head.Segments, ui.Tab{Label: view.label, Href: ui.Address(at, nil, "level", view.level), Current: view.level == chosen})
	}
	blocks, _, err := q.pluginLogLive(s.ID, chosen).blocks(q.ctx)
	p.Blocks = ui.Blocks{ui.Live{ID: "log", Stream: ui.Address(at+"/stream", nil, "level", chosen), Poll: ui.Address(at+"/poll", nil, "level", chosen), Blocks: blocks}}
	return p, err
}

// pluginLogLive draws a log anew when it has grown.
func (q *request) pluginLogLive(id, level string) live {
	logs := q.site.Plugins.Logs
	return live{
		changes: func(ctx context.Context) <-chan struct{} {
			return changed(ctx, func() string { return lastLine(logs(id)) })
		},
		blocks: func(context.Context) (ui.Blocks, bool, error) {
			return ui.Blocks{logBlock("Last lines", pickLines(logs(id), level))}, false, nil
		},
	}
}

// glance is how often a page that is open looks whether there is something new.
const glance = time.Second

// changed signals when what look says differs from the time before.
func changed(ctx context.Context, look func() string) <-chan struct{} {
	signal := make(chan struct{}, 1)
	go func() {
		tick := time.NewTicker(glance)
		defer tick.Stop()
		for before := look(); ; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			now := look()
			if now == before {
				continue
			}
			before = now
			select {
			case signal <- struct{}{}:
			default:
			}
		}
	}()
	return signal
}

// lastLine tells a log from a longer one.
func lastLine(lines []host.Line) string {
	if len(lines) == 0 {
		return ""
	}
	last := lines[len(lines)-1]
	return strconv.Itoa(len(lines)) + last.At.String() + last.Text
}

// pickLines are the last lines of a level or a graver one.
func pickLines(lines []host.Line, level string) []host.Line {
	least := slices.Index(levels, level)
	var picked []host.Line
	for _, l := range lines {
		if slices.Index(levels, l.Level) >= least {
			picked = append(picked, l)
		}
	}
	return picked[max(0, len(picked)-linesShown):]
}

func logBlock(title string, lines []host.Line) ui.Block {
	if len(lines) == 0 {
		return ui.Empty{Title: "Nothing here.", Reason: "What the plugin writes to its log shows here as it is written.", Icon: ui.IconDocument}
	}
	l := ui.Log{Title: title}
	for _, line := range lines {
		text := joinNonEmpty("  ", strings.ToUpper(line.Level), line.Text)
		if about := joinNonEmpty(" ", string(line.Tenant), line.Call); about != "" {
			text += "  (" + about + ")"
		}
		l.Lines = append(l.Lines, ui.LogLine{At: line.At, Tone: levelTones[line.Level], Text: text})
	}
	return l
}

func pollPluginLog(q *request) error {
	s, err := q.plugin()
	if err != nil {
		return err
	}
	return q.pluginLogLive(s.ID, q.query.Get("level")).poll(q)
}

func streamPluginLog(q *request) error {
	s, err := q.plugin()
	if err != nil {
		return err
	}
	return q.pluginLogLive(s.ID, q.query.Get("level")).stream(q)
}

// showCrashes are the unwanted ends of a plugin's process.
func showCrashes(q *request, s host.Status) (ui.Page, error) {
	p := q.pluginPage(s, "/crashes")
	t := ui.Table{
		ID: "crashes", Title: "Crashes", Count: count(len(s.Crashes)), Lead: "The last twenty, each with what was known when it happened.",
		Columns: []ui.Column{{Title: "Ended"}, {Title: "Had been up", Numeric: true, Priority: 1}, {Title: "Calls cut off", Numeric: true, Priority: 1}, {Title: "When", Numeric: true}},
		None:    ui.Empty{Title: "It has never crashed.", Reason: "When its process ends without being asked to, what was known then is kept here.", Icon: ui.IconShield},
	}
	for _, c := range s.Crashes {
		t.Rows = append(t.Rows, ui.Row{Href: crashHref(s, c), Cells: ui.Values{
			ui.Link{Text: c.Exit, Href: crashHref(s, c), Note: firstLine(c.Panic)}, ui.Text{Text: c.Uptime.Round(time.Second).String()},
			ui.Number{Value: int64(len(c.Calls))}, ui.Time{At: c.At},
		}})
	}
	p.Blocks = ui.Blocks{t}
	return p, nil
}

// crashHref names a crash by its moment, in milliseconds.
func crashHref(s host.Status, c host.Crash) string {
	return pluginHref(s.ID) + "/crashes/" + strconv.FormatInt(c.At.UnixMilli(), 10)
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return line
}

// showCrash is the dossier of one crash.
func showCrash(q *request, s host.Status) (ui.Page, error) {
	i := slices.IndexFunc(s.Crashes, func(c host.Crash) bool { return strconv.FormatInt(c.At.UnixMilli(), 10) == q.Params("crash") })
	if i < 0 {
		return ui.Page{}, core.Errorf(core.NotFound, "There is no such crash, or it is too old to be kept.")
	}
	c := s.Crashes[i]
	p := q.pluginLeaf(s, "/crashes", nameOf(s)+" crashed")
	p.Head.Lead, p.Head.Status = capital(c.Exit)+".", &ui.Badge{Text: "Crash", Tone: ui.Bad}
	facts := ui.Details{Columns: 3, Items: []ui.Detail{
		{Label: "When", Value: ui.Time{At: c.At, Exact: true}},
		{Label: "Had been up", Value: ui.Text{Text: c.Uptime.Round(time.Second).String()}},
		{Label: "Process", Value: ui.Text{Text: strconv.Itoa(c.PID)}},
	}}
	p.Blocks = ui.Blocks{ui.Section{Title: "How it ended", Lead: capital(c.Exit) + ".", Blocks: ui.Blocks{facts}}}
	if c.Panic != "" {
		p.Blocks = append(p.Blocks, ui.Section{Title: "Its last panic", Blocks: ui.Blocks{ui.Code{Title: firstLine(c.Panic), Text: c.Panic}}})
	}
	calls := ui.Section{Title: "Calls that were under way", Lead: "Whoever waited for them was told that the plugin is resting."}
	if len(c.Calls) == 0 {
		calls.Lead, calls.Blocks = "", ui.Blocks{ui.Empty{Title: "None.", Reason: "Nobody was waiting for it."}}
	} else {
		calls.Blocks = ui.Blocks{ui.Code{Text: strings.Join(c.Calls, "\n")}}
	}
	p.Blocks = append(p.Blocks, calls, logBlock("The last lines of its log", c.Lines))
	return p, nil
}
