package sdk

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/openhouse-ai/console/core"
)

// Route is a typed HTTP operation under the plugin's mounts. NewRoute makes one.
type Route struct {
	RouteInfo
	register func(api huma.API, operation huma.Operation)
}

// File is what a route answers with instead of a struct when its body is a
// file. The body is streamed, and closed when it is a Closer.
type File struct {
	Name string // offered for saving; empty: shown
	Type string // empty: application/octet-stream
	Body io.Reader
}

// NewRoute makes an operation of a tenant. The fields of I say what is read:
// path:"note", query:"limit", header:"If-Match", and Body, a struct of JSON;
// tags check it (minimum, maxLength, enum, …) and describe it (doc). The
// fields of O are answered: Body, header:"ETag", Status. A Body of []byte with
// a field ContentType of header:"Content-Type" is sent as it is; O may be File,
// Sheet or Answer.
//
// Handle's errors are answered by their code.
func NewRoute[I, O any](method, path, summary string, permission core.Permission, handle func(context.Context, Call, *I) (*O, error)) Route {
	r := Route{RouteInfo: RouteInfo{Method: strings.ToUpper(method), Path: path, Scope: Tenant, Permission: permission, Summary: summary}}
	if handle == nil {
		return r
	}
	asked := func(ctx context.Context, in *I) (*O, error) {
		at, ok := ctx.Value(visitKey{}).(*responder)
		if !ok {
			return nil, errNoHost
		}
		out, err := handle(ctx, at.call, in)
		if err != nil {
			at.err = err
			return nil, answered{}
		}
		return out, nil
	}
	r.register = func(api huma.API, operation huma.Operation) { huma.Register(api, operation, asked) }
	if shape, ok := any(new(O)).(sender); ok {
		r.register = func(api huma.API, operation huma.Operation) {
			operation.Responses = map[string]*huma.Response{"200": shape.response(api.OpenAPI().Components.Schemas, operation.OperationID+"Response")}
			huma.Register(api, operation, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
				out, err := asked(ctx, in)
				if err != nil {
					return nil, err
				}
				return &huma.StreamResponse{Body: any(out).(sender).send}, nil
			})
		}
	}
	return r
}

// sender is an output that writes itself, and says of which kinds it may be.
type sender interface {
	response(schemas huma.Registry, hint string) *huma.Response
	send(huma.Context)
}

func (*File) response(huma.Registry, string) *huma.Response {
	bytes := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	return &huma.Response{Description: "The file", Content: map[string]*huma.MediaType{"application/octet-stream": {Schema: bytes}}}
}

// OnPlatform returns the route as one of the platform, without a tenant.
func (r Route) OnPlatform() Route {
	r.Scope = Platform
	return r
}

// OnBoth returns the route as one of a tenant that is answered for the platform
// too, at the same path: the call then has no tenant.
func (r Route) OnBoth() Route {
	r.Both = true
	return r
}

type visitKey struct{}

// answered is a huma.StatusError that stands for the responder's error.
type answered struct{}

func (answered) Error() string  { return "answered" }
func (answered) GetStatus() int { return http.StatusInternalServerError }

// send streams the file.
func (f *File) send(c huma.Context) {
	to, ok := c.BodyWriter().(*responder)
	if !ok || f == nil || f.Body == nil {
		return
	}
	if closer, ok := f.Body.(io.Closer); ok {
		defer func() { _ = closer.Close() }() // all of it was read, or nobody wants it
	}
	c.SetHeader("Content-Type", cmp.Or(f.Type, "application/octet-stream"))
	if f.Name != "" {
		c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	}
	c.SetStatus(http.StatusOK)
	if _, err := io.CopyBuffer(struct{ io.Writer }{to}, struct{ io.Reader }{f.Body}, make([]byte, chunkBytes)); err != nil {
		to.err = fmt.Errorf("send the file: %w", err)
	}
}

// Match reports whether a path is one of the pattern (/notes/{note}), and
// returns the values of its parameters, as they stand in the path.
func Match(pattern, path string) (params map[string]string, ok bool) {
	names, values := strings.Split(strings.Trim(pattern, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	if len(names) != len(values) {
		return nil, false
	}
	params = map[string]string{}
	for i, name := range names {
		if inner, isParam := strings.CutPrefix(name, "{"); isParam && values[i] != "" {
			params[strings.TrimSuffix(inner, "}")] = values[i]
		} else if name != values[i] {
			return nil, false
		}
	}
	return params, true
}
