package unitlist_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/onboard/unitlist"
)

// TestRoundTrip writes units the way somebody's program might, in any
// encoding, delimiter, quoting and spelling of values, and reads them back.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.SliceOfNDistinct(drawUnit(), 1, 12, func(u core.Unit) string { return unitlist.KeyOf(u) }).Draw(t, "units")
		text := writeList(t, units)
		e := rapid.SampledFrom(encodings).Draw(t, "encoding")
		raw, err := e.NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []core.Unit
		report, err := unitlist.Read(t.Context(), strings.NewReader(raw), "", unitlist.Options{}, func(r unitlist.Row) error {
			got = append(got, r.Unit)
			return nil
		})
		if err != nil || report.Imported != len(units) {
			t.Fatalf("%v: %+v\n%s", err, report, text)
		}
		for i, want := range units {
			if g := got[i]; g.Address != want.Address || *g.Price != *want.Price || g.SoldOn != want.SoldOn || g.Postcode != want.Postcode || g.County != want.County {
				t.Fatalf("unit %d\n got %+v %v\nwant %+v %v\n%s", i, g, g.Price, want, want.Price, text)
			}
		}
	})
}

func drawUnit() *rapid.Generator[core.Unit] {
	words := []string{"Harpur", "Dún", "Riabhach", "William's", `"The Mill"`, "Cúirt", "Oak", "St.", "na", "Clochán"}
	return rapid.Custom(func(t *rapid.T) core.Unit {
		street := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 3).Draw(t, "street"), " ")
		towns := []string{", Leixlip", "; Naas", "", ", Harpur Lane, Leixlip"}
		day := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 12_000).Draw(t, "day"))
		return core.Unit{
			Address:  fmt.Sprintf("%d Park %s%s", rapid.IntRange(1, 999).Draw(t, "number"), street, rapid.SampledFrom(towns).Draw(t, "town")),
			County:   rapid.SampledFrom([]string{"", "Kildare", "Cork"}).Draw(t, "county"),
			Postcode: rapid.SampledFrom([]string{"", "W23 F8EX", "D6W XY00", "SW1A 1AA"}).Draw(t, "postcode"),
			Price:    &core.Money{Minor: rapid.Int64Range(1, 1e12).Draw(t, "price"), Currency: "EUR"},
			SoldOn:   day.Format(time.DateOnly),
		}
	})
}

func writeList(t *rapid.T, units []core.Unit) string {
	delimiter := rapid.SampledFrom([]string{",", ";", "\t", "|"}).Draw(t, "delimiter")
	end := rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(t, "end")
	order := rapid.Permutation([]int{0, 1, 2, 3, 4}).Draw(t, "order")
	rows := [][]string{{"Address", "County", "Eircode", "Price (€)", "Date of Sale (dd/mm/yyyy)"}}
	for _, u := range units {
		rows = append(rows, []string{u.Address, u.County, u.Postcode, spellPrice(t, *u.Price), spellDate(t, u.SoldOn)})
	}
	var b strings.Builder
	for i, row := range rows {
		cells := make([]string, len(row))
		for to, from := range order {
			cells[to] = spellCell(t, row[from], delimiter)
		}
		b.WriteString(strings.Join(cells, delimiter))
		if i < len(rows)-1 || rapid.Bool().Draw(t, "last end") {
			b.WriteString(end)
		}
	}
	return b.String()
}

// spellCell quotes a cell if it has to be, or at random, and adds spaces.
func spellCell(t *rapid.T, s, delimiter string) string {
	if strings.ContainsAny(s, delimiter+"\"\n") || rapid.Bool().Draw(t, "quoted") {
		s = `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
	}
	if rapid.IntRange(0, 4).Draw(t, "spaced") == 0 {
		s = " " + s + "  "
	}
	return s
}

func spellPrice(t *rapid.T, m core.Money) string {
	whole, cents := fmt.Sprint(m.Minor/100), fmt.Sprintf("%02d", m.Minor%100)
	group := func(by string) string {
		var parts []string
		for rest := whole; rest != ""; {
			cut := max(len(rest)-3, 0)
			parts, rest = append(parts, rest[cut:]), rest[:cut]
		}
		slices.Reverse(parts)
		return strings.Join(parts, by)
	}
	return rapid.SampledFrom([]string{
		"€" + group(",") + "." + cents, group(".") + "," + cents + " €", "EUR " + whole + "." + cents,
		group(" ") + "," + cents, group("\u00a0") + "." + cents + "€", whole + "," + cents + " EUR",
	}).Draw(t, "price style")
}

func spellDate(t *rapid.T, day string) string {
	d, err := time.Parse(time.DateOnly, day)
	if err != nil {
		t.Fatal(err)
	}
	return d.Format(rapid.SampledFrom([]string{"02/01/2006", "2.1.2006", "2006-01-02", "2 Jan 2006", "January 2, 2006", "2006-01-02T15:04:05Z"}).Draw(t, "date style"))
}
