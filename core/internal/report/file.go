package report

import (
	"context"
	"io"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Formats are the kinds of files.
var Formats = []string{"csv", "xlsx"}

// Write writes the table as a file of the format. Returns invalid for one that
// isn't known.
func Write(ctx context.Context, w io.Writer, format string, t Table) error {
	switch format {
	case "csv":
		return CSV(ctx, w, t)
	case "xlsx":
		return XLSX(ctx, w, t, Look{})
	}
	return core.Errorf(core.Invalid, "There is no format %q: a table leaves as %s.", format, strings.Join(Formats, " or "))
}

// MediaType is the Content-Type of a format.
func MediaType(format string) string {
	if format == "xlsx" {
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "text/csv; charset=utf-8"
}

// Disposition is the Content-Disposition of a file, named after its table.
func Disposition(format, name string) string {
	return `attachment; filename="` + FileName(name) + "." + format + `"`
}

// FileName is a name that every file system takes, without an ending.
func FileName(name string) string {
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
