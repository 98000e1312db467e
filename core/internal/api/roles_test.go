package api_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/access"
)

var update = flag.Bool("update", false, "rewrite golden files")

// absent is a well-formed id that nothing has.
const absent = "00000000000000000000000000"

// address fills a path's parameters with the tenant's id and ids of nothing.
func address(path, tenant string) string {
	return strings.NewReplacer("{tenant_id}", tenant, "{id}", "unt_"+absent, "{kind}", "qr_pack").Replace(path)
}

// The golden file is the table of who gets which status from every operation,
// asked with an empty body for a noun that doesn't exist.
func TestEveryOperationForEveryRole(t *testing.T) {
	t.Parallel()
	var table strings.Builder
	for _, op := range mustOperations(t) {
		fmt.Fprintf(&table, "%s %s\n ", op.method, op.path)
		for _, who := range append([]core.Role{"nobody"}, core.Roles...) {
			if who == core.Owner {
				continue // no key has this role
			}
			var body any
			if op.RequestBody != nil {
				body = "{}"
			}
			r := ask(t, string(who), op.method, address(op.path, shared.harpur), body, 0)
			fmt.Fprintf(&table, " %s %d", who, r.status)
			if want := expected(op, who); want != 0 && r.status != want {
				t.Errorf("%s: %s %s: %d, want %d: %s", who, op.method, op.path, r.status, want, r.body)
			}
			if want := expected(op, who); want == 0 && (r.status == http.StatusUnauthorized || r.status == http.StatusForbidden || r.status >= 500) {
				t.Errorf("%s: %s %s: %d: %s", who, op.method, op.path, r.status, r.body)
			}
		}
		table.WriteString("\n")
	}
	golden(t, "testdata/roles.golden", table.String())
}

// expected is the refusal that a role has to get; 0 for who may ask.
func expected(op documented, who core.Role) int {
	admin, own := strings.HasPrefix(op.path, "/api/admin/"), op.path != "/api/me"
	switch {
	case who == "nobody":
		return http.StatusUnauthorized
	case admin && who.ForDeveloper():
		return http.StatusNotFound
	case op.permission() != "" && !access.Allows(who, core.Permission(op.permission())):
		return http.StatusForbidden
	case !admin && own && !who.ForDeveloper():
		return http.StatusNotFound
	}
	return 0
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wanted, lines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i, line := range lines {
		if i >= len(wanted) || wanted[i] != line {
			t.Fatalf("%s differs in line %d (go test -update rewrites it): %s", path, i+1, line)
		}
	}
	if len(wanted) != len(lines) {
		t.Fatalf("%s has %d lines, want %d", path, len(wanted), len(lines))
	}
}
