package unitlist

import (
	"regexp"
	"slices"
	"strings"
)

// The counties of Ireland, by which "Co. Kildare" at the end of an address is
// told from a county of another country.
var counties = strings.Fields(`Antrim Armagh Carlow Cavan Clare Cork Derry Donegal Down Dublin Fermanagh Galway
	Kerry Kildare Kilkenny Laois Leitrim Limerick Longford Louth Mayo Meath Monaghan Offaly Roscommon Sligo
	Tipperary Tyrone Waterford Westmeath Wexford Wicklow`)

var countyEnding = regexp.MustCompile(`(?i)(?:^|[ ,])co(?:\.|unty)?\s*(\pL+)$`)

// tidyAddress makes an address readable and changes nothing else about it:
// spaces, empty parts, and the case of one that has no case.
func tidyAddress(s string) string {
	parts := addressParts(titleCase(clean(s)))
	return strings.Join(parts, ", ")
}

// addressParts splits an address at its commas.
func addressParts(s string) []string {
	parts := strings.Split(s, ",")
	for i, p := range parts {
		parts[i] = strings.Trim(p, " ;")
	}
	return slices.DeleteFunc(parts, func(p string) bool { return p == "" })
}

// joinAddress puts an address together from the columns of a sheet. A part
// that the address already says is left out, and a number stands before its
// street without a comma.
func joinAddress(parts []string) string {
	if len(parts) == 1 {
		return parts[0]
	}
	var b strings.Builder
	said, glue := "", ""
	for i, p := range parts {
		words := fold(p)
		number := onlyNumbers(words)
		if words == "" || says(said, words) && !number ||
			number && i+1 < len(parts) && startsWith(fold(parts[i+1]), words) {
			continue
		}
		b.WriteString(glue)
		b.WriteString(p)
		said += " " + words
		if glue = ", "; number {
			glue = " "
		}
	}
	return b.String()
}

// says reports whether text contains the words as a whole.
func says(text, words string) bool {
	return strings.Contains(" "+text+" ", " "+words+" ")
}

// onlyNumbers reports whether folded text is house numbers alone: 12, 12 14a.
func onlyNumbers(words string) bool {
	return words != "" && !slices.ContainsFunc(strings.Fields(words), func(w string) bool { return !isNumber(w) })
}

func startsWith(text, word string) bool {
	return text == word || strings.HasPrefix(text, word+" ")
}

// countyOf returns the Irish county that the address ends with: Co. Kildare,
// COUNTY CORK.
func countyOf(address string) string {
	m := countyEnding.FindStringSubmatch(address)
	if m == nil {
		return ""
	}
	return irishCounty(m[1])
}

// tidyCounty returns the name of an Irish county without "Co.", and any other
// as it is given.
func tidyCounty(s string) string {
	s = clean(s)
	name := s
	if m := countyEnding.FindStringSubmatch(s); m != nil {
		name = m[1]
	}
	if c := irishCounty(name); c != "" {
		return c
	}
	return titleCase(s)
}

func irishCounty(name string) string {
	i := slices.IndexFunc(counties, func(c string) bool { return strings.EqualFold(c, name) })
	if i < 0 {
		return ""
	}
	return counties[i]
}

// designators are the words that with a number or letter name a unit and need
// the next part of the address to be understood.
var designators = strings.Fields("apartment appartment apartments apt flat unit plot site block no number door suite studio floor")

var (
	numberSign   = regexp.MustCompile(`(?i)^(?:no\.?|number)\s*(\d)`)
	leadingZeros = regexp.MustCompile(`\b0+(\d)`)
)

// labelOf returns how people on site name the unit: number and street, or the
// apartment and its building. More is how many further parts of the address
// are wanted to tell it from another unit of that label.
func labelOf(address string, more int) string {
	parts := addressParts(address)
	if len(parts) == 0 {
		return ""
	}
	n := 1
	for n < len(parts) && onlyDesignates(parts[n-1]) {
		n++
	}
	if n == 1 && len(parts) > 1 && !hasDigit(parts[0]) && startsWithDigit(parts[1]) {
		n++ // The Skylarks, 3 Oak Grove
	}
	n = min(n+more, len(parts))
	first := parts[0]
	if first[0] == 'N' || first[0] == 'n' {
		first = numberSign.ReplaceAllString(first, "$1")
	}
	if n > 1 && isNumber(fold(first)) {
		first += " " + parts[1]
		parts = parts[1:]
		n--
	}
	label := strings.Join(append([]string{first}, parts[1:n]...), ", ")
	return trimZeros(label)
}

// trimZeros takes the leading zeros off the numbers of a label.
func trimZeros(label string) string {
	if strings.HasPrefix(label, "0") || strings.Contains(label, " 0") {
		return leadingZeros.ReplaceAllString(label, "$1")
	}
	return label
}

// onlyDesignates reports whether a part of an address is nothing but a number,
// or an apartment, unit or block: 12, Apt 3, Block D Apartment 45.
func onlyDesignates(part string) bool {
	for _, w := range strings.Fields(fold(part)) {
		if !isNumber(w) && len(w) > 1 && !slices.Contains(designators, w) {
			return false
		}
	}
	return hasDigit(part) || len(strings.Fields(part)) > 1
}

// nameNumber names a bare number by its heading: the 12 below "Plot No" is
// Plot 12. Other text, and below other headings, stays in readable case.
func nameNumber(value, heading string) string {
	value = titleCase(value)
	if !isNumber(strings.ToLower(value)) {
		return value
	}
	value = trimZeros(value)
	for _, word := range strings.Fields(fold(heading)) {
		if word != "no" && word != "number" && (word == "home" || slices.Contains(designators, word)) {
			return capital(word) + " " + value
		}
	}
	return value
}
