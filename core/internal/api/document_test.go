package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
)

// documented is one operation of the OpenAPI document.
type documented struct {
	ID          string `json:"operationId"`
	Summary     string `json:"summary"`
	Description string `json:"description"`
	Parameters  []struct {
		Name, In, Description string
		Example               any
		Schema                struct {
			Enum   []any
			Format string
		}
	} `json:"parameters"`
	RequestBody *struct{ Content map[string]any } `json:"requestBody"`
	Responses   map[string]struct {
		Description string
		Content     map[string]any
	} `json:"responses"`

	method, path string
}

// permission is what the description says that is needed; "" is every key.
func (d documented) permission() string {
	_, rest, _ := strings.Cut(d.Description, "Needs the permission `")
	permission, _, _ := strings.Cut(rest, "`")
	return permission
}

// operations are those of the document, in a fixed order.
var operations = sync.OnceValues(func() ([]documented, error) {
	r, err := shared.send("admin", "GET", "/api/openapi.json", nil, nil)
	if err != nil {
		return nil, err
	}
	var document struct {
		Paths map[string]map[string]documented
	}
	if err := json.Unmarshal([]byte(r.body), &document); err != nil {
		return nil, err
	}
	var all []documented
	for path, methods := range document.Paths {
		for method, op := range methods {
			op.method, op.path = strings.ToUpper(method), path
			all = append(all, op)
		}
	}
	slices.SortFunc(all, func(a, b documented) int { return strings.Compare(a.path+a.method, b.path+b.method) })
	return all, nil
})

func mustOperations(t *testing.T) []documented {
	t.Helper()
	all, err := operations()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 80 {
		t.Fatalf("the document has only %d operations", len(all))
	}
	return all
}

func TestDocumentIsOpenAPI31(t *testing.T) {
	t.Parallel()
	r := ask(t, "nobody", "GET", "/api/openapi.json", nil, http.StatusOK)
	if v := r.text("openapi"); !strings.HasPrefix(v, "3.1") {
		t.Errorf("the document is OpenAPI %q", v)
	}
	for _, field := range []string{"info.title", "info.description", "components.securitySchemes.key.scheme"} {
		if r.text(field) == "" {
			t.Errorf("the document has no %s", field)
		}
	}
	if strings.Contains(r.body, "localhost") {
		t.Error("the document names a machine")
	}
}

func TestReferencesOfTheDocumentResolve(t *testing.T) {
	t.Parallel()
	r := ask(t, "nobody", "GET", "/api/openapi.json", nil, http.StatusOK)
	document := decode(t, r.body)
	for piece := range strings.SplitSeq(r.body, `"$ref":"#/`) {
		pointer, _, _ := strings.Cut(piece, `"`)
		if !strings.HasPrefix(pointer, "components/") {
			continue
		}
		if within(document, strings.ReplaceAll(pointer, "/", ".")) == nil {
			t.Errorf("nothing is at #/%s", pointer)
		}
	}
}

func TestEveryOperationIsDocumented(t *testing.T) {
	t.Parallel()
	ids := map[string]bool{}
	for _, op := range mustOperations(t) {
		name := op.method + " " + op.path
		if op.Summary == "" || strings.HasSuffix(op.Summary, ".") || op.Description == "" {
			t.Errorf("%s: summary %q, description %q", name, op.Summary, op.Description)
		}
		if ids[op.ID] {
			t.Errorf("%s: another operation is called %s", name, op.ID)
		}
		ids[op.ID] = true
		success := 0
		for status, response := range op.Responses {
			if strings.HasPrefix(status, "2") {
				success++
			} else if _, ok := response.Content["application/problem+json"]; !ok && response.Content["application/x-protobuf"] == nil { // what exporters read
				t.Errorf("%s: %s is not documented as a problem", name, status)
			}
		}
		if success == 0 || len(op.Responses) < 5 {
			t.Errorf("%s: documents %d successes among %d responses", name, success, len(op.Responses))
		}
		for _, p := range op.Parameters {
			if p.Description == "" && p.Example == nil && len(p.Schema.Enum) == 0 {
				t.Errorf("%s: parameter %s says nothing of itself", name, p.Name)
			}
		}
	}
}
