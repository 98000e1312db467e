package cost

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
)

// costTable is a cost table of Google: rows of project, SKU id, SKU, credit
// type, date, quantity and unrounded cost.
func costTable(currency string, rows ...string) string {
	var file strings.Builder
	fmt.Fprintf(&file, "\ufeffInvoice number,51234\nCurrency,%s\nTotal amount due,,\n\n", currency)
	file.WriteString("Project ID,SKU ID,SKU description,Credit type,Usage start date,Usage amount,Usage unit,Cost type,Unrounded Cost ($)\n")
	file.WriteString(strings.Join(rows, "\n") + "\n")
	return file.String()
}

const (
	mapsRow   = `maps-a,A1,Dynamic Maps,,2026-10-01,"112,400",count,Usage,"1,234.5678"`
	freeRow   = `maps-a,A1,Dynamic Maps,Free tier,2026-10-01,0,count,Usage,-70`
	geoRow    = `maps-b,E5,Geocoding,,2026-10-14,900,count,Usage,0.0042`
	routesRow = `maps-a,F6,Compute Routes Pro,,2026-10-02,5,count,Usage,0.05`
	taxRow    = `,,,,,,,Tax,220.1234`
)

func importFile(c *sdktest.Console, file string) error {
	_, err := c.OnPlatform().Act("import-google", url.Values{"file": {sdktest.File([]byte(file))}})
	return err
}

// A cost table becomes charges: credits taken off, tax of nobody, SKUs known by
// their exact description alone.
func TestGoogle(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), sdktest.At(day("2026-11-09")))
	platform := c.OnPlatform()
	file := costTable("USD", mapsRow, freeRow, geoRow, routesRow, taxRow, "Total,,,,,,,,\"1,384.7454\"")
	if err := importFile(c, file); err != nil {
		t.Fatal(err)
	}
	act(t, platform, "assign-project", "project", "google/maps-a", "tenant", string(c.Tenant))
	got := received(t, c)["actuals/google/2026-10"]
	if len(got) != 2 {
		t.Fatalf("the developer was told %+v", got)
	}
	if m := got[0]; m.Line != "A1" || m.SKU != "dynamic-maps" || m.Usage != "requests" || m.Category != "maps" || *m.Quantity != 112_400 || *m.Amount != 1_164_567_800_000_000 || m.Charged != "1164.5678" {
		t.Errorf("maps are told as %+v", m)
	}
	if r := got[1]; r.SKU != "" || r.Category != "other" || r.Quantity != nil || *r.Amount != 50_000_000_000 {
		t.Errorf("what isn't known is told as %+v", r)
	}
	page := shows(t, platform, "/bills")
	for _, want := range []string{"Invoice 51234.", "1 to 14 October 2026", `"Minor":138475`, `"Minor":22013`} { // all, and of nobody
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	before := kept(platform)
	if err := importFile(c, file); err != nil || kept(platform) != before {
		t.Errorf("the same file again changes something (%v)", err)
	}
	if err := importFile(c, costTable("USD", geoRow)); err != nil || kept(platform) != before {
		t.Errorf("a file of one project changes others (%v)", err)
	}
	if err := importFile(c, costTable("USD", mapsRow, routesRow)); err != nil { // without savings
		t.Fatal(err)
	}
	if got := received(t, c)["actuals/google/2026-10"]; got[0].Charged != "1234.5678" || !strings.Contains(shows(t, platform, "/bills"), "amounts are gross") {
		t.Errorf("a table without credits: %+v", got[0])
	}
	if err := importFile(c, costTable("USD", routesRow, strings.Replace(mapsRow, "2026-10-01", "2026-10-02", 1))); err != nil {
		t.Fatal(err)
	}
	if got := received(t, c)["actuals/google/2026-10"]; len(got) != 3 {
		t.Errorf("a day outside of the window was changed: %+v", got)
	}
	if !strings.Contains(shows(t, platform, "/bills"), "Some projects are no developer's.") {
		t.Error("the page doesn't ask whose the other project is")
	}
	act(t, platform, "assign-project", "project", "google/maps-b", "tenant", string(c.Tenant))
	if page := shows(t, platform, "/bills"); strings.Contains(page, "no developer's.\"") || !strings.Contains(page, `"Minor":22012`) {
		t.Errorf("the tax, which nobody can be assigned, is taken for a project: %s", page)
	}
}

// A file that can't be read is refused whole: the form names line and column,
// and the list of imports keeps why.
func TestGoogleFaults(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), sdktest.At(day("2026-11-09")))
	platform := c.OnPlatform()
	good := costTable("USD", mapsRow)
	if err := importFile(c, good); err != nil {
		t.Fatal(err)
	}
	before := kept(platform)
	for says, file := range map[string]string{
		"line 5, Project ID is missing":                             strings.Replace(good, "Project ID", "Project", 1),
		"line 5, SKU ID is missing":                                 strings.Replace(good, "SKU ID", "SKU", 1),
		"line 5, Unrounded Cost is missing":                         strings.Replace(good, "Unrounded Cost", "Rounded", 1),
		"line 6, Unrounded Cost is not a number such as 1,234.56":   strings.Replace(good, "1,234.5678", "1.234,5678", 1),
		"line 6, Usage start date is not a date such as 2026-11-02": strings.Replace(good, "2026-10-01", "1 Oct 2026", 1),
		"doesn't say its currency":                                  strings.Replace(good, "Currency,", "Currencies,", 1),
		"no cost table":                                             "Unit,Label\n1,Plot 1\n",
		"The table has no rows":                                     costTable("USD"),
		"is more than can be kept":                                  strings.Replace(good, "1,234.5678", "99999999999", 1),
		"can't be kept: it has too many di":                         strings.Replace(good, "\"1,234.5678\"", "1e-40\n"+strings.Replace(mapsRow, "\"1,234.5678\"", "1e39", 1), 1),
	} {
		err := importFile(c, file)
		if core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%v; want it to say %q", err, says)
		}
		if kept(platform) != before {
			t.Errorf("%s: something was imported", says)
		}
		if page := shows(t, platform, "/bills?status=failed&limit=100"); !strings.Contains(page, says) {
			t.Errorf("the page doesn't say %q", says)
		}
	}
	if err := importFile(c, strings.TrimSuffix(good, "\n")+"\nTotal,,,,,,,,9\n"); err != nil {
		t.Fatal(err)
	}
	if page := shows(t, platform, "/bills"); !strings.Contains(page, "The file's total is 9, but its rows come to 1234.5678 USD.") {
		t.Error("the page doesn't say that the total differs")
	}
}

// The route takes the file as it is.
func TestGoogleRoute(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), sdktest.At(day("2026-11-09"))).OnPlatform()
	out, err := postTable(t.Context(), c.Call(), &tableInput{RawBody: []byte(costTable("USD", mapsRow, freeRow, geoRow))})
	if err != nil || out.Body.Rows != 2 || out.Body.Changed != 2 || out.Body.Amount != "1164.572" || out.Body.Currency != "USD" || !out.Body.Net || out.Body.From != "2026-10-01" || out.Body.To != "2026-10-15" {
		t.Errorf("the route answers %+v, %v", out, err)
	}
	if answer := c.Route("POST", "/bills/google", map[string]string{"file": "none"}); answer.Status != 422 && answer.Status != 400 {
		t.Errorf("a body that is no file is answered with %d", answer.Status)
	}
	if answer := c.As(core.Engineer).Route("POST", "/bills/google", "x"); answer.Status != 403 {
		t.Errorf("somebody who may only read is answered with %d", answer.Status)
	}
}

// What is charged in another currency is kept as charged, and converted at the
// rate of its day, which may come later (H24).
func TestOtherCurrency(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), sdktest.At(day("2026-11-09")))
	platform := c.OnPlatform()
	if err := importFile(c, costTable("EUR", mapsRow)); err != nil {
		t.Fatal(err)
	}
	act(t, platform, "assign-project", "project", "google/maps-a", "tenant", string(c.Tenant))
	got := received(t, c)["actuals/google/2026-10"]
	if len(got) != 1 || got[0].Amount != nil || got[0].Currency != "EUR" || got[0].Charged != "1234.5678" {
		t.Errorf("without a rate: %+v", got)
	}
	if page := shows(t, platform, "/bills"); !strings.Contains(page, "Google, October 2026: 1 charge in EUR") {
		t.Error("the page doesn't say that a charge isn't converted")
	}
	if _, err := platform.DB().ExecContext(t.Context(), `insert into cost_rates (date, base, quote, rate, source, added_at) values ('2026-10-01', 'EUR', 'USD', '1.1', 'ECB', 1), ('2026-10-02', 'EUR', 'USD', '2', 'ECB', 1)`); err != nil {
		t.Fatal(err)
	}
	job(t, platform, "convert-bills", "")
	if got := received(t, c)["actuals/google/2026-10"]; len(got) != 1 || got[0].Amount == nil || *got[0].Amount != 1_358_024_580_000_000 || got[0].Charged != "1234.5678" {
		t.Errorf("at 1.1 dollars for a euro: %+v", got)
	}
	if page := shows(t, platform, "/bills"); strings.Contains(page, "can't be converted") {
		t.Error("the page still says that a charge isn't converted")
	}
}
