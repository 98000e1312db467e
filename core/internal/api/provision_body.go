package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

// Limits of uploaded files, in bytes.
const (
	unitsLimit = 64 << 20
	logoLimit  = 2 << 20
)

// provisionBody documents both forms of the request.
func provisionBody(schemas huma.Registry) *huma.RequestBody {
	request := huma.SchemaFromType(schemas, reflect.TypeFor[core.Provision]())
	file := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
		"multipart/form-data": {
			Schema: &huma.Schema{Type: huma.TypeObject, Required: []string{"request"}, Properties: map[string]*huma.Schema{
				"request": request, "units": file, "logo": file,
			}},
			Encoding: map[string]*huma.Encoding{"request": {ContentType: "application/json"}},
		},
		"application/json": {Schema: request},
	}}
}

// readProvision reads the request in either form. Files of the multipart form
// are staged with the request's region; their ids come back, to be dropped if
// the request is refused.
func (a *api) readProvision(ctx context.Context, contentType string, body []byte) (core.Provision, []string, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err == nil && media == "multipart/form-data" {
		return a.readMultipart(ctx, multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	request, err := decodeProvision(body)
	return request, nil, err
}

func (a *api) readMultipart(ctx context.Context, reader *multipart.Reader) (request core.Provision, staged []string, err error) {
	form, err := reader.ReadForm(8 << 20)
	if err != nil {
		return request, nil, core.Errorf(core.Invalid, "The multipart form can't be read.")
	}
	defer func() { err = errors.Join(err, form.RemoveAll()) }()
	var problems core.Problems
	for name := range form.File {
		if name != "units" && name != "logo" && name != "request" {
			problems.Add(name, "", "is not a part of this form; the parts are request, units and logo")
		}
	}
	if err := problems.Err(); err != nil {
		return request, nil, err
	}
	text, err := requestPart(form)
	if err != nil {
		return request, nil, err
	}
	if request, err = decodeProvision(text); err != nil {
		return request, nil, err
	}
	for _, part := range []struct {
		name  string
		limit int64
		into  *string
	}{{"units", unitsLimit, &request.Units.File}, {"logo", logoLimit, &request.Theme.Logo}} {
		files := form.File[part.name]
		if len(files) == 0 {
			continue
		}
		id, err := a.stage(ctx, request.Developer.Region, files[0], part.limit)
		if err != nil {
			a.unstage(ctx, staged)
			return request, nil, err
		}
		staged = append(staged, id)
		*part.into = id
	}
	return request, staged, nil
}

// requestPart is the JSON part, sent as a value or as a file.
func requestPart(form *multipart.Form) ([]byte, error) {
	if values := form.Value["request"]; len(values) > 0 {
		return []byte(values[0]), nil
	}
	files := form.File["request"]
	if len(files) == 0 {
		return nil, core.Problems{{Field: "request", Reason: "is missing: the JSON part of the form"}}.Err()
	}
	f, err := files[0].Open()
	if err != nil {
		return nil, fmt.Errorf("read request part: %w", err)
	}
	defer f.Close()
	return io.ReadAll(f)
}

// decodeProvision refuses what it doesn't know, so that a misspelt name is an
// error and not a default.
func decodeProvision(body []byte) (core.Provision, error) {
	var request core.Provision
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&request)
	if err == nil && decoder.More() {
		err = errors.New("there is more than one JSON value")
	}
	if err == nil {
		return request, nil
	}
	problem := core.FieldError{Field: "request", Reason: "is not the JSON of this request: " + strings.TrimPrefix(err.Error(), "json: ")}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		problem = core.FieldError{Field: e.Field, Value: e.Value, Reason: "has to be a " + e.Type.String()}
	}
	return request, core.Problems{problem}.Err()
}

func (a *api) stage(ctx context.Context, region string, part *multipart.FileHeader, limit int64) (string, error) {
	f, err := part.Open()
	if err != nil {
		return "", fmt.Errorf("read %s: %w", part.Filename, err)
	}
	defer f.Close()
	staged, err := a.Tenants.Stage(ctx, region, tenants.StagedFile{Name: path.Base(part.Filename), Type: part.Header.Get("Content-Type")}, f, limit)
	return staged.ID, err
}

func (a *api) unstage(ctx context.Context, ids []string) {
	for _, id := range ids {
		if err := a.Tenants.Unstage(ctx, id); err != nil {
			a.Log.WarnContext(ctx, "drop staged file", "file", id, "error", err)
		}
	}
}

// object is JSON as it was stored, for an answer.
func object(body json.RawMessage) map[string]any {
	if len(body) == 0 {
		return nil
	}
	var o map[string]any
	if json.Unmarshal(body, &o) != nil {
		return nil
	}
	return o
}
