package unitlist

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// clean returns s without control and invisible characters, with single
// spaces and none around it.
func clean(s string) string {
	if isClean(s) {
		return s
	}
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
			continue
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == utf8.RuneError:
			continue
		}
		if space && b.Len() > 0 {
			b.WriteByte(' ')
		}
		space = false
		b.WriteRune(r)
	}
	return b.String()
}

// isClean is the quick answer for most cells: plain ASCII, no space too many.
func isClean(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c < ' ' || c >= 0x7f || c == ' ' && (i == 0 || i == len(s)-1 || s[i-1] == ' ') {
			return false
		}
	}
	return true
}

// fold returns the words of s for comparison: without case, accents,
// apostrophes and punctuation, separated by single spaces.
func fold(s string) string {
	b := make([]byte, 0, len(s))
	gap := false
	for _, r := range decomposed(s) {
		switch {
		case unicode.Is(unicode.Mn, r), isApostrophe(r):
			continue
		case r == '&':
			b, gap = append(b, " and"...), true
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			gap = true
			continue
		}
		if gap && len(b) > 0 {
			b = append(b, ' ')
		}
		gap = false
		b = utf8.AppendRune(b, unicode.ToLower(r))
	}
	return strings.TrimSpace(string(b))
}

// decomposed splits accented letters into letter and accent.
func decomposed(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFKD.String(s)
		}
	}
	return s
}

func isApostrophe(r rune) bool {
	return r == '\'' || r == '’' || r == '‘' || r == '`' || r == '´'
}

// nothing is what sheets say where they have no value.
var nothing = strings.Fields("- – — . ? N/A NA POA TBC TBA TBD NIL NONE UNKNOWN")

// unknown reports whether a cell in capitals has no value.
func unknown(s string) bool { return s == "" || slices.Contains(nothing, s) }

func hasDigit(s string) bool { return strings.ContainsAny(s, "0123456789") }

func startsWithDigit(s string) bool { return s != "" && s[0] >= '0' && s[0] <= '9' }

// isNumber reports whether a word is a house number: 12, 54a.
func isNumber(word string) bool {
	rest := strings.TrimLeft(word, "0123456789")
	return rest != word && len(rest) <= 1
}
