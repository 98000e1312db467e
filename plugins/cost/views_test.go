package cost

import (
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core/sdk/sdktest"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

// Amounts in sentences are grouped and say their currency, also below zero.
func TestWords(t *testing.T) {
	t.Parallel()
	for amount, want := range map[rate.Amount]string{
		0: "0.00 USD", 1_234_567_890_000_000: "1,234.57 USD", -6_000_000_000: "−0.01 USD", -1_000_000 * pico: "−1,000,000.00 USD", 999 * pico: "999.00 USD",
	} {
		if got := dollars.words(amount); got != want {
			t.Errorf("%d is written %q, want %q", amount, got, want)
		}
	}
}

// A page of months leads no further than to this one.
func TestBesideMonth(t *testing.T) {
	t.Parallel()
	c := sdktest.Host(t, Plugin(), sdktest.At(day("2026-11-23"))).Call()
	for name, want := range map[string]int{"2026-11": 1, "2026-10": 2, "2027-01": 1} {
		month, _ := time.Parse(monthForm, name)
		if got := besideMonth(c, "/", month); len(got) != want {
			t.Errorf("%s leads to %d months, want %d: %+v", name, len(got), want, got)
		}
	}
}

// What is not known is not nothing: a line without a price has no estimate, and
// lines of one model are told apart in files, which have no small print.
func TestSKUTable(t *testing.T) {
	t.Parallel()
	c, s := sdktest.Host(t, Plugin()).Call(), scenery{teller: dollars}
	table := s.skuTable(c, []line{
		{SKU: "gpt-x", Usage: "input", Category: "llm", Events: 3, Unpriced: 3},
		{SKU: "gpt-y", Usage: "input", Category: "llm", Events: 2, Estimate: pico},
		{SKU: "gpt-y", Usage: "output", Category: "llm", Events: 2, Estimate: 2 * pico},
		{SKU: "autocomplete", Usage: "requests", Category: "maps", Events: 4},
	})
	type cells struct {
		name     string
		estimate ui.Value
	}
	want := []cells{{"gpt-y, output tokens", dollars.fine(2 * pico)}, {"gpt-y, input tokens", dollars.fine(pico)}, {"gpt-x, input tokens", nil}, {"autocomplete, requests", dollars.fine(0)}}
	for i, w := range want {
		link, _ := table.Rows[i].Cells[0].(ui.Link)
		if got := (cells{link.Text, table.Rows[i].Cells[4]}); got != w {
			t.Errorf("row %d is %+v, want %+v", i, got, w)
		}
	}
	if title := table.Columns[4].Title; title != "Estimate, USD" {
		t.Errorf("the currency is said in %q", title)
	}
}

// A row's page asks for everything that a correction needs.
func TestCorrectionForm(t *testing.T) {
	t.Parallel()
	form := correctionForm(sdktest.Host(t, Plugin()).Call(), nil, "prc_a")
	var names []string
	for _, f := range form.Fields {
		names = append(names, f.Name)
	}
	if got := strings.Join(names, " "); got != "row price from to source checked_on" {
		t.Errorf("the form asks for %q", got)
	}
}
