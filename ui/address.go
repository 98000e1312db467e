package ui

import (
	"net/url"
	"strings"
)

// Address returns path with the query, changed by pairs of name and value; an
// empty value removes the name. The cursor "after" and the "trail" of those
// before it are dropped unless named: they belong to the old order and filter.
func Address(path string, query url.Values, pairs ...string) string {
	q := url.Values{}
	for name, values := range query {
		if name != "after" && name != "trail" && len(values) > 0 && values[0] != "" {
			q[name] = values
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
			continue
		}
		q.Set(pairs[i], pairs[i+1])
	}
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// SortBy returns the sort link of the column of the name: "sort=name" sorts
// upwards, "sort=-name" downwards. The first click sorts upwards.
func SortBy(path string, query url.Values, name string) *Sort {
	switch query.Get("sort") {
	case name:
		return &Sort{Href: Address(path, query, "sort", "-"+name), Direction: Ascending}
	case "-" + name:
		return &Sort{Href: Address(path, query, "sort", name), Direction: Descending}
	}
	return &Sort{Href: Address(path, query, "sort", name)}
}

// ParseSort splits the value of "sort" into a column's name and whether it
// is sorted downwards.
func ParseSort(s string) (name string, desc bool) {
	name, desc = strings.CutPrefix(s, "-")
	return name, desc
}
