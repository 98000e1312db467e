package rate

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/openhouse-ai/console/core"
	"pgregory.net/rapid"
)

func price(t interface{ Fatal(...any) }, text string) Price {
	p, err := ParsePrice(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestParsePrice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Price{
		"0": 0, "10": 10_000_000_000_000, "0.045": 45_000_000_000, "0.000000000001": 1, "1.250": 1_250_000_000_000, "0009.5": 9_500_000_000_000,
		"9223372.036854775807": math.MaxInt64,
	} {
		if p, err := ParsePrice(text); err != nil || p != want {
			t.Errorf("%q is %d (%v), want %d", text, p, err, want)
		}
	}
	for _, text := range []string{"", "-1", "+1", "1e3", ".5", "5.", "1,5", "0.0000000000001", "9223373", "9223372.036854775808", "12345678", " 1", "NaN", "٣"} {
		if p, err := ParsePrice(text); core.CodeOf(err) != core.Invalid {
			t.Errorf("%q is taken as %d (%v)", text, p, err)
		}
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		quantity int64
		price    string
		per      int64
		want     Amount
		ok       bool
	}{
		{0, "10", 1_000_000, 0, true},
		{1, "10", 1_000_000, 10_000_000, true},
		{272_001, "0.01", 1_000_000, 2_720_010_000, true},
		{1, "0.000000000001", 2, 0, true}, // halves go to the even one
		{3, "0.000000000001", 2, 2, true},
		{5, "0.000000000001", 2, 2, true},
		{7, "0.000000000002", 3, 5, true},
		{1_000_000, "9", 1, 9_000_000 * USD, true},
		{10_000_000, "9", 1, 0, false},
		{math.MaxInt64, "9223372", 1, 0, false},
		{-1, "1", 1, 0, false},
		{1, "1", 0, 0, false},
	} {
		if got, ok := Cost(c.quantity, price(t, c.price), c.per); ok != c.ok || ok && got != c.want {
			t.Errorf("%d at %s for %d is %d, %v; want %d, %v", c.quantity, c.price, c.per, got, ok, c.want, c.ok)
		}
	}
}

// Cost is the exact quotient, rounded half to even, wherever it fits.
func TestCostIsExact(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		q, p, per := rapid.Int64Min(0).Draw(r, "quantity"), rapid.Int64Min(0).Draw(r, "price"), rapid.Int64Min(1).Draw(r, "per")
		want := HalfEven(new(big.Rat).SetFrac(product(q, p), big.NewInt(per)))
		if got, ok := Cost(q, Price(p), per); ok != want.IsInt64() || ok && int64(got) != want.Int64() {
			r.Fatalf("%d, %v; want %s", got, ok, want)
		}
	})
}

func TestGraduated(t *testing.T) {
	t.Parallel()
	maps := []Step{{0, 0, 1000, false}, {10_000, price(t, "7"), 1000, false}, {100_000, price(t, "5.6"), 1000, false}, {500_000, 0, 1, true}}
	for quantity, want := range map[int64]Amount{0: 0, 10_000: 0, 10_001: 7 * USD / 1000, 100_000: 630 * USD, 150_000: 910 * USD, 500_000: 2870 * USD} {
		if got, ok := Graduated(quantity, maps); !ok || got != want {
			t.Errorf("%d loads cost %d, %v; want %d", quantity, got, ok, want)
		}
	}
	for name, c := range map[string]struct {
		quantity int64
		steps    []Step
	}{
		"above what is known": {500_001, maps}, "no steps": {1, nil}, "no first step": {1, maps[1:]}, "negative": {-1, maps},
	} {
		if got, ok := Graduated(c.quantity, c.steps); ok {
			t.Errorf("%s: costs %d", name, got)
		}
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	if q, ok := Tokens(1000, 600, 100, 50, 20); !ok || q != (Quantities{300, 600, 100, 50}) {
		t.Errorf("split into %+v, %v", q, ok)
	}
	for name, n := range map[string][5]int64{
		"more cached than prompt": {10, 11, 0, 0, 0}, "cached and written": {10, 6, 5, 0, 0}, "reasoning": {10, 0, 0, 5, 6}, "negative": {10, 0, 0, -1, -1},
		"sums that wrap": {10, math.MaxInt64, math.MaxInt64, 0, 0},
	} {
		if q, ok := Tokens(n[0], n[1], n[2], n[3], n[4]); ok {
			t.Errorf("%s: split into %+v", name, q)
		}
	}
	if Long(272_000) || !Long(272_001) {
		t.Error("the long band begins strictly above 272,000")
	}
}

// P12: a cost is never negative, more tokens never cost less within one band,
// and a higher cached share never costs more where cached tokens are cheaper.
func TestMoreTokensNeverCostLess(t *testing.T) {
	t.Parallel()
	input, cached, output := price(t, "2"), price(t, "0.1"), price(t, "10")
	cost := func(r *rapid.T, prompt, hit, completion int64) Amount {
		q, ok := Tokens(prompt, hit, 0, completion, 0)
		if !ok {
			r.Fatal("refused")
		}
		a, _ := Cost(q.Input, input, 1_000_000)
		b, _ := Cost(q.Cached, cached, 1_000_000)
		c, _ := Cost(q.Output, output, 1_000_000)
		return a + b + c
	}
	rapid.Check(t, func(r *rapid.T) {
		prompt, completion := rapid.Int64Range(0, LongAbove).Draw(r, "prompt"), rapid.Int64Range(0, 1e6).Draw(r, "completion")
		hit := rapid.Int64Range(0, prompt).Draw(r, "cached")
		more := rapid.Int64Range(0, 1e6).Draw(r, "more")
		is := cost(r, prompt, hit, completion)
		if is < 0 {
			r.Fatalf("costs %d", is)
		}
		if cost(r, prompt+more, hit, completion) < is || cost(r, prompt, hit, completion+more) < is {
			r.Fatal("more tokens cost less")
		}
		if higher := rapid.Int64Range(hit, prompt).Draw(r, "more cached"); cost(r, prompt, higher, completion) > is {
			r.Fatal("more cached tokens cost more")
		}
	})
}

// P11: shares add up to the whole, and who stands where in the list doesn't
// matter; nobody is further than one from the exact part.
func TestShare(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		total := Amount(rapid.Int64Range(-math.MaxInt64, math.MaxInt64).Draw(r, "total"))
		weights := rapid.SliceOfN(rapid.OneOf(rapid.Int64Range(0, 5), rapid.Int64Range(0, 1<<62)), 1, 12).Draw(r, "weights")
		parts := make([]Part, len(weights))
		whole := new(big.Int)
		for i, w := range weights {
			parts[i] = Part{string(rune('a' + i)), w}
			whole.Add(whole, big.NewInt(w))
		}
		shares := Share(total, parts)
		sum := new(big.Int)
		byID := map[string]Amount{}
		for i, s := range shares {
			sum.Add(sum, big.NewInt(int64(s)))
			byID[parts[i].ID] = s
			if whole.Sign() > 0 {
				exact := new(big.Rat).SetFrac(product(int64(total), parts[i].Weight), whole)
				if off := exact.Sub(exact, new(big.Rat).SetInt64(int64(s))); off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
					r.Fatalf("part %d is %d, off by %s", i, s, off)
				}
			}
		}
		if !sum.IsInt64() || sum.Int64() != int64(total) {
			r.Fatalf("the parts add up to %s, not %d", sum, total)
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "order"), 1))
		random.Shuffle(len(parts), func(i, j int) { parts[i], parts[j] = parts[j], parts[i] })
		for i, s := range Share(total, parts) {
			if s != byID[parts[i].ID] {
				r.Fatalf("in another order %s bears %d, not %d", parts[i].ID, s, byID[parts[i].ID])
			}
		}
	})
	if got := Share(2, []Part{{"b", 1}, {"c", 1}, {"a", 1}}); !slices.Equal(got, []Amount{1, 0, 1}) {
		t.Errorf("ties went to %v, not to the lowest ids", got)
	}
	if got := Share(-7, []Part{{"b", 0}, {"a", 0}}); !slices.Equal(got, []Amount{0, -7}) {
		t.Errorf("without weights it is %v, not all on the lowest id", got)
	}
	if got := Share(7, nil); got != nil {
		t.Errorf("nobody bears %v", got)
	}
}

func TestStorage(t *testing.T) {
	t.Parallel()
	// 3 GB on ten days of thirty are one gigabyte-month.
	var readings []Reading
	for day := range 10 {
		readings = append(readings, Reading{"2026-11-" + string(rune('0'+day)), 3_000_000_000})
	}
	stored, ok := Storage(readings, 30, price(t, "0.023"), 1_000_000_000)
	var quantity int64
	var all Amount
	for _, s := range stored {
		quantity, all = quantity+s.Quantity, all+s.Amount
	}
	if !ok || quantity != 1_000_000_000 || all != 23*USD/1000 {
		t.Errorf("%d byte-months cost %d, %v", quantity, all, ok)
	}
	for name, c := range map[string]struct {
		bytes int64
		days  int
		per   int64
	}{"negative": {-1, 30, 1}, "no days": {1, 0, 1}, "per": {1, 30, math.MaxInt64}, "too much": {math.MaxInt64, 1, 1}} {
		if got, ok := Storage([]Reading{{"2026-11-01", c.bytes}}, c.days, price(t, "9"), c.per); ok {
			t.Errorf("%s: costs %v", name, got)
		}
	}
}

// P14: volume and rate add up to the total, exactly.
func TestVariance(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		use := func(name string) Use {
			return Use{rapid.Int64Range(0, 1<<60).Draw(r, name+" quantity"), Amount(rapid.Int64Range(-1<<61, 1<<61).Draw(r, name))}
		}
		estimated, actual := use("estimated"), use("actual")
		d := Variance(estimated, actual)
		if d.Volume+d.Rate != d.Total || d.Total != actual.Amount-estimated.Amount {
			r.Fatalf("%+v of %+v and %+v", d, estimated, actual)
		}
		if same := Variance(estimated, Use{estimated.Quantity, actual.Amount}); estimated.Quantity > 0 && same.Volume != 0 {
			r.Fatalf("the same quantity has a volume part of %d", same.Volume)
		}
	})
	for _, c := range []struct {
		estimated, actual Use
		want              Difference
	}{
		{Use{100, 1000}, Use{120, 1200}, Difference{200, 200, 0}},
		{Use{100, 1000}, Use{100, 1300}, Difference{300, 0, 300}},
		{Use{100, 1000}, Use{110, 1430}, Difference{430, 100, 330}},
		{Use{0, 0}, Use{10, 50}, Difference{50, 50, 0}},
	} {
		if got := Variance(c.estimated, c.actual); got != c.want {
			t.Errorf("%+v against %+v is %+v, want %+v", c.actual, c.estimated, got, c.want)
		}
	}
}

func TestBandOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		estimate, actual, floor Amount
		want                    Band
	}{
		{100, 105, 0, OK}, {100, 95, 0, OK}, {1000, 1051, 0, Watch}, {100, 110, 0, Watch}, {1000, 899, 0, Warn}, {100, 120, 0, Warn}, {1000, 1201, 0, Breach}, {100, 0, 0, Breach},
		{0, 0, 0, OK}, {0, 1, 0, Breach}, {math.MaxInt64, math.MaxInt64, 0, OK}, {-100, -104, 0, OK}, {-100, 100, 0, Breach}, {math.MinInt64, math.MaxInt64, math.MaxInt64, Breach},
		{0, 9, 10, Watch}, {0, 10, 10, Breach}, {100, 85, 16, Watch}, {100, 85, 15, Warn}, {1000, 2, 999, Watch}, {1000, 1, 999, Breach}, {100, 104, 10, OK}, {0, 0, 10, OK},
	} {
		if got := BandOf(c.estimate, c.actual, c.floor); got != c.want {
			t.Errorf("%d against %d is %s above %d, want %s", c.actual, c.estimate, got, c.floor, c.want)
		}
	}
}

func TestProject(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		month Month
		want  Projection
		ok    bool
	}{
		"the last seven days":     {Month{Days: []Amount{900, 10, 10, 10, 10, 10, 10, 10}, Left: 3}, Projection{1000, 1000, 1000, 7}, true},
		"fewer days":              {Month{Fixed: 50, Days: []Amount{10, 20}, Left: 2}, Projection{110, 110, 110, 2}, true},
		"the first day":           {Month{Before: 300, BeforeIn: 30, Left: 31}, Projection{310, 310, 310, 0}, true},
		"nothing known":           {Month{Today: 5, Left: 31}, Projection{}, false},
		"more today than ever":    {Month{Days: []Amount{10}, Today: 500, Left: 1}, Projection{510, 510, 510, 1}, true},
		"a range":                 {Month{Days: []Amount{100}, Left: 9, Past: []Miss{{1, 100}, {100, 90}, {200, 240}, {0, 7}}}, Projection{1000, 800, 1200, 1}, true},
		"half a unit to the even": {Month{Days: []Amount{0, 1}, Left: 1}, Projection{2, 2, 2, 2}, true},
	} {
		if got, ok := Project(c.month); got != c.want || ok != c.ok {
			t.Errorf("%s: %+v, %v; want %+v", name, got, ok, c.want)
		}
	}
}

func TestConvert(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount   Amount
		rate     string
		currency string
		want     string
	}{
		{USD, "0.8612", "EUR", "0.86 EUR"}, {USD / 200, "1", "USD", "0.00 USD"}, {3 * USD / 200, "1", "USD", "0.02 USD"}, {-3 * USD / 200, "1", "USD", "-0.02 USD"},
		{USD, "154.5", "JPY", "154 JPY"}, {USD, "0.3761", "BHD", "0.376 BHD"},
	} {
		if got, err := Convert(c.amount, c.rate, c.currency); err != nil || got.String() != c.want {
			t.Errorf("%d at %s is %s (%v), want %s", c.amount, c.rate, got, err, c.want)
		}
	}
	for _, decimal := range []string{"", "0", "-1", "1/2", "1e3", "0x1", "1_0", "abc"} {
		if got, err := Convert(USD, decimal, "EUR"); core.CodeOf(err) != core.Invalid {
			t.Errorf("at %q it is %s (%v)", decimal, got, err)
		}
	}
}

func TestUnusual(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		history       []Amount
		latest, floor Amount
		want          bool
	}{
		"a quiet day": {[]Amount{10, 11, 12, 9, 10}, 12, 0, false}, "a loud one": {[]Amount{10, 11, 12, 9, 10}, 30, 0, true},
		"below the floor": {[]Amount{10, 11, 12, 9, 10}, 30, 31, false}, "mostly alike": {[]Amount{10, 10, 10, 10, 15}, 30, 0, true},
		"all alike, and the same": {[]Amount{10, 10, 10, 10, 10}, 10, 0, false}, "all alike, and more": {[]Amount{10, 10, 10, 10, 10}, 11, 0, true},
		"too few": {[]Amount{1, 1, 1, 1}, 1000, 0, false}, "too few, above the floor": {[]Amount{1}, 1000, 500, true}, "less than ever": {[]Amount{10, 11, 12, 9, 10}, 0, 0, false},
	} {
		if z, got := Unusual(c.history, c.latest, c.floor); got != c.want {
			t.Errorf("%s: %v (z %.2f)", name, got, z)
		}
	}
}
