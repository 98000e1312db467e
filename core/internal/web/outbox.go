package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// messageState says a message's state as people say it, and what it means.
type messageState struct {
	text, meaning string
	tone          ui.Tone
}

var messageStates = map[string]messageState{
	"queued":  {"On its way", "It is sent as soon as the mail server takes it.", ui.Info},
	"sending": {"Being sent", "The mail server has it in hand.", ui.Info},
	"sent":    {"Sent", "The mail server has taken it.", ui.Good},
	"failed":  {"Failed", "The mail server refused it for good. Nobody received it.", ui.Bad},
	"unknown": {"May have arrived", "The connection broke while it was sent. It is not sent again by itself, so that nobody receives it twice.", ui.Warn},
	"held":    {"Held", "No mail server was configured when it was due. It waits until somebody releases it.", ui.Warn},
}

// messageBadge is a state of a message as a badge.
func messageBadge(state string) ui.Badge {
	s, ok := messageStates[state]
	if !ok {
		return ui.Badge{Text: state}
	}
	return ui.Badge{Text: s.text, Tone: s.tone}
}

var letters = []ui.Option{
	{Value: "welcome_pack", Label: "Welcome pack"}, {Value: "user_invitation", Label: "Invitation"},
	{Value: "password_reset", Label: "New password"}, {Value: "homeowner_welcome", Label: "Homeowner's welcome"},
}

// letterName is what a message is, by its template.
func letterName(template string) string {
	for _, o := range letters {
		if o.Value == template {
			return o.Label
		}
	}
	return roleName(core.Role(template))
}

func messageHref(m core.Message) string {
	return ui.Address("/admin/outbox/"+m.ID, nil, "tenant", string(m.Tenant))
}

// listOutbox is every message of every tenant: what it is and how far, not what
// it says or to whom.
func listOutbox(q *request) error {
	tenants, err := q.tenantOptions(q.query.Get("tenant"))
	if err != nil {
		return err
	}
	p := ui.Page{Head: ui.Head{Title: "Outbox", Lead: "Mail on its way. What a message says is read on its own page, and reading it is recorded."}}
	held, err := q.site.Messages.List(q.ctx, core.Query{Status: "held", Limit: 1})
	if err != nil {
		return err
	}
	if held.Total > 0 {
		p.Blocks = append(p.Blocks, ui.Notice{
			Tone: ui.Warn, Title: plural(held.Total, "message") + " held, because no mail server was configured.",
			Text:    "They can be read here. Once smtp is set in the configuration, release those that should still go out.",
			Actions: []ui.Action{{Label: "Show held messages", Href: "/admin/outbox?status=held"}},
		})
	}
	states := ui.Filter{Name: "status", Label: "State", Value: q.query.Get("status")}
	for _, s := range []string{"queued", "sent", "failed", "unknown", "held"} {
		states.Options = append(states.Options, ui.Option{Value: s, Label: messageStates[s].text})
	}
	return listing[core.Message]{
		title: "Messages",
		fetch: func(query core.Query) (core.List[core.Message], error) { return q.site.Messages.List(q.ctx, query) },
		href:  messageHref,
		filters: []ui.Filter{
			states,
			{Name: "kind", Label: "Letter", Value: q.query.Get("kind"), Options: letters},
			{Name: "tenant", Label: "Tenant", Value: q.query.Get("tenant"), Options: tenants},
		},
		none: ui.Empty{Title: "No mail yet.", Reason: "Invitations and welcome packs appear here.", Icon: ui.IconMail},
		columns: []column[core.Message]{
			{title: "Letter", width: 24, cell: func(m core.Message) ui.Value { return ui.Link{Text: letterName(m.Template), Href: messageHref(m)} }},
			{title: "For", width: 28, cell: func(m core.Message) ui.Value { return q.tenantCell(m.Tenant) }},
			{title: "State", cell: func(m core.Message) ui.Value { return messageBadge(m.State) }},
			{title: "Attempts", numeric: true, priority: 2, kind: report.Integer, cell: func(m core.Message) ui.Value { return ui.Number{Value: int64(m.Attempts)} }},
			{title: "Next attempt", numeric: true, priority: 2, kind: report.Date, cell: func(m core.Message) ui.Value { return nextAttempt(m) }},
			{title: "Written", numeric: true, priority: 1, kind: report.Date, cell: func(m core.Message) ui.Value { return ui.Time{At: m.At} }},
		},
	}.show(q, p)
}

// nextAttempt is when a queued message is tried; the others are not.
func nextAttempt(m core.Message) ui.Value {
	if m.State != "queued" || m.NextAt == nil {
		return nil
	}
	return ui.Time{At: *m.NextAt}
}

// message returns the message of the address: of the tenant in its query, or
// the platform's own.
func (q *request) message() (core.Message, error) {
	var tenant core.TenantID
	if given := q.query.Get("tenant"); given != "" {
		var err error
		if tenant, err = core.ParseTenantID(given); err != nil {
			return core.Message{}, err
		}
	}
	return q.site.Messages.Find(q.ctx, tenant, q.Params("message"))
}

// showMessage is a message as text; its own look is one click away.
func showMessage(q *request) (ui.Page, error) {
	m, err := q.message()
	if err != nil {
		return ui.Page{}, err
	}
	badge := messageBadge(m.State)
	p := ui.Page{
		Title: letterName(m.Template), Crumbs: []ui.Link{{Text: "Outbox", Href: "/admin/outbox"}},
		Head: ui.Head{Title: m.Subject, Lead: messageStates[m.State].meaning, Status: &badge},
	}
	q.messageActions(&p.Head, m)
	if m.Error != "" {
		p.Blocks = append(p.Blocks, ui.Notice{Tone: badge.Tone, Title: "What the last attempt said", Text: m.Error})
	}
	p.Blocks = append(p.Blocks,
		ui.Section{Title: "About", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{
			{Label: "To", Value: ui.ID{Text: m.To}},
			{Label: "From", Value: ui.Text{Text: m.From}},
			{Label: "On behalf of", Value: q.tenantCell(m.Tenant)},
			{Label: "Written", Value: ui.Time{At: m.At, Exact: true}},
			{Label: "Attempts", Value: ui.Number{Value: int64(m.Attempts)}},
			{Label: "Sent", Value: moment(m.SentAt)},
			{Label: "Identifier", Value: ui.ID{Text: m.ID}},
		}}}},
		ui.Section{Title: "What it says", Blocks: ui.Blocks{ui.Code{Title: "Text version", Text: m.Text}}},
	)
	return p, nil
}

func (q *request) messageActions(h *ui.Head, m core.Message) {
	address := func(verb string) string {
		return ui.Address("/admin/outbox/"+m.ID+"/"+verb, nil, "tenant", string(m.Tenant))
	}
	if m.HTML != "" {
		h.Actions = append(h.Actions, ui.Action{Label: "Open the HTML version", Href: address("html"), Icon: ui.IconExternal})
	}
	if !q.may(core.OutboxRetry) {
		return
	}
	switch m.State {
	case "failed":
		h.Actions = append(h.Actions, ui.Action{Label: "Send again", Href: address("retry"), Post: true, Icon: ui.IconRefresh, Kind: ui.Primary})
	case "unknown":
		h.Actions = append(h.Actions, ui.Action{Label: "Send again", Href: address("retry"), Post: true, Icon: ui.IconRefresh,
			Confirm: "It may have arrived already: whoever receives it could have it twice."})
	case "held":
		h.Actions = append(h.Actions, ui.Action{Label: "Release", Href: address("release"), Post: true, Icon: ui.IconPlay, Kind: ui.Primary,
			Confirm: "It goes to " + m.To + " as soon as the mail server takes it."})
	}
}

// letterPolicy lets a mail be seen as it is and do nothing: no script, no form,
// nothing fetched.
const letterPolicy = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:"

// showLetter is the HTML of a message, alone.
func showLetter(q *request) error {
	m, err := q.message()
	if err != nil {
		return err
	}
	if m.HTML == "" {
		return core.Errorf(core.NotFound, "This message has no HTML version.")
	}
	q.Set("Content-Security-Policy", letterPolicy)
	q.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return q.SendString(m.HTML)
}

func retryMessage(q *request) (string, string, error) {
	m, err := q.message()
	if err == nil {
		err = q.site.Messages.Retry(q.ctx, m.Tenant, m.ID)
	}
	return messageHref(m), "The message is on its way again.", err
}

func releaseMessage(q *request) (string, string, error) {
	m, err := q.message()
	if err == nil {
		err = q.site.Messages.Release(q.ctx, m.Tenant, m.ID)
	}
	return messageHref(m), "The message is released.", err
}
