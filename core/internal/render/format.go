package render

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/currency"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/openhouse-ai/console/core"
)

const (
	nbsp  = "\u00a0"
	minus = "\u2212"
)

// Format writes numbers, money and times for one reader. All of it is exact:
// amounts never pass through a floating-point number.
type Format struct {
	locale *locale
	zone   *time.Location
}

// locale is how a language writes numbers.
type locale struct {
	group, decimal string
	printer        *message.Printer
	symbolBehind   bool
}

var locales sync.Map // BCP 47 tag → *locale

// NewFormat returns the format of a locale ("en-IE"; en when it is unknown)
// and a zone (UTC when nil).
func NewFormat(tag string, zone *time.Location) Format {
	if zone == nil {
		zone = time.UTC
	}
	if known, ok := locales.Load(tag); ok {
		return Format{known.(*locale), zone}
	}
	parsed, err := language.Parse(tag)
	if err != nil || parsed == language.Und {
		parsed = language.English
	}
	l := newLocale(parsed)
	if err == nil { // what can't be parsed isn't worth remembering
		locales.Store(parsed.String(), l)
	}
	return Format{l, zone}
}

func newLocale(tag language.Tag) *locale {
	printer := message.NewPrinter(tag)
	l := &locale{printer: printer, group: ",", decimal: "."}
	// The separators are read off a printed number: the library keeps its
	// tables to itself.
	if parts := strings.FieldsFunc(printer.Sprintf("%.1f", 1234567.5), isDigit); len(parts) > 1 {
		l.group, l.decimal = parts[0], parts[len(parts)-1]
	}
	base, _ := tag.Base()
	switch base.String() {
	case "en", "ga", "cy", "gd", "mt", "zh", "ja", "ko", "th":
	default:
		l.symbolBehind = true
	}
	return l
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// Number writes value / 10^decimals.
func (f Format) Number(value int64, decimals int) string {
	digits, sign := strconv.FormatInt(value, 10), ""
	if rest, ok := strings.CutPrefix(digits, "-"); ok {
		digits, sign = rest, minus
	}
	fraction := ""
	if decimals > 0 {
		if pad := decimals + 1 - len(digits); pad > 0 {
			digits = strings.Repeat("0", pad) + digits
		}
		cut := len(digits) - decimals
		digits, fraction = digits[:cut], f.locale.decimal+digits[cut:]
	}
	return sign + f.grouped(digits) + fraction
}

func (f Format) grouped(digits string) string {
	if len(digits) <= 3 {
		return digits
	}
	head := len(digits) % 3
	var b strings.Builder
	b.WriteString(digits[:head])
	for i := head; i < len(digits); i += 3 {
		if i > 0 {
			b.WriteString(f.locale.group)
		}
		b.WriteString(digits[i : i+3])
	}
	return b.String()
}

// Money writes an exact amount with its symbol, where the locale puts it.
func (f Format) Money(m core.Money) string {
	return f.symbol(m.Currency, f.Number(m.Minor, core.Exponent(m.Currency)))
}

// Figure writes an amount like Money, but whole amounts without decimals.
func (f Format) Figure(m core.Money) string {
	scale := int64(1)
	for range core.Exponent(m.Currency) {
		scale *= 10
	}
	if m.Minor%scale != 0 {
		return f.Money(m)
	}
	return f.symbol(m.Currency, f.Number(m.Minor/scale, 0))
}

func (f Format) symbol(code, digits string) string {
	symbol := code
	if unit, err := currency.ParseISO(code); err == nil {
		symbol = f.locale.printer.Sprint(currency.NarrowSymbol(unit))
	}
	sign, digits := "", digits
	if rest, ok := strings.CutPrefix(digits, minus); ok {
		sign, digits = minus, rest
	}
	switch {
	case f.locale.symbolBehind:
		return sign + digits + nbsp + symbol
	case len([]rune(symbol)) > 1:
		return sign + symbol + nbsp + digits
	}
	return sign + symbol + digits
}

// Date writes "22 Nov 2026" in the zone.
func (f Format) Date(t time.Time) string { return t.In(f.zone).Format("2 Jan 2006") }

// Clock writes "21:05:09" in the zone.
func (f Format) Clock(t time.Time) string { return t.In(f.zone).Format("15:04:05") }

// Exact writes date, time and zone: "22 Nov 2026, 21:05:09 GMT".
func (f Format) Exact(t time.Time) string {
	return t.In(f.zone).Format("2 Jan 2006, 15:04:05 MST")
}

// Ago writes t as seen from now, relative up to a month and as a date beyond.
func (f Format) Ago(t, now time.Time) string {
	d, form := now.Sub(t), "%s ago"
	if d < 0 {
		d, form = -d, "in %s"
	}
	var span string
	switch {
	case d < 45*time.Second:
		return "just now"
	case d < time.Hour:
		span = fmt.Sprintf("%d min", max(1, int(d.Minutes())))
	case d < 24*time.Hour:
		span = fmt.Sprintf("%d h", int(d.Hours()))
	case d < 31*24*time.Hour:
		span = fmt.Sprintf("%d d", int(d.Hours())/24)
	default:
		return f.Date(t)
	}
	return fmt.Sprintf(form, span)
}

// Took writes a duration in the two units that matter: "0.4 s", "2 min 5 s".
func (f Format) Took(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return f.Number(d.Milliseconds()/100, 1) + " s"
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	}
	return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
}
