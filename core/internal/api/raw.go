package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
)

// rawOperation is one whose handler reads and writes bytes itself, because it
// is asked so often that reflection would cost more than the work. It is
// admitted like all others, and documented by hand.
type rawOperation struct {
	huma.Operation
	handle func(c *fiber.Ctx, tenant core.TenantID) error
	refuse func(c *fiber.Ctx, err error) error // answers an error; nil: as a problem
}

// addRaw registers a raw operation under its path.
func (a *api) addRaw(op rawOperation) {
	a.huma.OpenAPI().AddOperation(&op.Operation)
	a.app.Add(op.Method, routeOf(op.Path), func(c *fiber.Ctx) error {
		tenant, err := a.admit(c.UserContext(), &op.Operation, func(name string) string { return c.Params(name) })
		if err == nil {
			err = op.handle(c, tenant)
		}
		if err != nil && op.refuse != nil {
			return op.refuse(c, err)
		}
		return err
	})
}

// routeOf is a path of the document as routes are written: /{id} is /:id.
func routeOf(path string) string {
	return strings.NewReplacer("{", ":", "}", "").Replace(path)
}

// describeRaw is an operation with its answers: those given, by status, and
// the refusals of every operation.
func (a *api) describeRaw(op operation, answers map[int]*huma.Response) huma.Operation {
	described := a.describe(op)
	described.Responses = map[string]*huma.Response{}
	for _, status := range append(described.Errors, http.StatusServiceUnavailable) {
		described.Responses[strconv.Itoa(status)] = a.problemAnswer(http.StatusText(status))
	}
	for status, answer := range answers {
		if known := described.Responses[strconv.Itoa(status)]; known != nil {
			for media, content := range answer.Content {
				known.Content[media] = content
			}
			continue
		}
		described.Responses[strconv.Itoa(status)] = answer
	}
	return described
}

func (a *api) problemAnswer(about string) *huma.Response {
	return &huma.Response{Description: about, Content: map[string]*huma.MediaType{problem.MediaType: {Schema: a.schemaOf(reflect.TypeFor[problem.Problem]())}}}
}

// schemaOf is the schema of a Go type, kept among the document's.
func (a *api) schemaOf(t reflect.Type) *huma.Schema {
	return a.huma.OpenAPI().Components.Schemas.Schema(t, true, t.Name())
}
