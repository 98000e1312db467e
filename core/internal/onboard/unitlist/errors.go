package unitlist

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// WriteErrors writes the errors of rows as CSV for people who correct them in
// a spreadsheet: UTF-8 with byte order mark, CR LF. Cells that a spreadsheet
// would take for a formula are defused by a leading quotation mark.
func WriteErrors(w io.Writer, errs []core.FieldError) error {
	if _, err := w.Write(utf8BOM); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write([]string{"Line", "Column", "Value", "Reason"}); err != nil {
		return err
	}
	for _, e := range errs {
		line := ""
		if e.Line > 0 {
			line = strconv.Itoa(e.Line)
		}
		if err := out.Write([]string{line, defuse(e.Column), defuse(e.Value), defuse(e.Reason)}); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// defuse keeps a cell from being a formula, also behind spaces and in the
// full-width forms that spreadsheets of East Asia accept.
func defuse(s string) string {
	if strings.IndexAny(strings.TrimLeft(s, " "), "=+-@\t\r\n\x00＝＋－＠") == 0 {
		return "'" + s
	}
	return s
}
