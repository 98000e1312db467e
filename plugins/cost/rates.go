package cost

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// newRate is an exchange rate as somebody adds it.
type newRate struct {
	Date   string `json:"date" label:"Day" format:"date"`
	Base   string `json:"base" label:"Currency" doc:"One of it is exchanged: EUR." minLength:"3" maxLength:"3" default:"EUR"`
	Quote  string `json:"quote" label:"Worth in" doc:"The currency that the rate is in: USD." minLength:"3" maxLength:"3" default:"USD"`
	Rate   string `json:"rate" label:"Rate" doc:"What one is worth: 1.0853." minLength:"1" maxLength:"24"`
	Source string `json:"source" label:"Source" minLength:"1" maxLength:"200"`
}

type rateFile struct {
	File []byte `json:"file" label:"File" doc:"CSV with the columns date, base, quote, rate and source, or eurofxref-hist.csv of the European Central Bank." format:"file" accept:".csv,text/csv" maxLength:"8388608"`
}

var (
	currencyWord = regexp.MustCompile(`^[A-Z]{3}$`)
	rateDecimal  = regexp.MustCompile(`^[0-9]{1,10}(\.[0-9]{1,12})?$`)
)

// firstYear is the year from which on rates are kept: nothing here is older.
const firstYear = 2025

// wrongs are the mistakes of a rate, by field.
func (r dailyRate) wrongs() (wrong core.Problems) {
	day, err := time.Parse(time.DateOnly, r.Date)
	if err != nil || day.Year() < firstYear || day.Year() > 2200 {
		wrong.Add("date", r.Date, fmt.Sprintf("has to be a day from %d on: 2026-11-20", firstYear))
	}
	for _, c := range [][2]string{{"base", r.Base}, {"quote", r.Quote}} {
		if !currencyWord.MatchString(c[1]) {
			wrong.Add(c[0], c[1], "has to be a currency of three capital letters: EUR")
		}
	}
	if r.Base == r.Quote {
		wrong.Add("quote", r.Quote, "is the same currency")
	}
	if !rateDecimal.MatchString(r.Rate) || strings.Trim(r.Rate, "0.") == "" {
		wrong.Add("rate", r.Rate, "has to be a decimal above 0 with at most 12 places")
	}
	if strings.ContainsFunc(r.Source, func(c rune) bool { return c < ' ' }) || len(r.Source) > 400 {
		wrong.Add("source", "", "has to be one line of at most 400 bytes")
	}
	return wrong
}

func actAddRate(ctx context.Context, c sdk.Call, in newRate) (sdk.Done, error) {
	r := dailyRate{in.Date, strings.ToUpper(in.Base), strings.ToUpper(in.Quote), strings.TrimSpace(in.Rate), strings.TrimSpace(in.Source)}
	if err := r.wrongs().Err(); err != nil {
		return sdk.Done{}, err
	}
	changed, err := writeDailyRates(ctx, c, "cost.rate.add", []dailyRate{r})
	said := "Exchange rate added."
	if len(changed) == 0 {
		said = "The table has this rate already."
	}
	return sdk.Done{Next: "/rates", Said: said}, err
}

func actImportRates(ctx context.Context, c sdk.Call, in rateFile) (sdk.Done, error) {
	changed, err := importRates(ctx, c, in.File)
	if err != nil {
		return sdk.Done{}, inFile(err)
	}
	return sdk.Done{Next: "/rates", Said: "Exchange rates added or changed: " + strconv.Itoa(len(changed)) + "."}, nil
}

// importRates writes the rates of a file: all of them or none.
func importRates(ctx context.Context, c sdk.Call, file []byte) ([]dailyRate, error) {
	known, err := selectCurrencies(ctx, c.DB())
	if err != nil {
		return nil, err
	}
	rates, wrong := parseRates(file, known)
	if err := wrong.Err(); err != nil {
		return nil, err
	}
	return writeDailyRates(ctx, c, "cost.rate.import", rates)
}

// writeDailyRates writes rates with their record and publication, in one
// transaction, and returns those that are new or another than before. A rate of
// the same day and pair takes the place of the one that was there: conversion
// happens when a report is made (H24), and the record keeps both.
func writeDailyRates(ctx context.Context, c sdk.Call, verb string, rates []dailyRate) (changed []dailyRate, err error) {
	err = sdk.Update(ctx, c, func(tx *sql.Tx) error {
		before := map[pair]dailyRate{}
		for _, year := range yearsOf(rates) {
			have, err := selectRatesOf(ctx, tx, year)
			if err != nil {
				return err
			}
			for _, r := range have {
				before[r.pair()] = r
			}
		}
		changed = slices.DeleteFunc(slices.Clone(rates), func(r dailyRate) bool { return before[r.pair()] == r })
		if len(changed) == 0 {
			return nil
		}
		if err := insertRates(ctx, tx, changed, c.Now); err != nil {
			return err
		}
		if err := publishRates(ctx, c, tx, changed); err != nil {
			return err
		}
		return c.Audit(ctx, tx, rateRecord(verb, changed, before))
	})
	return changed, err
}

func yearsOf(rates []dailyRate) []string {
	var years []string
	for _, r := range rates {
		years = append(years, r.Date[:4])
	}
	slices.Sort(years)
	return slices.Compact(years)
}

func rateRecord(verb string, changed []dailyRate, before map[pair]dailyRate) core.Entry {
	first := changed[0]
	e := core.Entry{Action: verb, Target: core.Target{Kind: "rate", ID: first.Date + " " + first.Base + " " + first.Quote}}
	if verb == "cost.rate.import" {
		e.Target = core.Target{Kind: "rates", ID: "file"}
		e.Changes = append(e.Changes, core.Change{Field: "rates", Before: "0", After: strconv.Itoa(len(changed))})
	}
	for _, r := range changed[:min(len(changed), recorded)] {
		change := core.Change{Field: r.Date + " " + r.Base + " " + r.Quote, After: r.Rate + ", " + r.Source}
		if was, had := before[r.pair()]; had {
			change.Before = was.Rate + ", " + was.Source
		}
		e.Changes = append(e.Changes, change)
	}
	return e
}

// parseRates reads a file of rates: of ours, or the European Central Bank's,
// of which the dollar, the pound and the currencies that the table knows are
// taken, from 2025 on. Of two rates of a day and pair the later line holds.
func parseRates(file []byte, known []string) (rates []dailyRate, wrong core.Problems) {
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff"))))
	in.FieldsPerRecord, in.TrimLeadingSpace = -1, true
	head, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, unreadableLine(err)
	}
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
	}
	take, wrong := ownRates(head)
	if len(head) > 1 && head[0] == "Date" && currencyWord.MatchString(head[1]) {
		take, wrong = bankRates(head, known), nil
	}
	if len(wrong) > 0 {
		return nil, wrong
	}
	places := map[pair]int{}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rates, wrong
		}
		if err != nil {
			return nil, append(wrong, unreadableLine(err)...)
		}
		line, _ := in.FieldPos(0)
		for _, r := range take(record) {
			for _, f := range r.wrongs() {
				wrong = append(wrong, core.FieldError{Line: line, Column: f.Field, Field: f.Field, Value: f.Value, Reason: f.Reason})
			}
			if at, twice := places[r.pair()]; twice {
				rates[at] = r
				continue
			}
			places[r.pair()] = len(rates)
			rates = append(rates, r)
		}
		if len(rates) > maxRates {
			return nil, core.Problems{{Line: line, Reason: fmt.Sprintf("has the exchange rate above %d: import the file in parts", maxRates)}}
		}
	}
}
