package sdk_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/core/sdk/wire"
	"github.com/openhouse-ai/console/ui"
)

type item struct {
	Name string `json:"name" minLength:"2"`
	Size struct {
		Width int `json:"width" minimum:"1"`
	} `json:"size"`
}

type putItem struct {
	ID    string `path:"id" maxLength:"5"`
	Limit int    `query:"limit" minimum:"1" maximum:"10" default:"4"`
	Match string `header:"If-Match"`
	Body  item
}

type gotItem struct {
	ETag string `header:"ETag"`
	Body struct {
		item
		ID    string `json:"id"`
		Limit int    `json:"limit"`
		Who   string `json:"who"`
	}
}

func routed() sdk.Plugin {
	p := working(func(context.Context, sdk.Call) error { return nil })
	p.Routes = []sdk.Route{
		sdk.NewRoute("PUT", "/items/{id}", "Put an item", core.DirectoryWrite, func(_ context.Context, c sdk.Call, in *putItem) (*gotItem, error) {
			if in.ID == "fail" {
				return nil, core.Errorf(core.Conflict, "Somebody else did.")
			}
			out := &gotItem{ETag: in.Match}
			out.Body.item, out.Body.ID, out.Body.Limit, out.Body.Who = in.Body, in.ID, in.Limit, c.Name+" "+c.Param("id")
			return out, nil
		}),
		sdk.NewRoute("GET", "/file", "A file", core.DirectoryRead, func(context.Context, sdk.Call, *struct{}) (*sdk.File, error) {
			return &sdk.File{Name: "plan é.txt", Type: "text/plain", Body: strings.NewReader(strings.Repeat("0123456789", 100_000))}, nil
		}).OnPlatform(),
		sdk.NewRoute("GET", "/bytes", "Bytes", core.DirectoryRead, func(context.Context, sdk.Call, *struct{}) (*struct {
			ContentType string `header:"Content-Type"`
			Body        []byte
		}, error) {
			return &struct {
				ContentType string `header:"Content-Type"`
				Body        []byte
			}{"text/csv", []byte("a,b\n")}, nil
		}),
		sdk.NewRoute("DELETE", "/items/{id}", "Delete an item", core.DirectoryWrite, func(context.Context, sdk.Call, *struct {
			ID string `path:"id"`
		}) (*struct{}, error) {
			return nil, nil
		}),
		sdk.NewRoute("GET", "/costs", "Costs", core.DirectoryRead, costs),
		sdk.NewRoute("GET", "/sheet", "A sheet", core.DirectoryRead, func(_ context.Context, c sdk.Call, _ *struct{}) (*sdk.Sheet, error) {
			return &sdk.Sheet{Name: "costs", Format: c.QueryValue("format")}, nil
		}),
		sdk.NewRoute("GET", "/fall", "Fall", core.DirectoryRead, func(_ context.Context, c sdk.Call, _ *struct{}) (*struct{}, error) {
			nothing["a"] = 1
			return nil, nil
		}),
	}
	return p
}

type costsBody struct {
	Total item `json:"total"`
}

// costs are JSON, or a sheet.
func costs(_ context.Context, _ sdk.Call, in *struct {
	Format string `query:"format" enum:"csv,xlsx"`
}) (*sdk.Answer[costsBody], error) {
	out := &sdk.Answer[costsBody]{Body: costsBody{item{Name: "<Oak>"}}}
	if in.Format != "" {
		out.Sheet = &sdk.Sheet{Name: "costs", Format: in.Format, Table: ui.Table{Columns: []ui.Column{{Title: "Name"}}, Rows: []ui.Row{{Cells: ui.Values{ui.Text{Text: "Oak"}}}}}}
	}
	return out, nil
}

func call(t *testing.T, h *host, id, path, query, body string, header ...string) (reply, error) {
	t.Helper()
	method, _, _ := strings.Cut(id, " ")
	in := &wire.Invocation{Door: wire.Door_DOOR_ROUTE, Id: id, Body: []byte(body), Request: &wire.Request{Method: method, Path: path, Query: query, Header: map[string]string{}}}
	for i := 0; i+1 < len(header); i += 2 {
		in.Request.Header[header[i]] = header[i+1]
	}
	return h.invoke(t.Context(), in, sdk.Scene{Tenant: "ten_a", Name: "Acme"})
}

func TestRouteReadsAndAnswers(t *testing.T) {
	t.Parallel()
	h := start(t, routed(), sdk.Outside{})
	r, err := call(t, h, "PUT /items/{id}", "/items/a%2Fb", "", `{"name":"Oak","size":{"width":3}}`, "If-Match", `"7"`, "Content-Type", "application/json")
	must(t, err)
	if got := strings.TrimSpace(string(r.body)); got != `{"name":"Oak","size":{"width":3},"id":"a/b","limit":4,"who":"Acme a/b"}` {
		t.Errorf("body %s", got)
	}
	if head := r.head[0]; head.GetStatus() != 200 || head.GetHeader()["Etag"] != `"7"` || head.GetHeader()["Content-Type"] != "application/json" {
		t.Errorf("head %v", head)
	}
	if r, err = call(t, h, "DELETE /items/{id}", "/items/a", "", ""); err != nil || r.head[0].GetStatus() != 204 || len(r.body) != 0 {
		t.Errorf("delete: %v %v", r.head, err)
	}
}

func TestRouteRefusesByField(t *testing.T) {
	t.Parallel()
	h := start(t, routed(), sdk.Outside{})
	for _, one := range []struct {
		path, query, body, want string
		code                    core.Code
	}{
		{"/items/abcdef", "limit=20", `{"name":"O","size":{"width":0}}`, "id limit name size.width", core.Invalid},
		{"/items/a", "limit=x", `{"name":"Oak","size":{"width":1}}`, "limit", core.Invalid},
		{"/items/a", "", `{"name":7,"size":{"width":1},"more":1}`, "more name", core.Invalid},
		{"/items/a", "", `{"name":`, "body", core.Invalid},
		{"/items/a", "", ``, "", core.Invalid},
		{"/items/fail", "", `{"name":"Oak","size":{"width":1}}`, "", core.Conflict},
		{"/other/a", "", `{}`, "", core.NotFound},
		{"/items/%zz", "", `{}`, "", core.NotFound},
	} {
		r, err := call(t, h, "PUT /items/{id}", one.path, one.query, one.body)
		if core.CodeOf(err) != one.code || fields(err) != one.want || len(r.head) > 0 {
			t.Errorf("%s?%s %s: %q %v", one.path, one.query, one.body, fields(err), err)
		}
	}
	if _, err := call(t, h, "GET /fall", "/fall", "", ""); core.CodeOf(err) != core.Internal || !strings.Contains(err.Error(), "nil map") {
		t.Errorf("panic: %v", err)
	}
}

func TestRouteAnswersFiles(t *testing.T) {
	t.Parallel()
	h := start(t, routed(), sdk.Outside{})
	r, err := call(t, h, "GET /file", "/file", "", "")
	must(t, err)
	if string(r.body) != strings.Repeat("0123456789", 100_000) || r.head[0].GetHeader()["Content-Type"] != "text/plain" || !strings.Contains(r.head[0].GetHeader()["Content-Disposition"], "plan%20%C3%A9.txt") {
		t.Errorf("%v, %d bytes", r.head, len(r.body))
	}
	r, err = call(t, h, "GET /bytes", "/bytes", "", "")
	must(t, err)
	if string(r.body) != "a,b\n" || r.head[0].GetHeader()["Content-Type"] != "text/csv" {
		t.Errorf("%v %s", r.head, r.body)
	}
}

func TestRouteAnswersSheets(t *testing.T) {
	t.Parallel()
	h := start(t, routed(), sdk.Outside{})
	r, err := call(t, h, "GET /costs", "/costs", "", "")
	must(t, err)
	if got := strings.TrimSpace(string(r.body)); got != `{"total":{"name":"<Oak>","size":{"width":0}}}` || r.head[0].GetHeader()["Content-Type"] != "application/json" || r.head[0].GetSheet() != "" {
		t.Errorf("%v %s", r.head, got)
	}
	for _, format := range []string{"csv", "xlsx"} {
		r, err = call(t, h, "GET /costs", "/costs", "format="+format, "")
		must(t, err)
		var table ui.Table
		must(t, json.Unmarshal(r.body, &table))
		if head := r.head[0]; head.GetStatus() != 200 || head.GetSheet() != format || head.GetName() != "costs" || len(table.Rows) != 1 || table.Columns[0].Title != "Name" || table.Rows[0].Cells[0].(ui.Text).Text != "Oak" {
			t.Errorf("%v %s", head, r.body)
		}
	}
	for path, query := range map[string]string{"/costs": "format=pdf", "/sheet": ""} {
		if r, err := call(t, h, "GET "+path, path, query, ""); core.CodeOf(err) != core.Invalid || fields(err) != "format" || len(r.head) > 0 {
			t.Errorf("%s?%s: %v", path, query, err)
		}
	}
	server, err := sdk.New(routed())
	must(t, err)
	d, err := server.Describe(t.Context(), &wire.DescribeRequest{})
	must(t, err)
	var m sdk.Manifest
	must(t, json.Unmarshal(d.GetManifest(), &m))
	for _, want := range []string{
		`"application/json":{"schema":{"$ref":"#/components/schemas/ProbeCostsBody"}}`, `"text/csv":{"schema":{"contentMediaType":"text/csv","type":"string"}}`,
		`"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":{"schema":{"contentMediaType":"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet","type":"string"}}`, `"ProbeItem":`,
	} {
		if !strings.Contains(string(m.OpenAPI), want) {
			t.Errorf("the document lacks %s: %s", want, m.OpenAPI)
		}
	}
}

func TestDocumentNamesThePlugin(t *testing.T) {
	t.Parallel()
	server, err := sdk.New(routed())
	must(t, err)
	d, err := server.Describe(t.Context(), &wire.DescribeRequest{})
	must(t, err)
	var m sdk.Manifest
	must(t, json.Unmarshal(d.GetManifest(), &m))
	var document struct {
		Paths      map[string]map[string]struct{ OperationID string }
		Components struct{ Schemas map[string]json.RawMessage }
	}
	must(t, json.Unmarshal(m.OpenAPI, &document))
	if document.Paths["/items/{id}"]["put"].OperationID != "probe-put-items-id" || len(document.Paths) != 6 {
		t.Errorf("paths %+v", document.Paths)
	}
	for name := range document.Components.Schemas {
		if !strings.HasPrefix(name, "Probe") || strings.Contains(name, "Error") {
			t.Errorf("there is a schema called %s", name)
		}
	}
	if len(document.Components.Schemas) < 3 || m.Routes[1].Scope != sdk.Platform {
		t.Errorf("%s", m.OpenAPI)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, one := range []struct{ pattern, path, want string }{
		{"/", "/", "map[]"}, {"/a/{b}", "/a/c", "map[b:c]"}, {"/a/{b}", "/a/", "no"}, {"/a/{b}", "/a/c/", "map[b:c]"}, {"/a", "//a", "map[]"}, {"/a/{b}", "/a//", "no"}, {"/a/{b}", "/a/c/d", "no"}, {"/a", "/b", "no"}, {"/{x}/{y}", "/1/2", "map[x:1 y:2]"},
	} {
		got := "no"
		if params, ok := sdk.Match(one.pattern, one.path); ok {
			got = fmt.Sprint(params)
		}
		if got != one.want {
			t.Errorf("%s on %s: %s", one.path, one.pattern, got)
		}
	}
}
