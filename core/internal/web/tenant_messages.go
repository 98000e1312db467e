package web

import (
	"net/http"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// listTenantMessages is the tenant's part of the outbox.
func listTenantMessages(q *request) error {
	p := q.tab("/messages", "Messages", "E-mails that were sent for "+q.tenant.Name+".")
	states := ui.Filter{Name: "status", Label: "State", Value: q.query.Get("status")}
	for _, state := range []string{"queued", "sent", "failed", "unknown", "held"} {
		states.Options = append(states.Options, ui.Option{Value: state, Label: messageStates[state].text})
	}
	l := listing[core.Message]{
		title: "Messages",
		fetch: func(query core.Query) (core.List[core.Message], error) {
			query.Tenant = q.tenant.ID
			return q.site.Messages.List(q.ctx, query)
		},
		href:    func(m core.Message) string { return q.base + "/messages/" + m.ID },
		filters: []ui.Filter{states, {Name: "kind", Label: "Letter", Value: q.query.Get("kind"), Options: letters}},
		none:    ui.Empty{Title: "No messages yet.", Reason: "The welcome pack is sent at the end of an onboarding, invitations when a user is invited.", Icon: ui.IconMail},
		columns: []column[core.Message]{
			{title: "Message", width: 28, cell: func(m core.Message) ui.Value {
				return ui.Link{Text: letterName(m.Template), Href: q.base + "/messages/" + m.ID}
			}},
			{title: "State", cell: func(m core.Message) ui.Value { return messageBadge(m.State) }},
			{title: "Attempts", numeric: true, priority: 1, kind: report.Integer, cell: func(m core.Message) ui.Value { return ui.Number{Value: int64(m.Attempts)} }},
			{title: "Next attempt", numeric: true, priority: 2, kind: report.Date, cell: func(m core.Message) ui.Value { return nextAttempt(m) }},
			{title: "Written", numeric: true, kind: report.Date, cell: func(m core.Message) ui.Value { return ui.Time{At: m.At} }},
		},
	}
	return l.show(q, p)
}

// tenantMessage is the one that the address names; reading it is audited.
func (q *request) tenantMessage() (core.Message, error) {
	return q.site.Messages.Find(q.ctx, q.tenant.ID, q.Params("message"))
}

// showTenantMessage is one e-mail as it was, or will be, sent.
func showTenantMessage(q *request) (ui.Page, error) {
	m, err := q.tenantMessage()
	if err != nil {
		return ui.Page{}, err
	}
	address := q.base + "/messages/" + m.ID
	p := q.leaf("/messages", m.Subject)
	badge := messageBadge(m.State)
	p.Head.Status, p.Head.Lead = &badge, messageStates[m.State].meaning
	if m.HTML != "" {
		p.Head.Actions = append(p.Head.Actions, ui.Action{Label: "Open as it looks", Href: address + "/html", Icon: ui.IconExternal})
	}
	if q.changes(core.OutboxRetry) {
		p.Head.Actions = append(p.Head.Actions, letterActions(m, address)...)
	}
	if m.Error != "" {
		p.Blocks = append(p.Blocks, ui.Notice{Tone: badge.Tone, Title: "What the last attempt said", Text: m.Error})
	}
	p.Blocks = append(p.Blocks,
		ui.Section{Title: "About this message", Blocks: ui.Blocks{ui.Details{Items: []ui.Detail{
			{Label: "To", Value: ui.ID{Text: m.To}},
			{Label: "From", Value: ui.Text{Text: m.From}},
			{Label: "Template", Value: ui.Text{Text: letterName(m.Template)}},
			{Label: "Written", Value: ui.Time{At: m.At}},
			{Label: "Sent", Value: moment(m.SentAt)},
			{Label: "Attempts", Value: ui.Number{Value: int64(m.Attempts)}},
			{Label: "Next attempt", Value: nextAttempt(m)},
			{Label: "Id", Value: ui.ID{Text: m.ID}},
		}}}},
		ui.Code{Title: "Text", Text: m.Text},
	)
	return p, nil
}

func letterActions(m core.Message, address string) []ui.Action {
	switch m.State {
	case "failed":
		return []ui.Action{{Label: "Send again", Href: address + "/retry", Post: true, Kind: ui.Primary, Icon: ui.IconRefresh}}
	case "unknown":
		return []ui.Action{{Label: "Send again", Href: address + "/retry", Post: true, Icon: ui.IconRefresh,
			Confirm: "The mail server did not say whether it took this message. Sending it again may deliver it twice."}}
	case "held":
		return []ui.Action{{Label: "Release", Href: address + "/release", Post: true, Kind: ui.Primary, Icon: ui.IconMail}}
	}
	return nil
}

// showTenantLetter is the HTML of an e-mail, on its own.
func showTenantLetter(q *request) error {
	m, err := q.tenantMessage()
	if err != nil {
		return err
	}
	if m.HTML == "" {
		return core.Errorf(core.NotFound, "This message has no HTML version.")
	}
	q.Set(fiber.HeaderContentSecurityPolicy, letterPolicy)
	q.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	return q.Status(http.StatusOK).SendString(m.HTML)
}

func retryTenantMessage(q *request) (next, said string, err error) {
	id := q.Params("message")
	return q.base + "/messages/" + id, "The message is queued again.", q.site.Messages.Retry(q.ctx, q.tenant.ID, id)
}

func releaseTenantMessage(q *request) (next, said string, err error) {
	id := q.Params("message")
	if _, err = q.site.Messages.Find(q.ctx, q.tenant.ID, id); err == nil {
		err = q.site.Messages.Release(q.ctx, q.tenant.ID, id)
	}
	return q.base + "/messages/" + id, "The message is on its way.", err
}
