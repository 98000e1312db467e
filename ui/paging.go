package ui

import (
	"net/url"
	"slices"
	"strings"
)

// firstPage stands in a trail for the page that has no cursor.
const firstPage = "0"

// Turn sets "26-50 of 611" and the links to the pages before and after. Lists
// only go forward, by the cursor next, so the address keeps the trail of
// cursors behind it. Size is the number of rows of a full page.
func (t *Table) Turn(query url.Values, next string, size int) {
	trail := strings.FieldsFunc(query.Get("trail"), func(r rune) bool { return r == '~' })
	if len(t.Rows) > 0 {
		t.From = len(trail)*size + 1
		t.To = t.From + len(t.Rows) - 1
	}
	if next != "" {
		here := query.Get("after")
		if here == "" {
			here = firstPage
		}
		onward := append(slices.Clone(trail), here)
		t.Next = Address(t.Href, query, "after", next, "trail", strings.Join(onward, "~"))
	}
	if n := len(trail); n > 0 {
		before := trail[n-1]
		if before == firstPage {
			before = ""
		}
		t.Prev = Address(t.Href, query, "after", before, "trail", strings.Join(trail[:n-1], "~"))
	}
}
