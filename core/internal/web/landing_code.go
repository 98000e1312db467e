package web

import (
	"net/http"
	"path"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/ui"
)

// typedGate is where a poster leads: it hangs beside no unit of its own, and
// who scans it types the code off their label.
func typedGate() gate {
	return gate{
		page: ui.Bare{Title: "Which home is yours?", Lead: "Type the code from your label. It is printed below the square code, at the end of the address."},
		form: ui.Form{
			Action: "/q", Plain: true, Submit: "Continue",
			Fields: []ui.Field{{Name: "code", Label: "Code", Required: true, Autofocus: true, Complete: "off", Hint: "Sixteen letters and digits."}},
		},
	}
}

func showTyping(q *request) error { return typedGate().show(q) }

// findTyped goes on to the page of a typed code, within the limit that holds
// for scanned ones.
func findTyped(q *request) error {
	sent, err := q.values()
	if err != nil {
		return err
	}
	if err := q.site.spend("landing "+core.OriginOf(q.ctx).IPPrefix, landingPerMinute, pass); err != nil {
		return err
	}
	code := typedCode(sent.Get("code"))
	err = errNoCode
	if codeShape.MatchString(code) {
		_, err = q.site.Units.Locate(q.ctx, code)
	}
	if core.CodeOf(err) == core.NotFound {
		err = core.Problems{{Field: "code", Reason: "isn't known; please compare it with your label once more"}}.Err()
	}
	if err != nil {
		return typedGate().again(q, sent, err)
	}
	return q.Redirect("/q/"+code, http.StatusSeeOther)
}

// typedCode is the code in what a person typed: with gaps, or as the end of
// the whole address.
func typedCode(s string) string {
	s = strings.NewReplacer(" ", "", "-", "").Replace(strings.TrimSpace(s))
	return strings.ToLower(path.Base(s))
}
