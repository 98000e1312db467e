package web_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/tenants"
)

const register = "../onboard/unitlist/testdata/property-price-register-2023-02-new-dwellings.csv"

// square is a logo: a PNG of one colour.
func square(t *testing.T) []byte {
	t.Helper()
	picture := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for i := range picture.Pix {
		picture.Pix[i] = 0x70
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// send posts a multipart form: pairs of names and values, and one file.
func (p *person) send(path, name, filename string, content []byte, pairs ...string) answer {
	p.house.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		p.house.must(form.WriteField(pairs[i], pairs[i+1]))
	}
	file, err := form.CreateFormFile(name, filename)
	p.house.must(err)
	_, err = file.Write(content)
	p.house.must(err)
	p.house.must(form.Close())
	return p.do("POST", path, body.String(), "Content-Type", form.FormDataContentType())
}

var versionInput = regexp.MustCompile(`name="version" value="(\d+)"`)

// version is what a form's page says it has seen.
func (a answer) version(t *testing.T) string {
	t.Helper()
	found := versionInput.FindStringSubmatch(a.body)
	if found == nil {
		t.Fatalf("no version in %d\n%s", a.status, a.body)
	}
	return found[1]
}

func developerForm(pairs ...string) []string {
	return append([]string{
		"developer.name", "Cedar Homes", "developer.region", "eu-west",
		"developer.contact.name", "Site office", "developer.contact.email", "office@cedar.example",
	}, pairs...)
}

// newDraft answers the first step and returns the draft's address.
func (p *person) newDraft(pairs ...string) string {
	p.house.t.Helper()
	a := p.post("/admin/onboarding/new", developerForm(pairs...)...)
	address, isBrand := strings.CutSuffix(a.location, "/brand")
	if a.status != 303 || !isBrand {
		p.house.t.Fatalf("new draft: %d to %q\n%s", a.status, a.location, a.body)
	}
	return address
}

// lacks fails the test if the answer holds the text.
func (a answer) lacks(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(a.body, text) {
		t.Fatalf("%q in\n%s", text, a.body)
	}
}

func readRegister(t *testing.T) []byte {
	t.Helper()
	list, err := os.ReadFile(register)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestTheWizardOnboardsADeveloper(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	owner.get("/admin/onboarding").wants(t, 200, "No onboardings yet.")
	owner.get("/admin/onboarding/new").wants(t, 200, "eu-west", "uk", "Continue")
	draft := owner.newDraft()
	owner.get("/admin/onboarding").wants(t, 200, "Your drafts", "Cedar Homes", draft+"/delete")
	owner.get(draft).leads(t, draft+"/brand")
	owner.get(draft+"/review").leads(t, draft+"/brand")
	owner.get(draft+"/developer").wants(t, 200, `value="CEDA"`)

	brand := owner.get(draft+"/brand").wants(t, 200, "Preview")
	owner.send(draft+"/brand", "theme.logo", "cedar.png", square(t), "version", brand.version(t), "theme.primary", "#703d10", "theme.accent", "#075a4d").leads(t, draft+"/units")
	if a := owner.get(draft+"/logo").wants(t, 200); a.header.Get("Content-Type") != "image/png" {
		t.Errorf("the logo is %s", a.header.Get("Content-Type"))
	}
	units := owner.get(draft+"/units").wants(t, 200, "First development")
	owner.send(draft+"/units", "units.file", "register.csv", readRegister(t), "version", units.version(t), "development.name", "Harpur Lane", "development.address", "Leixlip").leads(t, draft+"/columns")

	columns := owner.get(draft+"/columns").wants(t, 200, "Windows-1252", "by its name", "611")
	detected := chosenColumns(columns.body)
	a := owner.post(draft+"/columns", append(detected, "version", columns.version(t), "units.filter", "Harpur Lane", "then", "stay")...)
	a.leads(t, draft+"/columns")
	columns = owner.get(draft+"/columns").wants(t, 200, "of 611 rows", "Units as they will be imported", "€458,150")
	owner.post(draft+"/columns", append(detected, "version", columns.version(t), "units.filter", "Harpur Lane")...).leads(t, draft+"/review")

	review := owner.get(draft+"/review").wants(t, 200, "Onboard Cedar Homes", "20 codes", "office@cedar.example", "Address contains")
	version := review.version(t)
	started := owner.post(draft+"/start", "version", version)
	run, isRun := strings.CutPrefix(started.location, "/admin/onboarding/runs/")
	if started.status != 303 || !isRun {
		t.Fatalf("start: %d to %q\n%s", started.status, started.location, started.body)
	}
	owner.post(draft+"/start", "version", version).leads(t, started.location)
	owner.get(draft).wants(t, 404)
	found, err := h.Onboarding.Wait(system, run, 5*time.Minute)
	h.must(err)
	if found.State != core.Done {
		t.Fatalf("the run is %s: %+v", found.State, found.Steps)
	}
	owner.get(started.location).wants(t, 200, "Cedar Homes is on board", "20 units imported, 20 of 611 rows matched", "20 codes, ", "Waiting for HubSpot to be connected", string(found.TenantID))
	owner.get(started.location+"/poll").wants(t, 286, "20 units imported")
	owner.get(started.location+"/stream").wants(t, 200, "event: update", "event: done")
	owner.get("/admin/onboarding").wants(t, 200, "Cedar Homes", "Done", "You")
	owner.post(started.location+"/resume").wants(t, 409)
	owner.post(started.location+"/cancel").wants(t, 409)
}

var columnSelect = regexp.MustCompile(`(?s)<select class="select" name="(column\.\d+)".*?</select>`)
var selectedOption = regexp.MustCompile(`value="([^"]*)" selected`)

// chosenColumns are the choices of a mapping, as a browser would send them.
func chosenColumns(body string) (pairs []string) {
	for _, found := range columnSelect.FindAllStringSubmatch(body, -1) {
		target := ""
		if option := selectedOption.FindStringSubmatch(found[0]); option != nil {
			target = option[1]
		}
		pairs = append(pairs, found[1], target)
	}
	return pairs
}

func TestTheWizardSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	owner.post("/admin/onboarding/new").wants(t, 422, "This is missing.", "values need correcting")
	a := owner.post("/admin/onboarding/new", "developer.name", "Harpur Homes", "developer.code", "HARP", "developer.region", "uk", "developer.contact.email", "nobody")
	a.wants(t, 422, "This belongs to another tenant.", "This is not an e-mail address.", `value="HARP"`)
	owner.get("/admin/onboarding").lacks(t, "Your drafts")

	draft := owner.newDraft("developer.name", "")
	brand := owner.get(draft + "/brand").version(t)
	a = owner.send(draft+"/brand", "theme.logo", "logo.png", []byte("not a picture"), "version", brand, "theme.primary", "brown", "theme.accent", "#075a4d")
	a.wants(t, 422, "This is neither PNG, JPEG nor SVG.", "brown")
	a = owner.post(draft+"/brand", "version", a.version(t), "theme.primary", "brown", "theme.accent", "#075a4d")
	a.wants(t, 422, "This is not a colour such as #075a4d.")
	owner.post(draft+"/brand", "version", a.version(t), "theme.primary", "#703d10", "theme.accent", "#075a4d").leads(t, draft+"/units")
	a = owner.send(draft+"/units", "units.file", "units.csv", []byte{0, 1, 2, 3}, "version", owner.get(draft+"/units").version(t))
	a.wants(t, 422, "value")
	list := "Address,Price\n1 Main Street,€200000\n1 Main Street,€200000\n2 Main Street,lots\n"
	a = owner.send(draft+"/units", "units.file", "units.csv", []byte(list), "version", a.version(t), "development.name", "Main Street")
	a.leads(t, draft+"/columns")
	columns := owner.get(draft+"/columns").wants(t, 200, "lots", "Duplicates", "This repeats line 2.", "Download all as CSV")
	owner.get(draft+"/errors.csv").wants(t, 200, "Line,Column,Value,Reason", "4,Price,lots")
	a = owner.post(draft+"/columns", "version", columns.version(t), "column.0", "address", "column.1", "price")
	a.wants(t, 422, "1 row can&#39;t be imported")
	a = owner.post(draft+"/columns", "version", a.version(t), "column.0", "price", "column.1", "price")
	a.wants(t, 422, "Another column fills this already.")
	a = owner.post(draft+"/columns", "version", a.version(t), "column.0", "address", "column.1", "price", "units.skip_invalid", "on", "units.filter", "Elsewhere")
	a.wants(t, 422, "None of the file&#39;s 3 rows would be imported.")
	owner.post(draft+"/columns", "version", a.version(t), "column.0", "address", "column.1", "", "units.skip_invalid", "on").leads(t, draft+"/review")
	owner.get(draft+"/columns").wants(t, 200, "as you chose")
}

func TestAFailedRunIsResumed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	draft := owner.newDraft()
	owner.post(draft+"/brand", "version", "1", "theme.primary", "#703d10", "theme.accent", "#703d10").leads(t, draft+"/units")
	owner.post(draft+"/units", "version", "2", "development.name", "Main Street").leads(t, draft+"/review")
	owner.get(draft+"/review").wants(t, 200, "Units can be added later.")
	run := owner.post(draft+"/start", "version", "3").location
	id := run[strings.LastIndex(run, "/")+1:]
	found, err := h.Onboarding.Wait(system, id, 5*time.Minute)
	h.must(err)
	if found.State != core.Done {
		t.Fatalf("the run is %s: %+v", found.State, found.Steps)
	}
	owner.get(run).wants(t, 200, "No unit list: none imported")
	h.must(h.Tenants.UpdateControl(system, func(tx *tenants.Tx) error {
		_, err := tx.Exec(system, `update onboarding_steps set state = 'failed', error = '{"Code":"unavailable","Message":"The disk is full."}' where run_id = ? and name = 'crm_deal'`, id)
		if err == nil {
			_, err = tx.Exec(system, `update onboarding_runs set state = 'failed' where id = ?`, id)
		}
		return err
	}))
	failed := owner.get(run).wants(t, 200, "is not on board yet", "The disk is full.", run+"/resume")
	failed.lacks(t, run+"/cancel") // its tenant exists
	h.as(core.Auditor).get(run).wants(t, 200, "The disk is full.").lacks(t, run+"/resume")
	owner.post(run+"/cancel").wants(t, 409)
	owner.post(run+"/resume").leads(t, run)
}

func TestADraftBelongsToItsAuthor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner, admin := h.as(core.Owner), h.as(core.Admin)
	draft := owner.newDraft()
	for _, path := range []string{"", "/developer", "/brand", "/logo", "/errors.csv", "/review", "/nowhere"} {
		admin.get(draft+path).wants(t, 404)
	}
	admin.post(draft+"/developer", developerForm("version", "1")...).wants(t, 404)
	admin.post(draft+"/start", "version", "1").wants(t, 404)
	admin.post(draft+"/delete").wants(t, 404)
	owner.get(draft+"/nowhere").wants(t, 404)
	owner.post(draft+"/delete").leads(t, "/admin/onboarding")
	owner.get(draft).wants(t, 404)
	auditor := h.as(core.Auditor)
	auditor.get("/admin/onboarding").wants(t, 200)
	auditor.get("/admin/onboarding/new").wants(t, 403)
}

func TestADraftSavedElsewhereIsNotOverwritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	draft := owner.newDraft()
	owner.post(draft+"/developer", developerForm("version", "1", "developer.demo", "on", "then", "close")...).leads(t, "/admin/onboarding")
	late := developerForm("version", "1")
	late[1] = "Late Homes"
	owner.post(draft+"/developer", late...).wants(t, 409, "Somebody was faster", "Load what was saved", "Late Homes")
	owner.get(draft+"/developer").wants(t, 200, `value="Cedar Homes"`)
}

func TestUploadsStayInTheirRegion(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	owner := h.as(core.Owner)
	draft := owner.newDraft()
	version := owner.get(draft + "/brand").version(t)
	owner.post(draft+"/brand", "version", version, "theme.primary", "#703d10", "theme.accent", "#703d10").leads(t, draft+"/units")
	version = owner.get(draft + "/units").version(t)
	owner.send(draft+"/units", "units.file", "units.csv", []byte("Address\n1 Main Street\n"), "version", version, "development.name", "Main Street").leads(t, draft+"/columns")
	version = owner.get(draft + "/developer").version(t)
	moved := developerForm("version", version)
	moved[3] = "uk"
	owner.post(draft+"/developer", moved...).leads(t, draft+"/brand")
	owner.get(draft+"/brand").wants(t, 200, "the uploads were removed")
	d, err := h.Onboarding.FindDraft(core.WithActor(system, core.Actor{Kind: "user", ID: owner.ID}), draft[strings.LastIndex(draft, "/")+1:])
	h.must(err)
	if d.Region != "uk" || d.Provision.Units.File != "" {
		t.Errorf("the draft is in %s with file %q", d.Region, d.Provision.Units.File)
	}
	owner.get(draft+"/columns").leads(t, draft+"/brand")
}
