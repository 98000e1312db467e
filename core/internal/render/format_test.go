package render_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/render"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		locale, want, figure string
		money                core.Money
	}{
		{"en-IE", "€458,150.00", "€458,150", core.Money{Minor: 45815000, Currency: "EUR"}},
		{"en-GB", "−£1,200.50", "−£1,200.50", core.Money{Minor: -120050, Currency: "GBP"}},
		{"en-IE", "¥1,200", "¥1,200", core.Money{Minor: 1200, Currency: "JPY"}},
		{"de-DE", "458.150,00\u00a0€", "458.150\u00a0€", core.Money{Minor: 45815000, Currency: "EUR"}},
		{"en-IE", "£0.05", "£0.05", core.Money{Minor: 5, Currency: "GBP"}},
		{"no such locale", "€0.00", "€0", core.Money{Currency: "EUR"}},
		{"en", "XYZ\u00a01.00", "XYZ\u00a01", core.Money{Minor: 100, Currency: "XYZ"}},
	} {
		f := render.NewFormat(c.locale, nil)
		if got := f.Money(c.money); got != c.want {
			t.Errorf("%s: Money(%v) = %q, want %q", c.locale, c.money, got, c.want)
		}
		if got := f.Figure(c.money); got != c.figure {
			t.Errorf("%s: Figure(%v) = %q, want %q", c.locale, c.money, got, c.figure)
		}
	}
}

// TestNumberIsExact reads each written number back as a rational.
func TestNumberIsExact(t *testing.T) {
	t.Parallel()
	f := render.NewFormat("en-IE", nil)
	rapid.Check(t, func(t *rapid.T) {
		value, decimals := rapid.Int64().Draw(t, "value"), rapid.IntRange(0, 6).Draw(t, "decimals")
		text := f.Number(value, decimals)
		got, ok := new(big.Rat).SetString(strings.NewReplacer(",", "", "−", "-").Replace(text))
		scale := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(decimals)), nil)
		if want := new(big.Rat).SetFrac(big.NewInt(value), scale); !ok || got.Cmp(want) != 0 {
			t.Fatalf("%d with %d decimals is written %q", value, decimals, text)
		}
	})
}

func TestTimes(t *testing.T) {
	t.Parallel()
	dublin, err := time.LoadLocation("Europe/Dublin")
	if err != nil {
		t.Fatal(err)
	}
	f := render.NewFormat("en-IE", dublin)
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	if got := f.Exact(now); got != "1 Jul 2026, 13:00:00 IST" {
		t.Errorf("exact: %q", got)
	}
	for ago, want := range map[time.Duration]string{
		10 * time.Second: "just now", 50 * time.Second: "1 min ago", 59 * time.Minute: "59 min ago", 23 * time.Hour: "23 h ago",
		30 * 24 * time.Hour: "30 d ago", 40 * 24 * time.Hour: "22 May 2026", -3 * time.Hour: "in 3 h",
	} {
		if got := f.Ago(now.Add(-ago), now); got != want {
			t.Errorf("%v ago: %q, want %q", ago, got, want)
		}
	}
	for took, want := range map[time.Duration]string{
		420 * time.Millisecond: "0.4 s", 42 * time.Second: "42 s", 125 * time.Second: "2 min 5 s", 2*time.Hour + 3*time.Minute: "2 h 3 min",
	} {
		if got := f.Took(took); got != want {
			t.Errorf("%v: %q, want %q", took, got, want)
		}
	}
}

func TestBrandCSS(t *testing.T) {
	t.Parallel()
	got := string(render.BrandCSS(core.Brand{Primary: "#e6b566", Accent: "red; } body { display: none"}))
	if want := ":root {\n  --brand: #e6b566;\n  --brand-ink: #10191a;\n}\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	contrast := func(a, b string) float64 {
		la, _ := render.Luminance(a)
		lb, _ := render.Luminance(b)
		return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
	}
	for _, colour := range []string{"#000000", "#ffffff", "#7a2e3a", "#ff0000", "#00aa55", "#777777", "#0000ff", "#ffcc00"} {
		if c := contrast(colour, render.Ink(colour)); c < 4 {
			t.Errorf("text on %s contrasts %.2f", colour, c)
		}
	}
}
