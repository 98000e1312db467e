package unitlist

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// A quoted cell may span lines, but not for ever: a stray quotation mark must
// not swallow the rest of the file.
const (
	maxLineBytes = 1 << 20
	maxCellLines = 20
	maxCellBytes = 16 << 10
	maxColumns   = 400
)

const tooWide = "The row has more than 400 cells."

// noDelimiter is a byte that UTF-8 never contains: the whole line is one cell.
const noDelimiter byte = 0xff

// record is one row of a file. A problem says why it could not be split into
// cells; cells then hold what there is of it.
type record struct {
	line    int // of its first line
	cells   []string
	problem string
}

func (r record) blank() bool {
	for _, c := range r.cells {
		if clean(c) != "" {
			return false
		}
	}
	return r.problem == ""
}

// physical is one line of the file without its end. When it was too long, text
// is its beginning.
type physical struct {
	text []byte
	long bool
}

// csvRecords splits text into records. It accepts what people's programs
// write: quoted and unquoted cells side by side, spaces around quotation
// marks, and stray quotation marks inside a cell, as long as the cell stays
// on its line; encoding/csv either refuses those or, with LazyQuotes, reads
// on until some later cell happens to close the quotation.
type csvRecords struct {
	in        *bufio.Reader
	delimiter byte
	line      int        // lines handed out so far
	unread    []physical // lines to read again, in order
}

// next returns the next record, io.EOF after the last.
func (c *csvRecords) next() (record, error) {
	first, err := c.readLine()
	if err != nil {
		return record{}, err
	}
	rec := record{line: c.line}
	if first.long {
		rec.cells, rec.problem = []string{string(first.text[:maxCellBytes])}, "The line is longer than 1 MB."
		return rec, nil
	}
	s := splitter{delimiter: c.delimiter}
	state := s.feed(first.text)
	if state == open {
		if state, err = c.goOn(&s); err != nil {
			return record{}, err
		}
	}
	if state == broken {
		rec.cells = []string{string(first.text)}
		rec.problem = "A quotation mark is opened and not closed."
		return rec, nil
	}
	rec.cells = s.cells()
	if len(rec.cells) > maxColumns {
		rec.cells, rec.problem = rec.cells[:maxColumns], tooWide
	}
	return rec, nil
}

// goOn feeds the lines that a quoted cell spans. If the quotation turns out to
// be broken, they are read again as lines of their own.
func (c *csvRecords) goOn(s *splitter) (splitState, error) {
	var more []physical
	state := open
	for state == open && s.lines < maxCellLines && len(s.text) < maxCellBytes {
		p, err := c.readLine()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return broken, err
		}
		more = append(more, p)
		if state = s.feed(p.text); p.long {
			state = broken
		}
	}
	if state == whole {
		return whole, nil
	}
	c.unread = append(more, c.unread...)
	c.line -= len(more)
	return broken, nil
}

func (c *csvRecords) close() error { return nil }

// readLine returns the next line, which ends with LF or CR LF, and counts it.
// The text is the caller's own.
func (c *csvRecords) readLine() (physical, error) {
	if len(c.unread) > 0 {
		p := c.unread[0]
		c.unread = c.unread[1:]
		c.line++
		return p, nil
	}
	var p physical
	for {
		part, err := c.in.ReadSlice('\n')
		if room := maxLineBytes - len(p.text); len(part) > room {
			p.text, p.long = append(p.text, part[:room]...), true
		} else {
			p.text = append(p.text, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && (!errors.Is(err, io.EOF) || len(p.text) == 0):
			return physical{}, err
		}
		c.line++
		p.text = bytes.TrimSuffix(bytes.TrimSuffix(p.text, []byte("\n")), []byte("\r"))
		return p, nil
	}
}

// splitState is how a splitter stands after a line.
type splitState int

const (
	whole  splitState = iota // the record is complete
	open                     // a quoted cell goes on in the next line
	broken                   // the quotation can't be meant as it stands
)

// splitter collects the cells of one record: their text in one buffer, and
// where each ends.
type splitter struct {
	delimiter byte
	text      []byte
	ends      []int
	lines     int
	quoted    bool
}

// feed adds a line.
func (s *splitter) feed(line []byte) splitState {
	s.lines++
	for i := 0; ; {
		if !s.quoted {
			if j := s.skipSpace(line, i); j < len(line) && line[j] == '"' {
				s.quoted, i = true, j+1
			} else {
				cut := bytes.IndexByte(line[i:], s.delimiter)
				if cut < 0 {
					s.end(line[i:])
					return whole
				}
				s.end(line[i : i+cut])
				i += cut + 1
				continue
			}
		}
		mark := bytes.IndexByte(line[i:], '"')
		if mark < 0 {
			s.text = append(append(s.text, line[i:]...), '\n')
			return open
		}
		s.text = append(s.text, line[i:i+mark]...)
		next, state := s.mark(line, i+mark+1)
		if state != open {
			return state
		}
		i = next
	}
}

// mark decides what the quotation mark before line[i] means, and returns where
// to go on. Within one line a mark that neither doubles nor ends its cell is
// text; in a cell that spans lines it shows that the quotation was never
// meant.
func (s *splitter) mark(line []byte, i int) (int, splitState) {
	j := s.skipSpace(line, i)
	switch {
	case i < len(line) && line[i] == '"':
		s.text = append(s.text, '"')
		return i + 1, open
	case j == len(line):
		s.quoted = false
		s.end(nil)
		return j, whole
	case line[j] == s.delimiter:
		s.quoted = false
		s.end(nil)
		return j + 1, open
	case s.lines > 1:
		return i, broken
	}
	s.text = append(s.text, '"')
	return i, open
}

// end closes the cell after rest.
func (s *splitter) end(rest []byte) {
	s.text = append(s.text, rest...)
	s.ends = append(s.ends, len(s.text))
}

func (s *splitter) skipSpace(line []byte, i int) int {
	for i < len(line) && (line[i] == ' ' || line[i] == '\t') && line[i] != s.delimiter {
		i++
	}
	return i
}

func (s *splitter) cells() []string {
	text, from := string(s.text), 0
	cells := make([]string, len(s.ends))
	for i, to := range s.ends {
		cells[i], from = text[from:to], to
	}
	return cells
}
