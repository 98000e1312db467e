package api_test

import (
	"net/http"
	"os"
	"strings"
	"testing"
)

func TestADeveloperIsOnboardedFromTheRegister(t *testing.T) {
	t.Parallel()
	r := shared.provisioned
	if r.text("state") != "done" || r.header.Get("Location") != "/api/admin/provision/runs/"+r.text("id") {
		t.Errorf("the run is %s", r.body)
	}
	steps, _ := r.value("steps").([]any)
	found := map[string]object{}
	for _, s := range steps {
		step, _ := s.(object)
		name, _ := step["name"].(string)
		found[name] = step
	}
	units, _ := found["units"]["result"].(object)
	for field, want := range map[string]float64{"rows": 611, "matched": 20, "imported": 20, "duplicates": 0, "rejected": 0} {
		if units[field] != want {
			t.Errorf("%s is %v, want %v", field, units[field], want)
		}
	}
	if state := found["crm_deal"]["state"]; state != "waiting" {
		t.Errorf("the CRM deal is %v without a CRM", state)
	}
	again := ask(t, "finance", "GET", r.header.Get("Location"), nil, http.StatusOK)
	if again.text("state") != "done" {
		t.Errorf("the run reads %s", again.body)
	}
}

func TestEverythingWrongWithAnOnboardingIsNamedAndNothingIsMade(t *testing.T) {
	t.Parallel()
	request := provision("", "h", "")
	request["theme"] = object{"primary": "green"}
	body := object{"request": request}
	r := ask(t, "admin", "POST", "/api/admin/provision/developer", body["request"], http.StatusUnprocessableEntity)
	for _, field := range []string{"developer.name", "developer.code", "theme.primary"} {
		if !strings.Contains(r.body, `"field":"`+field+`"`) {
			t.Errorf("%s is not named: %s", field, r.body)
		}
	}
	ask(t, "admin", "POST", "/api/admin/provision/developer", `{"developer":{"nmae":"Harpur"}}`, http.StatusUnprocessableEntity)
	r = ask(t, "admin", "POST", "/api/admin/provision/developer", form(part{"request", "", []byte(`{"developer":{"nmae":"Harpur"}}`)}), http.StatusUnprocessableEntity)
	if !strings.Contains(r.body, "nmae") {
		t.Errorf("the unknown key is not named: %s", r.body)
	}
	r = ask(t, "admin", "POST", "/api/admin/provision/developer", form(part{"request", "", []byte(`{}`)}, part{"unit", "a.csv", []byte("x")}), http.StatusUnprocessableEntity)
	if !strings.Contains(r.body, `"field":"unit"`) {
		t.Errorf("the unknown part is not named: %s", r.body)
	}
	if r := ask(t, "admin", "GET", "/api/admin/tenants?q=nmae", nil, http.StatusOK); r.value("total") != 0.0 {
		t.Errorf("something was made: %s", r.body)
	}
}

func TestFilesAreCheckedWithTheRestAndDroppedWithARefusal(t *testing.T) {
	t.Parallel()
	wrong := `{"developer":{"name":"","code":"FILES","region":"mars","contact":{"name":"Office","email":"nowhere"}},"development":{"name":"Wrong Lane"},"units":{"filter":"Lane"}}`
	for what, logo := range map[string][]byte{"no image": []byte("not an image"), "too large": make([]byte, 3<<20)} {
		name := strings.ReplaceAll(what, " ", "-")
		r := ask(t, "admin", "POST", "/api/admin/provision/developer", form(
			part{"request", "", []byte(wrong)}, part{"units", name + ".csv", []byte("Address,Price\n1 Wrong Lane,many\n")}, part{"logo", name + ".png", logo},
		), http.StatusUnprocessableEntity)
		for _, want := range []string{`"field":"developer.region"`, `"field":"developer.name"`, `"field":"developer.contact.email"`, `"field":"theme.logo"`, `"line":2`} {
			if !strings.Contains(r.body, want) {
				t.Errorf("%s: %s is not named: %s", what, want, r.body)
			}
		}
		if n := shared.stagedAs(t, name); n != 0 {
			t.Errorf("%s: %d files are left", what, n)
		}
	}
}

func TestFilesOfARepeatedOnboardingAreDropped(t *testing.T) {
	t.Parallel()
	request := form(
		part{"request", "", []byte(`{"developer":{"name":"Replay Homes","code":"REPLAY","region":"eu-west","contact":{"name":"Office","email":"office@replay.example"}},"development":{"name":"Replay Lane"}}`)},
		part{"units", "replay.csv", []byte("Address\n1 Replay Lane\n")},
	)
	send := func() reply {
		return ask(t, "sales", "POST", "/api/admin/provision/developer", request, http.StatusCreated, "Idempotency-Key", "replay", "Prefer", "wait=60")
	}
	first, second := send(), send()
	if first.text("id") != second.text("id") {
		t.Errorf("two runs: %s and %s", first.text("id"), second.text("id"))
	}
	if n := shared.stagedAs(t, "replay"); n != 0 {
		t.Errorf("%d files are left", n)
	}
}

func TestAnOnboardingIsStartedOncePerKey(t *testing.T) {
	t.Parallel()
	send := func(code string, status int) reply {
		upload := ask(t, "sales", "POST", "/api/admin/uploads", form(part{"region", "", []byte("eu-west")}, part{"file", "units.csv", []byte("Address\n1 Twice Road\n")}), http.StatusCreated, "Idempotency-Key", "units-of-twice")
		request := provision("Twice Homes", code, "")
		request["units"] = object{"file": upload.text("id")}
		return ask(t, "sales", "POST", "/api/admin/provision/developer", request, status, "Idempotency-Key", "twice", "Prefer", "wait=60")
	}
	first := send("TWICE", http.StatusCreated)
	if second := send("TWICE", http.StatusCreated); second.text("id") != first.text("id") {
		t.Errorf("two runs: %s and %s", first.text("id"), second.text("id"))
	}
	send("TWICE2", http.StatusConflict)
}

func TestAnUploadedUnitListIsInspected(t *testing.T) {
	t.Parallel()
	register, err := os.ReadFile("../app/demo/register.csv")
	if err != nil {
		t.Fatal(err)
	}
	made := ask(t, "sales", "POST", "/api/admin/uploads", form(part{"region", "", []byte("eu-west")}, part{"file", "../register.csv", register}), http.StatusCreated)
	if made.text("name") != "register.csv" || made.value("size") != float64(len(register)) || len(made.text("sha256")) != 64 {
		t.Errorf("the upload is %s", made.body)
	}
	path := made.header.Get("Location")
	ask(t, "sales", "GET", path, nil, http.StatusOK)
	ask(t, "finance", "GET", path, nil, http.StatusForbidden)
	r := ask(t, "sales", "POST", path+"/inspect", object{"filter": "Harpur Lane"}, http.StatusOK)
	if r.text("format") != "csv" || r.value("columns.0") == nil || r.text("sample.0.address") == "" {
		t.Errorf("the inspection is %s", r.body)
	}
}
