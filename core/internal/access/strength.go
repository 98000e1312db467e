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
	longestWord = 20 // of common.txt, in bytes
)

// commonText holds base words and patterns, not whole passwords: with the
// rules of common (letters in disguise, digits and signs around them, two words
// joined, repetition) each stands for hundreds of entries of the published
// lists, whose entries of eight characters and more are nearly all of this
// kind and too short on top.
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

// disguises undo the usual substitutions, byte for byte.
var disguises = []*strings.Replacer{
	strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "8", "b", "@", "a", "$", "s", "!", "i", "+", "t"),
	strings.NewReplacer("0", "o", "1", "l", "3", "e", "4", "a", "5", "s", "7", "t", "9", "g", "@", "a", "$", "s", "!", "l", "|", "l"),
}

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
		for _, d := range disguises {
			if strings.Contains(plain, word) || strings.Contains(d.Replace(plain), word) {
				return "contains your name, your address or the product's name"
			}
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

// common reports whether a password is one or two common words, each as often
// as you like, with digits and signs before, between and after; or has hardly
// a letter.
func common(plain string) bool {
	letters := 0
	for _, r := range plain {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	if letters < 4 {
		return true
	}
	for _, d := range disguises {
		r := reading{plain, d.Replace(plain), map[position]bool{}}
		if r.succeeds(position{}) {
			return true
		}
	}
	return false
}

// reading tries to read a password as common words and what is no letter, with
// at most two different words. In shown the disguise is undone: a sign may be
// a letter there, or be left out.
type reading struct {
	plain, shown string
	dead         map[position]bool // tried in vain: keeps the time linear
}

type position struct {
	at   int
	used [2]string
}

func (r reading) succeeds(p position) bool {
	if p.at == len(r.plain) {
		return true
	}
	if r.dead[p] {
		return false
	}
	first, size := utf8.DecodeRuneInString(r.plain[p.at:])
	if !unicode.IsLetter(first) && r.succeeds(position{p.at + size, p.used}) {
		return true
	}
	for end := p.at + 3; end <= min(p.at+longestWord, len(r.shown)); end++ {
		word, used := r.shown[p.at:end], p.used
		switch {
		case !commonWords()[word]:
			continue
		case used[0] == "":
			used[0] = word
		case used[0] != word && used[1] == "":
			used[1] = word
		case used[0] != word && used[1] != word:
			continue
		}
		if r.succeeds(position{end, used}) {
			return true
		}
	}
	r.dead[p] = true
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
