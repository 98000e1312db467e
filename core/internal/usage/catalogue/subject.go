package catalogue

import (
	"strings"

	"github.com/openhouse-ai/console/core"
)

// Subject says whom a usage event is about: a development, one of its units,
// and a homeowner under a pseudonym; each may be left out.
type Subject struct{ Development, Unit, Homeowner string }

// maxPseudonym is the length of a pseudonym, in characters.
const maxPseudonym = 128

// ParseSubject reads development/dvt_…/unit/unt_…/homeowner/PSEUDONYM, of which
// each pair may be left out but none stands elsewhere. The reason says what is
// wrong, "" is nothing.
func ParseSubject(text string) (s Subject, reason string) {
	rest := text
	for _, part := range []struct {
		name string
		id   *string
	}{{"development/", &s.Development}, {"unit/", &s.Unit}, {"homeowner/", &s.Homeowner}} {
		after, ok := strings.CutPrefix(rest, part.name)
		if !ok {
			continue
		}
		var more bool
		*part.id, rest, more = strings.Cut(after, "/")
		if *part.id == "" || more && rest == "" {
			return Subject{}, subjectForm
		}
	}
	if rest != "" || text == "" {
		return Subject{}, subjectForm
	}
	if part, why := s.Wrong(); part != "" {
		return Subject{}, "names a " + part + " that " + why
	}
	return s, ""
}

const subjectForm = "is not of the form development/dvt_…/unit/unt_…/homeowner/PSEUDONYM"

// Wrong names the first part that is not what it should be, as development,
// unit or homeowner, and says why. Both are "" when nothing is.
func (s Subject) Wrong() (part, reason string) {
	switch {
	case s.Development != "" && !core.ValidID(core.PrefixDevelopment, s.Development):
		return "development", "is not the id of a development"
	case s.Unit != "" && !core.ValidID(core.PrefixUnit, s.Unit):
		return "unit", "is not the id of a unit"
	case strings.Contains(s.Homeowner, "@"):
		return "homeowner", "is an e-mail address; send a pseudonym"
	case s.Homeowner != "" && !pseudonym(s.Homeowner):
		return "homeowner", "is not a pseudonym of at most 128 letters, digits, dots, dashes, tildes and underscores"
	}
	return "", ""
}

func pseudonym(text string) bool {
	for _, c := range []byte(text) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("._~-", c) >= 0:
		default:
			return false
		}
	}
	return len(text) <= maxPseudonym
}
