package usage_test

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"pgregory.net/rapid"
)

func TestCanonical(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	for in, want := range map[string]string{
		``:                                  ``,
		` { } `:                             `{}`,
		`{"b":1,"a":2}`:                     `{"a":2,"b":1}`,
		`{"a":{"d":[3, {"z":1,"y":2}]}}`:    `{"a":{"d":[3,{"y":2,"z":1}]}}`,
		"{\"b\" :\t[ ],\r\n\"\":null}":      `{"":null,"b":[]}`,
		`[1.0,1e2,-0,12345678901234567890]`: `[1.0,1e2,-0,12345678901234567890]`,
		`{"aa":1,"a":2,"b":3}`:              `{"a":2,"aa":1,"b":3}`,
		`{"tokens_in_":1,"tokens_in":2}`:    `{"tokens_in":2,"tokens_in_":1}`,
		`"é\u0041\/\n\u000a\u2028"`:         "\"éA/\\n\\n\u2028\"",
		`"\"\\\b\f\n\r\t"`:                  `"\"\\\b\f\n\r\t"`,
		`{"\u0061":1,"Z":2}`:                `{"Z":2,"a":1}`,
		`{"é":1,"z":2}`:                     `{"z":2,"é":1}`,
		deep:                                deep,
	} {
		got, err := usage.Canonical(json.RawMessage(in))
		ok(t, err)
		equal(t, in, string(got), want)
	}
	for _, in := range []string{
		` `, `{`, `}`, `{"a"}`, `{"a":}`, `{"a":1,}`, `{,}`, `{a:1}`, `[1,]`, `[,1]`, `[1 2]`, `"`, `"\`, `"\x"`, "\"\n\"", `01`, `-`, `1.`, `.5`, `1e`, `1e+`,
		`+1`, `tru`, `nulls`, `True`, `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`, `{"b":1,"a":2,"b":3}`, `{"tokens_in":1,"tokens_in":2}`, "\"\xff\"", `"\ud800"`, "\ufeff1", `1 1`, `{}]`,
		"[" + deep + "]", strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 101) + "1" + strings.Repeat("}", 101), `"` + strings.Repeat("x", 64<<10) + `"`,
	} {
		if got, err := usage.Canonical(json.RawMessage(in)); err == nil {
			t.Errorf("%.60q became %.60q", in, got)
		}
	}
}

// drawJSON draws a value and how it is spelled.
func drawJSON(t *rapid.T, depth int) string {
	space := rapid.SampledFrom([]string{"", "", "", " ", "\n\t"}).Draw(t, "space")
	switch kind := rapid.IntRange(0, 9).Draw(t, "kind"); {
	case kind < 3 && depth < 4:
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "ab", "B", "", "model", "tokens_", "tokens_i", "tokens_in", "é", "\U0001F600", "\uffff", "a\"b"}), 0, 6, rapid.ID).Draw(t, "names")
		var members []string
		for _, name := range names {
			members = append(members, space+spell(t, name)+space+":"+drawJSON(t, depth+1))
		}
		return "{" + strings.Join(members, ",") + space + "}"
	case kind < 5 && depth < 4:
		var items []string
		for range rapid.IntRange(0, 4).Draw(t, "items") {
			items = append(items, drawJSON(t, depth+1))
		}
		return "[" + strings.Join(items, space+",") + space + "]"
	case kind < 7:
		return space + spell(t, rapid.SampledFrom([]string{"", "ok", "gpt", "é\u2028", "a/b", "tab\there", "quote\"", "\U0001F600", "nul\x00"}).Draw(t, "text"))
	}
	return space + rapid.SampledFrom([]string{"0", "-0", "1.0", "12e3", "1E+2", "12345678901234567890", "true", "false", "null"}).Draw(t, "word")
}

// spell writes a text with escapes or without.
func spell(t *rapid.T, text string) string {
	if rapid.Bool().Draw(t, "escaped") {
		var b strings.Builder
		for _, r := range text {
			if r >= 0x10000 {
				r -= 0x10000
				fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
				continue
			}
			fmt.Fprintf(&b, `\u%04X`, r)
		}
		return `"` + b.String() + `"`
	}
	plain, err := json.Marshal(text)
	if err != nil {
		return strconv.Quote(text)
	}
	return string(plain)
}

// However a value is spelled and in whichever order, its canonical form is one;
// the shortcut and the library agree on it.
func TestCanonicalIsOne(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		checkCanonical(t, []byte(drawJSON(t, 0)))
	})
}

func checkCanonical(t fataler, data []byte) {
	t.Helper()
	before := bytes.Clone(data)
	got, err := usage.Canonical(data)
	equal(t, "the data afterwards", string(data), string(before))
	want, other := usage.Reordered(data)
	if len(data) > 0 && len(data) <= 64<<10 {
		equal(t, "refused", err != nil, other != nil)
	}
	if err != nil || len(data) == 0 {
		return
	}
	equal(t, "canonical form", string(got), string(want))
	again, err := usage.Canonical(got)
	ok(t, err)
	equal(t, "canonical form of it", string(again), string(got))
	equal(t, "valid", json.Valid(got), true)
}

// FuzzCanonical holds the shortcut against the library, whatever comes.
func FuzzCanonical(f *testing.F) {
	for _, seed := range []string{`{"b":[1.50,null],"a":{"y":"\n","x":"é"}}`, `{"a":1,"a":2}`, `"\ud83d\ude00"`, "[[[]]]", `-0.0e-0`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) { checkCanonical(t, data) })
}

// SQLite takes for JSON what the ledger does, at the limit of depth too.
func TestSQLiteReadsWhatIsTaken(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", ":memory:")
	ok(t, err)
	defer db.Close()
	check := func(t fataler, data string) {
		body, err := usage.Canonical(json.RawMessage(data))
		ok(t, err)
		valid := false
		ok(t, db.QueryRow("select json_valid(?)", string(body)).Scan(&valid))
		equal(t, data, valid, true)
	}
	check(t, strings.Repeat(`{"a":[`, 50)+strings.Repeat(`]}`, 50))
	rapid.Check(t, func(t *rapid.T) { check(t, drawJSON(t, 0)) })
}

// The identity of an event whose id begins with a time begins with it too; of
// any other it is the digest of source and id, as it ever was.
func TestIdentityBeginsWithTheTime(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"0199c5a2-7b3c-7d4e-9f50-123456789abc": "0199c5a27b3c",
		"0199C5A2-7B3C-7D4E-BF50-123456789ABC": "0199c5a27b3c",
		"0199c5a2-7b3c-7d4e-cf50-123456789abc": "", // another variant
		"0199c5a2-7b3c-4d4e-9f50-123456789abc": "", // of version 4
		"0199c5a2-7b3c-7d4e-9f50-123456789abg": "",
		"0199c5a2x7b3c-7d4e-9f50-123456789abc": "",
		"0199c5a27b3c7d4e9f50123456789abc":     "",
		"01ARZ3NDEKTSV4RRFFQ69G5FAV":           "01563e3ab5d3",
		"01arz3ndektsv4rrffq69g5fav":           "01563e3ab5d3",
		"7ZZZZZZZZZZZZZZZZZZZZZZZZZ":           "ffffffffffff",
		"8ZZZZZZZZZZZZZZZZZZZZZZZZZ":           "", // more than 48 bits
		"01ARZ3NDEKTSV4RRFFQ69G5FAU":           "", // no digit U
		core.NewID(core.PrefixEvent, noon):     "", // the console's own scans
		"":                                     "",
		"\xff1ARZ3NDEKTSV4RRFFQ69G5FA":         "",
	} {
		got, digest := usage.Identity("portal", id), usage.Digest("portal", id)
		if want == "" {
			equal(t, id, got, digest)
			continue
		}
		equal(t, id, fmt.Sprintf("%x", got[:6]), want)
		equal(t, id, string(got[6:]), string(digest[:10]))
		equal(t, "of another source", usage.Identity("chat", id) != got, true)
	}
	equal(t, "old identity", fmt.Sprintf("%x", usage.Identity("portal", "1")), fmt.Sprintf("%x", usage.Digest("portal", "1")))
}

// Identities of the same ids in any order are in the order of the ids' times.
func TestIdentitiesAreInOrder(t *testing.T) {
	t.Parallel()
	found := map[[16]byte]int64{}
	for ms := range int64(500) {
		id := uuid.UUID{0: 1, 4: byte(ms >> 8), 5: byte(ms), 6: 0x70, 8: 0x80, 15: byte(ms * 37)}
		found[usage.Identity("portal", id.String())] = ms
	}
	keys := slices.SortedFunc(maps.Keys(found), func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) })
	for i, key := range keys {
		equal(t, "place", found[key], int64(i))
	}
}
