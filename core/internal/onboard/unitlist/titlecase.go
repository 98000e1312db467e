package unitlist

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

var (
	wordPattern  = regexp.MustCompile(`[\pL\pN'’]+`)
	romanNumeral = regexp.MustCompile(`^(?:ii|iii|iv|vi|vii|viii|ix|xi|xii|xiii|xiv|xv|xvi|xvii|xviii|xix|xx)$`)
	ordinal      = regexp.MustCompile(`^\d+(?:st|nd|rd|th)$`)
	elision      = regexp.MustCompile(`^[odl]['’]\pL`)
	eclipsis     = regexp.MustCompile(`^(?:mb|gc|nd|bhf|ng|bp|dt)\pL`)

	// smallWords stay small inside a name, and large at its beginning.
	smallWords = strings.Fields("of and na an in at on upon by agus de le")
	shortForms = strings.Fields("po uk ni ifsc gaa")
	// macNames are those in which Mac is a prefix: in Macroom it is not.
	macNames = strings.Fields(`macartney macauley macauliffe macbride maccarthy maccurtain macdermott macdonagh
		macdonald macdonnell macgregor macmahon macneill macswiney macsweeney macuilliam`)
)

// titleCase gives readable case to text that has none: all capitals or all
// small letters. Text in mixed case is somebody's choice and stays as it is.
func titleCase(s string) string {
	if s == "" || strings.IndexFunc(s, unicode.IsUpper) >= 0 && strings.IndexFunc(s, unicode.IsLower) >= 0 {
		return s
	}
	s = strings.ToLower(s)
	var b strings.Builder
	end, opens, before := 0, true, ""
	for _, at := range wordPattern.FindAllStringIndex(s, -1) {
		between, word := s[end:at[0]], s[at[0]:at[1]]
		opens = opens || strings.ContainsAny(between, ",;(/")
		b.WriteString(between)
		b.WriteString(titleWord(word, before, opens))
		opens = opens && hasDigit(word) // the name begins after its number
		before, end = word, at[1]
	}
	b.WriteString(s[end:])
	return b.String()
}

// titleWord gives case to a word of small letters. Opens: a name begins here.
func titleWord(word, before string, opens bool) string {
	switch {
	case slices.Contains(smallWords, word) && !opens, ordinal.MatchString(word):
		return word
	case romanNumeral.MatchString(word), slices.Contains(shortForms, word), hasDigit(word) && len(word) <= 7:
		return strings.ToUpper(word)
	case before == "na" && eclipsis.MatchString(word):
		return eclipsed(word)
	case slices.Contains(macNames, word):
		return "Mac" + capital(word[3:])
	case strings.HasPrefix(word, "mc") && len(word) > 3:
		return "Mc" + capital(word[2:])
	case elision.MatchString(word):
		apostrophe := strings.TrimLeft(word[1:], "'’")
		return capital(word[:len(word)-len(apostrophe)]) + capital(apostrophe)
	}
	return capital(word)
}

// eclipsed gives the capital to the letter that the Irish plural article
// covers: na nGael, na mBan.
func eclipsed(word string) string {
	n := 1
	if strings.HasPrefix(word, "bhf") {
		n = 2
	}
	return word[:n] + capital(word[n:])
}

func capital(s string) string {
	for i, r := range s {
		return string(unicode.ToUpper(r)) + s[i+len(string(r)):]
	}
	return s
}
