package tenants

import (
	"testing"

	"github.com/openhouse-ai/console/core"
)

func TestPlainJoins(t *testing.T) {
	t.Parallel()
	for text, refused := range map[string]bool{
		`select 1 from a join b on a.id = b.id`:            false,
		`select 'using', "natural", [using], ` + "`using`": false,
		"select 1 -- using\n /* natural */":                false,
		`select confusing, using_it, supernatural from a`:  false,
		`select 1 from a join b using (id)`:                true,
		`select 1 from a join b USING(id)`:                 true,
		`select 1 from a Natural join b`:                   true,
		`select 1 from a join "b"using(id)`:                true,
		`select 1 from a join b/**/using/**/(id)`:          true,
		"select 1 from a join b\nusing\n(id)":              true,
		"select 1 from a join b\ufeffusing(id)":            true,
		`select 1 from a join b on ?1natural join c`:       true,
		`select 1 from a join b on x'00'natural join c`:    true,
		`select '''' from a natural join b`:                true,
		`select "it's" from a natural join b -- it's`:      true,
		"select 1 -- '\n from a natural join b":            true,
		`select 1 /*/ ' */ from a natural join b`:          true,
		`select [a'b] from a natural join b`:               true,
		`natural`:                                          true,
	} {
		if err := plainJoins(text); (core.CodeOf(err) == core.Forbidden) != refused {
			t.Errorf("%q: %v", text, err)
		}
	}
}
