package web_test

import (
	"bytes"
	"encoding/base64"
	"mime/multipart"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/host"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/ui"
)

const importSchema = `{"type":"object","required":["list"],"properties":{
	"list":{"type":"string","contentEncoding":"base64","format":"file","x-accept":".csv"},
	"logo":{"type":"string","contentEncoding":"base64","format":"file","maxLength":1024},
	"title":{"type":"string"}}}`

// importing is a plugin with a form that takes files.
func importing(h *house) *notes {
	n := newNotes(h)
	n.status.Manifest.Actions = []sdk.ActionInfo{{ID: "import", Scope: sdk.Tenant, Permission: core.DirectoryWrite, Schema: sdk.Schema(importSchema)}}
	n.page = func(v host.Visit) (ui.Page, error) {
		return ui.Page{Head: ui.Head{Title: "Import"}, Blocks: ui.Blocks{ui.Form{Action: v.Base + "/actions/import", Submit: "Import", Fields: []ui.Field{
			{Kind: ui.FileField, Name: "list", Label: "List", Accept: ".csv"}, {Kind: ui.FileField, Name: "logo", Label: "Logo"}, {Name: "title", Label: "Title"},
		}}}}, nil
	}
	return n
}

// acted is what the plugin's action was last sent, and how often it was.
func (n *notes) acted() (values map[string][]string, times int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, v := range n.visits {
		if v.Action == "import" {
			values, times = v.Values, times+1
		}
	}
	return values, times
}

func TestAPluginsFormTakesFiles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := importing(h)
	h.plug(n)
	owner := h.as(core.Owner)
	base := "/admin/notes/tenants/" + string(h.harpur)
	page := owner.get(base).wants(t, 200, `enctype="multipart/form-data"`, `type="file"`, `accept=".csv"`)
	checkMarkup(t, base, page)

	content := []byte("a,b\r\n\x00\xff")
	owner.send(base+"/actions/import", "list", "list.csv", content, "title", "Paint", "list", "typed", "_page", "/", "_form", "1").leads(t, base)
	values, times := n.acted()
	if times != 1 || len(values["list"]) != 1 || values["list"][0] != base64.StdEncoding.EncodeToString(content) || values["title"][0] != "Paint" || values["logo"] != nil || values["_page"] != nil {
		t.Errorf("the plugin was sent %v", values)
	}
	owner.send(base+"/actions/import", "other", "other.csv", content, "_page", "/").leads(t, base)
	if values, _ := n.acted(); len(values) != 0 {
		t.Errorf("a file that the form has no field for was sent: %v", values)
	}

	_, before := n.acted()
	owner.send(base+"/actions/import", "list", "empty.csv", nil, "_page", "/", "_form", "1").wants(t, 422, "is empty")
	owner.send(base+"/actions/import", "logo", "logo.png", make([]byte, 1025), "title", "Keep <this>", "_page", "/", "_form", "1").wants(t, 422, "is larger than 1 KiB", "Keep &lt;this&gt;", `type="file"`)
	owner.send(base+"/actions/import", "list", "list.csv", make([]byte, 8<<20+1), "_page", "/", "_form", "1").wants(t, 422, "is larger than 8 MiB")
	large := owner.send(base+"/actions/import", "list", "list.csv", make([]byte, 13<<20), "_page", "/", "_form", "1").wants(t, 422, "The files are too large: a form takes 11 MiB together.", `type="file"`)
	checkMarkup(t, base, large)
	if _, times := n.acted(); times != before {
		t.Error("the plugin was sent what is too large")
	}

	n.set(func() { n.refuses = core.Problems{{Field: "list", Reason: "has no column “Unit”"}}.Err() })
	refused := owner.send(base+"/actions/import", "list", "list.csv", content, "title", "Roof", "_page", "/", "_form", "1").wants(t, 422, "has no column “Unit”", `value="Roof"`, `type="file"`)
	if strings.Contains(refused.body, base64.StdEncoding.EncodeToString(content)) {
		t.Error("the file is in the page that is drawn again")
	}
}

func TestFilesOfOneFormAreCountedTogether(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	n := importing(h)
	n.status.Manifest.Actions[0].Schema = sdk.Schema(strings.Replace(importSchema, `"maxLength":1024`, `"maxLength":6291456`, 1))
	h.plug(n)
	owner := h.as(core.Owner)
	base := "/admin/notes/tenants/" + string(h.harpur)
	send := func(list, logo int) answer {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for name, size := range map[string]int{"list": list, "logo": logo} {
			file, err := form.CreateFormFile(name, name+".bin")
			h.must(err)
			_, err = file.Write(make([]byte, size))
			h.must(err)
		}
		h.must(form.Close())
		return owner.do("POST", base+"/actions/import", body.String(), "Content-Type", form.FormDataContentType())
	}
	send(6<<20, 5<<20).leads(t, base)
	if values, _ := n.acted(); len(values["list"][0]) != 8<<20 {
		t.Errorf("the plugin was sent %d characters", len(values["list"][0]))
	}
	send(6<<20, 5<<20+1).wants(t, 422, "is too large beside the others: a form takes 11 MiB together")
}
