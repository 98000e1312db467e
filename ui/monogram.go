package ui

import (
	"strings"
	"unicode"
)

// Monogram returns the first letters of the first two words of a name, in
// capitals: "Harpur Homes" gives "HH". Without a letter or digit it is "?".
func Monogram(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) && r != '\''
	})
	var letters []rune
	for _, w := range words {
		letters = append(letters, unicode.ToUpper([]rune(w)[0]))
		if len(letters) == 2 {
			break
		}
	}
	if len(letters) == 0 {
		return "?"
	}
	return string(letters)
}
