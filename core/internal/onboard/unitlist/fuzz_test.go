package unitlist_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

// FuzzRead: whatever the file, reading ends, the counts add up, and every unit
// is fit to be stored.
func FuzzRead(f *testing.F) {
	published, err := os.ReadFile(register)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(published[:2000], "")
	f.Add(workbook(f, false), "harpur")
	for _, s := range []string{
		"Address,Price\n\"1 High Street, Naas\",€5\n", "Plot;Type\n12;\"A\n1\"\n", "sep=|\nAddress|Sold\n1 x|1/2/23\n",
		"\xff\xfeA\x00d\x00d\x00r\x00e\x00s\x00s\x00\n\x001\x00 \x00a\x00", "SAON\tPAON\tStreet\n1\t2\tx\n", "Address\r1 a\r2 b\r",
	} {
		f.Add([]byte(s), "")
	}
	f.Fuzz(func(t *testing.T, file []byte, filter string) {
		keys, last := map[string]bool{}, 0
		report, err := unitlist.Read(t.Context(), bytes.NewReader(file), "f", unitlist.Options{Filter: filter}, func(r unitlist.Row) error {
			u := r.Unit
			if keys[r.Key] || r.Line <= last || u.Address == "" || u.Label == "" || u.Price != nil && u.Price.Minor <= 0 {
				t.Errorf("row %+v after line %d", r, last)
			}
			for _, s := range []string{u.Address, u.Label, u.County, u.Kind, u.Size, u.Postcode, u.SoldOn} {
				if !utf8.ValidString(s) || strings.IndexFunc(s, unicode.IsControl) >= 0 || strings.TrimSpace(s) != s {
					t.Errorf("text %q", s)
				}
			}
			keys[r.Key], last = true, r.Line
			return nil
		})
		if e, ok := errors.AsType[*core.Error](err); err != nil && (!ok || e.Code != core.Invalid) {
			t.Errorf("error %v", err)
		}
		if report.Matched > report.Rows || report.Matched != report.Imported+report.Duplicates+report.Rejected || report.Imported != len(keys) {
			t.Errorf("report %+v", report)
		}
	})
}

// FuzzPrice: a price is positive, and its own spelling reads as the same.
func FuzzPrice(f *testing.F) {
	for _, s := range []string{"€458,150.00", "458.150,00 €", "EUR 300000", "1'250.5", "POA", "£5", "0.125", "(5)"} {
		f.Add(s, false)
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, round bool) {
		m, err := unitlist.ParsePrice(s, "EUR", round)
		if err != nil || m == nil {
			return
		}
		if m.Minor <= 0 || m.Currency != "EUR" {
			t.Fatalf("%q = %v", s, m)
		}
		if again, err := unitlist.ParsePrice(m.String(), "EUR", false); err != nil || *again != *m {
			t.Errorf("%q = %v, and %q = %v (%v)", s, m, m.String(), again, err)
		}
	})
}

// FuzzDate: a date exists, and reads as itself in every order.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"01/02/2023", "2023-02-01T10:00Z", "1st Feb 2023", "Feb 1, 2023", "44958", "31.2.23"} {
		f.Add(s, true, 0)
		f.Add(s, false, 1904)
	}
	f.Fuzz(func(t *testing.T, s string, dayFirst bool, epoch int) {
		order := unitlist.MonthFirst
		if dayFirst {
			order = unitlist.DayFirst
		}
		got, err := unitlist.ParseDate(s, order, epoch)
		if err != nil || got == "" {
			return
		}
		if _, err := time.Parse(time.DateOnly, got); err != nil {
			t.Fatalf("%q = %q", s, got)
		}
		if again, err := unitlist.ParseDate(got, order, 0); err != nil || again != got {
			t.Errorf("%q = %q, and then %q (%v)", s, got, again, err)
		}
	})
}
