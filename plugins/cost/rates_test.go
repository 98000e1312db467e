package cost

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk/sdktest"
)

const bankFile = "Date,USD,JPY,GBP,CHF,\n2026-11-19,1.0800,160.11,0.8400,0.9300,\n2026-11-18,1.0700,N/A,N/A,0.9200,\n2024-12-31,1.0389,162.98,0.82918,0.9412,\n"

// The latest rate on or before a day is found: the pair's own, the inverse of
// the opposite one, or one over the euro (H24).
func TestFindRate(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), autumn).OnPlatform()
	ours := "date,base,quote,rate,source\n2026-11-10,USD,GBP,0.79,by hand\n2026-11-19,USD,GBP,0.78,by hand\n2026-11-01,CHF,EUR,1.07,by hand\n"
	for _, file := range []string{ours, bankFile} {
		if _, err := c.Act("import-rates", url.Values{"file": {sdktest.File([]byte(file))}}); err != nil {
			t.Fatal(err)
		}
	}
	tenant := c.InTenant(c.Other()).Call()
	if _, from := copied(t, tenant); from.Format("2006-01-02") != "2026-11-01" {
		t.Errorf("rates differ from %v", from)
	}
	for _, on := range []struct{ base, quote, date, value, day, words string }{
		{"EUR", "USD", "2026-11-20", "1.080000", "2026-11-19", "1.0800 USD for 1 EUR on 19 Nov 2026, European Central Bank"},
		{"EUR", "USD", "2026-11-18", "1.070000", "2026-11-18", "1.0700 USD"},
		{"EUR", "USD", "2026-11-17", "", "", ""},
		{"USD", "EUR", "2026-11-20", "0.925926", "2026-11-19", "0.925926 EUR for 1 USD on 19 Nov 2026"},
		{"USD", "GBP", "2026-11-20", "0.780000", "2026-11-19", "by hand"},            // of one day the pair's own
		{"USD", "GBP", "2026-11-18", "0.790000", "2026-11-10", "by hand"},            // the bank has no pound that day
		{"GBP", "USD", "2026-11-19", "1.282051", "2026-11-19", "by hand"},            // turned round
		{"CHF", "USD", "2026-11-19", "1.161290", "2026-11-19", "Bank"},               // over the euro
		{"CHF", "USD", "2026-11-18", "1.163043", "2026-11-18", "Bank"},               // known since the first file
		{"JPY", "USD", "2026-11-19", "", "", ""},                                     // never taken
		{"EUR", "EUR", "2026-01-01", "1.000000", "2026-01-01", "1.000000 EUR for 1"}, // always
	} {
		for _, db := range []selecter{c.Call().DB(), tenant.DB()} {
			found, ok, err := findRate(context.Background(), db, on.base, on.quote, on.date)
			if err != nil {
				t.Fatal(err)
			}
			if ok != (on.value != "") || ok && (found.value.FloatString(6) != on.value || found.date != on.day || !strings.Contains(found.words(on.base, on.quote), on.words)) {
				t.Errorf("%s in %s on %s is %+v (%v)", on.base, on.quote, on.date, found, ok)
			}
		}
	}
}

// A rate that was mistyped is written again: the record keeps both.
func TestAddRate(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), autumn).OnPlatform()
	rate := func(value string) url.Values {
		return url.Values{"date": {"2026-11-19"}, "base": {"eur"}, "quote": {"USD"}, "rate": {value}, "source": {"bank"}}
	}
	for _, value := range []string{"10.8", "1.08", "1.08"} {
		if _, err := c.Act("add-rate", rate(value)); err != nil {
			t.Fatal(err)
		}
	}
	records := c.Records()
	if len(records) != 2 || records[1].Changes[0].Before != "10.8, bank" || records[1].Changes[0].After != "1.08, bank" {
		t.Errorf("the records are %+v", records)
	}
	page, err := c.Page("/rates?currency=EUR")
	if text := written(t, page); err != nil || !strings.Contains(text, `"Value":108,"Decimals":2`) || strings.Contains(text, `"Decimals":1`) {
		t.Errorf("the page is %s (%v)", text, err)
	}
	var list struct{ Items []dailyRate }
	if err := c.Route("GET", "/rates", nil).JSON(&list); err != nil || len(list.Items) != 1 || list.Items[0].Rate != "1.08" {
		t.Errorf("the list is %+v (%v)", list, err)
	}
	if out, err := postRates(t.Context(), c.Call(), &rateFileInput{RawBody: []byte(bankFile)}); err != nil || out.Body.Changed != 3 { // the dollar of the 19th, which was another bank's, too
		t.Errorf("over HTTP the bank's file changes %+v (%v)", out, err)
	}
	if answer := c.Route("POST", "/rates/import", "no file of rates"); answer.Status != 422 && answer.Status != 400 {
		t.Errorf("what is no file of rates is answered with %d (%v)", answer.Status, answer.Err)
	}
	if line, err := c.Job("publish"); err != nil || !strings.Contains(line, "prices to begin with") {
		t.Errorf("the job says %q (%v)", line, err)
	}
	for name, values := range map[string]url.Values{"rate": rate("0"), "quote": {"date": {"2026-11-19"}, "base": {"EUR"}, "quote": {"EUR"}, "rate": {"1"}, "source": {"x"}}, "date": {"date": {"2019-11-19"}, "base": {"EUR"}, "quote": {"USD"}, "rate": {"1"}, "source": {"x"}}} {
		_, err := c.Act("add-rate", values)
		if refused, ok := err.(*core.Error); !ok || len(refused.Fields) != 1 || refused.Fields[0].Field != name {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestParseRates(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		file   string
		line   int
		column string
	}{
		"nothing":        {"", 1, "date"},
		"another column": {"date,base,quote,rate,remark\n", 1, "remark"},
		"a bad rate":     {"date,base,quote,rate\n2026-11-19,EUR,USD,1.08\n2026-11-20,EUR,USD,1e3\n", 3, "rate"},
		"a bad day":      {"Date,USD\n19 November 2026,1.08\n", 2, "date"},
		"a broken quote": {"date,base,quote,rate\n\"2026\"x,EUR,USD,1\n", 2, ""},
	} {
		_, wrong := parseRates([]byte(c.file), nil)
		if len(wrong) == 0 || wrong[0].Line != c.line || wrong[0].Column != c.column {
			t.Errorf("%s: %+v", name, wrong)
		}
	}
	rates, wrong := parseRates([]byte(bankFile), []string{"JPY"})
	if len(wrong) > 0 || len(rates) != 4 {
		t.Errorf("the bank's file has %+v (%v)", rates, wrong)
	}
}

func FuzzParseRates(f *testing.F) {
	f.Add([]byte(bankFile))
	f.Add([]byte("\ufeffrate,date,base,quote\r\n1.08,2026-11-19,eur,usd\r\n,,,\r\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		rates, wrong := parseRates(file, []string{"JPY", "EUR"})
		seen := map[pair]bool{}
		for _, r := range rates {
			if len(wrong) == 0 && (len(r.wrongs()) > 0 || seen[r.pair()]) {
				t.Fatalf("%q has %+v", file, r)
			}
			seen[r.pair()] = true
		}
	})
}
