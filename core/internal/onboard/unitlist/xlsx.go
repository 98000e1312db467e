package unitlist

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/openhouse-ai/console/core"
)

// Limits of a workbook: what it may unpack to, and how large a sheet excelize
// may keep in memory before it uses a temporary file.
const (
	maxUnpacked      = 256 << 20
	maxUnpackedOther = 64 << 20 // pictures, styles: always in memory
	maxUnpackedRatio = 200
	maxInMemory      = 16 << 20
	maxEntries       = 1000
)

// openXLSX opens the workbook at the sheet with the best header; of equals,
// the first.
func openXLSX(in io.Reader, file string, m Mapping) (*table, error) {
	packed, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	if reason := bomb(packed); reason != "" {
		return nil, unreadable(file, reason)
	}
	t, ahead, err := openSheet(packed, m)
	if err != nil {
		return nil, unreadable(file, "It isn't an Excel workbook, or it is damaged.")
	}
	if len(ahead) == 0 {
		t.close()
		return nil, unreadable(file, "The workbook is empty.")
	}
	t.setHeader(ahead, m)
	return t, nil
}

// openSheet returns the best sheet of a workbook and its first rows.
func openSheet(packed []byte, m Mapping) (t *table, ahead []record, err error) {
	defer contain(&err)
	book, err := excelize.OpenReader(bytes.NewReader(packed), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory,
	})
	if err != nil {
		return nil, nil, err
	}
	best := &sheetRecords{book: book}
	t = &table{records: best, format: "xlsx", encoding: func() string { return utf8Name }, epoch: 1900}
	if p, err := book.GetWorkbookProps(); err == nil && p.Date1904 != nil && *p.Date1904 {
		t.epoch = 1904
	}
	bestScore := -1
	for _, sheet := range book.GetSheetList() {
		rows, err := book.Rows(sheet)
		if err != nil {
			continue // a chart has no rows
		}
		s := &sheetRecords{rows: rows}
		first, err := readAhead(s)
		_, score := findHeader(first, m)
		if err == nil && len(first) > 0 && score > bestScore {
			bestScore, t.sheet, ahead = score, sheet, first
			s.rows, best.rows, best.line = best.rows, s.rows, s.line
		}
		s.close() // the one that isn't the best
	}
	return t, ahead, nil
}

// contain turns a panic of the library into an error: damaged workbooks are
// sent by strangers, and other tenants' work runs in the same process.
func contain(err *error) {
	if p := recover(); p != nil {
		*err = core.Errorf(core.Invalid, "The workbook is damaged.")
	}
}

// bomb says why an archive is not unpacked, or "". The sizes that it declares
// can be trusted that far: archive/zip stops reading where they end.
func bomb(packed []byte) string {
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return "It isn't an Excel workbook, or it is damaged."
	}
	var total, other uint64
	for _, f := range z.File {
		n := min(f.UncompressedSize64, maxUnpacked+1)
		total += n
		if !strings.HasPrefix(f.Name, "xl/worksheets/") && f.Name != "xl/sharedStrings.xml" {
			other += n
		}
	}
	dense := total > 1<<20 && total/maxUnpackedRatio > uint64(len(packed))
	if len(z.File) > maxEntries || total > maxUnpacked || other > maxUnpackedOther || dense {
		return "It unpacks to too much data."
	}
	return ""
}

// sheetRecords are the rows of a sheet. Cells are raw: a date is the number
// of its day, a price has all its digits.
type sheetRecords struct {
	book *excelize.File // closed with the records, if set
	rows *excelize.Rows
	line int
}

func (s *sheetRecords) next() (rec record, err error) {
	defer contain(&err)
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return record{}, core.Errorf(core.Invalid, "The workbook is damaged below line %d.", s.line)
		}
		return record{}, io.EOF
	}
	s.line++
	cells, err := s.rows.Columns(excelize.Options{RawCellValue: true})
	rec = record{line: s.line, cells: cells}
	switch {
	case err != nil:
		rec.problem = "The row is damaged."
	case len(cells) > maxColumns:
		rec.cells, rec.problem = cells[:maxColumns], tooWide
	}
	return rec, nil
}

func (s *sheetRecords) close() error {
	var err error
	if s.rows != nil {
		err = s.rows.Close()
	}
	if s.book != nil {
		err = s.book.Close()
	}
	return err
}
