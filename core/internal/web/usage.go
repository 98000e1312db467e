package web

import (
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/ui"
)

// usageDays is how far back the figures of usage go.
const usageDays = 30

// usageName is a type of usage events as people read it: "LLM called". One that
// isn't ours is its own name.
func usageName(name string) string {
	own, known := strings.CutPrefix(name, "ai.openhouse.")
	if !known && name != "" {
		return name
	}
	word := strings.ReplaceAll(own, ".", " ")
	for _, short := range []string{"llm", "rag", "qr", "http"} {
		if rest, ok := strings.CutPrefix(word, short+" "); ok {
			return strings.ToUpper(short) + " " + rest
		}
	}
	if word == "" {
		return "Unknown or unreadable"
	}
	return capital(word)
}

// usageCell is a type in a table; its own name is below.
func usageCell(name string) ui.Value {
	t := ui.Text{Text: usageName(name), Note: name}
	if t.Text == name {
		t.Note = ""
	}
	return t
}

// showUsage is what a tenant's portals report: how much came and what became of
// it, what waits for a person, and the events themselves.
func showUsage(q *request) error {
	p := q.tab("/usage", "Usage", "What "+q.tenant.Name+"'s portals report: each event once, for ever.")
	events := q.usageEvents()
	if q.query.Get("format") != "" {
		return events.show(q, p)
	}
	fresh, err := q.usageFresh()
	if err != nil {
		return err
	}
	before := ui.Blocks{ui.Live{ID: "received", Poll: q.base + "/usage/poll", Blocks: fresh}}
	if n, err := q.usageHorizon(); err != nil {
		return err
	} else if n != nil {
		before = append(ui.Blocks{*n}, before...)
	}
	held, err := q.heldShort()
	if err != nil {
		return err
	}
	t, err := events.table(q)
	if err != nil {
		return err
	}
	more, err := q.refusedShort()
	if err != nil {
		return err
	}
	p.Blocks = append(append(append(append(p.Blocks, before...), held...), t), more...)
	p.Blocks = append(p.Blocks, q.howToReport()...)
	if p.Head.Actions = q.usageActions(); q.portal {
		p.Head.Lead = "What your portals report: each event once, for ever."
	}
	return q.show(200, p)
}

// usageActions lead to the test event, and to what programs may ask.
func (q *request) usageActions() []ui.Action {
	actions := []ui.Action{{Label: "API", Href: openAPI, Icon: ui.IconAPI}}
	if !q.portal {
		actions[0].Href = "/admin/api"
	}
	if q.changes(core.UsageReport) {
		actions = append(actions, ui.Action{Label: "Send a test event", Href: q.base + "/usage/test", Icon: ui.IconPlus, Kind: ui.Primary})
	}
	return actions
}

// usageHorizon says since when the events are whole; nil while nothing has
// been erased.
func (q *request) usageHorizon() (*ui.Notice, error) {
	horizon, err := q.site.Usage.Horizon(q.ctx, q.tenant.ID)
	if err != nil || horizon.IsZero() {
		return nil, err
	}
	return &ui.Notice{
		Tone: ui.Info, Title: "Events before " + horizon.In(q.zone()).Format("2 January 2006") + " were erased by retention",
		Text: "What was computed from them stays and can't be computed again. The same events, sent once more, are still known as duplicates.",
	}, nil
}

// pollUsage draws the part of the page that keeps itself fresh.
func pollUsage(q *request) error {
	blocks, err := q.usageFresh()
	if err != nil {
		return err
	}
	return q.fragment(200, blocks)
}

// usageFresh is how much has come, today and by type. Every row and every sum
// adds up: received is accepted, duplicates, conflicts, invalid and
// quarantined together (P17).
func (q *request) usageFresh() (ui.Blocks, error) {
	tallies, err := q.site.Usage.Receipts(q.ctx, q.tenant.ID, usageDays)
	if err != nil {
		return nil, err
	}
	var today []usage.Tally
	types := map[string][]usage.Tally{}
	var order []string
	now := q.site.Now().UTC()
	for _, t := range tallies {
		if t.Day.YearDay() == now.YearDay() && t.Day.Year() == now.Year() {
			today = append(today, t)
		}
		if types[t.Type] == nil {
			order = append(order, t.Type)
		}
		types[t.Type] = append(types[t.Type], t)
	}
	if i := slices.Index(order, ""); i >= 0 { // what has no known type stands last
		order = append(slices.Delete(order, i, i+1), "")
	}
	all := usage.Sum(tallies)
	blocks := ui.Blocks{usageStats(usage.Sum(today), all)}
	if len(tallies) == 0 {
		return blocks, nil
	}
	return append(blocks, usageByType(order, types, all)), nil
}

// outcomeColumns are the numbers of a tally: the first is the sum of the
// others.
var outcomeColumns = []struct {
	title, hint string
	tone        ui.Tone // when there are any
	of          func(usage.Tally) int
}{
	{"Received", "Everything that came.", ui.Plain, usage.Tally.Received},
	{"Accepted", "In the ledger.", ui.Plain, func(t usage.Tally) int { return t.Accepted }},
	{"Duplicate", "Came before; without effect.", ui.Plain, func(t usage.Tally) int { return t.Duplicate }},
	{"Conflict", "Another payload under an identity that is taken.", ui.Bad, func(t usage.Tally) int { return t.Conflict }},
	{"Invalid", "Refused, with the field named.", ui.Bad, func(t usage.Tally) int { return t.Invalid }},
	{"Quarantined", "Waited for a person when it came.", ui.Warn, func(t usage.Tally) int { return t.Quarantined }},
}

func usageStats(today, all usage.Tally) ui.Stats {
	var stats ui.Stats
	for _, c := range outcomeColumns {
		n := int64(c.of(today))
		stats.Items = append(stats.Items, ui.Stat{
			Label: c.title + " today", Value: ui.Number{Value: n, Tone: toneIf(n > 0, c.tone)}, Versus: thousands(int64(c.of(all))) + " in 30 days",
		})
	}
	return stats
}

func usageByType(order []string, types map[string][]usage.Tally, all usage.Tally) ui.Table {
	table := ui.Table{
		ID: "types", Title: "By type", Lead: "The last 30 days, in UTC. Received is always the sum of what stands behind it.",
		Columns: []ui.Column{{Title: "Type"}},
		Totals:  ui.Values{ui.Text{Text: "All"}},
	}
	cells := func(t usage.Tally, none ui.Value) ui.Values {
		var values ui.Values
		for _, c := range outcomeColumns {
			if n := int64(c.of(t)); n > 0 {
				values = append(values, ui.Number{Value: n, Tone: c.tone})
			} else {
				values = append(values, none)
			}
		}
		return append(values, ui.Time{At: t.Last})
	}
	for i, c := range outcomeColumns {
		table.Columns = append(table.Columns, ui.Column{Title: c.title, Numeric: true, Priority: min(i, 1), Hint: c.hint})
	}
	table.Columns = append(table.Columns, ui.Column{Title: "Last seen", Numeric: true})
	for _, name := range order {
		table.Rows = append(table.Rows, ui.Row{Cells: append(ui.Values{usageCell(name)}, cells(usage.Sum(types[name]), nil)...)})
	}
	table.Totals = append(table.Totals, cells(all, ui.Number{})...)
	return table
}

// usageEvents is the ledger, newest first.
func (q *request) usageEvents() listing[core.UsageEvent] {
	kinds := ui.Filter{Name: "kind", Label: "Type", Value: q.query.Get("kind")}
	for _, t := range catalogue.All() {
		kinds.Options = append(kinds.Options, ui.Option{Value: t.Name, Label: usageName(t.Name)})
	}
	kinds.Options = withValue(kinds.Options, kinds.Value)
	return listing[core.UsageEvent]{
		title: "Usage events",
		fetch: func(query core.Query) (core.List[core.UsageEvent], error) {
			return q.site.Usage.List(q.ctx, q.tenant.ID, query)
		},
		filters: []ui.Filter{kinds},
		none:    ui.Empty{Title: "No usage yet.", Reason: "Portals report it with a key of this developer; a scanned code reports itself. The call below is one event.", Icon: ui.IconActivity},
		columns: slices.Concat([]column[core.UsageEvent]{
			{title: "Type", width: 34, cell: func(e core.UsageEvent) ui.Value { return usageCell(e.Type) }, text: func(e core.UsageEvent) string { return e.Type }},
			{title: "About", priority: 1, width: 34, cell: func(e core.UsageEvent) ui.Value { return q.usageSubject(e) }},
		}, bodyColumns(func(e core.UsageEvent) core.UsageEvent { return e }), []column[core.UsageEvent]{
			{title: "When", numeric: true, kind: report.Moment, cell: func(e core.UsageEvent) ui.Value { return ui.Time{At: e.Time} }},
		}),
	}
}

// usageSubject is whom an event is about: the narrowest of unit and
// development.
func (q *request) usageSubject(e core.UsageEvent) ui.Value {
	t := core.Target{Kind: "unit", ID: e.Unit}
	if e.Unit == "" {
		t = core.Target{Kind: "development", ID: e.Development}
	}
	switch {
	case t.ID != "":
		return ui.ID{Text: t.ID, Href: q.subjectHref(t, "")}
	case e.Visitor != "":
		return ui.Text{Text: e.Visitor, Muted: true}
	}
	return nil
}

// bodyColumns are what an event says and how it is called: in short on the
// page, whole in files.
func bodyColumns[T any](event func(T) core.UsageEvent) []column[T] {
	return []column[T]{
		{title: "Data", priority: 2, width: 60,
			cell: func(t T) ui.Value { return ui.Text{Text: shortened(string(event(t).Data)), Muted: true} },
			text: func(t T) string { return string(event(t).Data) }},
		{title: "Source", priority: 2, width: 24,
			cell: func(t T) ui.Value {
				return ui.Text{Text: clipped(event(t).Source, maxWord), Note: clipped(event(t).ID, maxWord)}
			},
			text: func(t T) string { return event(t).Source }},
		{title: "Id", width: 38, text: func(t T) string { return event(t).ID }},
	}
}

// maxData and maxWord bound what a row shows of an event, in characters, so
// that no event makes the page wider.
const maxData, maxWord = 120, 40

// shortened is the beginning of JSON, with spaces at which a line can end.
func shortened(text string) string {
	words := strings.Fields(strings.NewReplacer(`,"`, `, "`, `":`, `": `).Replace(text))
	for i, w := range words {
		words[i] = clipped(w, maxWord)
	}
	return clipped(strings.Join(words, " "), maxData)
}

func clipped(text string, most int) string {
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// thousands writes a count as tables do: 24,428.
func thousands(n int64) string {
	text := digits(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
