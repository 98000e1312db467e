package usage

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
)

// Limits of an event, in bytes.
const (
	maxText = 200
	maxBody = 64 << 10
)

// entry is a usage event as the ledger keeps it.
type entry struct {
	event         core.UsageEvent
	hash, payload [16]byte
	hour          int64 // since 1970, of the event's own time
	body          string
}

// entriesOf checks events and prepares them. Returns invalid with every wrong
// field, named as events[3].id.
func entriesOf(events []core.UsageEvent) ([]entry, error) {
	var problems core.Problems
	entries := make([]entry, len(events))
	for i, e := range events {
		prefix := "events[" + strconv.Itoa(i) + "]."
		body, err := canonical(e.Data)
		if err != nil {
			problems.Add(prefix+"data", "", err.Error())
		}
		check(&problems, prefix, e)
		entries[i] = entry{event: e, hash: identity(e), hour: hourOf(e.Time), body: body}
		entries[i].payload = payload(e, body)
	}
	return entries, problems.Err()
}

func check(problems *core.Problems, prefix string, e core.UsageEvent) {
	for _, f := range []struct {
		name, value string
		required    bool
	}{
		{"source", e.Source, true}, {"id", e.ID, true}, {"type", e.Type, true},
		{"development", e.Development, false}, {"unit", e.Unit, false}, {"visitor", e.Visitor, false},
	} {
		switch {
		case f.required && f.value == "":
			problems.Add(prefix+f.name, "", "is missing")
		case len(f.value) > maxText || !utf8.ValidString(f.value):
			problems.Add(prefix+f.name, "", "is longer than 200 bytes or not valid text")
		}
	}
	if e.Time.Year() < 2000 || e.Time.Year() > 9999 {
		problems.Add(prefix+"time", e.Time.UTC().Format(time.RFC3339), "is not a moment of this century")
	}
}

func hourOf(t time.Time) int64 { return t.UnixMilli() / time.Hour.Milliseconds() }

// identity is what names an event for ever.
func identity(e core.UsageEvent) [16]byte { return digest(e.Source, e.ID) }

// payload is what makes two events of one identity the same: everything that
// was reported, in whole milliseconds.
func payload(e core.UsageEvent, body string) [16]byte {
	return digest(e.Type, e.Development, e.Unit, e.Visitor, strconv.FormatInt(e.Time.UnixMilli(), 10), body)
}

// digest hashes texts with their lengths, so that no two lists of texts give
// the same bytes.
func digest(texts ...string) [16]byte {
	var b []byte
	for _, text := range texts {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}

var errData = errors.New("is not JSON, or longer than 64 KiB")

// canonical writes JSON without white space and with sorted names, so that a
// sender who serialises the same data anew is not in conflict with itself.
// Numbers stay as they are spelled.
func canonical(data json.RawMessage) (string, error) {
	if len(data) == 0 {
		return "", nil
	}
	if len(data) > maxBody || !json.Valid(data) {
		return "", errData
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return "", err
	}
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return "", err
	}
	return string(bytes.TrimRight(b.Bytes(), "\n")), nil
}
