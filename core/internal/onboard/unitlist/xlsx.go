package unitlist

import (
	"archive/zip"
	"bytes"
	"io"

	"github.com/xuri/excelize/v2"
)

// Limits of a workbook: what it may unpack to, and what excelize may keep of
// it in memory before it uses a temporary file.
const (
	maxUnpacked      = 512 << 20
	maxUnpackedRatio = 200
	maxInMemory      = 16 << 20
	maxEntries       = 2000
)

// openXLSX opens the sheet with the best header; of equals, the first.
func openXLSX(in io.Reader, file string, m Mapping) (*table, error) {
	packed, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	if reason := bomb(packed); reason != "" {
		return nil, unreadable(file, reason)
	}
	book, err := excelize.OpenReader(bytes.NewReader(packed), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory,
	})
	if err != nil {
		return nil, unreadable(file, "It isn't an Excel workbook, or it is damaged.")
	}
	t := &table{format: "xlsx", encoding: func() string { return utf8Name }, epoch: 1900}
	if p, err := book.GetWorkbookProps(); err == nil && p.Date1904 != nil && *p.Date1904 {
		t.epoch = 1904
	}
	var best []record
	bestScore := -1
	for _, sheet := range book.GetSheetList() {
		rows, err := book.Rows(sheet)
		if err != nil {
			continue // a chart has no rows
		}
		s := &sheetRecords{rows: rows}
		ahead, err := readAhead(s)
		if err != nil {
			s.close()
			continue
		}
		if _, score := findHeader(ahead, m); len(ahead) > 0 && score > bestScore {
			if t.records != nil {
				t.records.close()
			}
			t.records, t.sheet, best, bestScore = s, sheet, ahead, score
			continue
		}
		s.close()
	}
	if t.records == nil {
		book.Close()
		return nil, unreadable(file, "The workbook is empty.")
	}
	t.records.(*sheetRecords).book = book
	t.setHeader(best, m)
	return t, nil
}

// bomb says why an archive is not unpacked, or "". The sizes that it declares
// can be trusted that far: archive/zip stops reading where they end.
func bomb(packed []byte) string {
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return "It isn't an Excel workbook, or it is damaged."
	}
	var total uint64
	for _, f := range z.File {
		if f.UncompressedSize64 > maxUnpacked {
			return "It unpacks to too much data."
		}
		total += f.UncompressedSize64
	}
	if len(z.File) > maxEntries || total > maxUnpacked || total > 1<<20 && total/maxUnpackedRatio > uint64(len(packed)) {
		return "It unpacks to too much data."
	}
	return ""
}

// sheetRecords are the rows of a sheet. Cells are raw: a date is the number
// of its day, a price has all its digits.
type sheetRecords struct {
	book *excelize.File // closed with the records
	rows *excelize.Rows
	line int
}

func (s *sheetRecords) next() (record, error) {
	if !s.rows.Next() {
		if err := s.rows.Error(); err != nil {
			return record{}, err
		}
		return record{}, io.EOF
	}
	s.line++
	cells, err := s.rows.Columns(excelize.Options{RawCellValue: true})
	if err != nil {
		return record{line: s.line, cells: cells, problem: "The row is damaged."}, nil
	}
	if len(cells) > maxColumns {
		return record{line: s.line, cells: cells[:maxColumns], problem: "The row has more than 400 cells."}, nil
	}
	return record{line: s.line, cells: cells}, nil
}

func (s *sheetRecords) close() error {
	err := s.rows.Close()
	if s.book != nil {
		err = s.book.Close()
	}
	return err
}
