package catalogue_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

const (
	site = "dvt_0123456789abcdefghijklmnop"
	home = "unt_0123456789abcdefghijklmnop"
)

func TestSubject(t *testing.T) {
	t.Parallel()
	const form = "is not of the form development/dvt_…/unit/unt_…/homeowner/PSEUDONYM"
	for _, test := range []struct {
		text   string
		want   catalogue.Subject
		reason string
	}{
		{"development/" + site, catalogue.Subject{Development: site}, ""},
		{"unit/" + home, catalogue.Subject{Unit: home}, ""},
		{"homeowner/p-1", catalogue.Subject{Homeowner: "p-1"}, ""},
		{"development/" + site + "/homeowner/A.b_c~9", catalogue.Subject{Development: site, Homeowner: "A.b_c~9"}, ""},
		{"", catalogue.Subject{}, form},
		{"/development/" + site, catalogue.Subject{}, form},
		{"development/" + site + "/", catalogue.Subject{}, form},
		{"unit/" + home + "/development/" + site, catalogue.Subject{}, form},
		{"development/" + site + "/room/5", catalogue.Subject{}, form},
		{"development//unit/" + home, catalogue.Subject{}, form},
		{"homeowner/", catalogue.Subject{}, form},
		{"homeowner/a/b", catalogue.Subject{}, form},
		{"Development/" + site, catalogue.Subject{}, form},
		{"development/" + home, catalogue.Subject{}, "names a development that is not the id of a development"},
		{"unit/12", catalogue.Subject{}, "names a unit that is not the id of a unit"},
		{"homeowner/aoife@example.com", catalogue.Subject{}, "names a homeowner that is an e-mail address; send a pseudonym"},
		{"homeowner/Aoife Byrne", catalogue.Subject{}, "names a homeowner that is not a pseudonym of at most 128 letters, digits, dots, dashes, tildes and underscores"},
		{"homeowner/aoife%40example.com", catalogue.Subject{}, "names a homeowner that is not a pseudonym of at most 128 letters, digits, dots, dashes, tildes and underscores"},
		{"homeowner/" + strings.Repeat("a", 129), catalogue.Subject{}, "names a homeowner that is not a pseudonym of at most 128 letters, digits, dots, dashes, tildes and underscores"},
	} {
		got, reason := catalogue.ParseSubject(test.text)
		if reason != test.reason || got != test.want {
			t.Errorf("%s: %+v %q, want %+v %q", test.text, got, reason, test.want, test.reason)
		}
	}
}

func TestSubjectsReadBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var want catalogue.Subject
		var parts []string
		if rapid.Bool().Draw(t, "of a development") {
			want.Development = site
			parts = append(parts, "development", site)
		}
		if rapid.Bool().Draw(t, "of a unit") {
			want.Unit = home
			parts = append(parts, "unit", home)
		}
		if len(parts) == 0 || rapid.Bool().Draw(t, "of a homeowner") {
			want.Homeowner = rapid.StringMatching(`[A-Za-z0-9._~-]{1,128}`).Draw(t, "pseudonym")
			parts = append(parts, "homeowner", want.Homeowner)
		}
		if got, reason := catalogue.ParseSubject(strings.Join(parts, "/")); got != want || reason != "" {
			t.Fatalf("%v: %+v %q", parts, got, reason)
		}
	})
}
