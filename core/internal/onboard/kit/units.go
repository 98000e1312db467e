package kit

import (
	"bytes"
	"context"

	"github.com/openhouse-ai/console/core/internal/report"
)

// unitTable is the unit list; asked for two more columns, it names the PNG and
// the SVG of each code in them.
func (e *edition) unitTable(files ...report.Column) report.Table {
	columns := []report.Column{
		{Title: e.words.Number, Kind: report.Integer, Width: 6},
		{Title: e.words.Unit, Width: 28},
		{Title: e.words.Address, Width: 46},
		{Title: e.words.Postcode, Width: 12},
		{Title: e.words.Link, Width: 56},
	}
	return report.Table{
		Name:    e.words.UnitSheet,
		Columns: append(columns, files...),
		Rows: func(yield func([]report.Value) bool) {
			for i, u := range e.Units {
				row := []report.Value{
					report.IntegerValue(int64(i + 1)), report.TextValue(u.Label), report.TextValue(u.Address),
					report.TextValue(u.Postcode), report.LinkValue(u.URL, u.URL),
				}
				if len(files) > 0 {
					row = append(row, report.TextValue("png/"+e.fileName(i)+".png"), report.TextValue("svg/"+e.fileName(i)+".svg"))
				}
				if !yield(row) {
					return
				}
			}
		},
	}
}

func (e *edition) unitList(ctx context.Context) ([]byte, error) {
	var b bytes.Buffer
	err := report.XLSX(ctx, &b, e.unitTable(), report.Look{
		Title: e.Development.Name, Author: e.Brand.Name, Created: e.Now,
		Fill: e.primary.String(), Ink: e.primary.On().String(),
	})
	return b.Bytes(), err
}

func (e *edition) readme(context.Context) ([]byte, error) {
	return []byte(e.fill(e.words.Readme, Unit{})), nil
}
