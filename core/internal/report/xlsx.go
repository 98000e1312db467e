package report

import (
	"context"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/xuri/excelize/v2"
)

// Look is what an XLSX file says of itself and how its header is coloured.
type Look struct {
	Title, Author string
	Created       time.Time
	Fill, Ink     string // #rrggbb of the header; empty: no fill, black
}

// longestLink is the longest text that a formula may hold (Excel's limit).
const longestLink = 255

// XLSX writes the table as a workbook of one sheet: a frozen header, filters,
// and cells of the columns' types. Rows are streamed. Text stays text, so
// nothing needs defusing.
func XLSX(ctx context.Context, w io.Writer, t Table, look Look) error {
	file := excelize.NewFile()
	defer file.Close()
	s, err := newSheet(file, t, look)
	if err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	for row := range t.Rows {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.check(row); err != nil {
			return err
		}
		if err := s.write(row); err != nil {
			return fmt.Errorf("write XLSX: %w", err)
		}
	}
	if err := s.finish(); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	if err := file.Write(w); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	return nil
}

// sheet is a worksheet that is being streamed.
type sheet struct {
	file   *excelize.File
	stream *excelize.StreamWriter
	table  Table
	rows   int
	styles map[string]int // by number format; "link" and "header" beside them
	cells  []any
}

func newSheet(file *excelize.File, t Table, look Look) (*sheet, error) {
	created := look.Created.UTC().Format(time.RFC3339)
	if err := file.SetDocProps(&excelize.DocProperties{Title: look.Title, Creator: look.Author, Created: created, Modified: created}); err != nil {
		return nil, err
	}
	if err := file.SetSheetName("Sheet1", t.Name); err != nil {
		return nil, err
	}
	stream, err := file.NewStreamWriter(t.Name)
	if err != nil {
		return nil, err
	}
	s := &sheet{file: file, stream: stream, table: t, styles: map[string]int{}, cells: make([]any, len(t.Columns))}
	for i, c := range t.Columns {
		width := c.Width
		if width == 0 {
			width = 16
		}
		if err := stream.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
	}
	if err := stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	return s, s.header(look)
}

func (s *sheet) header(look Look) error {
	style := excelize.Style{
		Font:      &excelize.Font{Bold: true, Color: strings.TrimPrefix(look.Ink, "#")},
		Alignment: &excelize.Alignment{Vertical: "center"},
	}
	if look.Fill != "" {
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{strings.TrimPrefix(look.Fill, "#")}}
	}
	left, err := s.file.NewStyle(&style)
	if err != nil {
		return err
	}
	style.Alignment = &excelize.Alignment{Vertical: "center", Horizontal: "right"}
	right, err := s.file.NewStyle(&style)
	if err != nil {
		return err
	}
	for i, c := range s.table.Columns {
		id := left
		if c.Kind == Integer || c.Kind == Number || c.Kind == Money {
			id = right
		}
		s.cells[i] = excelize.Cell{StyleID: id, Value: c.Title}
	}
	s.rows = 1
	return s.stream.SetRow("A1", s.cells, excelize.RowOpts{Height: 24})
}

func (s *sheet) write(row []Value) error {
	for i, v := range row {
		cell, err := s.cell(v)
		if err != nil {
			return err
		}
		s.cells[i] = cell
	}
	s.rows++
	return s.stream.SetRow("A"+strconv.Itoa(s.rows), s.cells)
}

func (s *sheet) cell(v Value) (any, error) {
	switch {
	case !v.set:
		return nil, nil
	case v.kind == Integer:
		return s.styled(v.whole, "#,##0")
	case v.kind == Number:
		return s.number(v)
	case v.kind == Money:
		return s.amount(v.money)
	case v.kind == Date:
		y, m, d := v.day.Date()
		return s.styled(time.Date(y, m, d, 0, 0, 0, 0, time.UTC), "yyyy-mm-dd")
	case v.kind == Moment:
		y, m, d := v.day.Date()
		return s.styled(time.Date(y, m, d, v.day.Hour(), v.day.Minute(), v.day.Second(), 0, time.UTC), "yyyy-mm-dd hh:mm:ss")
	case v.link != "" && len(v.link) <= longestLink && len(v.text) <= longestLink:
		return s.hyperlink(v)
	}
	return v.text, nil
}

// hyperlink is a formula: unlike a cell's own link it streams, and a sheet may
// have as many as it has rows.
func (s *sheet) hyperlink(v Value) (any, error) {
	id, ok := s.styles["link"]
	if !ok {
		var err error
		id, err = s.file.NewStyle(&excelize.Style{Font: &excelize.Font{Color: "0563C1", Underline: "single"}})
		if err != nil {
			return nil, err
		}
		s.styles["link"] = id
	}
	quoted := func(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }
	return excelize.Cell{StyleID: id, Formula: "HYPERLINK(" + quoted(v.link) + "," + quoted(v.text) + ")", Value: v.text}, nil
}

// exact bounds the digits that a spreadsheet calculates with: it keeps 15, so
// larger numbers stay text.
const exact = 1e15

// number is a decimal that a spreadsheet calculates with.
func (s *sheet) number(v Value) (any, error) {
	if v.whole > exact || v.whole < -exact {
		return digits(v.whole, v.places), nil
	}
	number, err := strconv.ParseFloat(digits(v.whole, v.places), 64)
	if err != nil {
		return nil, err
	}
	return s.styled(number, grouped(v.places))
}

func (s *sheet) amount(m core.Money) (any, error) {
	if m.Minor > exact || m.Minor < -exact {
		return m.String(), nil
	}
	number, err := strconv.ParseFloat(decimal(m), 64)
	if err != nil || math.IsNaN(number) {
		return nil, err
	}
	return s.styled(number, grouped(core.Exponent(m.Currency))+` "`+strings.ReplaceAll(m.Currency, `"`, "")+`"`)
}

// grouped is the format of a number: #,##0.00.
func grouped(places int) string {
	if places == 0 {
		return "#,##0"
	}
	return "#,##0." + strings.Repeat("0", places)
}

func (s *sheet) styled(value any, format string) (any, error) {
	id, ok := s.styles[format]
	if !ok {
		var err error
		if id, err = s.file.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
			return nil, err
		}
		s.styles[format] = id
	}
	return excelize.Cell{StyleID: id, Value: value}, nil
}

// finish makes the rows a table with filters; a table without rows would not
// open, so an empty one has its header alone.
func (s *sheet) finish() error {
	if s.rows > 1 {
		last, err := excelize.CoordinatesToCellName(len(s.table.Columns), s.rows)
		if err != nil {
			return err
		}
		stripes := false
		table := &excelize.Table{Range: "A1:" + last, Name: "Rows", StyleName: "TableStyleLight1", ShowRowStripes: &stripes}
		if err := s.stream.AddTable(table); err != nil {
			return err
		}
	}
	return s.stream.Flush()
}
