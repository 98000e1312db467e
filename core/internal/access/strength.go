package access

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Limits of a password's length in characters. The upper one only keeps
// somebody from sending megabytes to be hashed.
const (
	minPassword = 12
	maxPassword = 256
)

// commonText holds base words and patterns, not whole passwords: with the
// rules of common (letters in disguise, digits and signs around, one or two
// words, repeated) each stands for hundreds of entries of the published lists.
//
//go:embed common.txt
var commonText string

var commonWords = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for _, w := range strings.Fields(commonText) {
		words[w] = true
	}
	return words
})

// disguise undoes the usual substitutions.
var disguise = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b", "@", "a", "$", "s", "!", "i", "+", "t")

// weakness says why a password is refused, or "" when it is good. The personal
// words are the user's name and address, which a guesser tries first.
func weakness(password string, personal ...string) string {
	plain := strings.ToLower(norm.NFKC.String(password))
	length := utf8.RuneCountInString(plain)
	switch {
	case length < minPassword:
		return "needs at least 12 characters"
	case length > maxPassword:
		return "is longer than 256 characters"
	case monotonous(plain):
		return "is a repetition or a sequence"
	case common(plain):
		return "is too common"
	}
	for _, word := range personalWords(personal) {
		if strings.Contains(plain, word) || strings.Contains(disguise.Replace(plain), word) {
			return "contains your name, your address or the product's name"
		}
	}
	return ""
}

// personalWords returns the words of at least four letters, and the product's.
func personalWords(personal []string) []string {
	words := []string{"openhouse"}
	for _, text := range personal {
		local, _, _ := strings.Cut(strings.ToLower(text), "@")
		for _, w := range strings.FieldsFunc(local, func(r rune) bool { return !unicode.IsLetter(r) }) {
			if utf8.RuneCountInString(w) >= 4 {
				words = append(words, w)
			}
		}
	}
	return words
}

// common reports whether what is left of a password without digits and signs,
// read plainly or with its disguise undone, is one or two common words, a
// repetition of one, or next to nothing.
func common(plain string) bool {
	for _, text := range []string{plain, disguise.Replace(plain), disguise.Replace(strings.TrimRightFunc(plain, isPadding))} {
		letters := strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return r
			}
			return -1
		}, text)
		if utf8.RuneCountInString(letters) < 4 && text == plain || fewWords(period(letters), 2) {
			return true
		}
	}
	return false
}

func isPadding(r rune) bool { return !unicode.IsLetter(r) }

// fewWords reports whether text is a chain of at most n common words.
func fewWords(text string, n int) bool {
	if commonWords()[text] {
		return true
	}
	if n == 1 {
		return false
	}
	for i := 3; i <= len(text)-3; i++ {
		if commonWords()[text[:i]] && fewWords(text[i:], n-1) {
			return true
		}
	}
	return false
}

// period returns the shortest text whose repetition text is: abcabc → abc.
func period(text string) string {
	if i := strings.Index((text + text)[min(1, len(text)):], text); text != "" && i+1 < len(text) {
		return text[:i+1]
	}
	return text
}

// rows are the orders that fingers and children follow.
var rows = []string{"abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "azertyuiop", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p"}

// monotonous reports whether a password is a short piece repeated, or mostly
// steps along one of the rows, in either direction.
func monotonous(plain string) bool {
	distinct := map[rune]bool{}
	for _, r := range plain {
		distinct[r] = true
	}
	if len(distinct) < 5 || len(period(plain)) <= 4 {
		return true
	}
	steps, total := 0, 0
	var before rune
	for _, r := range plain {
		if total > 0 && (r == before || neighbours(before, r)) {
			steps++
		}
		before, total = r, total+1
	}
	return steps*4 >= (total-1)*3
}

func neighbours(a, b rune) bool {
	for _, row := range rows {
		if strings.Contains(row, string([]rune{a, b})) || strings.Contains(row, string([]rune{b, a})) {
			return true
		}
	}
	return false
}
