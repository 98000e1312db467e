package decimal

import (
	"math/big"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"12": "12", "-0.0612": "-0.0612", "6.1e-5": "0.000061", "+3.50": "3.5", "1E2": "100", "-0": "0", ".5": "0.5", "007": "7",
		"0.06120000000000001": "0.06120000000000001",
	} {
		if r, err := Parse(in); err != nil || Text(r) != want {
			t.Errorf("Parse(%q) = %v, %v; want %s", in, r, err, want)
		}
	}
	for _, in := range []string{"", "-", ".", "1.", "1,000", "0x10", "1e", "1e999999999", "1e-41", "NaN", "Inf", "1_000", "+-1", "--1", " 1", "1 ", "١", strings.Repeat("9", 61)} {
		if r, err := Parse(in); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", in, r)
		}
	}
}

func TestScaled(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{"0.0612": 61_200_000_000, "0.0000000000005": 0, "0.0000000000015": 2, "-0.0000000000015": -2, "-0.0000000000005": 0, "0.00000000000051": 1} {
		r, err := Parse(in)
		if err != nil {
			t.Fatal(err)
		}
		if n, ok := Scaled(r, 12); n != want || !ok {
			t.Errorf("Scaled(%s) = %d, %v; want %d", in, n, ok, want)
		}
	}
	if n, ok := Scaled(big.NewRat(1e18, 1), 12); ok {
		t.Errorf("a number that doesn't fit became %d", n)
	}
}

// What is written is read as the same number.
func TestText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := new(big.Rat).SetFrac(big.NewInt(rapid.Int64().Draw(t, "number")), new(big.Int).Exp(big.NewInt(10), big.NewInt(rapid.Int64Range(0, 20).Draw(t, "places")), nil))
		again, err := Parse(Text(r))
		if err != nil || again.Cmp(r) != 0 {
			t.Fatalf("%v is written %s and read as %v (%v)", r, Text(r), again, err)
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add("-12.50e3")
	f.Add("1,000.0")
	f.Fuzz(func(t *testing.T, in string) {
		r, err := Parse(in)
		if err != nil {
			return
		}
		if again, err := Parse(Text(r)); len(Text(r)) < maxDigits && (err != nil || again.Cmp(r) != 0) {
			t.Fatalf("%q is written %q and read as %v (%v)", in, Text(r), again, err)
		}
	})
}

func TestSum(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{{"1.25", "-0.05", "1.2"}, {"0", "0", "0"}, {"999999999999.999", "0.001", "1000000000000"}} {
		if got, err := Sum(c[0], c[1]); err != nil || got != c[2] {
			t.Errorf("%s and %s are %q (%v), want %s", c[0], c[1], got, err, c[2])
		}
	}
	for _, c := range [][2]string{{"", "1"}, {"1", "x"}} {
		if got, err := Sum(c[0], c[1]); err == nil {
			t.Errorf("%q and %q are %s", c[0], c[1], got)
		}
	}
}
