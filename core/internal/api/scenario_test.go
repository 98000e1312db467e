package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// Who asks what, and what comes back.
func TestScenarios(t *testing.T) {
	t.Parallel()
	tenant := "/api/admin/tenants/" + shared.harpur
	for _, c := range []struct {
		name, who, method, path string
		body                    any
		status                  int
		contains                string
	}{
		{"a key says who it is", "harpur", "GET", "/api/me", nil, 200, `"tenant_id":"` + shared.harpur},
		{"a key says what it may do", "finance", "GET", "/api/me", nil, 200, `"outbox.read"`},
		{"a wrong key is refused", "nobody", "GET", "/api/me", nil, 401, `"unauthenticated"`},
		{"a platform key is told where tenants are", "admin", "GET", "/api/developments", nil, 404, "/api/admin/tenants/{tenant_id}"},
		{"tenants are found by region", "admin", "GET", "/api/admin/tenants?region=uk", nil, 200, `"total":0`},
		{"tenants are found by words", "admin", "GET", "/api/admin/tenants?q=harpur", nil, 200, `"code":"HARP"`},
		{"an unknown filter value is named", "admin", "GET", "/api/admin/tenants?status=gone", nil, 422, `"field":"status"`},
		{"a sort that no list has is refused", "admin", "GET", "/api/admin/tenants?sort=secret", nil, 422, "sorted by"},
		{"a limit out of bounds is named", "admin", "GET", "/api/admin/tenants?limit=1000", nil, 422, `"field":"limit"`},
		{"a forged cursor is refused", "harpur", "GET", "/api/units?after=forged", nil, 422, `"code":"invalid"`},
		{"units are found by status", "harpur", "GET", "/api/units?status=not_scanned", nil, 200, `"total":20`},
		{"a unit shows what its code holds", "harpur", "GET", "/api/units/" + shared.unit, nil, 200, shared.base + "/q/"},
		{"malformed JSON is a problem", "harpur", "POST", "/api/developments", `{"name":`, 400, `"title":"Bad Request"`},
		{"an unknown field is named", "harpur", "POST", "/api/developments", object{"name": "A", "colour": "red"}, 422, `"field":"colour"`},
		{"a missing field is named", "harpur", "POST", "/api/developments", object{}, 422, "name"},
		{"rules of the room come back with their field", "harpur", "PUT", "/api/units/" + shared.unit, object{"label": "2 Harpur Park", "postcode": "!!"}, 422, `"field":"postcode"`},
		{"a hand-over in the future is refused", "harpur", "POST", "/api/units/" + shared.unit + "/hand-over", object{"at": "2999-01-01T00:00:00Z"}, 422, "is in the future"},
		{"a viewer changes nothing", "developer_viewer", "POST", "/api/developments", object{"name": "Mine"}, 403, `"forbidden"`},
		{"a tenant can't raise its own limits", "harpur", "PUT", "/api/settings", changed(t, tenant, "requests_per_minute", 99999), 422, `"field":"requests_per_minute"`},
		{"settings name each wrong value", "admin", "PUT", tenant + "/settings", changed(t, tenant, "time_zone", "Mars/Base"), 422, `"field":"time_zone"`},
		{"residency can't leave the tenant's region out", "admin", "PUT", tenant + "/settings", changed(t, tenant, "allowed_regions", []string{"uk"}), 422, "leaves out eu-west"},
		{"a brand needs colours", "harpur", "PUT", "/api/brand", object{"name": "Harpur", "primary": "green", "accent": "#c58b2b"}, 422, `"field":"primary"`},
		{"a tenant can't invite staff of the platform", "harpur", "POST", "/api/users", object{"name": "A", "email": "a@harpur.example", "role": "admin"}, 422, `"field":"role"`},
		{"nobody invites above themselves", "admin", "POST", "/api/admin/users", object{"name": "A", "email": "owner@openhouse.example", "role": "owner"}, 403, `"forbidden"`},
		{"an audit chain is whole", "auditor", "GET", tenant + "/audit/verify", nil, 200, `"intact":true`},
		{"the platform's chain is whole", "compliance", "GET", "/api/admin/audit/verify", nil, 200, `"intact":true`},
		{"jobs say when they run", "engineer", "GET", "/api/admin/jobs", nil, 200, `"next_at"`},
		{"events are found by name", "admin", "GET", tenant + "/events?name=development.created&to=2001-01-01T00:00:00Z", nil, 200, `"total":0`},
		{"usage events are a list", "admin", "GET", tenant + "/usage-events", nil, 200, `"items":[`},
		{"an unknown region takes no upload", "admin", "POST", "/api/admin/uploads", form(part{"region", "", []byte("mars")}, part{"file", "a.csv", []byte("x")}), 422, "mars"},
		{"a form without a file is refused", "admin", "POST", "/api/admin/uploads", form(part{"region", "", []byte("uk")}), 422, `"field":"file"`},
		{"an address that isn't there", "admin", "GET", "/api/admin/nothing", nil, 404, `"not_found"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := ask(t, c.who, c.method, c.path, c.body, c.status)
			if !strings.Contains(r.body, c.contains) {
				t.Errorf("the answer doesn't contain %s: %s", c.contains, r.body)
			}
			if c.status >= 400 {
				if got := r.header.Get("Content-Type"); !strings.HasPrefix(got, "application/problem+json") {
					t.Errorf("the problem is a %s", got)
				}
				if id := r.text("instance"); id == "" || id != r.header.Get("X-Request-Id") {
					t.Errorf("the problem is of request %q, the answer of %q", id, r.header.Get("X-Request-Id"))
				}
			}
		})
	}
}

// changed are the tenant's settings with one value changed.
func changed(t *testing.T, tenant, field string, value any) object {
	t.Helper()
	return with(decode(t, ask(t, "admin", "GET", tenant+"/settings", nil, http.StatusOK).body), field, value)
}

func with(o object, field string, value any) object {
	o[field] = value
	return o
}

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	long := `{"name":"` + strings.Repeat("a", 1<<20) + `"}`
	r := ask(t, "harpur", "POST", "/api/developments", long, http.StatusUnprocessableEntity)
	if len(r.body) > 1<<12 {
		t.Errorf("the problem repeats %d bytes of the body", len(r.body))
	}
	image := append([]byte("\x89PNG\r\n\x1a\n"), make([]byte, 3<<20)...)
	r = ask(t, "admin", "PUT", "/api/admin/tenants/"+shared.other+"/brand/logo", form(part{"file", "logo.png", image}), http.StatusUnprocessableEntity)
	if !strings.Contains(r.body, `"field":"logo"`) {
		t.Errorf("the logo's limit is not named: %s", r.body)
	}
}
