package web

import (
	"errors"
	"slices"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/ui"
)

// holds say why an event waits for a person.
var holds = map[usage.Hold]string{
	usage.HoldUnknownType: "Unknown type",
	usage.HoldTooLate:     "More than 35 days late",
	usage.HoldTokens:      "Tokens don't add up",
}

var heldStates = map[usage.HeldState]ui.Badge{
	usage.HeldWaiting:   {Text: "Held", Tone: ui.Warn},
	usage.HeldReleased:  {Text: "Released", Tone: ui.Good},
	usage.HeldDismissed: {Text: "Dismissed", Tone: ui.Plain},
}

// heldShort is what waits for a person, the latest first; nothing while nothing
// does.
func (q *request) heldShort() (ui.Blocks, error) {
	l := q.held()
	list, err := l.fetch(core.Query{Status: string(usage.HeldWaiting), Limit: shortList})
	if err != nil || list.Total == 0 {
		return nil, err
	}
	t := l.short(list)
	t.ID, t.Title = "held", "Waits for a decision"
	t.Lead = "Not in the ledger and not billed until a person releases it."
	t.Actions = []ui.Action{{Label: "Open quarantine", Href: q.base + "/usage/quarantine", Kind: ui.Quiet}}
	return ui.Blocks{t}, nil
}

// listHeld is the quarantine, whole.
func listHeld(q *request) error {
	l := q.held()
	states := ui.Filter{Name: "status", Label: "State", Value: q.query.Get("status")}
	for _, s := range []usage.HeldState{usage.HeldWaiting, usage.HeldReleased, usage.HeldDismissed} {
		states.Options = append(states.Options, ui.Option{Value: string(s), Label: heldStates[s].Text})
	}
	l.filters = []ui.Filter{states}
	p := q.leaf("/usage", "Quarantine")
	p.Head.Lead = "Usage events that wait for a person. Released, one counts at its own time; dismissed, it never does."
	return l.show(q, p)
}

func (q *request) held() listing[usage.Held] {
	l := listing[usage.Held]{
		title: "Quarantine",
		fetch: func(query core.Query) (core.List[usage.Held], error) {
			return q.site.Usage.Quarantine(q.ctx, q.tenant.ID, query)
		},
		none: ui.Empty{Title: "Nothing is quarantined.", Reason: "Events of unknown types, those that come too late and those whose tokens don't add up wait here for a person.", Icon: ui.IconCheck},
		columns: slices.Concat([]column[usage.Held]{
			{title: "Type", width: 28, cell: func(h usage.Held) ui.Value { return usageCell(h.Event.Type) }},
			{title: "Why", priority: 1, width: 24, cell: func(h usage.Held) ui.Value { return ui.Text{Text: holds[h.Reason]} }},
			{title: "State", priority: 1, cell: func(h usage.Held) ui.Value { return heldStates[h.State] }},
		}, bodyColumns(func(h usage.Held) core.UsageEvent { return h.Event }), []column[usage.Held]{
			{title: "Happened", numeric: true, priority: 1, kind: report.Moment, cell: func(h usage.Held) ui.Value { return ui.Time{At: h.Event.Time} }},
			{title: "Came", numeric: true, priority: 2, kind: report.Moment, cell: func(h usage.Held) ui.Value { return ui.Time{At: h.Received} }},
		}),
	}
	if q.changes(core.UsageDecide) {
		l.columns = append(l.columns, column[usage.Held]{cell: q.heldActions})
	}
	return l
}

// heldActions are what a person can decide about an event.
func (q *request) heldActions(h usage.Held) ui.Value {
	if h.State != usage.HeldWaiting {
		return nil
	}
	base := q.base + "/usage/quarantine/"
	var from []ui.Hidden
	if strings.HasSuffix(q.Path(), "/quarantine") {
		from = []ui.Hidden{{Name: "from", Value: "quarantine"}}
	}
	all := append([]ui.Hidden{{Name: "type", Value: h.Event.Type}}, from...)
	actions := []ui.Action{
		{Label: "Release", Href: base + h.ID + "/release", Post: true, Fields: from, Icon: ui.IconCheck, Confirm: "The event counts at its own time, and is billed if it has a price."},
		{Label: "Release all of this type", Href: base + "release", Post: true, Icon: ui.IconCheck, Fields: all,
			Confirm: "Every held event of " + h.Event.Type + " that the catalogue allows is taken into the ledger, at its own time."},
		{Label: "Dismiss", Href: base + h.ID + "/dismiss", Post: true, Fields: from, Icon: ui.IconTrash, Kind: ui.Danger, Confirm: "The event is never taken, also when it is sent again."},
	}
	if _, known := catalogue.Find(h.Event.Type); !known {
		return ui.Actions{Items: actions[2:]} // it waits until the catalogue has its type
	}
	return ui.Actions{Items: actions}
}

// afterDecision is the page on which somebody decided.
func (q *request) afterDecision() (string, error) {
	sent, err := q.values()
	if err == nil && sent.Get("from") == "quarantine" {
		return q.base + "/usage/quarantine", nil
	}
	return q.base + "/usage", err
}

func releaseHeld(q *request) (string, string, error) {
	next, err := q.afterDecision()
	if err != nil {
		return "", "", err
	}
	taken, err := q.site.Usage.Release(q.ctx, q.tenant.ID, []string{q.Params("held")})
	return next, released(taken), decided(err)
}

// releaseType releases every held event of a type. Those that still can't be
// taken stay.
func releaseType(q *request) (string, string, error) {
	sent, err := q.values()
	if err != nil {
		return "", "", err
	}
	next, err := q.afterDecision()
	if err != nil {
		return "", "", err
	}
	taken, err := q.site.Usage.ReleaseType(q.ctx, q.tenant.ID, strings.TrimSpace(sent.Get("type")))
	return next, released(taken), decided(err)
}

func dismissHeld(q *request) (string, string, error) {
	next, err := q.afterDecision()
	if err != nil {
		return "", "", err
	}
	return next, "The event is dismissed.", q.site.Usage.Dismiss(q.ctx, q.tenant.ID, q.Params("held"))
}

// released says what became of released events.
func released(r usage.Receipt) string {
	said := plural(r.Accepted, "event") + " released."
	for _, other := range []struct {
		n    int
		what string
	}{{r.Duplicate, "known already"}, {r.Conflict, "in conflict"}, {r.Quarantined, "still held"}} {
		if other.n > 0 {
			said += " " + plural(other.n, "event") + " " + other.what + "."
		}
	}
	return said
}

// decided turns what the catalogue doesn't allow into a sentence for the
// person who pressed the button.
func decided(err error) error {
	if core.CodeOf(err) != core.Invalid {
		return err
	}
	e, ok := errors.AsType[*core.Error](err)
	if !ok || len(e.Fields) == 0 {
		return err
	}
	field := e.Fields[0].Field
	if id, rest, ok := strings.Cut(field, "."); ok && strings.HasPrefix(id, "hld_") {
		field = rest
	}
	return core.Errorf(core.Conflict, "This can't be released: its %s %s.", field, e.Fields[0].Reason)
}
