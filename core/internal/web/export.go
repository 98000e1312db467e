package web

import (
	"bytes"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// export answers with every entry of the filtered list, as CSV or XLSX.
func (l listing[T]) export(q *request, format string) error {
	table := report.Table{Name: l.title}
	l.columns = slices.DeleteFunc(slices.Clone(l.columns), func(c column[T]) bool { return c.title == "" }) // buttons
	for _, c := range l.columns {
		table.Columns = append(table.Columns, report.Column{Title: c.title, Kind: c.kind, Width: c.width})
	}
	var fetchErr error
	table.Rows = l.entries(q, &fetchErr)
	var body bytes.Buffer
	err := report.Write(q.ctx, &body, format, table)
	if err = errors.Join(fetchErr, err); err != nil {
		return fmt.Errorf("export %s: %w", l.title, err)
	}
	return q.sendFile(format, table.Name, body.Bytes())
}

// sendFile answers with a written table, named after it.
func (q *request) sendFile(format, name string, body []byte) error {
	q.Set(fiber.HeaderContentType, report.MediaType(format))
	q.Set(fiber.HeaderContentDisposition, report.Disposition(format, name))
	return q.Send(body)
}

// entries goes through all pages of the list; its moments are in the page's zone.
func (l listing[T]) entries(q *request, failed *error) iter.Seq[[]report.Value] {
	return func(yield func([]report.Value) bool) {
		query, zone := q.list(), q.zone()
		query.After, query.Limit = "", core.MaxLimit
		for {
			list, err := l.fetch(query)
			if err != nil {
				*failed = err
				return
			}
			for _, item := range list.Items {
				row := make([]report.Value, len(l.columns))
				for i, c := range l.columns {
					if c.text != nil {
						row[i] = report.TextValue(c.text(item))
						continue
					}
					cell := c.cell(item)
					if t, ok := cell.(ui.Time); ok && !t.At.IsZero() {
						t.At = t.At.In(zone)
						cell = t
					}
					row[i] = report.CellValue(c.kind, cell)
				}
				if !yield(row) {
					return
				}
			}
			if query.After = list.Next; query.After == "" {
				return
			}
		}
	}
}
