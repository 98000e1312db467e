package web

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/audit"
	"github.com/openhouse-ai/console/tenants"
	"github.com/openhouse-ai/console/ui"
)

var auditCrumbs = []ui.Link{{Text: "Audit log", Href: "/admin/audit"}}

// record returns the record of the platform's chain that has the number: the
// one below its successor, because the list's cursor is a number too.
func (q *request) record() (core.Record, error) {
	seq, err := strconv.ParseInt(q.Params("seq"), 10, 64)
	missing := core.Errorf(core.NotFound, "There is no such record.")
	if err != nil || seq < 1 || seq == 1<<63-1 {
		return core.Record{}, missing
	}
	list, err := q.site.Audit.List(q.ctx, "", core.Query{After: strconv.FormatInt(seq+1, 10), Limit: 1})
	if err != nil {
		return core.Record{}, err
	}
	if len(list.Items) == 0 || list.Items[0].Seq != seq {
		return core.Record{}, missing
	}
	return list.Items[0], nil
}

// showRecord is one record in full.
func showRecord(q *request) (ui.Page, error) {
	r, err := q.record()
	if err != nil {
		return ui.Page{}, err
	}
	people := q.names()
	badge := outcomeBadge(r)
	facts := ui.Details{Items: []ui.Detail{
		{Label: "When", Value: ui.Time{At: r.At, Exact: true}},
		{Label: "Who", Value: ui.Link{Text: people.of(r.Actor.Kind, r.Actor.ID), Href: "/admin/audit?actor=" + escape(r.Actor.ID)}, Hint: roleName(core.Role(r.Actor.Kind))},
		{Label: "Action", Value: ui.Text{Text: r.Action}},
		{Label: "On", Value: ui.ID{Text: strings.TrimSpace(r.Target.Kind + " " + r.Target.ID)}},
		{Label: "From", Value: ui.Text{Text: joinNonEmpty(" · ", r.Origin.UserAgent, r.Origin.IPPrefix)}},
		{Label: "Request", Value: ui.ID{Text: r.Origin.Request}},
	}}
	if r.Actor.OnBehalfOf != "" {
		facts.Items = append(facts.Items, ui.Detail{Label: "Really", Value: ui.Text{Text: people.of("staff", r.Actor.OnBehalfOf)}})
	}
	if r.Reason != "" {
		facts.Items = append(facts.Items, ui.Detail{Label: "Reason", Value: ui.Text{Text: r.Reason}})
	}
	if r.Code != "" {
		facts.Items = append(facts.Items, ui.Detail{Label: "Code", Value: ui.Text{Text: string(r.Code)}})
	}
	p := ui.Page{
		Title: "Record " + strconv.FormatInt(r.Seq, 10), Crumbs: auditCrumbs,
		Head:   ui.Head{Title: people.sentence(r), Lead: "Record " + strconv.FormatInt(r.Seq, 10) + " of the platform's log.", Status: &badge},
		Blocks: ui.Blocks{ui.Section{Title: "What happened", Blocks: ui.Blocks{facts}}},
	}
	if len(r.Changes) > 0 {
		p.Blocks = append(p.Blocks, ui.Section{Title: "What changed", Blocks: ui.Blocks{changes(r)}})
	}
	p.Blocks = append(p.Blocks, ui.Section{
		Title: "Proof", Lead: "The hash covers the record and the hash of the one before it.",
		Blocks: ui.Blocks{ui.Code{Title: "SHA-256", Text: r.Hash}},
	})
	return p, nil
}

func changes(r core.Record) ui.Diff {
	var d ui.Diff
	for _, c := range r.Changes {
		d.Changes = append(d.Changes, ui.Change{Field: strings.ReplaceAll(c.Field, "_", " "), Before: c.Before, After: c.After, Hidden: c.Erased})
	}
	return d
}

// verifyAudit follows the platform's chain from end to end, now.
func verifyAudit(q *request) (ui.Page, error) {
	result, err := q.site.Audit.Verify(q.ctx, audit.VerifyOptions{})
	if err != nil {
		return ui.Page{}, err
	}
	n := ui.Notice{Tone: ui.Good, Title: "The chain is whole.", Text: "Every record holds the hash of the one before it, and every signed checkpoint agrees."}
	if len(result.Findings) > 0 {
		n = ui.Notice{Tone: ui.Bad, Title: "The chain is not whole.", Text: "Keep the data as it is and tell whoever is responsible for security."}
		for _, f := range result.Findings {
			n.Items = append(n.Items, f.Text)
		}
	}
	return ui.Page{
		Title: "Verification", Crumbs: auditCrumbs,
		Head: ui.Head{
			Title: "Is the log whole?", Lead: "Checked from the first record to the last, just now.",
			Actions: []ui.Action{{Label: "Verify again", Href: "/admin/audit/verify", Icon: ui.IconRefresh}},
		},
		Blocks: ui.Blocks{n, ui.Section{Title: "What was looked at", Blocks: ui.Blocks{
			ui.Details{Columns: 3, Items: []ui.Detail{
				{Label: "First record", Value: ui.Number{Value: result.First}},
				{Label: "Last record", Value: ui.Number{Value: result.Last}},
				{Label: "Checkpoints compared", Value: ui.Number{Value: int64(result.Checkpoints)}},
				{Label: "Personal values erased", Value: ui.Number{Value: int64(result.Erased)}, Hint: "By a recorded erasure."},
			}},
			ui.Code{Title: "Hash of the last record", Text: result.Head},
		}}},
	}, nil
}

// exportAudit asks for the days and the reason of an export.
var exportAudit = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		return ui.Page{
				Title: "Export", Crumbs: auditCrumbs,
				Head: ui.Head{Title: "Export the audit log", Lead: "A ZIP that can be verified without this console: openhouse audit verify --export FILE."},
			}, ui.Form{
				Action: "/admin/audit/export", Submit: "Download ZIP", Cancel: &ui.Link{Text: "Cancel", Href: "/admin/audit"},
				Consequence: "It holds personal data. The export itself is recorded with your name and reason.",
				Fields: []ui.Field{
					{Kind: ui.DateField, Name: "from", Label: "From", Value: q.query.Get("from"), Half: true, Hint: "Empty: from the beginning."},
					{Kind: ui.DateField, Name: "to", Label: "To", Value: q.query.Get("to"), Half: true, Hint: "Empty: until now."},
					reasonField("Who asked for it, and what for."),
				},
			}, nil
	},
}

// sendAudit records the export and answers with it.
func sendAudit(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	reason := strings.TrimSpace(sent.Get("reason"))
	if reason == "" {
		var p core.Problems
		p.Add("reason", "", "says what the export is for")
		return exportAudit.again(q, sent, p.Err())
	}
	q.query = sent
	query := core.Query{From: q.day("from"), To: q.dayAfter("to")}
	entry := core.Entry{Action: "audit.export", Target: core.Target{Kind: "chain", ID: "platform"}, Reason: reason, Changes: []core.Change{
		{Field: "from", After: sent.Get("from")}, {Field: "to", After: sent.Get("to")},
	}}
	err = q.site.Tenants.UpdateControl(q.ctx, func(tx *tenants.Tx) error { return q.site.Audit.Record(q.ctx, tx, entry) })
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := q.site.Audit.Export(q.ctx, &b, "", query); err != nil {
		return err
	}
	q.Set(fiber.HeaderContentType, "application/zip")
	q.Set(fiber.HeaderContentDisposition, `attachment; filename="audit-`+q.site.Now().Format("2006-01-02")+`.zip"`)
	return q.Send(b.Bytes())
}
