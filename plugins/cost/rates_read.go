package cost

import (
	"encoding/csv"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// rateColumns are the columns of our own file of rates; source may be left out.
var rateColumns = []string{"date", "base", "quote", "rate", "source"}

// ownRates reads lines of our own file, whose columns may stand in any order.
func ownRates(head []string) (take func([]string) []dailyRate, wrong core.Problems) {
	places := map[string]int{}
	for i, name := range head {
		if name = strings.ToLower(name); name == "" {
			continue
		}
		if !slices.Contains(rateColumns, name) {
			wrong = append(wrong, core.FieldError{Line: 1, Column: name, Reason: "is no column of an exchange rate: " + strings.Join(rateColumns, ", ")})
		}
		places[name] = i
	}
	for _, name := range rateColumns[:4] {
		if _, there := places[name]; !there {
			wrong = append(wrong, core.FieldError{Line: 1, Column: name, Reason: "is missing"})
		}
	}
	return func(record []string) []dailyRate {
		cell := func(name string) string {
			i, there := places[name]
			if !there || i >= len(record) {
				return ""
			}
			return strings.TrimSpace(record[i])
		}
		if !slices.ContainsFunc(record, func(s string) bool { return strings.TrimSpace(s) != "" }) {
			return nil
		}
		return []dailyRate{{cell("date"), strings.ToUpper(cell("base")), strings.ToUpper(cell("quote")), cell("rate"), cell("source")}}
	}, wrong
}

// bankRates reads lines of the European Central Bank's file: a day, and what
// one euro was worth in each currency; N/A is no rate.
func bankRates(head, known []string) func([]string) []dailyRate {
	wanted := append([]string{"USD", "GBP"}, known...)
	return func(record []string) []dailyRate {
		var rates []dailyRate
		day := strings.TrimSpace(record[0])
		if year, err := strconv.Atoi(strings.SplitN(day, "-", 2)[0]); err == nil && year < firstYear {
			return nil
		}
		for i, currency := range head {
			if i == 0 || i >= len(record) || currency == pivot || !slices.Contains(wanted, currency) {
				continue
			}
			if cell := strings.TrimSpace(record[i]); cell != "" && cell != "N/A" {
				rates = append(rates, dailyRate{day, pivot, currency, cell, "European Central Bank"})
			}
		}
		return rates
	}
}

// unreadableLine is what is wrong with a file that is no CSV.
func unreadableLine(err error) core.Problems {
	if at, ok := errors.AsType[*csv.ParseError](err); ok {
		return core.Problems{{Line: at.Line, Reason: "is no line of CSV: " + at.Err.Error()}}
	}
	return core.Problems{{Reason: "the file can't be read: " + err.Error()}}
}
