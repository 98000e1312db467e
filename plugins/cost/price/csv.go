package price

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
)

// columns of a file of prices, in the order in which it is written. A file may
// have them in any order; id is only compared, and tier, band, above, to,
// corrects, source and checked_on may be left out.
//
//	provider    openai, google, hosting
//	sku         a model, or a SKU
//	usage       input, cached, cache_write, output, requests, bytes, byte_months
//	tier        empty: standard
//	band        empty, or long
//	above       units a month of the account; empty: 0
//	per         units that the price is for
//	price       USD, decimal
//	from, to    a day of the provider (2026-11-20) or a moment (2026-11-20T07:00:00Z)
//	corrects    id of the row that was wrong
//	source      where the price was read
//	checked_on  when: 2026-11-20
var columns = []string{"id", "provider", "sku", "usage", "tier", "band", "above", "per", "price", "from", "to", "corrects", "source", "checked_on"}

var needed = []string{"provider", "sku", "usage", "per", "price", "from"}

// Limits of a file of prices.
const (
	MaxBytes = 8 << 20
	MaxRows  = 5_000
)

// ErrTooLarge is a file above MaxBytes or MaxRows.
var ErrTooLarge = core.Errorf(core.Invalid, "A file of prices has at most 8 MiB and 5,000 rows.")

// WriteCSV writes rows as a file that ReadCSV reads. A cell that a spreadsheet
// would take for a formula begins with an apostrophe.
func WriteCSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	if err := out.Write(columns); err != nil {
		return err
	}
	for _, r := range rows {
		record := []string{r.ID, r.Provider, r.SKU, r.Usage, r.Tier, r.Band, strconv.FormatInt(r.Above, 10), strconv.FormatInt(r.Per, 10),
			r.Price, r.Begins(), r.Ends(), r.Corrects, defuse(r.Source), r.CheckedOn}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// formula begins what a spreadsheet would compute.
const formula = "=+-@'"

func defuse(cell string) string {
	if cell != "" && strings.IndexByte(formula, cell[0]) >= 0 {
		return "'" + cell
	}
	return cell
}

// undo is what defuse was given.
func undo(cell string) string {
	if len(cell) > 1 && cell[0] == '\'' && strings.IndexByte(formula, cell[1]) >= 0 {
		return cell[1:]
	}
	return cell
}

// ReadCSV reads a file of prices with its header. What is wrong names line and
// column; rows are those that could be read.
func ReadCSV(r io.Reader) ([]Row, []core.FieldError) {
	rows, _, wrong := readCSV(r)
	return rows, wrong
}

// Import returns the book with the rows of a file that it doesn't have, and
// these rows: all or nothing. Returns invalid with line and column of every
// mistake.
func (b *Book) Import(r io.Reader) (next *Book, added []Row, err error) {
	rows, lines, wrong := readCSV(r)
	if len(wrong) > 0 {
		return nil, nil, core.Problems(wrong).Err()
	}
	next, added, err = b.Merge(rows)
	if refused, ok := errors.AsType[*core.Error](err); ok {
		for i, f := range refused.Fields {
			if f.Line > 0 {
				refused.Fields[i].Line, refused.Fields[i].Column = lines[f.Line-1], f.Field
			}
		}
	}
	return next, added, err
}

// readCSV also returns the line of each row.
func readCSV(r io.Reader) (rows []Row, lines []int, wrong []core.FieldError) {
	text, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, nil, []core.FieldError{{Reason: "the file can't be read: " + err.Error()}}
	}
	if len(text) > MaxBytes {
		return nil, nil, []core.FieldError{{Reason: ErrTooLarge.Message}}
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff"))))
	in.FieldsPerRecord = -1
	head, err := in.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, []core.FieldError{unreadable(err)}
	}
	places, wrong := header(head)
	if len(wrong) > 0 {
		return nil, nil, wrong
	}
	for {
		record, err := in.Read()
		if errors.Is(err, io.EOF) {
			return rows, lines, wrong
		}
		if err != nil {
			return rows, lines, append(wrong, unreadable(err))
		}
		line, _ := in.FieldPos(0)
		if !slices.ContainsFunc(record, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
			continue
		}
		if len(lines) == MaxRows {
			return rows, lines, append(wrong, core.FieldError{Line: line, Reason: ErrTooLarge.Message})
		}
		row, mistakes := parse(record, places, line)
		rows, lines, wrong = append(rows, row), append(lines, line), append(wrong, mistakes...)
	}
}

// unreadable is what is wrong with a file that is no CSV.
func unreadable(err error) core.FieldError {
	if at, ok := errors.AsType[*csv.ParseError](err); ok {
		return core.FieldError{Line: at.Line, Reason: "is no line of CSV: " + at.Err.Error()}
	}
	return core.FieldError{Reason: "the file can't be read: " + err.Error()}
}

// header finds the columns.
func header(head []string) (places map[string]int, wrong []core.FieldError) {
	places = map[string]int{}
	for i, name := range head {
		name = strings.ToLower(strings.TrimSpace(name))
		_, twice := places[name]
		switch {
		case name == "" && i > 0:
			continue
		case !slices.Contains(columns, name):
			wrong = append(wrong, core.FieldError{Line: 1, Column: name, Reason: "is no column of a price: " + strings.Join(columns, ", ")})
		case twice:
			wrong = append(wrong, core.FieldError{Line: 1, Column: name, Reason: "is there twice"})
		}
		places[name] = i
	}
	for _, name := range needed {
		if _, there := places[name]; !there {
			wrong = append(wrong, core.FieldError{Line: 1, Column: name, Reason: "is missing"})
		}
	}
	return places, wrong
}

// parse reads one line. What only the book can know is not looked at.
func parse(record []string, places map[string]int, line int) (r Row, wrong []core.FieldError) {
	cell := func(name string) string {
		i, there := places[name]
		if !there || i >= len(record) {
			return ""
		}
		return strings.TrimSpace(record[i])
	}
	fail := func(name, reason string) {
		wrong = append(wrong, core.FieldError{Line: line, Column: name, Value: cell(name), Reason: reason})
	}
	number := func(name string) (n int64) {
		n, err := strconv.ParseInt(cell(name), 10, 64)
		if err != nil && (cell(name) != "" || name == "per") {
			fail(name, "has to be a whole number without separators")
		}
		return n
	}
	at := func(name string) time.Time {
		t, err := Moment(cell("provider"), cell(name))
		if err != nil {
			fail(name, "is neither a day (2026-11-20) nor a moment (2026-11-20T07:00:00Z)")
		}
		return t
	}
	r = Row{Key: Key{cell("provider"), cell("sku"), cell("usage"), cell("tier"), cell("band")}, Above: number("above"), Per: number("per"), Price: cell("price"),
		From: at("from"), To: at("to"), Corrects: cell("corrects"), Source: undo(cell("source")), CheckedOn: cell("checked_on")}
	if r.Tier == "" {
		r.Tier = Standard
	}
	if r.ID = ID(r); len(wrong) == 0 && cell("id") != "" && cell("id") != r.ID {
		fail("id", "is another row's: leave it empty, it comes from the other columns")
	}
	return r, wrong
}
