package report_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

var look = report.Look{Title: "Units", Author: "Harpur Homes", Created: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Fill: "#075a4d", Ink: "#ffffff"}

func table(rows ...[]report.Value) report.Table {
	return report.Table{Name: "Units", Rows: slices.Values(rows), Columns: []report.Column{
		{Title: "Unit", Width: 28}, {Title: "No.", Kind: report.Integer}, {Title: "Price", Kind: report.Money},
		{Title: "Sold", Kind: report.Date}, {Title: "Link"},
	}}
}

func row(name string) []report.Value {
	return []report.Value{
		report.TextValue(name), report.IntegerValue(1234),
		report.MoneyValue(&core.Money{Minor: 45815007, Currency: "EUR"}),
		report.DateValue(time.Date(2023, 2, 1, 23, 30, 0, 0, time.FixedZone("", -5*3600))),
		report.LinkValue(`open "it"`, `https://host/q/a"b`),
	}
}

func write(t *testing.T, tab report.Table) *excelize.File {
	t.Helper()
	var b bytes.Buffer
	if err := report.XLSX(t.Context(), &b, tab, look); err != nil {
		t.Fatal(err)
	}
	file, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return file
}

func TestXLSX(t *testing.T) {
	t.Parallel()
	file := write(t, table(row("=1+1"), make([]report.Value, 5), row(" Łódź <&> ")))
	shown, err := file.GetRows("Units")
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Unit", "No.", "Price", "Sold", "Link"},
		{"=1+1", "1,234", "458,150.07 EUR", "2023-02-01", `open "it"`},
		{},
		{" Łódź <&> ", "1,234", "458,150.07 EUR", "2023-02-01", `open "it"`},
	}
	if !slices.EqualFunc(shown, want, slices.Equal) {
		t.Errorf("got %q\nwant %q", shown, want)
	}
	for cell, kind := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "B2": excelize.CellTypeUnset, "C2": excelize.CellTypeUnset} {
		if got, err := file.GetCellType("Units", cell); err != nil || got != kind {
			t.Errorf("%s has type %v (%v), want %v", cell, got, err, kind)
		}
	}
	if raw, err := file.GetCellValue("Units", "C2", excelize.Options{RawCellValue: true}); err != nil || raw != "458150.07" {
		t.Errorf("the amount is stored as %q (%v)", raw, err)
	}
	if formula, err := file.GetCellFormula("Units", "A2"); err != nil || formula != "" {
		t.Errorf("text became the formula %q (%v)", formula, err)
	}
	if formula, err := file.GetCellFormula("Units", "E2"); err != nil || formula != `HYPERLINK("https://host/q/a""b","open ""it""")` {
		t.Errorf("the link is %q (%v)", formula, err)
	}
}

func TestXLSXHeader(t *testing.T) {
	t.Parallel()
	file := write(t, table(row("a")))
	panes, err := file.GetPanes("Units")
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("panes %+v (%v), want the first row frozen", panes, err)
	}
	if width, err := file.GetColWidth("Units", "A"); err != nil || width != 28 {
		t.Errorf("width %g (%v), want 28", width, err)
	}
	tables, err := file.GetTables("Units")
	if err != nil || len(tables) != 1 || tables[0].Range != "A1:E2" {
		t.Errorf("tables %+v (%v)", tables, err)
	}
	id, err := file.GetCellStyle("Units", "A1")
	if err != nil {
		t.Fatal(err)
	}
	style, err := file.GetStyle(id)
	if err != nil || len(style.Fill.Color) != 1 || !strings.EqualFold(style.Fill.Color[0], "075a4d") {
		t.Errorf("header style %+v (%v)", style, err)
	}
}

func TestXLSXWithoutRows(t *testing.T) {
	t.Parallel()
	rows, err := write(t, table()).GetRows("Units")
	if err != nil || len(rows) != 1 {
		t.Errorf("got %q (%v), want the header alone", rows, err)
	}
}

func TestXLSXSameBytes(t *testing.T) {
	t.Parallel()
	var a, b bytes.Buffer
	for _, w := range []*bytes.Buffer{&a, &b} {
		if err := report.XLSX(t.Context(), w, table(row("a"), row("b")), look); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two runs differ")
	}
}

func TestXLSXKeepsHugeAmounts(t *testing.T) {
	t.Parallel()
	huge := row("a")
	huge[2] = report.MoneyValue(&core.Money{Minor: 9_007_199_254_740_993, Currency: "EUR"})
	rows, err := write(t, table(huge)).GetRows("Units")
	if err != nil || rows[1][2] != "90071992547409.93 EUR" {
		t.Errorf("got %q (%v)", rows, err)
	}
}

func TestCSV(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := report.CSV(t.Context(), &b, table(row("@SUM(A1)"), make([]report.Value, 5))); err != nil {
		t.Fatal(err)
	}
	want := "\ufeffUnit,No.,Price,Sold,Link\r\n" +
		"'@SUM(A1),1234,458150.07 EUR,2023-02-01,\"open \"\"it\"\"\"\r\n,,,,\r\n"
	if b.String() != want {
		t.Errorf("got %q\nwant %q", b.String(), want)
	}
}

func TestDefuse(t *testing.T) {
	t.Parallel()
	for _, harmful := range []string{
		"=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\x00=1", "＝1", "＋1", "－1", "＠A", "  =1", "\u00a0=1", "\ufeff=1",
		`=HYPERLINK("http://x","y")`, "=cmd|' /C calc'!A0",
	} {
		if got := report.Defuse(harmful); got != "'"+harmful {
			t.Errorf("Defuse(%q) = %q", harmful, got)
		}
	}
	for _, harmless := range []string{"", " ", "2 Harpur Park", "a=b", "Łódź", "1-2", "'=1"} {
		if got := report.Defuse(harmless); got != harmless {
			t.Errorf("Defuse(%q) = %q", harmless, got)
		}
	}
}

func TestCSVCellsAreNeverFormulas(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		var b bytes.Buffer
		tab := report.Table{Columns: []report.Column{{Title: "A"}, {Title: "B"}}, Rows: slices.Values([][]report.Value{{report.TextValue(text), report.TextValue("x")}})}
		if err := report.CSV(context.Background(), &b, tab); err != nil {
			t.Fatal(err)
		}
		records, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(b.String(), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if cell := strings.TrimLeft(records[1][0], " \u00a0\ufeff"); cell != "" && strings.ContainsRune("=+-@\t\r\x00＝＋－＠", []rune(cell)[0]) {
			t.Errorf("%q became %q", text, records[1][0])
		}
	})
}

func TestRowsHaveToFit(t *testing.T) {
	t.Parallel()
	short, wrong := row("a")[:3], row("a")
	wrong[1] = report.TextValue("one")
	for _, bad := range [][]report.Value{short, wrong} {
		if err := report.CSV(t.Context(), &bytes.Buffer{}, table(bad)); core.CodeOf(err) != core.Internal {
			t.Errorf("CSV: got %v, want internal", err)
		}
		if err := report.XLSX(t.Context(), &bytes.Buffer{}, table(bad), look); core.CodeOf(err) != core.Internal {
			t.Errorf("XLSX: got %v, want internal", err)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	read := 0
	endless := table()
	endless.Rows = func(yield func([]report.Value) bool) {
		for yield(row("a")) {
			if read++; read == 10 {
				cancel()
			}
		}
	}
	if err := report.CSV(ctx, &bytes.Buffer{}, endless); !errors.Is(err, context.Canceled) {
		t.Errorf("CSV: got %v", err)
	}
	if err := report.XLSX(ctx, &bytes.Buffer{}, endless, look); !errors.Is(err, context.Canceled) {
		t.Errorf("XLSX: got %v", err)
	}
	if read > 12 {
		t.Errorf("%d rows were read after the tenth cancelled", read)
	}
}
