package web

import (
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/ui"
)

// restartPlugin starts a plugin anew, also one that is quarantined.
func restartPlugin(q *request) (string, string, error) {
	s, err := q.plugin()
	if err == nil {
		err = q.site.Plugins.Restart(q.ctx, s.ID)
	}
	return pluginHref(s.ID), nameOf(s) + " is being restarted.", err
}

// pluginForm is a page with a form about one plugin. The reason that is asked
// for stays in the audit log.
func pluginForm(build func(*request, host.Status) (ui.Page, ui.Form), do func(*request, host.Status, values) (string, error)) form {
	return form{
		build: func(q *request) (ui.Page, ui.Form, error) {
			s, err := q.plugin()
			if err != nil {
				return ui.Page{}, ui.Form{}, err
			}
			p, f := build(q, s)
			f.Action = q.Path()
			if f.Cancel == nil {
				f.Cancel = &ui.Link{Text: "Cancel", Href: pluginHref(s.ID)}
			}
			return p, f, nil
		},
		do: func(q *request, sent values) (string, string, error) {
			s, err := q.plugin()
			if err != nil {
				return "", "", err
			}
			said, err := do(q, s, sent)
			return pluginHref(s.ID), said, err
		},
	}
}

// why is the reason that a form was sent with.
func why(sent values) (string, error) {
	reason := strings.TrimSpace(sent.Get("reason"))
	if reason == "" {
		return "", core.Problems{{Field: "reason", Reason: "is missing: say why, for whoever reads the audit log"}}.Err()
	}
	return reason, nil
}

// because carries out what asks for a reason.
func because(sent values, do func(reason string) error) error {
	reason, err := why(sent)
	if err != nil {
		return err
	}
	return do(reason)
}

var disablePlugin = pluginForm(
	func(q *request, s host.Status) (ui.Page, ui.Form) {
		return q.pluginLeaf(s, "", "Switch off "+nameOf(s)), ui.Form{
			Submit: "Switch off " + nameOf(s), Danger: true, Fields: []ui.Field{reasonField("Kept in the audit log.")},
			Consequence: "For every tenant, at once: its " + plural(len(s.Manifest.Pages), "page") + " and " + plural(len(s.Manifest.Routes), "route") +
				" answer that it is off, and its " + plural(len(s.Manifest.Jobs), "job") + " don't run. Its data stays, and its events wait until it is on again.",
		}
	},
	func(q *request, s host.Status, sent values) (string, error) {
		return nameOf(s) + " is switched off.", because(sent, func(reason string) error { return q.site.Plugins.Disable(q.ctx, s.ID, reason) })
	})

var enablePlugin = pluginForm(
	func(q *request, s host.Status) (ui.Page, ui.Form) {
		return q.pluginLeaf(s, "", "Switch on "+nameOf(s)), ui.Form{
			Submit: "Switch on " + nameOf(s), Fields: []ui.Field{reasonField("Kept in the audit log.")},
			Consequence: "It is started, and takes the " + plural(s.Pending, "event") + " that waited for it. Tenants that it is switched off for stay so.",
		}
	},
	func(q *request, s host.Status, sent values) (string, error) {
		return nameOf(s) + " is being started.", because(sent, func(reason string) error { return q.site.Plugins.Enable(q.ctx, s.ID, reason) })
	})

// proposed is the version that waits for approval: a new one, or the first.
func proposed(s host.Status) (sum string, waits bool) {
	switch {
	case s.Proposal != nil:
		return s.Proposal.SHA256, true
	case s.State == host.Held:
		return s.SHA256, true
	}
	return "", false
}

// proposal is what a version asks for beyond what it was granted.
func (q *request) proposal(s host.Status) ui.Section {
	section := ui.Section{Title: "It asks for more than it was granted", Lead: "It isn't started before somebody approves."}
	changes := grantChanges(s.Granted, s.Manifest.Needs)
	if s.Proposal != nil {
		m := s.Proposal.Manifest
		section.Title = "Version " + m.Version + " asks for more than it was granted"
		if s.State != host.Held {
			section.Lead = "Version " + s.Manifest.Version + " keeps serving until somebody approves or refuses."
		}
		if len(s.Proposal.Changes) > 0 {
			changes = s.Proposal.Changes
		}
	}
	section.Status = &ui.Badge{Text: "Waits for approval", Tone: ui.Warn}
	section.Blocks = ui.Blocks{diffOf(changes)}
	if q.may(core.PluginsWrite) {
		section.Actions = []ui.Action{
			{Label: "Refuse", Href: pluginHref(s.ID) + "/refuse", Icon: ui.IconClose},
			{Label: "Approve", Href: pluginHref(s.ID) + "/approve", Icon: ui.IconCheck, Kind: ui.Primary},
		}
	}
	return section
}

func diffOf(changes []core.Change) ui.Block {
	if len(changes) == 0 {
		return ui.Notice{Tone: ui.Info, Title: "It asks for nothing new."}
	}
	var d ui.Diff
	for _, c := range changes {
		d.Changes = append(d.Changes, ui.Change{Field: capital(c.Field), Before: c.Before, After: c.After})
	}
	return d
}

// approvePlugin widens what a plugin may do, after a look at each permission.
var approvePlugin = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		s, sum, err := q.waiting()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		p := q.pluginLeaf(s, "", "Approve what "+nameOf(s)+" asks for")
		section := q.proposal(s)
		section.Actions = nil
		p.Blocks = ui.Blocks{section}
		return p, ui.Form{
			Action: q.Path(), Submit: "Approve and start", Cancel: &ui.Link{Text: "Cancel", Href: pluginHref(s.ID)},
			Title: "Approve", Lead: "It may do this from now on, for every tenant that it is on for. The approval holds for this checksum: " + sum + ".",
			Fields: []ui.Field{{Kind: ui.HiddenField, Name: "sha256", Value: sum}},
		}, nil
	},
	do: func(q *request, sent values) (string, string, error) {
		s, sum, err := q.waiting()
		if err != nil {
			return "", "", err
		}
		if sent.Get("sha256") != sum {
			return "", "", core.Errorf(core.Conflict, "Another version waits by now. Look at what it asks for.")
		}
		return pluginHref(s.ID), nameOf(s) + " is approved.", q.site.Plugins.Approve(q.ctx, s.ID, sum)
	},
}

// waiting is the plugin of the address while a version of it waits.
func (q *request) waiting() (host.Status, string, error) {
	s, err := q.plugin()
	if err != nil {
		return s, "", err
	}
	sum, waits := proposed(s)
	if !waits {
		return s, "", core.Errorf(core.Conflict, "%s waits for no approval.", nameOf(s))
	}
	return s, sum, nil
}

var refusePlugin = pluginForm(
	func(q *request, s host.Status) (ui.Page, ui.Form) {
		return q.pluginLeaf(s, "", "Refuse what "+nameOf(s)+" asks for"), ui.Form{
			Submit: "Refuse", Danger: true, Fields: []ui.Field{reasonField("Kept in the audit log.")},
			Consequence: "The version that asks isn't started. One that serves already goes on with what it was granted.",
		}
	},
	func(q *request, s host.Status, sent values) (string, error) {
		return "The version is refused.", because(sent, func(reason string) error { return q.site.Plugins.Refuse(q.ctx, s.ID, reason) })
	})
