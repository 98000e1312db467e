package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"
)

// openAPI is the OpenAPI document as far as plugins add to it.
type openAPI struct {
	whole   map[string]json.RawMessage
	paths   map[string]json.RawMessage
	parts   map[string]json.RawMessage // components
	schemas map[string]json.RawMessage
	written atomic.Pointer[edition]
}

// edition is the written document of one generation of plugins.
type edition struct {
	generation int64
	body       []byte
}

// document serves the OpenAPI document. Core's part is read once, when every
// operation is known; huma's own handler writes it at the first request, and
// two first requests at once race. The whole is written again when plugins come
// or go.
func (a *api) document(app *fiber.App) error {
	if err := a.core.read(a.huma.OpenAPI()); err != nil {
		return fmt.Errorf("write the OpenAPI document: %w", err)
	}
	a.core.addTypes()
	app.Get("/api/openapi.json", func(c *fiber.Ctx) error {
		body, err := a.core.write(a.Plugins.Document())
		if err != nil {
			return fmt.Errorf("write the OpenAPI document: %w", err)
		}
		c.Set(fiber.HeaderContentType, "application/vnd.oai.openapi+json; version=3.1")
		return c.Send(body)
	})
	return nil
}

func (d *openAPI) read(document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		into *map[string]json.RawMessage
	}{{"", &d.whole}, {"paths", &d.paths}, {"components", &d.parts}, {"schemas", &d.schemas}} {
		text := json.RawMessage(body)
		switch part.name {
		case "paths", "components":
			text = d.whole[part.name]
		case "schemas":
			text = d.parts[part.name]
		}
		if err := json.Unmarshal(text, part.into); err != nil {
			return err
		}
	}
	return nil
}

// write joins core's part and that of plugins. What core has itself stays
// core's.
func (d *openAPI) write(paths, schemas map[string]json.RawMessage, generation int64) ([]byte, error) {
	if e := d.written.Load(); e != nil && e.generation == generation {
		return e.body, nil
	}
	allPaths, allSchemas := maps.Clone(paths), maps.Clone(schemas)
	if allPaths == nil {
		allPaths = map[string]json.RawMessage{}
	}
	if allSchemas == nil {
		allSchemas = map[string]json.RawMessage{}
	}
	maps.Copy(allPaths, d.paths)
	maps.Copy(allSchemas, d.schemas)
	whole, parts := maps.Clone(d.whole), maps.Clone(d.parts)
	for _, part := range []struct {
		of   map[string]json.RawMessage
		name string
		is   any
	}{{parts, "schemas", allSchemas}, {whole, "paths", allPaths}, {whole, "components", parts}} {
		text, err := json.Marshal(part.is)
		if err != nil {
			return nil, err
		}
		part.of[part.name] = text
	}
	body, err := json.Marshal(whole)
	if err != nil {
		return nil, err
	}
	d.written.Store(&edition{generation, body})
	return body, nil
}
