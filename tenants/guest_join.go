package tenants

import (
	"regexp"
	"strings"

	"github.com/openhouse-ai/console/core"
)

var errUnasked = core.Errorf(core.Forbidden,
	"Write join … on …: SQLite asks nobody for the right to the columns that using and natural compare.")

// unasked finds the words that make a join compare columns by their names. It
// takes too many texts rather than too few: SQLite counts digits, bytes that
// aren't ASCII and the mark at the beginning of a file to one word or another.
var unasked = regexp.MustCompile(`(?i)(^|[^a-z_])(using|natural)($|[^a-z0-9_])`)

// plainJoins refuses a statement with a join by using or natural. SQLite calls
// no authorizer for such columns, and then not for their table either: a guest
// could ask any table whether it holds a value.
func plainJoins(text string) error {
	if !unasked.MatchString(text) {
		return nil
	}
	var bare strings.Builder // without quoted texts and comments
	for i := 0; i < len(text); {
		n := token(text[i:])
		if n == 1 {
			bare.WriteByte(text[i])
		} else {
			bare.WriteByte(' ')
		}
		i += n
	}
	if unasked.MatchString(bare.String()) {
		return errUnasked
	}
	return nil
}
