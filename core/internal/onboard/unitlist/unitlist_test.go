package unitlist_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

// register is the published file: new dwellings of February 2023.
const register = "testdata/property-price-register-2023-02-new-dwellings.csv"

// read returns the good rows of a text.
func read(t *testing.T, text string, o unitlist.Options) ([]unitlist.Row, unitlist.Report) {
	t.Helper()
	var rows []unitlist.Row
	report, err := unitlist.Read(t.Context(), strings.NewReader(text), "units.csv", o, func(r unitlist.Row) error {
		rows = append(rows, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if report.Imported != len(rows) || report.Matched != report.Imported+report.Duplicates+report.Rejected {
		t.Errorf("counts don't add up: %+v with %d rows", report, len(rows))
	}
	return rows, report
}

func readRegister(t *testing.T, filter string) ([]unitlist.Row, unitlist.Report) {
	t.Helper()
	text, err := os.ReadFile(register)
	if err != nil {
		t.Fatal(err)
	}
	return read(t, string(text), unitlist.Options{Filter: filter, Currency: "EUR"})
}

func TestReadRegisterWhole(t *testing.T) {
	t.Parallel()
	rows, report := readRegister(t, "")
	if report.Rows != 611 || report.Imported != 611 || report.Duplicates != 0 || report.Rejected != 0 {
		t.Fatalf("report = %+v", report)
	}
	if report.Encoding != "Windows-1252" || report.Delimiter != "," || report.HeaderLine != 1 {
		t.Errorf("encoding %q, delimiter %q, header in line %d", report.Encoding, report.Delimiter, report.HeaderLine)
	}
	var total int64
	labels, postcodes := map[string]bool{}, 0
	for _, r := range rows {
		total += r.Unit.Price.Minor
		labels[r.Unit.Label] = true
		if r.Unit.Postcode != "" {
			postcodes++
		}
		if r.Unit.SoldOn < "2023-02-01" || r.Unit.SoldOn > "2023-02-28" || r.Unit.County == "" {
			t.Errorf("line %d: %+v", r.Line, r.Unit)
		}
	}
	if total != 55_432_024_822 { // the sum of the column by another program
		t.Errorf("prices add up to %d cents", total)
	}
	if len(labels) != 611 || postcodes != 56 {
		t.Errorf("%d labels, %d postcodes; want 611, 56", len(labels), postcodes)
	}
}

func TestReadRegisterByEstate(t *testing.T) {
	t.Parallel()
	for _, filter := range []string{"Harpur Lane", "  harpur   LANE", "Hárpur-Lane"} {
		rows, report := readRegister(t, filter)
		if report.Rows != 611 || report.Matched != 20 || report.Imported != 20 || report.Duplicates != 0 || report.Rejected != 0 {
			t.Fatalf("filter %q: report = %+v", filter, report)
		}
		first, last := rows[0], rows[15]
		price := core.Money{Minor: 45_815_000, Currency: "EUR"}
		if u := first.Unit; first.Line != 2 || u.Label != "2 Harpur Park" || u.Address != "02 Harpur Park, Harpur Lane, Leixlip" ||
			u.County != "Kildare" || *u.Price != price || u.SoldOn != "2023-02-01" || u.Kind != "New house or apartment" {
			t.Errorf("first row = %+v", first)
		}
		if u := last.Unit; u.Address != "1 Harpur Avenue, Harpur Lane, Leixlip" || u.Postcode != "W23 HCX5" {
			t.Errorf("row of capitals = %+v", last)
		}
	}
}

func TestReadFindsRepeatsInTheRegister(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(register)
	if err != nil {
		t.Fatal(err)
	}
	_, body, _ := bytes.Cut(bytes.Clone(text), []byte("\n"))
	for i, b := range body { // in Windows-1252, of which strings.ToUpper knows nothing
		if b >= 'a' && b <= 'z' {
			body[i] = b - 'a' + 'A'
		}
	}
	_, report := read(t, string(text)+string(body), unitlist.Options{MaxErrors: 1000})
	if report.Imported != 611 || report.Duplicates != 611 {
		t.Fatalf("imported %d, duplicates %d; want 611 of each", report.Imported, report.Duplicates)
	}
	for i, r := range report.Repeats {
		if r.First != i+2 || r.Line != i+613 {
			t.Fatalf("line %d repeats %d", r.Line, r.First)
		}
	}
}

func TestInspect(t *testing.T) {
	t.Parallel()
	file, err := os.Open(register)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	v, err := unitlist.Inspect(t.Context(), file, "register.csv", unitlist.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.First) != unitlist.PreviewRows || v.Imported != 611 || len(v.Problems) != 0 {
		t.Errorf("%d rows, %d imported, problems %v", len(v.First), v.Imported, v.Problems)
	}
	var got []string
	for _, c := range v.Columns {
		got = append(got, c.Name+">"+c.Field+":"+c.Kind)
	}
	want := []string{
		"Date of Sale (dd/mm/yyyy)>sold_on:date", "Address>address:text", "County>county:text", "Eircode>postcode:postcode",
		"Price (€)>price:price", "Not Full Market Price>:text", "VAT Exclusive>:text",
		"Description of Property>kind:text", "Property Size Description>size:empty",
	}
	if !slices.Equal(got, want) {
		t.Errorf("columns\n got %q\nwant %q", got, want)
	}
}

func TestInspectShowsColumnsWithoutAddress(t *testing.T) {
	t.Parallel()
	v, err := unitlist.Inspect(t.Context(), strings.NewReader("Where,Cost\n1 High Street,5\n"), "a.csv", unitlist.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Problems) != 1 || v.Problems[0].Field != "units.mapping.address" || len(v.Columns) != 2 || v.Columns[0].Samples[0] != "1 High Street" {
		t.Errorf("preview = %+v", v)
	}
	rows, _ := read(t, "Where,Cost\n1 High Street,500\n", unitlist.Options{Mapping: unitlist.Mapping{Address: "where", Price: "Cost"}})
	if len(rows) != 1 || rows[0].Unit.Price.Minor != 50_000 {
		t.Errorf("rows = %+v", rows)
	}
}

func TestMappingNamesUnknownColumns(t *testing.T) {
	t.Parallel()
	o := unitlist.Options{Mapping: unitlist.Mapping{Price: "Cost", SoldOn: "When"}}
	_, err := unitlist.Read(t.Context(), strings.NewReader("Address,Price (€)\n1 High Street,5\n"), "a.csv", o, nil)
	var e *core.Error
	if !errors.As(err, &e) || e.Code != core.Invalid || len(e.Fields) != 2 {
		t.Fatalf("error = %v", err)
	}
	if f := e.Fields[0]; f.Field != "units.mapping.price" || f.Value != "Cost" ||
		f.Reason != `There is no column "Cost"; the file has "Address", "Price (€)".` {
		t.Errorf("field = %+v", f)
	}
}

func TestMappingNoneLeavesFieldEmpty(t *testing.T) {
	t.Parallel()
	rows, _ := read(t, "Address,Price\n1 High Street,none of your business\n", unitlist.Options{Mapping: unitlist.Mapping{Price: unitlist.None}})
	if len(rows) != 1 || rows[0].Unit.Price != nil {
		t.Errorf("rows = %+v", rows)
	}
}

func TestReadStops(t *testing.T) {
	t.Parallel()
	const text = "Address\n1 High Street\n2 High Street\n3 High Street\n"
	_, err := unitlist.Read(t.Context(), strings.NewReader(text), "a.csv", unitlist.Options{MaxRows: 2}, nil)
	if core.CodeOf(err) != core.Invalid || !strings.Contains(err.Error(), "more than 2 rows") {
		t.Errorf("too many rows: %v", err)
	}
	full := errors.New("disk full")
	_, err = unitlist.Read(t.Context(), strings.NewReader(text), "a.csv", unitlist.Options{}, func(unitlist.Row) error { return full })
	if !errors.Is(err, full) {
		t.Errorf("error of each: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = unitlist.Read(ctx, strings.NewReader(text), "a.csv", unitlist.Options{}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for _, o := range []unitlist.Options{{Dates: "ymd"}, {Filter: "!?"}} {
		if _, err = unitlist.Read(t.Context(), strings.NewReader(text), "a.csv", o, nil); core.CodeOf(err) != core.Invalid {
			t.Errorf("%+v: %v", o, err)
		}
	}
}

func TestErrorsNameLineColumnAndValue(t *testing.T) {
	t.Parallel()
	text := "Address,Price,Sold,Eircode\n" +
		"1 High Street,cheap,31/02/2023,W23F8EX\n" + // two errors
		"\"2 High\nStreet\",£100,01/02/2023,NOWHERE\n" + // two errors, two lines
		",100,,\n" +
		"5 High Street,100,,,extra\n" +
		"6 High Street,\"100,,\n" + // not closed
		"7 High Street,100,,\n"
	rows, report := read(t, text, unitlist.Options{MaxErrors: 6})
	if len(rows) != 1 || rows[0].Line != 8 || report.Rows != 6 || report.Rejected != 5 {
		t.Fatalf("rows %+v, report %+v", rows, report)
	}
	want := []core.FieldError{
		{Line: 2, Column: "Price", Value: "cheap", Reason: "This isn't a price such as 458,150.00."},
		{Line: 2, Column: "Sold", Value: "31/02/2023", Reason: "There is no such date."},
		{Line: 3, Column: "Eircode", Value: "NOWHERE", Reason: "This is neither an Eircode such as W23 F8EX nor a UK postcode."},
		{Line: 3, Column: "Price", Value: "£100", Reason: "The price is in GBP and not in EUR."},
		{Line: 5, Column: "Address", Reason: "The address is empty."},
		{Line: 6, Value: "5 High Street 100 extra", Reason: "The row has 5 cells and the header 4. A value that contains the delimiter needs quotation marks."},
	}
	if !slices.Equal(report.Errors, want) {
		t.Errorf("errors\n got %+v\nwant %+v", report.Errors, want)
	}
	if report.MoreErrors != 1 {
		t.Errorf("more errors = %d, want 1", report.MoreErrors)
	}
}

func TestFilterSkipsErrorsOfOthers(t *testing.T) {
	t.Parallel()
	text := "Address,Price\n1 Low Road,cheap\n\"2 Low Road,9\n3 High Street,5\n\"4 High Street,9\n"
	_, report := read(t, text, unitlist.Options{Filter: "high street"})
	if report.Rows != 4 || report.Matched != 2 || report.Imported != 1 || report.Rejected != 1 {
		t.Errorf("report = %+v", report)
	}
}
