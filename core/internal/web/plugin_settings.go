package web

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk/schema"
	"github.com/openhouse-ai/console/ui"
)

// Names of fields that no plugin's settings have.
const (
	versionName = "_version"
	forgetName  = "_forget." // and a secret's: it is taken away
)

// settingsForm is the form of a plugin's settings: the tenant's that the
// request is about, or the platform's.
func (q *request) settingsForm(s host.Status) (ui.Form, error) {
	of, masked, version, err := q.site.Plugins.Settings(q.ctx, s.ID, q.tenant.ID)
	if err != nil {
		return ui.Form{}, err
	}
	var values map[string]any // nil, so that defaults show, until somebody has saved them
	if version > 0 {
		if err := json.Unmarshal(masked, &values); err != nil {
			return ui.Form{}, err
		}
	}
	fields, err := schema.Fields(of, values)
	if err != nil {
		return ui.Form{}, err
	}
	f := ui.Form{Action: q.Path(), Submit: "Save settings", Guard: true, Fields: []ui.Field{{Kind: ui.HiddenField, Name: versionName, Value: strconv.FormatInt(version, 10)}}}
	for _, field := range fields {
		f.Fields = append(f.Fields, field)
		if field.Kind == ui.PasswordField && field.Placeholder != "" {
			f.Fields = append(f.Fields, ui.Field{Kind: ui.Checkbox, Name: forgetName + field.Name, Label: "Forget: " + field.Label})
		}
	}
	return f, nil
}

// saveSettings reads what the form sent by the schema; the plugin judges it.
func (q *request) saveSettings(s host.Status, sent values) error {
	of, _, _, err := q.site.Plugins.Settings(q.ctx, s.ID, q.tenant.ID)
	if err != nil {
		return err
	}
	version, err := strconv.ParseInt(sent.Get(versionName), 10, 64)
	if err != nil {
		version = -1 // what nothing has, so that it never passes for "any"
	}
	document, err := schema.Decode(of, sent)
	if err != nil {
		return wholeFields(err)
	}
	if document, err = forget(document, sent); err != nil {
		return err
	}
	return wholeFields(q.site.Plugins.SaveSettings(q.ctx, s.ID, q.tenant.ID, document, version))
}

// forget takes the secrets away whose box was ticked.
func forget(document []byte, sent values) ([]byte, error) {
	var object map[string]any
	for name := range sent {
		field, ok := strings.CutPrefix(name, forgetName)
		if !ok {
			continue
		}
		if object == nil {
			if err := json.Unmarshal(document, &object); err != nil {
				return nil, err
			}
		}
		at := object
		steps := strings.Split(field, ".")
		for _, step := range steps[:len(steps)-1] {
			inside, _ := at[step].(map[string]any)
			if inside == nil {
				inside = map[string]any{}
				at[step] = inside
			}
			at = inside
		}
		if at[steps[len(steps)-1]] == nil { // one that was typed stays
			at[steps[len(steps)-1]] = nil
		}
	}
	if object == nil {
		return document, nil
	}
	return json.Marshal(object)
}

// platformSettings are a plugin's settings of the installation.
var platformSettings = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		s, err := q.plugin()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		if len(s.Manifest.PlatformSettings) == 0 {
			return ui.Page{}, ui.Form{}, core.Errorf(core.NotFound, "%s has no settings of the platform.", nameOf(s))
		}
		f, err := q.settingsForm(s)
		return q.pluginPage(s, "/settings"), f, err
	},
	do: func(q *request, sent values) (string, string, error) {
		s, err := q.plugin()
		if err == nil {
			err = q.saveSettings(s, sent)
		}
		return pluginHref(s.ID) + "/settings", "The settings are saved.", err
	},
}

func showPlatformSettings(q *request) error {
	return q.settingsFor(platformSettings, q.may(core.PluginsWrite))
}

// tenantSettings are a plugin's settings of the tenant.
var tenantSettings = form{
	build: func(q *request) (ui.Page, ui.Form, error) {
		s, err := q.plugin()
		if err != nil {
			return ui.Page{}, ui.Form{}, err
		}
		if len(s.Manifest.Settings) == 0 {
			return ui.Page{}, ui.Form{}, core.Errorf(core.NotFound, "%s has no settings.", nameOf(s))
		}
		p := q.leaf("/plugins", nameOf(s)+": settings")
		if q.portal {
			p.Crumbs = []ui.Link{{Text: "Plugins", Href: q.base + "/plugins"}}
		}
		p.Head.Lead = s.Manifest.Summary
		f, err := q.settingsForm(s)
		return p, f, err
	},
	do: func(q *request, sent values) (string, string, error) {
		s, err := q.plugin()
		if err == nil {
			err = q.saveSettings(s, sent)
		}
		return q.base + "/plugins/" + s.ID, "The settings are saved.", err
	},
}

func showTenantSettings(q *request) error {
	return q.settingsFor(tenantSettings, q.changes(core.SettingsWrite))
}

// settingsFor shows the form to whoever may change it, and what it says to the
// others.
func (q *request) settingsFor(f form, writes bool) error {
	if writes {
		return f.show(q)
	}
	p, body, err := f.build(q)
	if err != nil {
		return err
	}
	var d ui.Details
	for _, field := range body.Fields {
		if field.Kind == ui.HiddenField || strings.HasPrefix(field.Name, forgetName) {
			continue
		}
		d.Items = append(d.Items, ui.Detail{Label: field.Label, Value: shownSetting(field), Hint: field.Hint})
	}
	p.Blocks = append(p.Blocks, ui.Section{Title: "Settings", Blocks: ui.Blocks{d}})
	return q.show(http.StatusOK, p)
}

func shownSetting(f ui.Field) ui.Value {
	switch f.Kind {
	case ui.PasswordField:
		if f.Placeholder == "" {
			return ui.Text{Text: "Not set", Muted: true}
		}
		said, _, _ := strings.Cut(f.Placeholder, ". ")
		return ui.Text{Text: said}
	case ui.Checkbox:
		if f.Checked {
			return ui.Text{Text: "Yes"}
		}
		return ui.Text{Text: "No"}
	}
	return textOrNil(settingText(f))
}

// listTenantPlugins is what extends the console for a tenant, and where it is
// set.
func listTenantPlugins(q *request) (ui.Page, error) {
	p := q.tab("/plugins", "Plugins", "What extends the console for "+q.tenant.Name+", and how it is set.")
	t := ui.Table{
		ID: "plugins", Title: "Plugins", Columns: []ui.Column{{Title: "Plugin"}, {Title: "State"}, {Title: ""}},
		None: ui.Empty{Title: "Nothing to set.", Reason: "Plugins that can be set for this developer show here.", Icon: ui.IconPlug},
	}
	if !q.portal {
		t.None.Title, t.None.Reason = "No plugins yet.", "A plugin is added by its entry in plugins.yaml."
	}
	for _, s := range q.site.Plugins.Plugins() {
		set := len(s.Manifest.Settings) > 0
		if q.portal && !set {
			continue
		}
		row, err := q.tenantPlugin(s, set)
		if err != nil {
			return p, err
		}
		t.Rows = append(t.Rows, row)
	}
	t.Count = count(len(t.Rows))
	p.Blocks = append(p.Blocks, t)
	return p, nil
}

func (q *request) tenantPlugin(s host.Status, set bool) (ui.Row, error) {
	state, err := q.tenantState(s.ID, q.tenant.ID)
	if err != nil {
		return ui.Row{}, err
	}
	row := ui.Row{}
	name := ui.Value(ui.Text{Text: nameOf(s), Note: s.Manifest.Summary})
	if set {
		row.Href = q.base + "/plugins/" + s.ID
		name = ui.Link{Text: nameOf(s), Href: row.Href, Note: s.Manifest.Summary}
	}
	badge := pluginTenantBadge(s, state)
	if !state.Off && state.Error == "" && s.State != host.Ready {
		badge = pluginBadge(s)
	}
	if q.portal && (state.Error != "" || s.State != host.Ready) && !state.Off {
		badge = ui.Badge{Text: "Resting", Tone: ui.Warn}
	}
	var actions ui.Actions
	if set {
		actions.Items = append(actions.Items, ui.Action{Label: "Settings", Href: row.Href, Icon: ui.IconSettings})
	}
	if !q.portal && q.may(core.PluginsWrite) {
		label := "Switch off"
		if state.Off {
			label = "Switch on"
		}
		actions.Items = append(actions.Items, ui.Action{Label: label, Href: pluginHref(s.ID) + "/tenants/" + string(q.tenant.ID)})
	}
	row.Cells = ui.Values{name, badge, nil}
	if len(actions.Items) > 0 {
		row.Cells[2] = actions
	}
	return row, nil
}
