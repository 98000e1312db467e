package kit

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"
)

// leaves lists every text below a value, with its path.
func leaves(path string, v reflect.Value, visit func(path, text string)) {
	switch v.Kind() {
	case reflect.String:
		visit(path, v.String())
	case reflect.Struct:
		for i := range v.NumField() {
			leaves(path+"."+v.Type().Field(i).Name, v.Field(i), visit)
		}
	case reflect.Array, reflect.Slice:
		for i := range v.Len() {
			leaves(fmt.Sprintf("%s[%d]", path, i), v.Index(i), visit)
		}
	}
}

var placeholder = regexp.MustCompile(`\{[a-z]*\}`)

// placeholders of each text of a language, by path.
func placeholders(t texts) map[string][]string {
	found := map[string][]string{}
	leaves("", reflect.ValueOf(t), func(path, text string) {
		names := placeholder.FindAllString(text, -1)
		slices.Sort(names)
		found[path] = slices.Compact(names)
	})
	return found
}

func TestCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	english := placeholders(catalogue[0])
	for _, language := range catalogue {
		leaves("", reflect.ValueOf(language), func(path, text string) {
			// Only the note below an item of the checklist may be empty.
			if text == "" && !regexp.MustCompile(`^\.Sections\[\d\]\.Items\[\d\]\.Text$`).MatchString(path) {
				t.Errorf("%s has no text for %s", language.Locale, path)
			}
		})
		own := placeholders(language)
		for path, want := range english {
			if !slices.Equal(own[path], want) {
				t.Errorf("%s%s has the placeholders %v, want %v", language.Locale, path, own[path], want)
			}
		}
		if len(own) != len(english) {
			t.Errorf("%s has %d texts, English %d", language.Locale, len(own), len(english))
		}
		if len([]rune(language.UnitSheet)) > 31 {
			t.Errorf("%s: the name of the sheet is too long", language.Locale)
		}
	}
}

func TestTextsFor(t *testing.T) {
	t.Parallel()
	for locale, want := range map[string]string{
		"en-IE": "en-IE", "en-GB": "en-GB", "en-AU": "en-GB", "de": "de-DE", "de-CH": "de-DE",
		"ga-IE": "en-IE", "": "en-IE", "not a locale!": "en-IE",
	} {
		if got := textsFor(locale).Locale; got != want {
			t.Errorf("textsFor(%q) is %s, want %s", locale, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	t.Parallel()
	day := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for locale, want := range map[string]string{"en-IE": "1 December 2026", "de-DE": "1. Dezember 2026"} {
		if got := textsFor(locale).date(day); got != want {
			t.Errorf("%s: got %q, want %q", locale, got, want)
		}
	}
}

func TestMonogram(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Harpur Homes": "HH", "The Dún Aonghasa Co.": "DA", "łódź": "Ł", "Cairn & Sons": "CS", "3D Homes": "3H", "": "", "…": "",
	} {
		if got := monogram(name); got != want {
			t.Errorf("monogram(%q) is %q, want %q", name, got, want)
		}
	}
}

func TestSlug(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"2 Harpur Park": "2-harpur-park", "Łódź / Straße": "lodz-strasse", "../..": "", "Ñandú\x00№": "nandu", "日本": "",
	} {
		if got := slug(text); got != want {
			t.Errorf("slug(%q) is %q, want %q", text, got, want)
		}
	}
}
