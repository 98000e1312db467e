package web

import (
	"maps"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

// right is one thing that a plugin asks for, or was granted.
type right struct {
	kind, what     string
	asked, granted []string
}

// rightsOf lists rights by what they are about.
func rightsOf(granted, asked sdk.Grants) []right {
	var all []right
	for _, tables := range []struct {
		kind           string
		granted, asked map[string][]string
	}{
		{"Reads in each tenant's file", granted.Read, asked.Read},
		{"Reads in the control database", granted.ReadPlatform, asked.ReadPlatform},
	} {
		names := append(slices.Collect(maps.Keys(tables.granted)), slices.Collect(maps.Keys(tables.asked))...)
		slices.Sort(names)
		for _, name := range slices.Compact(names) {
			all = append(all, right{tables.kind, name, tables.asked[name], tables.granted[name]})
		}
	}
	for _, words := range []right{{"Calls outside", "", asked.Egress, granted.Egress}, {"Sees of the environment", "", asked.Env, granted.Env}} {
		both := slices.Concat(words.asked, words.granted)
		slices.Sort(both)
		for _, word := range slices.Compact(both) {
			r := right{kind: words.kind, what: word}
			if slices.Contains(words.asked, word) {
				r.asked = []string{word}
			}
			if slices.Contains(words.granted, word) {
				r.granted = []string{word}
			}
			all = append(all, r)
		}
	}
	return all
}

// missing are the parts that are asked for and not granted.
func (r right) missing() []string {
	return slices.DeleteFunc(slices.Clone(r.asked), func(part string) bool { return slices.Contains(r.granted, part) })
}

// grantChanges is what would have to be granted.
func grantChanges(granted, asked sdk.Grants) []core.Change {
	var changes []core.Change
	for _, r := range rightsOf(granted, asked) {
		if len(r.missing()) > 0 {
			changes = append(changes, core.Change{Field: joinNonEmpty(": ", r.kind, r.what), Before: strings.Join(r.granted, ", "), After: strings.Join(r.asked, ", ")})
		}
	}
	return changes
}

// showGrants is what a plugin may do beyond its own tables.
func showGrants(q *request, s host.Status) (ui.Page, error) {
	p := q.pluginPage(s, "/grants")
	if _, waits := proposed(s); waits {
		p.Blocks = append(p.Blocks, q.proposal(s))
	}
	t := ui.Table{
		ID: "grants", Title: "Grants", Lead: "Beside these it reads and writes its own tables, " + s.ID + "_…, and nothing else. Rights are set in plugins.yaml or approved here.",
		Columns: []ui.Column{{Title: "What"}, {Title: "On"}, {Title: "Parts", Priority: 1}, {Title: "State"}},
		None:    ui.Empty{Title: "It needs nothing else.", Reason: "This plugin asked for no right beyond its own tables, and was granted none.", Icon: ui.IconLock},
	}
	for _, r := range rightsOf(s.Granted, s.Manifest.Needs) {
		t.Rows = append(t.Rows, grantRow(r))
	}
	p.Blocks = append(p.Blocks, t)
	return p, nil
}

func grantRow(r right) ui.Row {
	badge := ui.Badge{Text: "Granted", Tone: ui.Good}
	switch missing := r.missing(); {
	case len(r.granted) == 0:
		badge = ui.Badge{Text: "Asked for", Tone: ui.Warn}
	case len(missing) > 0:
		badge = ui.Badge{Text: "Without " + strings.Join(missing, ", "), Tone: ui.Warn}
	case len(r.asked) == 0:
		badge = ui.Badge{Text: "Granted, not used", Tone: ui.Info}
	}
	parts := slices.Concat(r.granted, r.missing())
	if slices.Equal(parts, []string{r.what}) {
		parts = nil
	}
	return ui.Row{Cells: ui.Values{ui.Text{Text: r.kind}, ui.Text{Text: r.what}, textOrNil(strings.Join(parts, ", ")), badge}}
}
