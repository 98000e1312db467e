package sdk

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// Sheet is what a route answers with when a table leaves as a file for a
// spreadsheet. The console writes it: numbers, amounts and days have their
// types, and no text can act as a formula. The route has to read every row.
type Sheet struct {
	Name   string // of the file, without its ending: costs-2026-11
	Format string // csv or xlsx
	Table  ui.Table
}

// Answer is what a route answers with that also has a table: JSON of Body, or
// the Sheet when there is one.
//
//	in := struct{ Format string `query:"format" enum:"csv,xlsx"` }
type Answer[T any] struct {
	Body  T
	Sheet *Sheet
}

// sheetTypes are the formats of sheets.
var sheetTypes = map[string]string{"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

func (*Sheet) response(huma.Registry, string) *huma.Response {
	content := map[string]*huma.MediaType{}
	for _, media := range sheetTypes {
		content[media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Extensions: map[string]any{"contentMediaType": media}}}
	}
	return &huma.Response{Description: "The table", Content: content}
}

func (*Answer[T]) response(schemas huma.Registry, hint string) *huma.Response {
	r := (*Sheet)(nil).response(schemas, hint)
	r.Description = "JSON, or the table as a file"
	r.Content["application/json"] = &huma.MediaType{Schema: schemas.Schema(reflect.TypeFor[T](), true, hint)}
	return r
}

// send hands the table to the host, which makes the file of it.
func (s *Sheet) send(c huma.Context) {
	to, ok := c.BodyWriter().(*responder)
	if !ok || s == nil {
		return
	}
	if sheetTypes[s.Format] == "" {
		problems := core.Problems{{Field: "format", Value: s.Format, Reason: "is none of csv, xlsx"}}
		to.err = problems.Err()
		return
	}
	raw, err := json.Marshal(s.Table)
	if err != nil {
		to.err = fmt.Errorf("write the table: %w", err)
		return
	}
	to.name, to.sheet = s.Name, s.Format
	c.SetStatus(http.StatusOK)
	_, _ = to.Write(raw) // an error ends the call
}

func (a *Answer[T]) send(c huma.Context) {
	if a == nil {
		return
	}
	if a.Sheet != nil {
		a.Sheet.send(c)
		return
	}
	c.SetHeader("Content-Type", "application/json")
	c.SetStatus(http.StatusOK)
	if err := huma.DefaultJSONFormat.Marshal(c.BodyWriter(), a.Body); err != nil {
		if to, ok := c.BodyWriter().(*responder); ok {
			to.err = fmt.Errorf("write the answer: %w", err)
		}
	}
}
