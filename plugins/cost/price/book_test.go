package price_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/plugins/cost/price"
	"pgregory.net/rapid"
)

var (
	input = price.Key{Provider: "openai", SKU: "gpt-6-luna", Usage: "input", Tier: "standard"}
	maps  = price.Key{Provider: "google", SKU: "dynamic-maps", Usage: "requests", Tier: "standard"}
)

// day is so many days after the beginning of 2026.
func day(n int) time.Time { return time.Date(2026, 1, 1+n, 0, 0, 0, 0, time.UTC) }

// row is a price of input from a day on.
func row(from int, usd string) price.Row {
	return price.Row{Key: input, Per: 1_000_000, Price: usd, From: day(from)}
}

// instead is a row in the place of another one.
func instead(wrong price.Row, from, to int, usd string) price.Row {
	r := wrong
	r.ID, r.Corrects, r.From, r.To, r.Price = "", price.ID(wrong), day(from), time.Time{}, usd
	if to > 0 {
		r.To = day(to)
	}
	return r
}

func book(t testing.TB, rows ...price.Row) *price.Book {
	t.Helper()
	b, err := price.New(rows)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAt(t *testing.T) {
	t.Parallel()
	ends := row(30, "2")
	ends.To = day(40)
	b := book(t, row(50, "3"), row(10, "1"), ends)
	for at, want := range map[int]string{9: "", 10: "1", 29: "1", 30: "2", 39: "2", 40: "", 49: "", 50: "3", 5000: "3"} {
		if got, found := b.At(input, day(at)); got.Price != want || found != (want != "") {
			t.Errorf("on day %d the price is %q (%v), want %q", at, got.Price, found, want)
		}
	}
	if got, _ := b.At(input, day(30).Add(-time.Millisecond)); got.Price != "1" {
		t.Errorf("a moment before the next row the price is %q", got.Price)
	}
	for _, other := range []price.Key{{}, maps, {Provider: "openai", SKU: "gpt-6-luna", Usage: "input", Tier: "batch"}, {Provider: "openai", SKU: "gpt-6-luna", Usage: "input", Tier: "standard", Band: price.Long}} {
		if got, found := b.At(other, day(60)); found {
			t.Errorf("%v has the price of %v", other, got.Key)
		}
	}
}

// A correction takes the place of a row, a correction of it the correction's;
// the row itself stays what prices the event (H18).
func TestCorrections(t *testing.T) {
	t.Parallel()
	first, next := row(10, "1"), row(50, "9")
	wrong := instead(first, 20, 40, "2")
	again := instead(wrong, 30, 0, "3")
	b := book(t, again, next, wrong, first)
	for at, want := range map[int]string{19: "", 20: "2", 29: "2", 30: "2 3", 39: "2 3", 40: "", 50: ""} {
		base, _ := b.At(input, day(at))
		var chain []string
		for _, r := range b.Corrections(base.ID, day(at)) {
			chain = append(chain, r.Price)
		}
		if got := strings.Join(chain, " "); got != want {
			t.Errorf("on day %d the corrections are %q, want %q", at, got, want)
		}
	}
	if base, _ := b.At(input, day(35)); base.Price != "1" {
		t.Errorf("the corrected row is priced at %s", base.Price)
	}
	if end := b.End(price.ID(again)); !end.Equal(day(40)) {
		t.Errorf("a correction of a correction ends on %v, want with it", end)
	}
}

func TestSteps(t *testing.T) {
	t.Parallel()
	month := func(m time.Month) time.Time {
		start, err := price.MonthStart("google", time.Date(2026, m, 1, 0, 0, 0, 0, time.UTC).Format("2006-01"))
		if err != nil {
			t.Fatal(err)
		}
		return start
	}
	step := func(above int64, usd string, m time.Month) price.Row {
		return price.Row{Key: maps, Above: above, Per: 1000, Price: usd, From: month(m)}
	}
	wrong := step(10_000, "7", 1)
	fixed := wrong
	fixed.Corrects, fixed.Price, fixed.From, fixed.To = price.ID(wrong), "6", month(3), month(4)
	b := book(t, step(100_000, "", 1), wrong, step(0, "0", 1), fixed, step(0, "1", 5))
	for m, want := range map[time.Month]string{1: "0 7 -", 3: "0 6 -", 4: "0 7 -", 5: "1 7 -"} {
		var got []string
		for _, r := range b.Steps(maps, month(m)) {
			if r.Price == "" {
				r.Price = "-"
			}
			got = append(got, r.Price)
		}
		if line := strings.Join(got, " "); line != want {
			t.Errorf("in %v the steps are %q, want %q", m, line, want)
		}
	}
	if none := b.Steps(maps, month(1).Add(-time.Millisecond)); none != nil {
		t.Errorf("before the first month there are steps: %v", none)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	good := row(10, "1")
	pooled := price.Row{Key: maps, Per: 1000, Price: "0", From: time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)}
	change := func(r price.Row, with func(*price.Row)) price.Row { with(&r); return r }
	other := change(row(12, "5"), func(r *price.Row) { r.Usage = "output" })
	for name, c := range map[string]struct {
		rows  []price.Row
		field string
		line  int
	}{
		"negative":                {[]price.Row{good, change(row(20, "-1"), nothing)}, "price", 2},
		"too many places":         {[]price.Row{row(1, "0.1234567890123")}, "price", 1},
		"no number":               {[]price.Row{row(1, "1,5")}, "price", 1},
		"exponent":                {[]price.Row{row(1, "1e3")}, "price", 1},
		"no price":                {[]price.Row{row(1, "")}, "price", 1},
		"no unit":                 {[]price.Row{change(good, func(r *price.Row) { r.Per = 0 })}, "per", 1},
		"no beginning":            {[]price.Row{change(good, func(r *price.Row) { r.From = time.Time{} })}, "from", 1},
		"ends before it begins":   {[]price.Row{change(good, func(r *price.Row) { r.To = day(9) })}, "to", 1},
		"ends as it begins":       {[]price.Row{change(good, func(r *price.Row) { r.To = r.From })}, "to", 1},
		"twice":                   {[]price.Row{good, change(good, func(r *price.Row) { r.Price = "2" })}, "from", 2},
		"twice, other ids":        {[]price.Row{good, change(good, func(r *price.Row) { r.ID = "prc_z" })}, "from", 2},
		"provider":                {[]price.Row{change(good, func(r *price.Row) { r.Provider = "Open AI" })}, "provider", 1},
		"sku":                     {[]price.Row{change(good, func(r *price.Row) { r.SKU = "gpt 6" })}, "sku", 1},
		"usage":                   {[]price.Row{change(good, func(r *price.Row) { r.Usage = "reasoning" })}, "usage", 1},
		"tier":                    {[]price.Row{change(good, func(r *price.Row) { r.Tier = "" })}, "tier", 1},
		"band":                    {[]price.Row{change(good, func(r *price.Row) { r.Band = "short" })}, "band", 1},
		"step of what has none":   {[]price.Row{good, change(good, func(r *price.Row) { r.Above = 5 })}, "above", 2},
		"step below zero":         {[]price.Row{change(pooled, func(r *price.Row) { r.Above = -5 })}, "above", 1},
		"checked":                 {[]price.Row{change(good, func(r *price.Row) { r.CheckedOn = "yesterday" })}, "checked_on", 1},
		"source of two lines":     {[]price.Row{change(good, func(r *price.Row) { r.Source = "a\nb" })}, "source", 1},
		"pooled in mid-month":     {[]price.Row{pooled, change(pooled, func(r *price.Row) { r.From = r.From.AddDate(0, 0, 9) })}, "from", 2},
		"pooled, another's month": {[]price.Row{change(pooled, func(r *price.Row) { r.From = day(31) })}, "from", 1},
		"pooled end":              {[]price.Row{change(pooled, func(r *price.Row) { r.To = r.From.AddDate(0, 0, 9) })}, "to", 1},
		"corrects nothing":        {[]price.Row{change(good, func(r *price.Row) { r.Corrects = "prc_0" })}, "corrects", 1},
		"corrects another key":    {[]price.Row{other, instead(good, 12, 0, "2"), good, change(instead(other, 13, 0, "2"), func(r *price.Row) { r.Key = input })}, "corrects", 4},
		"corrects what is before": {[]price.Row{instead(good, 9, 20, "2"), good}, "from", 1},
		"corrects what has ended": {[]price.Row{good, row(20, "3"), instead(good, 20, 0, "2")}, "from", 3},
		"corrected already":       {[]price.Row{good, instead(good, 11, 20, "2"), instead(good, 15, 0, "3")}, "corrects", 3},
		"corrects itself":         {[]price.Row{good, change(instead(good, 11, 0, "2"), func(r *price.Row) { r.ID, r.Corrects = "prc_a", "prc_b" }), change(instead(good, 12, 0, "2"), func(r *price.Row) { r.ID, r.Corrects = "prc_b", "prc_a" })}, "corrects", 2},
	} {
		_, err := price.New(c.rows)
		refused, ok := err.(*core.Error)
		if !ok || refused.Code != core.Invalid {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if first := refused.Fields[0]; first.Field != c.field || first.Line != c.line || first.Reason == "" {
			t.Errorf("%s: the first mistake is %+v, want %s of row %d", name, first, c.field, c.line)
		}
	}
}

func nothing(*price.Row) {}

func TestMonths(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ provider, at, month string }{
		{"google", "2026-11-01T06:59:59Z", "2026-10"}, {"google", "2026-11-01T07:00:00Z", "2026-11"}, // summer time ends that day
		{"google", "2026-03-01T07:59:59Z", "2026-02"}, {"google", "2026-03-01T08:00:00Z", "2026-03"},
		{"openai", "2026-10-31T23:59:59Z", "2026-10"}, {"hosting", "2026-11-01T00:00:00Z", "2026-11"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := price.Month(c.provider, at); got != c.month {
			t.Errorf("%s at %s is in %s, want %s", c.provider, c.at, got, c.month)
		}
		start, err := price.MonthStart(c.provider, c.month)
		if err != nil || start.After(at) || price.Month(c.provider, start) != c.month || price.Month(c.provider, start.Add(-time.Millisecond)) == c.month {
			t.Errorf("%s of %s begins at %v (%v)", c.month, c.provider, start, err)
		}
	}
	if _, err := price.MonthStart("google", "2026-13"); err == nil {
		t.Error("a thirteenth month begins")
	}
}

// rows draws rows of two keys that make a book: prices with and without ends,
// and corrections of them, in any order.
func rows(t *rapid.T) []price.Row {
	var all []price.Row
	for _, key := range []price.Key{input, {Provider: "openai", SKU: "gpt-6-luna", Usage: "output", Tier: "standard"}} {
		days := rapid.SliceOfNDistinct(rapid.IntRange(0, 100), 0, 6, rapid.ID[int]).Draw(t, "days")
		slices.Sort(days)
		for i, from := range days {
			r := row(from, rapid.SampledFrom([]string{"0", "0.5", "2.50", "10"}).Draw(t, "price"))
			r.Key = key
			end := 120
			if i+1 < len(days) {
				end = days[i+1]
			}
			if rapid.Bool().Draw(t, "ends") {
				end = rapid.IntRange(from+1, end).Draw(t, "to")
				r.To = day(end)
			}
			all = append(all, r)
			for wrong, at := r, from; at < end && rapid.Bool().Draw(t, "corrected"); {
				at = rapid.IntRange(at, end-1).Draw(t, "corrected from")
				fix := instead(wrong, at, 0, "7")
				if rapid.Bool().Draw(t, "corrected to") {
					end = rapid.IntRange(at+1, end).Draw(t, "until")
					fix.To = day(end)
				}
				all, wrong = append(all, fix), fix
			}
		}
	}
	return rapid.Permutation(all).Draw(t, "order")
}

// prices is everything that a book says of a moment.
func prices(b *price.Book, at time.Time) []price.Row {
	var said []price.Row
	for _, key := range []price.Key{input, {Provider: "openai", SKU: "gpt-6-luna", Usage: "output", Tier: "standard"}} {
		r, found := b.At(key, at)
		if found {
			said = append(append(append(said, r), b.Corrections(r.ID, at)...), b.Steps(key, at)...)
		}
	}
	return said
}

// P13, in what concerns the book: a moment has exactly one row while one is in
// force and none otherwise, whatever order the rows come in.
func TestOneRowAtATime(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		all := rows(t)
		b, err := price.New(all)
		if err != nil {
			t.Fatal(err)
		}
		at := day(rapid.IntRange(0, 120).Draw(t, "at")).Add(time.Duration(rapid.IntRange(-1, 1).Draw(t, "near")) * time.Millisecond)
		for _, key := range b.Keys() {
			var began price.Row // the latest that has begun, by looking at all of them
			for _, r := range all {
				if r.Key == key && r.Corrects == "" && !r.From.After(at) && (began.Price == "" || r.From.After(began.From)) {
					began = r
				}
			}
			covered := began.Price != "" && (began.To.IsZero() || at.Before(began.To))
			got, found := b.At(key, at)
			if found != covered || found && got.ID != price.ID(began) {
				t.Fatalf("at %v %v has %+v (%v), want %+v (%v)", at, key, got, found, began, covered)
			}
			if !found {
				continue
			}
			wrong := got.ID
			for _, fix := range b.Corrections(got.ID, at) {
				if end := b.End(fix.ID); fix.Corrects != wrong || fix.From.After(at) || !end.IsZero() && !at.Before(end) {
					t.Fatalf("at %v %+v corrects %s", at, fix, wrong)
				}
				wrong = fix.ID
			}
			if steps := b.Steps(key, at); len(steps) != 1 || steps[0].ID != wrong {
				t.Fatalf("at %v the last of the corrections is %s, and the step %+v", at, wrong, steps)
			}
		}
		shuffled, err := price.New(rapid.Permutation(all).Draw(t, "other order"))
		if err != nil || !slices.Equal(shuffled.Rows(), b.Rows()) || !slices.Equal(prices(b, at), prices(shuffled, at)) {
			t.Fatalf("in another order the book is another one (%v)", err)
		}
	})
}

// P22: a price from a date on changes nothing before it.
func TestAddChangesNothingBefore(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		before, err := price.New(rows(t))
		if err != nil {
			t.Fatal(err)
		}
		r := row(rapid.IntRange(0, 120).Draw(t, "from"), rapid.SampledFrom([]string{"0", "3", "99.9"}).Draw(t, "price"))
		if all := before.Rows(); len(all) > 0 && rapid.Bool().Draw(t, "corrects") {
			wrong := rapid.SampledFrom(all).Draw(t, "wrong")
			r.Key, r.Corrects = wrong.Key, wrong.ID
		}
		after, added, err := before.Add(r)
		if err != nil {
			return // it contradicts the book
		}
		for n := range 125 {
			if at := day(n); at.Before(added.From) && !slices.Equal(prices(before, at), prices(after, at)) {
				t.Fatalf("a row from %v changes the price of %v", added.From, at)
			}
		}
		from, differs := price.Since(before.Rows(), after.Rows())
		if !differs || !from.Equal(added.From) {
			t.Fatalf("the books differ since %v (%v), want %v", from, differs, added.From)
		}
	})
}

func BenchmarkAt(b *testing.B) {
	seeded := book(b, price.Seed()...)
	at := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	for b.Loop() {
		r, found := seeded.At(input, at)
		if !found || len(seeded.Corrections(r.ID, at)) > 0 {
			b.Fatal("no price")
		}
	}
}
