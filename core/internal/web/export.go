package web

import (
	"bytes"
	"errors"
	"fmt"
	"iter"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
)

// export answers with every entry of the filtered list, as CSV or XLSX.
func (l listing[T]) export(q *request, format string) error {
	table := report.Table{Name: l.title}
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

// entries goes through all pages of the list.
func (l listing[T]) entries(q *request, failed *error) iter.Seq[[]report.Value] {
	return func(yield func([]report.Value) bool) {
		query := q.list()
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
					row[i] = report.CellValue(c.kind, c.cell(item))
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
