package unitlist_test

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

func TestReadRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	empty := new(bytes.Buffer)
	if err := zip.NewWriter(empty).Close(); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		text, reason string
	}{
		"nothing":      {"", "empty"},
		"blank":        {" \r\n\t\n", "empty"},
		"blank cells":  {",,,\n,,,\n", "empty"},
		"old Excel":    {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old format"},
		"PDF":          {"%PDF-1.7\n", "PDF"},
		"gzip":         {"\x1f\x8b\x08\x00", "compressed"},
		"web page":     {"\n<html><table>", "web page"},
		"JSON":         {`{"units":[]}`, "JSON"},
		"binary":       {strings.Repeat("\x01\x02\x03\x04abcd", 100), "neither CSV nor XLSX"},
		"not a book":   {string(zipped(t, "a.txt", "hello")), "isn't an Excel workbook"},
		"half a book":  {string(workbook(t, false)[:2000]), "isn't an Excel workbook"},
		"bomb":         {string(zipped(t, "xl/worksheets/sheet1.xml", strings.Repeat("<row/>", 512<<10))), "too much data"},
		"many entries": {string(manyEntries(t)), "too much data"},
		"too long":     {"PK\x03\x04" + strings.Repeat("x", unitlist.MaxBytes), "larger than 64 MB"},
	} {
		_, err := unitlist.Read(t.Context(), strings.NewReader(c.text), `C:\lists\units.csv`, unitlist.Options{}, nil)
		if core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), c.reason) || !strings.HasPrefix(err.Error(), "units.csv can't be read.") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func zipped(t testing.TB, name, content string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, content); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func manyEntries(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for range 2000 {
		if _, err := z.Create("xl/worksheets/sheet.xml"); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadSurvivesHostileLines(t *testing.T) {
	t.Parallel()
	const good = "1 High Street,5\n"
	for name, c := range map[string]struct {
		line, reason string
		rejected     int
	}{
		"10 MB line":        {strings.Repeat("x", 10<<20), "longer than 1 MB", 1},
		"quoted":            {`"` + strings.Repeat("x", 2<<20), "longer than 1 MB", 1},
		"many cells":        {strings.Repeat(",", 100_000) + "x", "more than 400 cells", 1},
		"open quotes":       {strings.TrimSuffix(strings.Repeat("\"x\n", 1000), "\n"), "not closed", 1000},
		"quoted line feeds": {`"` + strings.Repeat("\n", 1000) + `"`, "not closed", 2},
		"only quotes":       {strings.Repeat(`"`, 1001), "not closed", 1},
	} {
		rows, report := read(t, "Address,Price\n"+c.line+"\n"+good, unitlist.Options{})
		if len(rows) != 1 || report.Rejected != c.rejected || !strings.Contains(report.Errors[0].Reason, c.reason) || report.Errors[0].Line != 2 {
			t.Errorf("%s: %d rows, %d rejected, %+v", name, len(rows), report.Rejected, report.Errors)
		}
		if v := report.Errors[0].Value; len(v) > 500 {
			t.Errorf("%s: the value in the error has %d bytes", name, len(v))
		}
	}
}

func TestReadReportsReaderErrors(t *testing.T) {
	t.Parallel()
	lost := errors.New("connection lost")
	for _, head := range []string{"", "Address\n1 High Street\n", strings.Repeat("Address\n", 9_000)} {
		_, err := unitlist.Read(t.Context(), io.MultiReader(strings.NewReader(head), failing{lost}), "a.csv", unitlist.Options{}, nil)
		if !errors.Is(err, lost) {
			t.Errorf("error after %d bytes = %v", len(head), err)
		}
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestWriteErrors(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	err := unitlist.WriteErrors(&b, []core.FieldError{
		{Line: 2, Column: "Price", Value: "=cmd|' /C calc'!A0", Reason: "This isn't a price."},
		{Line: 3, Column: "+x", Value: "-5", Reason: "@y"},
		{Line: 4, Value: "a\n\"b\"", Reason: "c"},
		{Field: "units", Value: "  ＝1", Reason: "d"},
		{Line: 5, Value: "\t1"}, {Line: 6, Value: "\r1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	text, ok := strings.CutPrefix(b.String(), "\ufeff")
	if !ok {
		t.Error("no byte order mark")
	}
	got, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Line,Column,Value,Reason", "2,Price,'=cmd|' /C calc'!A0,This isn't a price.", "3,'+x,'-5,'@y", "4,,a\n\"b\",c", ",,'  ＝1,d",
		"5,,'\t1,", "6,,'1,",
	}
	for i, row := range got {
		if s := strings.Join(row, ","); s != want[i] {
			t.Errorf("row %d = %q, want %q", i, s, want[i])
		}
	}
}
