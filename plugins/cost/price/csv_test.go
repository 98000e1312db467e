package price_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"pgregory.net/rapid"
)

func written(t testing.TB, rows []price.Row) string {
	t.Helper()
	var b bytes.Buffer
	if err := price.WriteCSV(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What is written is read as the same rows, formulas and all.
func TestCSVReadsWhatItWrites(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rows(t)
		for i := range all {
			all[i].ID = price.ID(all[i])
			all[i].Source = strings.TrimSpace(rapid.StringMatching(`['=+@-]{0,3}[ -~]{0,20}`).Draw(t, "source"))
			if rapid.Bool().Draw(t, "at noon") && all[i].Corrects == "" && all[i].To.IsZero() {
				all[i].From = all[i].From.Add(12*time.Hour + time.Millisecond)
				all[i].ID = price.ID(all[i])
			}
		}
		var b bytes.Buffer
		if err := price.WriteCSV(&b, all); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(bytes.NewReader(b.Bytes())).ReadAll()
		if err != nil || len(records) != len(all)+1 {
			t.Fatalf("%d lines for %d rows (%v)", len(records), len(all), err)
		}
		for _, record := range records {
			if slices.ContainsFunc(record, func(cell string) bool { return cell != "" && strings.ContainsAny(cell[:1], "=+-@") }) {
				t.Fatalf("a spreadsheet computes %q", record)
			}
		}
		back, wrong := price.ReadCSV(&b)
		if len(wrong) > 0 || !slices.Equal(back, all) {
			t.Fatalf("%+v was read as %+v (%v)", all, back, wrong)
		}
	})
}

func TestReadCSV(t *testing.T) {
	t.Parallel()
	const head = "provider,sku,usage,per,price,from"
	for name, file := range map[string]string{
		"as it is":       head + "\nopenai,gpt-6-luna,input,1000000,0.10,2026-09-22\n",
		"BOM and CRLF":   "\ufeff" + head + "\r\nopenai,gpt-6-luna,input,1000000,0.10,2026-09-22\r\n\r\n,,,,,\r\n",
		"another order":  "Price, From ,per,usage,sku,provider,\n0.10,2026-09-22T00:00:00Z,1000000,input,gpt-6-luna,openai,\n",
		"without an end": head + "\nopenai,gpt-6-luna,input,1000000,0.10,2026-09-22",
	} {
		rows, wrong := price.ReadCSV(strings.NewReader(file))
		want := price.Row{Key: input, Per: 1_000_000, Price: "0.10", From: time.Date(2026, 9, 22, 0, 0, 0, 0, time.UTC)}
		want.ID = price.ID(want)
		if len(wrong) > 0 || len(rows) != 1 || rows[0] != want {
			t.Errorf("%s: %+v %+v", name, rows, wrong)
		}
	}
	good := "openai,gpt-6-luna,input,1000000,0.10,2026-09-22\n"
	for name, c := range map[string]struct {
		file   string
		line   int
		column string
	}{
		"nothing":           {"", 1, "provider"},
		"a column missing":  {"provider,sku,usage,per,price\n", 1, "from"},
		"a strange column":  {head + ",discount\n", 1, "discount"},
		"a column twice":    {head + ",price\n", 1, "price"},
		"a line too short":  {head + "\n" + good + "openai,gpt-6-luna,input\n", 3, "per"},
		"separators":        {head + "\n" + good + "openai,gpt-6-sol,input,\"1,000,000\",0.10,2026-09-22\n", 3, "per"},
		"a date of no kind": {head + "\n" + good + good + "openai,gpt-6-sol,input,1000000,0.10,22/09/2026\n", 4, "from"},
		"a broken quote":    {head + "\n" + good + "openai,\"gpt\"x,input,1,1,2026-09-22\n", 3, ""},
		"another's id":      {"id," + head + "\nprc_1," + good, 2, "id"},
	} {
		_, wrong := price.ReadCSV(strings.NewReader(c.file))
		if len(wrong) == 0 || wrong[0].Line != c.line || wrong[0].Column != c.column || wrong[0].Reason == "" {
			t.Errorf("%s: %+v, want line %d, column %q", name, wrong, c.line, c.column)
		}
	}
}

// A file adds what the book doesn't have, all of it or nothing.
func TestImport(t *testing.T) {
	t.Parallel()
	seeded := book(t, price.Seed()...)
	next, added, err := seeded.Import(strings.NewReader(written(t, price.Seed())))
	if err != nil || len(added) > 0 || !slices.Equal(next.Rows(), seeded.Rows()) {
		t.Fatalf("the book's own file adds %d rows (%v)", len(added), err)
	}
	const head = "provider,sku,usage,tier,per,price,from,to\n"
	file := head + "openai,gpt-6-luna,input,,1000000,0.1,2026-09-22,\n" + // 0.10 in the book
		"openai,gpt-6-luna,input,,1000000,0.08,2026-12-01,\nhosting,storage,byte_months,,1000000000,0.02,2026-01-01,\nhosting,storage,byte_months,,1000000000,0.020,2026-01-01,\n"
	next, added, err = seeded.Import(strings.NewReader(file))
	if err != nil || len(added) != 2 {
		t.Fatalf("the file adds %d rows, want 2 (%v)", len(added), err)
	}
	if r, _ := next.At(input, time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)); r.Price != "0.08" {
		t.Errorf("from December on the price is %s", r.Price)
	}
	for name, c := range map[string]struct {
		line         string
		column, part string
	}{
		"another price":       {"openai,gpt-6-luna,input,,1000000,0.2,2026-09-22,", "price", "correct prc_"},
		"another unit":        {"openai,gpt-6-luna,input,,1000,0.10,2026-09-22,", "price", "correct prc_"},
		"another end":         {"openai,gpt-6-luna,input,,1000000,0.10,2026-09-22,2026-12-24", "to", "never change"},
		"a price that is not": {"openai,gpt-6-luna,input,,1000000,a lot,2026-12-24,", "price", "decimal"},
		"twice in the file":   {"openai,gpt-6-luna,input,,1000000,0.09,2026-12-01,", "price", "0.08"},
	} {
		_, added, err := seeded.Import(strings.NewReader(file + c.line + "\n"))
		refused, ok := err.(*core.Error)
		if !ok || len(added) > 0 || len(refused.Fields) != 1 {
			t.Fatalf("%s: %v, %d rows", name, err, len(added))
		}
		if f := refused.Fields[0]; f.Line != 6 || f.Column != c.column || !strings.Contains(f.Reason, c.part) {
			t.Errorf("%s: %+v, want line 6, column %s, “%s”", name, f, c.column, c.part)
		}
	}
}

// A row that would leave a correction outside of the row that it corrects is
// refused by the correction's name.
func TestAddBeforeACorrection(t *testing.T) {
	t.Parallel()
	first := row(10, "1")
	fix := instead(first, 20, 0, "2")
	b := book(t, first, fix)
	if _, _, err := b.Add(row(15, "3")); err == nil || !strings.Contains(err.Error(), price.ID(fix)) {
		t.Errorf("a row before the correction: %v", err)
	}
	if _, _, err := b.Add(row(10, "1")); core.CodeOf(err) != core.Invalid {
		t.Errorf("a row that is there: %v", err)
	}
	next, added, err := b.Add(row(30, "3"))
	if err != nil || !next.End(price.ID(fix)).Equal(added.From) {
		t.Errorf("the correction ends on %v (%v)", next.End(price.ID(fix)), err)
	}
}

func FuzzReadCSV(f *testing.F) {
	f.Add([]byte(written(f, price.Seed()[:9])))
	f.Add([]byte("\ufeffprovider,sku,usage,per,price,from\r\nopenai,x,input,1,0,2026-01-01\r\n"))
	f.Add([]byte("provider,sku,usage,per,price,from,to,source\ngoogle,x,requests,1000,0.5,2026-03-01,2026-04-01,'=1+1\n"))
	f.Add([]byte("id,id\n\"\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		b, err := price.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		next, added, err := b.Import(bytes.NewReader(file))
		if err != nil {
			return
		}
		text := written(t, next.Rows())
		again, twice, err := next.Import(strings.NewReader(text))
		if err != nil || len(twice) > 0 || len(added) != len(next.Rows()) {
			t.Fatalf("%q was written as %q, and read again as %d more rows (%v)", file, text, len(twice), err)
		}
		if back, wrong := price.ReadCSV(strings.NewReader(text)); len(wrong) > 0 || !slices.Equal(back, again.Rows()) {
			t.Fatalf("%q was written as %q (%v)", file, text, wrong)
		}
	})
}
