package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"strings"
	"testing"
)

func decode(t *testing.T, body string) object {
	t.Helper()
	var o object
	if err := json.Unmarshal([]byte(body), &o); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	delete(o, "$schema")
	return o
}

func TestACreateIsCarriedOutOncePerKey(t *testing.T) {
	t.Parallel()
	const key = "Idempotency-Key"
	body := object{"name": "Repeated Row"}
	first := ask(t, "harpur", "POST", "/api/developments", body, http.StatusCreated, key, "repeated")
	second := ask(t, "harpur", "POST", "/api/Developments/", body, http.StatusCreated, key, "repeated")
	if first.body != second.body || second.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the repetition answers %s, the first time %s", second.body, first.body)
	}
	for _, name := range []string{"Location", "ETag"} {
		if first.header.Get(name) == "" || first.header.Get(name) != second.header.Get(name) {
			t.Errorf("%s is %q, then %q", name, first.header.Get(name), second.header.Get(name))
		}
	}
	ask(t, "harpur", "POST", "/api/developments", object{"name": "Another Row"}, http.StatusConflict, key, "repeated")
	ask(t, "other", "POST", "/api/developments", object{"name": "Another Row"}, http.StatusCreated, key, "repeated")
	if r := ask(t, "harpur", "GET", "/api/developments?q=Repeated", nil, http.StatusOK); r.value("total") != 1.0 {
		t.Errorf("there are %v of it", r.value("total"))
	}
	ask(t, "harpur", "GET", first.header.Get("Location"), nil, http.StatusOK)
}

func TestTheSecretOfAKeyIsAnsweredOnceAndStoredNowhere(t *testing.T) {
	t.Parallel()
	body := object{"name": "Once", "role": "developer_viewer", "tenant_id": shared.other}
	// Routes are found in any case of letters: none of them may keep the answer.
	for _, path := range []string{"/api/admin/keys", "/api/admin/Keys/"} {
		made := ask(t, "admin", "POST", path, body, http.StatusCreated, "Idempotency-Key", "once")
		if !strings.HasPrefix(made.text("secret"), "oh_live_") {
			t.Fatalf("no secret: %s", made.body)
		}
		again := ask(t, "admin", "POST", path, body, http.StatusCreated, "Idempotency-Key", "once")
		if again.text("secret") == made.text("secret") {
			t.Error("the secret was kept")
		}
		id := made.text("id")
		if r := ask(t, "admin", "GET", "/api/admin/keys/"+id, nil, http.StatusOK); strings.Contains(r.body, "oh_live_") {
			t.Errorf("the secret is shown again: %s", r.body)
		}
		if r := ask(t, "admin", "POST", "/api/admin/keys/"+id+"/revoke", object{"reason": "Test"}, http.StatusOK); r.text("revoked_at") == "" {
			t.Errorf("the key is not revoked: %s", r.body)
		}
	}
}

// An update with an outdated If-Match is refused, and changes nothing.
func TestIfMatch(t *testing.T) {
	t.Parallel()
	tenant := "/api/admin/tenants/" + shared.other
	development := ask(t, "other", "POST", "/api/developments", object{"name": "Matched"}, http.StatusCreated).text("id")
	unit := ask(t, "other", "POST", "/api/units", object{"development_id": development, "label": "1 Matched", "address": "1 Matched Road"}, http.StatusCreated).text("id")
	homeowner := ask(t, "other", "POST", "/api/homeowners", object{"unit_id": unit, "name": "Marek Nowak", "email": "marek@homeowner.example"}, http.StatusCreated).text("id")
	user := ask(t, "other", "POST", "/api/users", object{"name": "Orla", "email": "orla@other.example", "role": "developer_viewer"}, http.StatusCreated).text("id")
	settings := decode(t, ask(t, "admin", "GET", tenant+"/settings", nil, http.StatusOK).body)
	for _, c := range []struct {
		who, method, path string
		one, two          object
	}{
		{"other", "PUT", "/api/developments/" + development, object{"name": "Matched once"}, object{"name": "Matched twice"}},
		{"other", "PUT", "/api/units/" + unit, object{"label": "2 Matched"}, object{"label": "3 Matched"}},
		{"other", "PUT", "/api/homeowners/" + homeowner, object{"name": "Marek N.", "email": "marek@homeowner.example"}, object{"name": "M. Nowak", "email": "marek@homeowner.example"}},
		{"other", "PUT", "/api/users/" + user, object{"name": "Orla F.", "role": "developer_viewer", "status": "invited"}, object{"name": "O. F.", "role": "developer_viewer", "status": "invited"}},
		{"other", "PUT", "/api/brand", object{"name": "Once", "primary": "#112233", "accent": "#445566"}, object{"name": "Twice", "primary": "#112233", "accent": "#445566"}},
		{"admin", "PUT", tenant + "/settings", with(clone(settings), "map_zoom", 7), with(clone(settings), "map_zoom", 8)},
		{"admin", "PATCH", tenant, object{"name": "Other Homes Ltd"}, object{"name": "Other Homes plc"}},
	} {
		seen := ask(t, c.who, "GET", c.path, nil, http.StatusOK).header.Get("ETag")
		changed := ask(t, c.who, c.method, c.path, c.one, http.StatusOK, "If-Match", seen)
		if tag := changed.header.Get("ETag"); seen == "" || tag == "" || tag == seen {
			t.Errorf("%s: the ETag was %q and is %q", c.path, seen, tag)
		}
		ask(t, c.who, c.method, c.path, c.two, http.StatusPreconditionFailed, "If-Match", seen)
		ask(t, c.who, c.method, c.path, c.two, http.StatusUnprocessableEntity, "If-Match", `"forged"`)
		after := ask(t, c.who, "GET", c.path, nil, http.StatusOK)
		if after.body != changed.body && after.header.Get("ETag") != changed.header.Get("ETag") {
			t.Errorf("%s: a refused change was made: %s", c.path, after.body)
		}
	}
}

// A conflict of another kind is not the If-Match's fault.
func TestAConflictWithTheRightIfMatchStaysOne(t *testing.T) {
	t.Parallel()
	development := ask(t, "other", "POST", "/api/developments", object{"name": "Taken"}, http.StatusCreated).text("id")
	made := ask(t, "other", "POST", "/api/units", object{"development_id": development, "label": "1", "address": "1 Taken Road"}, http.StatusCreated)
	ask(t, "other", "POST", "/api/units", object{"development_id": development, "label": "2", "address": "2 Taken Road"}, http.StatusCreated)
	body := object{"label": "2", "address": "2 Taken Road"}
	ask(t, "other", "PUT", made.header.Get("Location"), body, http.StatusConflict, "If-Match", made.header.Get("ETag"))
	ask(t, "other", "PUT", made.header.Get("Location"), body, http.StatusConflict, "If-Match", "*")
	ask(t, "other", "DELETE", "/api/developments/"+development, nil, http.StatusConflict)
	ask(t, "other", "DELETE", made.header.Get("Location"), nil, http.StatusNoContent)
}

func clone(o object) object {
	c := object{}
	for k, v := range o {
		c[k] = v
	}
	return c
}

func TestCursorsWalkEveryEntryOnce(t *testing.T) {
	t.Parallel()
	for _, list := range []string{"/api/units?sort=-created_at&development=" + shared.development, "/api/units?development=" + shared.development, "/api/audit?action=unit.import"} {
		seen, total := map[string]bool{}, 0.0
		for after, pages := "", 0; pages == 0 || after != ""; pages++ {
			r := ask(t, "harpur", "GET", list+"&limit=7&after="+after, nil, http.StatusOK)
			items, _ := r.value("items").([]any)
			for i := range items {
				id := r.text(fmt.Sprintf("items.%d.id", i))
				if seen[id] {
					t.Fatalf("%s: %s comes twice", list, id)
				}
				seen[id] = true
			}
			total, _ = r.value("total").(float64)
			if after = r.text("next"); pages > 100 {
				t.Fatalf("%s has no end", list)
			}
		}
		if len(seen) == 0 || float64(len(seen)) != total {
			t.Errorf("%s: %d entries were walked of %v", list, len(seen), total)
		}
	}
}

func TestSuspendingNeedsAReasonAndIsRecorded(t *testing.T) {
	t.Parallel()
	made, err := shared.onboard(provision("Sleepy Homes", "SLEEP", ""), []byte("Address\n1 Sleepy Road\n"))
	if err != nil {
		t.Fatal(err)
	}
	id := made.text("tenant_id")
	tenant := "/api/admin/tenants/" + id
	ask(t, "support", "PATCH", tenant, object{"status": "suspended"}, http.StatusUnprocessableEntity)
	ask(t, "support", "PATCH", tenant, object{"status": "suspended", "reason": "Contract has ended"}, http.StatusOK)
	ask(t, "admin", "POST", tenant+"/developments", object{"name": "Too late"}, http.StatusForbidden)
	ask(t, "admin", "GET", tenant+"/developments", nil, http.StatusOK)
	r := ask(t, "auditor", "GET", "/api/admin/audit?action=tenant.suspend&target="+id, nil, http.StatusOK)
	if r.text("items.0.reason") != "Contract has ended" || r.text("items.0.changes.0.after") != "suspended" {
		t.Errorf("the record is %s", r.body)
	}
	ask(t, "support", "PATCH", tenant, object{"status": "active", "reason": "New contract"}, http.StatusOK)
	ask(t, "admin", "POST", tenant+"/developments", object{"name": "In time"}, http.StatusCreated)
}

func TestSettingsAreRecordedFieldByField(t *testing.T) {
	t.Parallel()
	body := changed(t, "/api/admin/tenants/"+shared.harpur, "locale", "fr-FR")
	ask(t, "harpur", "PUT", "/api/settings", body, http.StatusOK)
	if r := ask(t, "harpur", "GET", "/api/brand", nil, http.StatusOK); r.text("locale") != "fr-FR" {
		t.Errorf("the brand didn't follow: %s", r.body)
	}
	r := ask(t, "harpur", "GET", "/api/audit?action=settings.update", nil, http.StatusOK)
	if r.text("items.0.changes.0.field") != "locale" || r.text("items.0.changes.0.before") != "en-IE" || r.value("items.0.changes.1") != nil {
		t.Errorf("the record is %s", r.body)
	}
	if r.value("items.0.origin") != nil {
		t.Error("a tenant is shown where requests come from")
	}
}

func TestALogoIsWrittenAnewAndServed(t *testing.T) {
	t.Parallel()
	picture := image.NewRGBA(image.Rect(0, 0, 8, 8))
	picture.Set(3, 3, color.RGBA{7, 90, 77, 255})
	var body bytes.Buffer
	if err := png.Encode(&body, picture); err != nil {
		t.Fatal(err)
	}
	tenant := "/api/admin/tenants/" + shared.other
	r := ask(t, "sales", "PUT", tenant+"/brand/logo", form(part{"file", "logo.png", body.Bytes()}), http.StatusOK)
	if r.text("logo_type") != "image/png" {
		t.Errorf("the brand is %s", r.body)
	}
	served := ask(t, "admin", "GET", tenant+"/brand/logo", nil, http.StatusOK)
	if got := served.header.Get("Content-Type"); got != "image/png" || !strings.HasPrefix(served.body, "\x89PNG") {
		t.Errorf("the logo is a %s", got)
	}
	ask(t, "admin", "PUT", tenant+"/brand/logo", form(part{"file", "logo.png", []byte("<svg onload='x'/>")}), http.StatusUnprocessableEntity)
}

func TestCodesAndPacksAreFiles(t *testing.T) {
	t.Parallel()
	unit, packs := "/api/units/"+shared.unit, "/api/developments/"+shared.development+"/packs"
	for path, want := range map[string][2]string{
		unit + "/qr.svg": {"image/svg+xml", "<svg"}, unit + "/qr.png?scale=4": {"image/png", "\x89PNG"}, packs + "/launch_kit": {"application/zip", "PK"},
	} {
		r := ask(t, "harpur", "GET", path, nil, http.StatusOK)
		if got := r.header.Get("Content-Type"); got != want[0] || !strings.Contains(r.body[:100], want[1]) {
			t.Errorf("%s is a %s of %d bytes", path, got, len(r.body))
		}
	}
	kit := ask(t, "harpur", "GET", packs+"/launch_kit", nil, http.StatusOK)
	if !strings.Contains(kit.header.Get("Content-Disposition"), ".zip") {
		t.Errorf("the kit is sent as %s", kit.header.Get("Content-Disposition"))
	}
	list := ask(t, "harpur", "GET", packs, nil, http.StatusOK)
	if list.value("total") != 2.0 {
		t.Errorf("the packs are %s", list.body)
	}
	made := ask(t, "harpur", "POST", packs+"/qr_pack", nil, http.StatusCreated)
	ask(t, "harpur", "GET", made.header.Get("Location"), nil, http.StatusOK)
}

func TestLinksToSignInAreTheirReceiversAlone(t *testing.T) {
	t.Parallel()
	invited := ask(t, "admin", "POST", "/api/admin/users", object{"name": "Liam", "email": "liam@openhouse.example", "role": "support"}, http.StatusCreated)
	if strings.Contains(invited.body, "/invitation/") {
		t.Errorf("the link is answered: %s", invited.body)
	}
	r := ask(t, "support", "GET", "/api/admin/messages?template=user_invitation", nil, http.StatusOK)
	path := "/api/admin/messages/" + r.text("items.0.id")
	if r := ask(t, "admin", "GET", path, nil, http.StatusOK); strings.Contains(r.body, "/invitation/") || r.text("subject") == "" {
		t.Errorf("an admin reads %s", r.body)
	}
}

func TestAJobIsRunAndItsRunIsFound(t *testing.T) {
	t.Parallel()
	started := ask(t, "engineer", "POST", "/api/admin/jobs/access.sweep/run", nil, http.StatusAccepted)
	r := ask(t, "engineer", "GET", started.header.Get("Location"), nil, http.StatusOK)
	if r.text("job") != "access.sweep" || r.text("started_by") == "" {
		t.Errorf("the run is %s", r.body)
	}
}

// A tenant's keys share the limit of its settings.
func TestTheLimitOfATenantIsEnforced(t *testing.T) {
	t.Parallel()
	made, err := shared.onboard(provision("Busy Homes", "BUSY", ""), []byte("Address\n1 Busy Road\n"))
	if err != nil {
		t.Fatal(err)
	}
	id := made.text("tenant_id")
	ask(t, "admin", "PUT", "/api/admin/tenants/"+id+"/settings", changed(t, "/api/admin/tenants/"+id, "requests_per_minute", 2), http.StatusOK)
	key := ask(t, "admin", "POST", "/api/admin/keys", object{"name": "Busy", "role": "developer_viewer", "tenant_id": id}, http.StatusCreated).text("secret")
	ask(t, "nobody", "GET", "/api/me", nil, http.StatusOK, "Authorization", "Bearer "+key)
	ask(t, "nobody", "GET", "/api/me", nil, http.StatusOK, "Authorization", "Bearer "+key)
	r := ask(t, "nobody", "GET", "/api/me", nil, http.StatusTooManyRequests, "Authorization", "Bearer "+key)
	if r.header.Get("Retry-After") == "" {
		t.Error("the refusal doesn't say when to come back")
	}
}
