package usage

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

// Limits of an event, in bytes.
const (
	maxText = 200
	maxBody = 64 << 10
)

// entry is a usage event as the ledger keeps it.
type entry struct {
	event         core.UsageEvent // at the time that counts
	hash, payload [16]byte
	hour          int64 // since 1970, of the event's time
	received      int64 // in ms; 0: now
	body          string
	kind          string // the type that it is counted under; empty: unknown

	fields   []core.FieldError
	reported time.Time // zero: without a time
	asked    Hold      // by the decoder
	hold     Hold
	outcome  Outcome
}

// entryOf checks an event and prepares it. Events share what writes their data.
func entryOf(p *plain, event core.UsageEvent) entry {
	e := entry{event: event, reported: event.Time}
	e.check()
	body, err := p.canonical(event.Data)
	if err != nil {
		e.wrong("data", err.Error())
	}
	e.body = string(body)
	if _, known := catalogue.Find(event.Type); known {
		e.kind = event.Type
	}
	if len(e.fields) == 0 {
		e.hash, e.payload = identity(event.Source, event.ID), payload(event, e.body)
		e.hour = hourOf(event.Time)
	}
	return e
}

func (e *entry) wrong(field, reason string) {
	e.fields = append(e.fields, core.FieldError{Field: field, Reason: reason})
}

func (e *entry) check() {
	for _, f := range [...]struct {
		name, value string
		required    bool
	}{
		{"source", e.event.Source, true}, {"id", e.event.ID, true}, {"type", e.event.Type, true},
		{"development", e.event.Development, false}, {"unit", e.event.Unit, false}, {"visitor", e.event.Visitor, false},
	} {
		switch {
		case f.required && f.value == "":
			e.wrong(f.name, "is missing")
		case len(f.value) > maxText || !utf8.ValidString(f.value):
			e.wrong(f.name, "is longer than 200 bytes or not valid text")
		}
	}
	if year := e.event.Time.Year(); !e.event.Time.IsZero() && (year < 2000 || year > 9999) {
		e.wrong("time", "is not a moment of this century")
	}
}

// at sets the time that counts for the event. Its payload stays the one that
// was reported, so that the same report again is the same.
func (e *entry) at(t time.Time) { e.event.Time, e.hour = t, hourOf(t) }

func hourOf(t time.Time) int64 { return t.UnixMilli() / time.Hour.Milliseconds() }

func dayOf(ms int64) int64 { return ms / (24 * time.Hour.Milliseconds()) }

// payload is what makes two events of one identity the same: everything that
// was reported, in whole milliseconds, or that there was no time.
func payload(e core.UsageEvent, body string) [16]byte {
	var digits [20]byte
	at := digits[:0]
	if !e.Time.IsZero() {
		at = strconv.AppendInt(at, e.Time.UnixMilli(), 10)
	}
	return digest(e.Type, e.Development, e.Unit, e.Visitor, string(at), body)
}

// digest hashes texts with their lengths, so that no two lists of texts give
// the same bytes.
func digest(texts ...string) [16]byte {
	var room [1024]byte
	b := room[:0]
	for _, text := range texts {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	sum := sha256.Sum256(b)
	return [16]byte(sum[:16])
}
