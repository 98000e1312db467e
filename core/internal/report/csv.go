package report

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

// CSV writes the table as UTF-8 with a byte order mark, which spreadsheets
// need to read accents, and CRLF. Text that a spreadsheet would take for a
// formula gets a leading apostrophe; dates are 2006-01-02, moments 2006-01-02
// 15:04:05, numbers plain decimals, and amounts decimals with their currency.
func CSV(ctx context.Context, w io.Writer, t Table) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	record := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		record[i] = Defuse(c.Title)
	}
	if err := out.Write(record); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	for row := range t.Rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.check(row); err != nil {
			return err
		}
		for i, v := range row {
			record[i] = v.csv()
		}
		if err := out.Write(record); err != nil {
			return fmt.Errorf("write CSV: %w", err)
		}
	}
	out.Flush()
	return out.Error()
}

func (v Value) csv() string {
	switch {
	case !v.set:
		return ""
	case v.kind == Integer:
		return strconv.FormatInt(v.whole, 10)
	case v.kind == Number:
		return digits(v.whole, v.places)
	case v.kind == Money:
		return v.money.String()
	case v.kind == Date:
		return v.day.Format(time.DateOnly)
	case v.kind == Moment:
		return v.day.Format(time.DateTime)
	}
	return Defuse(v.text)
}

// Defuse returns text that no spreadsheet takes for a formula: one that begins
// with = + - @, their full-width forms, a tab, a carriage return, a line feed
// or NUL, even after spaces, gets a leading apostrophe.
func Defuse(s string) string {
	first := strings.TrimLeft(s, " \u00a0\ufeff")
	if first != "" && strings.ContainsAny(firstRune(first), "=+-@\t\r\n\x00＝＋－＠") {
		return "'" + s
	}
	return s
}

func firstRune(s string) string {
	for i := range s {
		if i > 0 {
			return s[:i]
		}
	}
	return s
}

// decimal returns the amount without its currency.
func decimal(m core.Money) string { return strings.TrimSuffix(m.String(), " "+m.Currency) }
