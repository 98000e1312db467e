package catalogue_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

var update = flag.Bool("update", false, "rewrite the types in docs/usage-events.md")

// TestDocument compares the types in the documentation with the catalogue.
func TestDocument(t *testing.T) {
	t.Parallel()
	const (
		name  = "../../../../docs/usage-events.md"
		begin = "<!-- types: written by the test of the catalogue with -update -->\n"
		end   = "<!-- /types -->"
	)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	got, after, closed := strings.Cut(rest, end)
	if !found || !closed {
		t.Fatalf("%s has no place for the types", name)
	}
	want := document()
	if *update {
		if err := os.WriteFile(name, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("the documentation differs from the catalogue; run this test with -update and read the difference")
	}
}

func document() string {
	var b strings.Builder
	for _, kind := range catalogue.All() {
		fmt.Fprintf(&b, "\n### %s\n\n%s For example `%s`.\n\n| field | holds | |\n|---|---|---|\n", kind.Name, kind.Meaning, kind.Example())
		for _, f := range kind.Fields {
			required := ""
			if f.Required {
				required = ", required"
			}
			fmt.Fprintf(&b, "| `%s`%s | %s | %s |\n", f.Name, required, holds(f), f.Meaning)
		}
	}
	return b.String() + "\n"
}

func holds(f catalogue.Field) string {
	switch f.Kind {
	case catalogue.Count:
		switch {
		case f.Max > 0:
			return fmt.Sprintf("whole number, %d to %d", f.Min, f.Max)
		case f.Min > 0:
			return fmt.Sprintf("whole number, from %d", f.Min)
		}
		return "whole number"
	case catalogue.Measure:
		return "number"
	case catalogue.Flag:
		return "true or false"
	}
	if f.Values != nil {
		return "`" + strings.Join(f.Values, "`, `") + "`"
	}
	if f.Length > 0 {
		return fmt.Sprintf("text, at most %d characters", f.Length)
	}
	return "text"
}
