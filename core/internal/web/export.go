package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/report"
	"github.com/openhouse-ai/console/ui"
)

// export answers with every entry of the filtered list, as CSV or XLSX.
func (l listing[T]) export(q *request, format string) error {
	table := report.Table{Name: l.title}
	for _, c := range l.columns {
		table.Columns = append(table.Columns, report.Column{Title: c.title, Kind: c.kind, Width: c.width})
	}
	var fetchErr error
	table.Rows = l.entries(q, &fetchErr)
	body, err := tableBytes(q.ctx, format, table)
	if err = errors.Join(fetchErr, err); err != nil {
		return fmt.Errorf("export %s: %w", l.title, err)
	}
	return q.sendFile(format, table.Name, body)
}

// tableBytes writes a table as CSV or XLSX.
func tableBytes(ctx context.Context, format string, table report.Table) ([]byte, error) {
	var b bytes.Buffer
	if format == "xlsx" {
		err := report.XLSX(ctx, &b, table, report.Look{})
		return b.Bytes(), err
	}
	err := report.CSV(ctx, &b, table)
	return b.Bytes(), err
}

// sendFile answers with a written table, named after it.
func (q *request) sendFile(format, name string, body []byte) error {
	media := "text/csv; charset=utf-8"
	if format == "xlsx" {
		media = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	q.Set(fiber.HeaderContentType, media)
	q.Set(fiber.HeaderContentDisposition, `attachment; filename="`+fileName(name)+"."+format+`"`)
	return q.Send(body)
}

// fileName is a name that every file system takes.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return '-'
	}, strings.ToLower(name))
	if name = strings.Trim(name, "-"); name == "" {
		return "table"
	}
	return name
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
					row[i] = fileValue(c.kind, c.cell(item))
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

// fileValue is a cell of the page as a cell of a file, of the column's kind.
func fileValue(kind report.Kind, v ui.Value) report.Value {
	switch v := v.(type) {
	case ui.Number:
		if kind == report.Integer {
			return report.IntegerValue(v.Value)
		}
	case ui.Meter:
		if kind == report.Integer {
			return report.IntegerValue(v.Done)
		}
	case ui.Money:
		if kind == report.Money {
			m := core.Money(v)
			return report.MoneyValue(&m)
		}
	case ui.Time:
		if kind == report.Date {
			return report.DateValue(v.At)
		}
	case ui.Text:
		return report.TextValue(v.Text)
	case ui.Link:
		return report.TextValue(v.Text)
	case ui.Badge:
		return report.TextValue(v.Text)
	case ui.ID:
		return report.TextValue(v.Text)
	}
	return report.Value{}
}
