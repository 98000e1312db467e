package unitlist

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"path"
	"strings"
	"unicode"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"

	"github.com/openhouse-ai/console/core"
)

// headBytes is how much of a file is looked at to tell what it is.
const headBytes = 64 << 10

// records are the rows of a table in the order of the file; next returns
// io.EOF after the last.
type records interface {
	next() (record, error)
	close() error
}

// table is a file whose format and header are known.
type table struct {
	records
	format    string
	encoding  func() string // final after the last record
	delimiter string
	sheet     string
	epoch     int // year of a workbook's day 0: 1900 or 1904; 0: not a workbook
	header    record
	ahead     []record // read while the header was looked for
}

// next returns the next record below the header.
func (t *table) next() (record, error) {
	if len(t.ahead) > 0 {
		r := t.ahead[0]
		t.ahead = t.ahead[1:]
		return r, nil
	}
	return t.records.next()
}

// openTable tells what the file is and finds its header.
func openTable(r io.Reader, name string, m Mapping) (*table, error) {
	file := path.Base(strings.ReplaceAll(name, `\`, "/"))
	if name == "" {
		file = "The unit list"
	}
	in := bufio.NewReaderSize(&limited{in: r, left: MaxBytes, file: file}, headBytes)
	head, err := in.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if reason := foreign(head); reason != "" {
		return nil, unreadable(file, reason)
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return openXLSX(in, file, m)
	}
	return openCSV(in, head, file, m)
}

// unreadable is the error of a file that as a whole can't be used.
func unreadable(file, reason string) *core.Error {
	return &core.Error{
		Code: core.Invalid, Message: file + " can't be read. " + reason,
		Fields: []core.FieldError{{Field: "units", Reason: reason}},
	}
}

// foreign says what a file is instead of a unit list, or "".
func foreign(head []byte) string {
	if len(bytes.TrimSpace(head)) == 0 {
		return "The file is empty."
	}
	for _, f := range []struct{ magic, reason string }{
		{"\xd0\xcf\x11\xe0", "It is in the old format of Excel, or has a password. Save it as XLSX or CSV."},
		{"%PDF", "It is a PDF. Export the list as XLSX or CSV."},
		{"\x1f\x8b", "It is compressed. Send the XLSX or CSV file itself."},
		{"<", "It is a web page or XML. Save the list as XLSX or CSV."},
		{"{", "It is JSON. Save the list as XLSX or CSV."},
	} {
		if bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(head, utf8BOM)), []byte(f.magic)) {
			return f.reason
		}
	}
	return ""
}

// openCSV decodes the text and finds delimiter and header.
func openCSV(in io.Reader, head []byte, file string, m Mapping) (*table, error) {
	d := detect(head)
	text := bufio.NewReaderSize(transform.NewReader(in, d), headBytes)
	sample, err := text.Peek(headBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if binary(sample) {
		return nil, unreadable(file, "It is neither CSV nor XLSX.")
	}
	if bytes.IndexFunc(sample, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return nil, unreadable(file, "The file is empty.")
	}
	if bytes.IndexByte(sample, '\n') < 0 && bytes.IndexByte(sample, '\r') >= 0 {
		text = bufio.NewReaderSize(transform.NewReader(text, runes.Map(oldMacLine)), headBytes)
		if sample, err = text.Peek(headBytes); err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	c := &csvRecords{in: text, delimiter: detectDelimiter(sample, m)}
	if bytes.HasPrefix(sample, []byte("sep=")) { // Excel's own note, not a row
		if _, err := c.readLine(); err != nil {
			return nil, err
		}
	}
	t := &table{records: c, format: "csv", encoding: d.name}
	if c.delimiter != noDelimiter {
		t.delimiter = string(c.delimiter)
	}
	rows, err := readAhead(c)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, unreadable(file, "The file is empty.")
	}
	t.setHeader(rows, m)
	return t, nil
}

func (t *table) setHeader(rows []record, m Mapping) {
	i, _ := findHeader(rows, m)
	t.header, t.ahead = rows[i], rows[i+1:]
}

// binary reports whether text has more control characters than a damaged
// export could have.
func binary(text []byte) bool {
	controls := 0
	for _, b := range text {
		if b < ' ' && b != '\t' && b != '\n' && b != '\r' {
			controls++
		}
	}
	return controls > len(text)/20+1
}

func oldMacLine(r rune) rune {
	if r == '\r' {
		return '\n'
	}
	return r
}

// limited fails when a file is longer than it may be; io.LimitReader would
// end it silently.
type limited struct {
	in   io.Reader
	left int64
	file string
}

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.in.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, unreadable(l.file, "It is larger than 64 MB.")
	}
	return n, err
}
