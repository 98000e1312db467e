package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/wire"
)

// routes are the handlers of a plugin's operations, by method and pattern,
// and their part of the OpenAPI document. It is huma's adapter.
type routes struct {
	handlers map[string]func(http.ResponseWriter, *http.Request)
	document json.RawMessage
}

// Handle implements huma.Adapter.
func (r routes) Handle(op *huma.Operation, handler func(huma.Context)) {
	r.handlers[op.Method+" "+op.Path] = func(w http.ResponseWriter, req *http.Request) { handler(humago.NewContext(op, req, w)) }
}

// ServeHTTP implements huma.Adapter; requests come through the door.
func (r routes) ServeHTTP(http.ResponseWriter, *http.Request) {}

// newRoutes registers the plugin's routes with huma, which panics at what it
// can't read: that is a mistake of the route.
func newRoutes(p Plugin, problems *core.Problems) routes {
	r := routes{handlers: map[string]func(http.ResponseWriter, *http.Request){}}
	if len(p.Routes) == 0 {
		return r
	}
	format := huma.Format{Marshal: marshal, Unmarshal: huma.DefaultJSONFormat.Unmarshal}
	config := huma.DefaultConfig(p.Name, p.Version)
	config.DocsPath, config.SchemasPath, config.OpenAPIPath, config.CreateHooks = "", "", "", nil
	config.Formats, config.DefaultFormat = map[string]huma.Format{"application/json": format, "json": format}, "application/json"
	config.Components.Schemas = huma.NewMapRegistry("#/components/schemas/", namer(p.ID))
	api := huma.NewAPI(config, r)
	for i, route := range p.Routes {
		field := fmt.Sprintf("Routes[%d]", i)
		key := route.Method + " " + route.Path
		switch {
		case route.register == nil:
			problems.Add(field, key, "has no function: NewRoute makes routes")
			continue
		case r.handlers[key] != nil:
			continue // the check of paths says so
		}
		operation := huma.Operation{
			OperationID: operationID(p.ID, key), Method: route.Method, Path: route.Path, Summary: route.Summary,
			Tags: []string{p.Name}, MaxBodyBytes: wire.MaxMessage, BodyReadTimeout: -1,
		}
		if err := guarded(func() error { route.register(api, operation); return nil }); err != nil {
			problems.Add(field, key, "can't be described: "+strings.TrimPrefix(err.Error(), "panic: "))
		}
	}
	document, err := part(api.OpenAPI())
	if err != nil {
		problems.Add("Routes", "", "can't be described: "+err.Error())
	}
	r.document = document
	return r
}

// namer begins the names of components with the plugin's, so that those of two
// plugins don't meet.
func namer(id string) func(t reflect.Type, hint string) string {
	prefix := strings.ToUpper(id[:min(len(id), 1)]) + id[min(len(id), 1):]
	return func(t reflect.Type, hint string) string { return prefix + huma.DefaultSchemaNamer(t, hint) }
}

func operationID(plugin, key string) string {
	words := strings.FieldsFunc(strings.ToLower(key), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return plugin + "-" + strings.Join(words, "-")
}

// route answers an HTTP request.
func (s *Server) route(ctx context.Context, c Call, in *wire.Invocation) (any, error) {
	handler, known := s.routes.handlers[in.GetId()]
	if !known {
		return nil, missing("route", in.GetId())
	}
	asked := in.GetRequest()
	_, pattern, _ := strings.Cut(in.GetId(), " ")
	params, ok := Match(pattern, asked.GetPath())
	if !ok {
		return nil, missing("route", asked.GetPath())
	}
	req := &http.Request{
		Method: asked.GetMethod(), URL: &url.URL{Path: asked.GetPath(), RawQuery: asked.GetQuery()}, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(in.GetBody())), ContentLength: int64(len(in.GetBody())),
	}
	for name, value := range asked.GetHeader() {
		req.Header.Set(name, value)
	}
	c.Params = map[string]string{}
	to := &responder{session: c.session, header: http.Header{}, status: http.StatusOK}
	req = req.WithContext(context.WithValue(ctx, visitKey{}, to))
	for name, value := range params {
		plain, err := url.PathUnescape(value)
		if err != nil {
			return nil, missing("route", asked.GetPath())
		}
		c.Params[name] = plain
		req.SetPathValue(name, plain)
	}
	to.call = c
	handler(to, req)
	if to.err != nil {
		return nil, to.err
	}
	return nil, to.head()
}

// responder is the http.ResponseWriter of a route: a head, then chunks.
type responder struct {
	session *session
	call    Call
	header  http.Header
	status  int
	begun   bool
	name    string // of a sheet
	sheet   string // its format; empty: the body is the answer
	err     error  // of the handler, in place of an answer
}

func (r *responder) Header() http.Header { return r.header }

// WriteHeader notes the status; it travels with the first byte.
func (r *responder) WriteHeader(status int) { r.status = status }

func (r *responder) Write(b []byte) (int, error) {
	if r.err != nil {
		return len(b), nil
	}
	if err := r.head(); err != nil {
		return 0, err
	}
	return r.session.stream(b)
}

func (r *responder) head() error {
	if r.begun {
		return nil
	}
	r.begun = true
	header := map[string]string{}
	for name, values := range r.header {
		header[name] = strings.Join(values, ", ")
	}
	return r.session.answer(&wire.Answer{Part: &wire.Answer_Head{Head: &wire.Head{Status: int32(r.status), Header: header, Name: r.name, Sheet: r.sheet}}})
}
