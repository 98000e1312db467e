package directory

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// letters are those that Unicode does not take apart into a letter and a mark.
var letters = strings.NewReplacer(
	"ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "ł", "l", "þ", "th", "ı", "i")

// AddressKey is what makes two addresses of a development the same: it ignores
// case, accents, punctuation, repeated spaces and leading zeros. A label that
// the address does not contain comes first, since files with a column for the
// unit often repeat one address in every row.
func AddressKey(label, address string) string {
	unit, place := key(label), key(address)
	if unit == "" || strings.Contains(" "+place+" ", " "+unit+" ") {
		return place
	}
	return strings.TrimSpace(unit + " " + place)
}

func key(s string) string {
	return numbers(fold(s), func(digits string) string { return digits })
}

// sortKey orders text as people count: 2 before 10.
func sortKey(s string) string {
	const width = 8
	return numbers(fold(s), func(digits string) string {
		return strings.Repeat("0", max(0, width-len(digits))) + digits
	})
}

// fold returns the words of a text in lower case, without accents and
// punctuation, parted by single spaces: "St. Mary's " becomes "st marys".
func fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	gap := false
	for _, r := range decompose(s) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			if gap && b.Len() > 0 {
				b.WriteByte(' ')
			}
			gap = false
			b.WriteRune(r)
		case r == '\'' || r == '’' || r == '‘' || r == '`' || unicode.Is(unicode.Mn, r):
			// part of its word
		case r == '&':
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString("and")
			gap = true
		default:
			gap = true
		}
	}
	return b.String()
}

// decompose returns s in lower case with each accent as a rune of its own.
func decompose(s string) string {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return letters.Replace(strings.ToLower(norm.NFKD.String(strings.ToLower(s))))
		}
	}
	return strings.ToLower(s)
}

// numbers rewrites each run of digits, which comes without its leading zeros.
func numbers(s string, rewrite func(digits string) string) string {
	var b strings.Builder
	for len(s) > 0 {
		start := strings.IndexFunc(s, digit)
		if start < 0 {
			break
		}
		end := start + 1
		for end < len(s) && s[end] >= '0' && s[end] <= '9' {
			end++
		}
		b.WriteString(s[:start])
		b.WriteString(rewrite(trimZeros(s[start:end])))
		s = s[end:]
	}
	b.WriteString(s)
	return b.String()
}

func digit(r rune) bool { return r >= '0' && r <= '9' }

func trimZeros(digits string) string {
	if trimmed := strings.TrimLeft(digits, "0"); trimmed != "" {
		return trimmed
	}
	return "0"
}
