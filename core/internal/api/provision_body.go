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
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
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

// readProvision reads the request in either form. The files of the multipart
// form are staged; without an error they are the caller's to drop.
func (a *api) readProvision(ctx context.Context, contentType string, body []byte) (core.Provision, stagedFiles, error) {
	media, params, err := mime.ParseMediaType(contentType)
	if err == nil && media == "multipart/form-data" {
		return a.readMultipart(ctx, multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	}
	request, err := decodeProvision(body)
	return request, stagedFiles{}, err
}

func (a *api) readMultipart(ctx context.Context, reader *multipart.Reader) (request core.Provision, files stagedFiles, err error) {
	form, err := reader.ReadForm(8 << 20)
	if err != nil {
		return request, files, core.Errorf(core.Invalid, "The multipart form can't be read.")
	}
	defer func() { err = errors.Join(err, form.RemoveAll()) }()
	var problems core.Problems
	for name := range form.File {
		if name != "units" && name != "logo" && name != "request" {
			problems.Add(name, "", "is not a part of this form; the parts are request, units and logo")
		}
	}
	if err := problems.Err(); err != nil {
		return request, files, err
	}
	text, err := requestPart(form)
	if err != nil {
		return request, files, err
	}
	if request, err = decodeProvision(text); err != nil {
		return request, files, err
	}
	files, err = a.stageParts(ctx, form, &request)
	return request, files, err
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
