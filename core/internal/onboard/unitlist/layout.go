package unitlist

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// How many rows are read to find the header, and among how many lines: titles,
// dates and empty lines may stand above it.
const (
	aheadRows  = 30
	aheadLines = 1000
)

// readAhead returns the first rows that are not blank.
func readAhead(r records) ([]record, error) {
	var rows []record
	for lines := 0; len(rows) < aheadRows && lines < aheadLines; lines++ {
		rec, err := r.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !rec.blank() {
			rows = append(rows, rec)
		}
	}
	return rows, nil
}

// findHeader returns the row with the most headings that are known or that the
// mapping names, and how many it has. Without any it is the first of the rows
// with the most cells.
func findHeader(rows []record, m Mapping) (index, score int) {
	widest := 0
	for i, r := range rows {
		if n := knownHeadings(r.cells, m); n > score {
			index, score = i, n
		}
		if filled(r.cells) > filled(rows[widest].cells) {
			widest = i
		}
	}
	if score == 0 {
		return widest, 0
	}
	return index, score
}

func knownHeadings(cells []string, m Mapping) int {
	seen := map[string]bool{}
	for _, c := range cells {
		if m.names(c) {
			seen[clean(c)] = true
		} else if s, ok := synonyms[heading(c)]; ok {
			seen[s.slot()] = true
		}
	}
	return len(seen)
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if clean(c) != "" {
			n++
		}
	}
	return n
}

// detectDelimiter chooses the delimiter whose header is best known, then the
// one that most rows agree on. A header of one cell means one column, whatever
// commas the addresses below it contain.
func detectDelimiter(sample []byte, m Mapping) byte {
	if rest, ok := bytes.CutPrefix(sample, []byte("sep=")); ok && len(rest) > 0 {
		return rest[0]
	}
	if end := bytes.LastIndexByte(sample, '\n'); end > 0 && len(sample) == headBytes {
		sample = sample[:end+1] // the last line may be cut off
	}
	best, bestScore, bestAgree, bestWidth := noDelimiter, -1, 0, 0
	for _, d := range []byte{',', ';', '\t', '|'} {
		rows, err := readAhead(&csvRecords{in: bufio.NewReader(bytes.NewReader(sample)), delimiter: d})
		if err != nil || len(rows) == 0 {
			continue
		}
		i, score := findHeader(rows, m)
		width, agree := len(rows[i].cells), 0
		for _, r := range rows[i:] {
			if len(r.cells) == width {
				agree++
			}
		}
		better := score > bestScore || score == bestScore &&
			(agree > bestAgree || agree == bestAgree && width > bestWidth)
		if width > 1 && better {
			best, bestScore, bestAgree, bestWidth = d, score, agree, width
		}
	}
	return best
}
