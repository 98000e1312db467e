package unitlist_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

// encodings by the name that a report gives them.
var encodings = []struct {
	name string
	encoding.Encoding
}{
	{"UTF-8", unicode.UTF8},
	{"UTF-8", unicode.UTF8BOM},
	{"UTF-16 LE", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)},
	{"UTF-16 BE", unicode.UTF16(unicode.BigEndian, unicode.UseBOM)},
	{"UTF-16 LE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)},
	{"UTF-16 BE", unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)},
	{"Windows-1252", charmap.Windows1252},
}

func TestReadEncodings(t *testing.T) {
	t.Parallel()
	const text = "Address,Price (€)\n\"6 Dún Riabhach Park, Ashbourne\",\"€458,150.00\"\n"
	for _, e := range encodings {
		raw, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		rows, report := read(t, raw, unitlist.Options{})
		if len(rows) != 1 || rows[0].Unit.Address != "6 Dún Riabhach Park, Ashbourne" || rows[0].Unit.Price.Minor != 45_815_000 {
			t.Errorf("%s: rows = %+v", e.name, rows)
		}
		if report.Encoding != e.name || report.Columns[1].Name != "Price (€)" {
			t.Errorf("%s: encoding %q, columns %+v", e.name, report.Encoding, report.Columns)
		}
	}
}

func TestReadLateAccents(t *testing.T) {
	t.Parallel()
	plain := "Address\n" + strings.Repeat("1 Main Street\n", 5_000)
	rows, report := read(t, plain+"2 D\xfan Riabhach Park\n", unitlist.Options{})
	if report.Encoding != "Windows-1252" || rows[1].Unit.Address != "2 Dún Riabhach Park" || rows[1].Line != 5_002 {
		t.Errorf("encoding %q, rows %+v", report.Encoding, rows)
	}
	rows, report = read(t, "Address\n1 Dún Riabhach\n2 Cúirt Bhoirne\n"+strings.Repeat("1 Main Street\n", 5_000)+"3 Clo\x63h\xe1n Park\n", unitlist.Options{})
	if last := rows[len(rows)-1]; report.Encoding != "UTF-8" || last.Unit.Address != "3 Clochán Park" || rows[0].Unit.Address != "1 Dún Riabhach" {
		t.Errorf("encoding %q, rows %+v", report.Encoding, rows)
	}
}

func TestReadLayouts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, delimiter, address string
		line                     int
	}{
		"comma":            {"Address,Price\n\"1 High Street, Naas\",5\n", ",", "1 High Street, Naas", 2},
		"semicolon":        {"Address;Price\n1 High Street, Naas;€458.150,00\n", ";", "1 High Street, Naas", 2},
		"tab":              {"Address\tPrice\r\n1 High Street, Naas\t5\r\n", "\t", "1 High Street, Naas", 2},
		"bar":              {"Address|Price\n1 High Street, Naas|5", "|", "1 High Street, Naas", 2},
		"one column":       {"Address\n1 High Street, Naas\n", "", "1 High Street, Naas", 2},
		"note of Excel":    {"sep=;\nAddress;Price\n1 High Street, Naas;5\n", ";", "1 High Street, Naas", 3},
		"titles":           {"Harpur Homes\n\nPrice list, May\nAddress,Price\n\n\"1 High Street, Naas\",5\n", ",", "1 High Street, Naas", 6},
		"old Mac lines":    {"Address,Price\r\"1 High Street, Naas\",5\r", ",", "1 High Street, Naas", 2},
		"spaced quotes":    {" \"Address\" , Price\n  \"1 High Street, Naas\" , 5\n", ",", "1 High Street, Naas", 2},
		"stray quotes":     {"Address,Price\n\"Apt 5 \"The Mill\" Naas\",5\n", ",", `Apt 5 "The Mill" Naas`, 2},
		"inner quotes":     {"Address,Price\nApt 5 \"The Mill\" Naas,5\n", ",", `Apt 5 "The Mill" Naas`, 2},
		"doubled quotes":   {"Address,Price\n\"Apt 5 \"\"The Mill\"\" Naas\",5\n", ",", `Apt 5 "The Mill" Naas`, 2},
		"cell of 2 lines":  {"Price,Address\n5,\"1 High Street,\r\nNaas\"\r\n", ",", "1 High Street, Naas", 2},
		"fewer cells":      {"Address,Price,Eircode\n1 High Street Naas\n", ",", "1 High Street Naas", 2},
		"blank cells more": {"Address,Price\n1 High Street Naas,5,,,\n", ",", "1 High Street Naas", 2},
		"space and NUL":    {"Address,Price\n\u00a01  High\u00a0Street\x00 Naas ,5\n", ",", "1 High Street Naas", 2},
	} {
		rows, report := read(t, c.text, unitlist.Options{})
		if len(rows) != 1 || rows[0].Unit.Address != c.address || rows[0].Line != c.line || report.Delimiter != c.delimiter {
			t.Errorf("%s: delimiter %q, rows %+v, errors %+v", name, report.Delimiter, rows, report.Errors)
		}
	}
}

func TestUnclosedQuotationLosesOneLine(t *testing.T) {
	t.Parallel()
	text := "Address,Town\n1 High Street,Naas\n\"2 High Street,Naas\n\"3 High Street\",\"Naas\"\n4 High Street,\"Naas\"\n"
	rows, report := read(t, text, unitlist.Options{})
	lines := []int{}
	for _, r := range rows {
		lines = append(lines, r.Line)
	}
	if !slices.Equal(lines, []int{2, 4, 5}) || len(report.Errors) != 1 || report.Errors[0].Line != 3 {
		t.Errorf("lines %v, errors %+v", lines, report.Errors)
	}
}

func TestReadSheetsOfDevelopers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text, label, address, kind, size string
	}{
		"plot and address": {
			"Plot No,Address,House Type,Beds,Sq m\n012,\"7 Harpur Park, Leixlip\",Type B,3,97\n",
			"Plot 12", "7 Harpur Park, Leixlip", "Type B", "3 bed, 97 m²",
		},
		"plot alone":     {"Plot,Type,Price\n12,A1,5\n", "Plot 12", "Plot 12", "A1", ""},
		"plot of a lane": {"Unit,Address,Area sq ft\n3,\"Harpur Lane, Dublin 15\",1044\n", "Unit 3", "Unit 3, Harpur Lane, Dublin 15", "", "1044 sq ft"},
		"parts": {
			"House No,Street,Address 2,Town,Size\n7,Harpur Park,Harpur Lane,Leixlip,97 sq. m.\n",
			"7 Harpur Park", "7 Harpur Park, Harpur Lane, Leixlip", "", "97 sq. m.",
		},
		"number said twice": {"House No,Address,Town\n7,\"7 Harpur Park, Leixlip\",LEIXLIP\n", "7 Harpur Park", "7 Harpur Park, Leixlip", "", ""},
		"land registry": {
			"Price Paid,Deed Date,Postcode,Property Type,New Build,Estate Type,SAON,PAON,Street,Locality,Town,District,County\n" +
				"250000,2023-02-01,SW1A1AA,F,Y,L,FLAT 3,12,HIGH STREET,,LONDON,WESTMINSTER,GREATER LONDON\n",
			"Flat 3, 12 High Street", "Flat 3, 12 High Street, London", "Flat", "",
		},
		"home alone":       {"Home,Price\n12,5\n", "Home 12", "Home 12", "", ""},
		"number of a flat": {"Flat No,House No,Street\n3,12,High Street\n", "Flat 3, 12 High Street", "Flat 3, 12 High Street", "", ""},
		"estate":           {"Estate,House Number,Street Name\nHarpur Lane,7,Harpur Park\n", "7 Harpur Park", "7 Harpur Park, Harpur Lane", "", ""},
		"clearer heading":  {"Date,Address,Type,Property Type\n,7 Harpur Park,B2,Terraced\n", "7 Harpur Park", "7 Harpur Park", "Terraced", ""},
	} {
		rows, report := read(t, c.text, unitlist.Options{})
		if len(rows) != 1 {
			t.Errorf("%s: %+v", name, report)
			continue
		}
		u := rows[0].Unit
		if u.Label != c.label || u.Address != c.address || u.Kind != c.kind || u.Size != c.size {
			t.Errorf("%s: %q, %q, %q, %q", name, u.Label, u.Address, u.Kind, u.Size)
		}
	}
}

func TestMappingJoinsColumns(t *testing.T) {
	t.Parallel()
	o := unitlist.Options{Mapping: unitlist.Mapping{Address: "Nr + Where + Place", Label: "Nr"}}
	_, err := unitlist.Read(t.Context(), strings.NewReader("Nr,Where\n7,x\n"), "a.csv", o, nil)
	if err == nil || !strings.Contains(err.Error(), `"Place"`) {
		t.Errorf("error = %v", err)
	}
	o.Mapping.Label = ""
	rows, _ := read(t, "Cost,Nr,Where,Place\n5,7,Harpur Park,Leixlip\n", o)
	if rows[0].Unit.Address != "7 Harpur Park, Leixlip" {
		t.Errorf("address = %q", rows[0].Unit.Address)
	}
}

func TestHeadingHintsOrderAndCurrency(t *testing.T) {
	t.Parallel()
	rows, report := read(t, "Address,Sold (mm/dd/yyyy),Price (£)\n1 High St,02/01/2023,5\n", unitlist.Options{Currency: "GBP"})
	if len(rows) != 1 || rows[0].Unit.SoldOn != "2023-02-01" || rows[0].Unit.Price.Currency != "GBP" {
		t.Errorf("rows %+v, errors %+v", rows, report.Errors)
	}
	_, report = read(t, "Address,Price (£)\n1 High St,5\n", unitlist.Options{Currency: "EUR"})
	if len(report.Errors) != 1 || report.Errors[0].Reason != "The price is in GBP and not in EUR." {
		t.Errorf("errors = %+v", report.Errors)
	}
}

func TestLabelsTellUnitsApart(t *testing.T) {
	t.Parallel()
	rows, _ := read(t, "Plot,Address\n1,\"1 Oak Park, Naas\"\n1,\"9 Elm Park, Naas\"\n", unitlist.Options{})
	if rows[0].Unit.Label != "Plot 1" || rows[1].Unit.Label != "Plot 1, 9 Elm Park" {
		t.Errorf("labels %q, %q", rows[0].Unit.Label, rows[1].Unit.Label)
	}
}

// workbook returns an XLSX file whose first sheet is a note and whose second
// holds the list, below a title.
func workbook(t testing.TB, epoch1904 bool) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetWorkbookProps(&excelize.WorkbookPropsOptions{Date1904: &epoch1904}); err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetRow("Sheet1", "A1", &[]any{"Read me"}))
	_, err := f.NewSheet("Units")
	must(err)
	must(f.SetSheetRow("Units", "B2", &[]any{"Harpur Lane price list"}))
	must(f.SetSheetRow("Units", "B4", &[]any{"Address", "Price", "Closing date", "Beds", "Eircode"}))
	day := time.Date(2023, 2, 1, 0, 0, 0, 0, time.UTC)
	must(f.SetSheetRow("Units", "B5", &[]any{"1 HARPUR PARK, LEIXLIP", 431718.05, day, 3, "W23F8EX"}))
	must(f.SetSheetRow("Units", "B7", &[]any{"2 Harpur Park, Leixlip", "€458.150,00", "01/02/2023", "4"}))
	must(f.SetSheetRow("Units", "B8", &[]any{"3 Harpur Park, Leixlip", 1295154.18502202, "#N/A", 2}))
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

func TestReadWorkbook(t *testing.T) {
	t.Parallel()
	for _, epoch1904 := range []bool{false, true} {
		rows, report := read(t, string(workbook(t, epoch1904)), unitlist.Options{})
		if report.Format != "xlsx" || report.Sheet != "Units" || report.HeaderLine != 4 || report.Rows != 3 || report.Rejected != 1 {
			t.Fatalf("report = %+v", report)
		}
		if e := report.Errors[0]; e.Line != 8 || e.Column != "Closing date" || e.Value != "#N/A" {
			t.Errorf("error = %+v", e)
		}
		one, two := rows[0], rows[1]
		if one.Line != 5 || one.Unit.Address != "1 Harpur Park, Leixlip" || one.Unit.Price.Minor != 43_171_805 ||
			one.Unit.SoldOn != "2023-02-01" || one.Unit.Size != "3 bed" || one.Unit.Postcode != "W23 F8EX" {
			t.Errorf("row = %+v", one)
		}
		if two.Line != 7 || two.Unit.Price.Minor != 45_815_000 || two.Unit.SoldOn != "2023-02-01" {
			t.Errorf("row = %+v", two)
		}
	}
}
