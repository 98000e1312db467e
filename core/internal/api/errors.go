package api

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
)

// problems makes huma's own errors (a body that breaks its schema) problems
// like all others. huma keeps one maker of errors for the process.
var problems = sync.OnceFunc(func() {
	huma.NewError = func(status int, message string, causes ...error) huma.StatusError {
		p := problem.OfStatus(status, sentence(message), "")
		for _, cause := range causes {
			p.Errors = append(p.Errors, fieldError(cause))
		}
		return p
	}
	huma.NewErrorWithContext = func(c huma.Context, status int, message string, causes ...error) huma.StatusError {
		e := huma.NewError(status, message, causes...)
		if p, ok := e.(*problem.Problem); ok && c != nil {
			p.Instance = core.OriginOf(c.Context()).Request
		}
		return e
	}
})

// sentence makes huma's message read like ours.
func sentence(message string) string {
	if message == "validation failed" {
		return "Some values need correcting."
	}
	if message == "" {
		return message
	}
	return strings.ToUpper(message[:1]) + message[1:] + "."
}

// maxValue bounds how much of a wrong value is said back, in bytes.
const maxValue = 80

// fieldError names a field as the caller wrote it: "developer.name", without
// huma's "body." before it.
func fieldError(cause error) core.FieldError {
	detailer, ok := cause.(huma.ErrorDetailer)
	if !ok {
		return core.FieldError{Reason: cause.Error()}
	}
	d := detailer.ErrorDetail()
	field := d.Location
	for _, prefix := range []string{"body.", "query.", "path.", "header."} {
		field = strings.TrimPrefix(field, prefix)
	}
	value := ""
	switch v := d.Value.(type) {
	case nil, map[string]any, []any:
	default:
		value = fmt.Sprint(v)
	}
	if len(value) > maxValue {
		value = strings.ToValidUTF8(value[:maxValue], "") + "…"
	}
	return core.FieldError{Field: field, Value: value, Reason: d.Message}
}

func writeProblem(c huma.Context, p *problem.Problem) error {
	c.SetHeader("Content-Type", problem.MediaType)
	for name, values := range p.GetHeaders() {
		c.SetHeader(name, values[0])
	}
	c.SetStatus(p.Status)
	return json.NewEncoder(c.BodyWriter()).Encode(p)
}
