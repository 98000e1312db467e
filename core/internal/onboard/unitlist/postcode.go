package unitlist

import (
	"regexp"
	"strings"

	"github.com/openhouse-ai/console/core"
)

// The Eircode alphabet leaves out letters that are mistaken for others; the
// UK form is that of Royal Mail's programmers' guide.
var (
	eircodeForm = regexp.MustCompile(`^([AC-FHKNPRTV-Y]\d{2}|D6W)([0-9AC-FHKNPRTV-Y]{4})$`)
	ukForm      = regexp.MustCompile(`^(GIR|[A-PR-UWYZ](?:\d{1,2}|\d[A-HJKPSTUW]|[A-HK-Y]\d{1,2}|[A-HK-Y]\d[ABEHMNPRV-Y]))(\d[ABD-HJLNP-UW-Z]{2}|0AA)$`)

	postcodeSpaces = strings.NewReplacer(" ", "", "-", "")

	errNoPostcode = core.Errorf(core.Invalid, "This is neither an Eircode such as W23 F8EX nor a UK postcode.")
)

// parsePostcode returns an Eircode or UK postcode spaced, "" if none is given.
func parsePostcode(s string) (string, error) {
	s = strings.ToUpper(clean(s))
	if unknown(s) {
		return "", nil
	}
	s = postcodeSpaces.Replace(s)
	for _, form := range []*regexp.Regexp{eircodeForm, ukForm} {
		if m := form.FindStringSubmatch(s); m != nil {
			return m[1] + " " + m[2], nil
		}
	}
	return "", errNoPostcode
}

// cutPostcode takes a postcode off the end of an address.
func cutPostcode(address string) (rest, postcode string) {
	words := strings.Fields(address)
	if len(words) == 0 || !hasDigit(words[len(words)-1]) {
		return address, ""
	}
	for n := 2; n >= 1; n-- { // W23 F8EX, then W23F8EX
		if len(words) <= n {
			continue
		}
		tail := strings.Join(words[len(words)-n:], " ")
		if len(tail) < 6 || strings.ContainsAny(tail, ",-") {
			continue
		}
		if code, err := parsePostcode(tail); err == nil && code != "" {
			return strings.TrimRight(strings.TrimSuffix(address, tail), " ,"), code
		}
	}
	return address, ""
}
