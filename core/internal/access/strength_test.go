package access

import (
	"strings"
	"testing"
)

// endings are what people add to reach a length.
var endings = []string{"1", "12", "123", "1234", "12345", "123456", "1!", "123!", "01", "99", "2024", "2025", "2026!", "!!", "007", "#1"}

func TestCommonPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	words := strings.Fields(commonText)
	if len(words) < 500 {
		t.Fatalf("%d base words", len(words))
	}
	tried := 0
	refuse := func(password string) {
		if len(password) < minPassword {
			return
		}
		if tried++; weakness(password) == "" {
			t.Errorf("%q is accepted", password)
		}
	}
	for _, w := range words {
		for _, end := range endings {
			refuse(w + end)
			refuse(strings.ToUpper(w[:1]) + w[1:] + end)
			refuse(w + w + end)
			refuse(strings.NewReplacer("a", "@", "o", "0", "e", "3").Replace(w) + end)
		}
	}
	if tried < 3000 {
		t.Errorf("only %d common passwords tried", tried)
	}
	for _, w := range words {
		if len(w) > longestWord {
			t.Errorf("%s is longer than longestWord", w)
		}
	}
	for _, p := range []string{
		strings.Repeat("password1", 20), "passwordpassword", "Password1234", "P@ssw0rd2026!", "qwertyuiop123", "iloveyou1234", "letmein-letmein", "welcomehome1",
		"111111111111", "abcabcabcabc", "123456789012", "abcdefghijkl", "1qaz2wsx3edc", "zyxwvutsrqpo", "aaaaaaaaaaab", "correcthorse12", "correcthorsebatterystaple", "we1come1234!", "monkey-dragon-monkey-dragon-7", "!!!!!!!!!!!!",
		"2026-01-01-12:00", "OpenHouse-2026-x!", "niamhbyrne12!x", "xx-byrne-office-77",
	} {
		if weakness(p, "Niamh Byrne", "n.byrne@example.com") == "" {
			t.Errorf("%q is accepted", p)
		}
	}
}

func TestGoodPasswordsAreAccepted(t *testing.T) {
	t.Parallel()
	for _, p := range []string{
		"violet-kettle-93-orbit", "gK7#tqP2!xWz", "mo bhríste féin 44", "zanemljiv hlod tri", "北京的秋天很美丽而且非常凉爽",
		"3f7a90c2e4b1", "ach níl aon tinteán", "trampled wicker under moss",
		strings.Repeat("444dad44", 30) + "zrqk vtwn",
	} {
		if why := weakness(p, "Niamh Byrne", "n.byrne@example.com"); why != "" {
			t.Errorf("%q %s", p, why)
		}
	}
}

func TestPasswordHash(t *testing.T) {
	t.Parallel()
	p := newPasswords()
	one, err := p.hash(t.Context(), "violet-kettle-93-orbit")
	if err != nil {
		t.Fatal(err)
	}
	two, err := p.hash(t.Context(), "violet-kettle-93-orbit")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(one, "$argon2id$v=19$m=19456,t=2,p=1$") || one == two {
		t.Errorf("hashes %q and %q", one, two)
	}
	for _, c := range []struct {
		phc, password string
		want          bool
	}{
		{one, "violet-kettle-93-orbit", true},
		{one, "violet-kettle-93-orbiT", false},
		{"", "violet-kettle-93-orbit", false},
		{p.decoy, "", false},
		{"$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$", "x", false},
	} {
		if got, err := p.matches(t.Context(), c.phc, c.password); err != nil || got != c.want {
			t.Errorf("%q against %q: %v, %v", c.password, c.phc, got, err)
		}
	}
	for _, bad := range []string{"x", "$argon2i$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$AAAA", "$argon2id$v=19$m=a$$", "$argon2id$v=19$m=8,t=1,p=1$?$AAAA"} {
		if ok, err := p.matches(t.Context(), bad, "x"); err == nil || ok {
			t.Errorf("%q is read as a hash", bad)
		}
	}
}

func FuzzWeakness(f *testing.F) {
	f.Add("violet-kettle-93-orbit", "Niamh Byrne")
	f.Add("\xff\xfe000000000000", "")
	f.Fuzz(func(t *testing.T, password, name string) {
		if why := weakness(password, name); why == "" && len([]rune(password)) < 6 {
			t.Errorf("%q is accepted", password)
		}
	})
}
