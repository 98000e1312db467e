package api_test

import (
	"net/http"
	"strings"
	"testing"
)

// valid are bodies that an operation on a noun would carry out, so that a 404
// comes from the noun's owner and not from the body.
func valid() map[string]any {
	return map[string]any{
		"update-development": object{"name": "Taken over"},
		"update-unit":        object{"label": "Taken over"},
		"hand-over-unit":     object{},
		"update-homeowner":   object{"name": "Taken over", "email": "taken@over.example"},
		"onboard-homeowner":  object{"consent": "2026-01"},
		"update-user":        object{"name": "Taken over", "role": "developer_viewer", "status": "disabled"},
		"disable-user":       object{"reason": "Taken over"},
		"drop-dead-letter":   object{"reason": "Taken over"},

		"update-plugin-settings": object{"values": object{}},
	}
}

// nounOf is Harpur's noun that a path names.
func nounOf(t *testing.T, path string) string {
	t.Helper()
	for noun, id := range map[string]string{
		"/developments/{id}": shared.development, "/units/{id}": shared.unit, "/homeowners/{id}": shared.homeowner,
		"/messages/{id}": shared.message, "/users/{id}": shared.user,
		"/dead-letters/{id}": "evt_" + absent + ".example", "/plugin-settings/{id}": "example",
		"/usage-quarantine/{id}": "hld_" + absent,
	} {
		if strings.Contains(path, noun) {
			return id
		}
	}
	t.Fatalf("%s names a noun that the test doesn't know", path)
	return ""
}

func TestAnotherTenantsNounsDontExist(t *testing.T) {
	t.Parallel()
	const staff = "/api/admin/tenants/{tenant_id}/"
	bodies, asked := valid(), 0
	for _, op := range mustOperations(t) {
		if !strings.HasPrefix(op.path, staff) || !strings.Contains(op.path, "{id}") {
			continue
		}
		id := strings.TrimPrefix(op.ID, "admin-")
		body, has := bodies[id]
		if op.RequestBody != nil && !has {
			t.Errorf("%s takes a body and the test has none", id)
			continue
		}
		asked++
		path := strings.NewReplacer("{id}", nounOf(t, op.path), "{kind}", "launch_kit").Replace(op.path)
		own := "/api/" + strings.TrimPrefix(path, staff)
		ask(t, "admin", op.method, strings.Replace(path, "{tenant_id}", shared.other, 1), body, http.StatusNotFound)
		if r := ask(t, "other", op.method, own, body, 0); r.status != http.StatusNotFound && r.status != http.StatusForbidden {
			t.Errorf("another tenant's key: %s %s: %d %s", op.method, own, r.status, r.body)
		}
	}
	if asked < 20 {
		t.Errorf("only %d operations name a noun of a tenant", asked)
	}
	for _, path := range []string{"/api/developments/" + shared.development, "/api/units/" + shared.unit, "/api/homeowners/" + shared.homeowner, "/api/users/" + shared.user} {
		if r := ask(t, "harpur", "GET", path, nil, http.StatusOK); strings.Contains(r.body, "Taken over") || r.text("status") == "disabled" {
			t.Errorf("%s was changed: %s", path, r.body)
		}
	}
}

// What is above its tenant, or beside it, doesn't exist for a tenant's key:
// not even the difference between an id that is and one that isn't.
func TestATenantsKeySeesNothingAboveIt(t *testing.T) {
	t.Parallel()
	for _, op := range mustOperations(t) {
		if !strings.HasPrefix(op.path, "/api/admin/") {
			continue
		}
		ours := ask(t, "other", op.method, address(op.path, shared.harpur), nil, http.StatusNotFound)
		none := ask(t, "other", op.method, address(op.path, "ten_"+absent), nil, http.StatusNotFound)
		if ours.text("detail") != none.text("detail") {
			t.Errorf("%s %s tells a tenant that exists from one that doesn't: %q, %q", op.method, op.path, ours.text("detail"), none.text("detail"))
		}
	}
}

func TestListsHoldOnlyTheTenantsOwn(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/api/developments", "/api/units", "/api/homeowners", "/api/users", "/api/audit"} {
		r := ask(t, "other", "GET", path, nil, http.StatusOK)
		for _, foreign := range []string{shared.harpur, shared.development, shared.unit, shared.homeowner, shared.user, "harpur.example"} {
			if strings.Contains(r.body, foreign) {
				t.Errorf("%s shows %s of another tenant", path, foreign)
			}
		}
	}
}

// A tenant that the path doesn't name can't be reached through the platform's
// lists either: the tenant of a message is part of what finds it.
func TestAMessageIsFoundInItsTenantAlone(t *testing.T) {
	t.Parallel()
	ask(t, "admin", "GET", "/api/admin/messages/"+shared.message, nil, http.StatusNotFound)
	r := ask(t, "support", "GET", "/api/admin/tenants/"+shared.harpur+"/messages/"+shared.message, nil, http.StatusOK)
	if r.text("html") == "" || r.text("to") != "office@harp.example" {
		t.Errorf("the welcome pack can't be read: %s", r.body)
	}
}
