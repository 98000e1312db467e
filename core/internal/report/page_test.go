package report_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
	"github.com/xuri/excelize/v2"
)

// page is a drawn table with a column of each sort.
func page() ui.Table {
	at, night := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC), time.Date(2026, 11, 22, 23, 30, 0, 0, time.UTC)
	return ui.Table{
		Columns: []ui.Column{
			{Title: "Unit"}, {Title: "Uses"}, {Title: "Estimate, EUR"}, {Title: "%"}, {Title: "Took"}, {Title: "Share"}, {Title: "Mixed"}, {Title: "At"}, {Title: "Day"}, {},
		},
		Rows: []ui.Row{
			{Cells: ui.Values{
				ui.Link{Text: "4 Harpur Close"}, ui.Number{Value: 1558}, ui.Number{Value: -26940, Decimals: 4}, ui.Number{Value: -795, Decimals: 1, Unit: "%"}, ui.Number{Value: 15, Unit: " ms"},
				ui.Meter{Done: 40, Total: 100}, ui.Number{Value: 15, Unit: " ms"}, ui.Time{At: at}, ui.Time{At: night, Date: true}, ui.Actions{},
			}},
			{Cells: ui.Values{ui.Text{Text: "=1"}, nil, ui.Number{}, nil, ui.Number{Value: 25, Decimals: 1, Unit: " ms"}, nil, ui.Text{Text: "none"}, nil, nil, nil}},
		},
	}
}

// In files numbers are numbers, days days and moments moments; what numbers are
// counted in stands in the heading.
func TestPageAsFile(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("Europe/Berlin", 3600)
	var b bytes.Buffer
	if err := report.CSV(t.Context(), &b, report.Of("Costs", page(), zone)); err != nil {
		t.Fatal(err)
	}
	want := "Unit,Uses,\"Estimate, EUR\",%,Took (ms),Share (%),Mixed,At,Day\r\n" +
		"4 Harpur Close,1558,-2.6940,-79.5,15,40,15 ms,2026-11-23 06:00:00,2026-11-23\r\n" +
		"'=1,,0,,2.5,,none,,\r\n"
	if got := strings.TrimPrefix(b.String(), "\ufeff"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	file := write(t, report.Of("Costs", page(), zone))
	for cell, want := range map[string]string{"B2": "1558", "C2": "-2.694", "D2": "-79.5", "E3": "2.5", "F2": "40", "H2": "46349.25", "I2": "46349"} {
		kind, err := file.GetCellType("Costs", cell)
		if err != nil || kind != excelize.CellTypeUnset {
			t.Errorf("%s is of the type %v (%v), not a number", cell, kind, err)
		}
		if raw, err := file.GetCellValue("Costs", cell, excelize.Options{RawCellValue: true}); err != nil || raw != want {
			t.Errorf("%s holds %q (%v), want %q", cell, raw, err, want)
		}
	}
	for cell, want := range map[string]string{"C2": "-2.6940", "H2": "2026-11-23 06:00:00", "I2": "2026-11-23", "G2": "15 ms"} {
		if shown, err := file.GetCellValue("Costs", cell); err != nil || shown != want {
			t.Errorf("%s shows %q (%v), want %q", cell, shown, err, want)
		}
	}
}

// A spreadsheet calculates with fifteen digits: what has more stays text, exact.
func TestLongNumbersStayExact(t *testing.T) {
	t.Parallel()
	table := ui.Table{Columns: []ui.Column{{Title: "Rate"}}, Rows: []ui.Row{{Cells: ui.Values{ui.Number{Value: 1_234_567_890_123_456_789, Decimals: 12}}}}}
	shown, err := write(t, report.Of("Rates", table, time.UTC)).GetCellValue("Rates", "A2")
	if err != nil || shown != "1234567.890123456789" {
		t.Errorf("the workbook shows %q (%v)", shown, err)
	}
}
