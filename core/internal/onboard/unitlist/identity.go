package unitlist

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
)

// abbreviations are the long forms that addresses write in short. Saint and
// Street become the same word; no two units differ by that alone.
var abbreviations = map[string]string{
	"street": "st", "saint": "st", "road": "rd", "avenue": "ave", "av": "ave", "county": "co",
	"apartment": "apt", "appartment": "apt", "number": "no", "drive": "dr", "court": "ct", "close": "cl",
	"crescent": "cres", "square": "sq", "place": "pl", "lane": "ln", "park": "pk", "terrace": "tce", "ter": "tce",
	"gardens": "gdns", "estate": "est", "heights": "hts", "grove": "gr", "boulevard": "blvd", "blv": "blvd",
}

// counted are the words whose number is not that of a house: Dublin 7.
var counted = strings.Fields("dublin belfast phase folio")

// keyOf returns the address by which two rows are the same unit: its words
// without case, accents, punctuation, leading zeros, "No." and abbreviations,
// and the county. A resale has another price and date and is the same unit.
//
// An address without a house number (Main Street, Ballybay) names a place
// rather than a unit, and lists have several units there: such rows are the
// same only if price and date are, too. Where the list has a column of labels,
// the label is part of the identity: the forty apartments of a building may
// all be given its address.
func keyOf(u core.Unit) string {
	words := strings.Fields(fold(u.Address))
	county := fold(u.County)
	if n := len(words); n > 2 && county != "" && words[n-1] == county && (words[n-2] == "co" || words[n-2] == "county") {
		words = words[:n-2]
	}
	kept := make([]string, 0, len(words))
	for i, w := range words {
		if short, ok := abbreviations[w]; ok {
			w = short
		}
		if w == "no" && i+1 < len(words) && startsWithDigit(words[i+1]) {
			continue
		}
		if startsWithDigit(w) {
			if w = strings.TrimLeft(w, "0"); w == "" {
				w = "0"
			}
		}
		kept = append(kept, w)
	}
	key := strings.Join(kept, " ") + "|" + county
	if !numbered(words) {
		if u.Price != nil {
			key += "|" + u.Price.String()
		}
		key += "|" + u.SoldOn
	}
	if u.Label != "" {
		key += "|" + fold(u.Label)
	}
	return key
}

// numbered reports whether one of an address's words is a house number.
func numbered(words []string) bool {
	for i, w := range words {
		if startsWithDigit(w) && (i == 0 || !slices.Contains(counted, words[i-1])) {
			return true
		}
	}
	return false
}

// home is a unit that has been seen.
type home struct {
	postcode string
	line     int
}

// seen remembers the units of the rows before, and their labels.
type seen struct {
	homes   map[string][]home
	labels  map[string]bool
	keys    map[string]bool // by which the units are kept
	numbers map[string]int  // the last that was put behind a label
}

func newSeen() seen {
	return seen{map[string][]home{}, map[string]bool{}, map[string]bool{}, map[string]int{}}
}

// add notes a unit and returns its key, or the line of the row that named it
// before. Rows of one address are different units if both have a postcode and
// the two differ, as apartments behind one door do; a row without a postcode
// may stand for one with, but for one only.
func (s seen) add(u core.Unit, line int) (key string, first int) {
	key = keyOf(u)
	homes := s.homes[key]
	for i, h := range homes {
		if u.Postcode == "" || h.postcode == "" || h.postcode == u.Postcode {
			if h.postcode == "" {
				homes[i].postcode = u.Postcode
			}
			return "", h.line
		}
	}
	s.homes[key] = append(homes, home{u.Postcode, line})
	if len(homes) > 0 {
		key += "|" + u.Postcode
	}
	return key, 0
}

// label returns the first of the candidates that no unit has and whose key is
// free, or else the last with a number behind it.
func (s seen) label(candidate func(more int) string, most int, key func(label string) string) string {
	free := func(l string) bool { return !s.labels[l] && !s.keys[key(l)] }
	var l string
	for more := range most + 1 {
		if l = clip(candidate(more), maxLabel); free(l) {
			break
		}
	}
	for last, n := l, max(s.numbers[l], 1); !free(l); {
		n++
		s.numbers[last] = n
		l = fmt.Sprintf("%s (%d)", last, n)
	}
	s.labels[l], s.keys[key(l)] = true, true
	return l
}

// clip cuts a text to a number of characters.
func clip(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return strings.TrimSpace(string([]rune(s)[:most]))
}
