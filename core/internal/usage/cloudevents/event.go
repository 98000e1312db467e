package cloudevents

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/core/internal/usage/members"
)

// maxText is the length of an attribute, in bytes.
const maxText = 200

// assembly makes reports out of events, of which many have the same source.
type assembly struct{ source string }

// attributes are those of an event that count here; "" is one that isn't sent.
type attributes struct {
	specversion, id, source, kind, time, subject, contentType string
}

// target is where an attribute is kept, nil if it counts for nothing here.
func (at *attributes) target(name []byte) *string {
	switch string(name) {
	case "specversion":
		return &at.specversion
	case "id":
		return &at.id
	case "source":
		return &at.source
	case "type":
		return &at.kind
	case "time":
		return &at.time
	case "subject":
		return &at.subject
	case "datacontenttype":
		return &at.contentType
	}
	return nil
}

// report reads one event in JSON that a strict parser has accepted.
func (a *assembly) report(event []byte) usage.Report {
	var (
		problems      core.Problems
		at            attributes
		data, encoded []byte
	)
	for name, value := range members.All(event) {
		if string(name) == "data" {
			data = value
			continue
		}
		if value[0] == 'n' { // an attribute of null isn't set
			continue
		}
		if string(name) == "data_base64" {
			encoded = value
			continue
		}
		target := at.target(name)
		switch {
		case target == nil: // an extension
		case value[0] != '"':
			problems.Add(string(name), "", "is not text")
		case len(value) == 2:
			problems.Add(string(name), "", "is empty")
		case target == &at.source:
			at.source = a.shared(members.Text(value))
		default:
			*target = string(members.Text(value))
		}
	}
	if encoded != nil {
		data = decoded(&problems, data, encoded)
	}
	return finish(problems, at, data)
}

// shared is the text of the event before where that is the same.
func (a *assembly) shared(source []byte) string {
	if a.source != string(source) {
		a.source = string(source)
	}
	return a.source
}

// decoded is the data within data_base64, which has to be JSON as well.
func decoded(problems *core.Problems, data, encoded []byte) []byte {
	if data != nil {
		problems.Add("data_base64", "", "stands beside data; send one of them")
		return nil
	}
	if encoded[0] != '"' {
		problems.Add("data_base64", "", "is not text")
		return nil
	}
	text := members.Text(encoded)
	plain := make([]byte, base64.StdEncoding.DecodedLen(len(text)))
	n, err := base64.StdEncoding.Decode(plain, text)
	if err != nil {
		problems.Add("data_base64", "", "is not base64")
		return nil
	}
	if plain = plain[:n]; !jsontext.Value(plain).IsValid() {
		problems.Add("data_base64", "", "is not JSON")
		return nil
	}
	return plain
}

// finish checks attributes and holds valid data against the catalogue.
func finish(problems core.Problems, at attributes, data []byte) usage.Report {
	if data = bytes.TrimSpace(data); string(data) == "null" {
		data = nil
	}
	r := usage.Report{Event: core.UsageEvent{Source: at.source, ID: at.id, Type: at.kind, Data: data}}
	if at.specversion != "1.0" {
		refuse(&problems, "specversion", at.specversion, "is not 1.0")
	}
	name(&problems, "id", at.id)
	name(&problems, "source", at.source)
	name(&problems, "type", at.kind)
	if at.time != "" {
		var reason string
		if r.Event.Time, reason = moment(at.time); reason != "" {
			refuse(&problems, "time", at.time, reason)
		}
	}
	if at.subject != "" {
		subject, reason := catalogue.ParseSubject(at.subject)
		if reason != "" {
			problems.Add("subject", "", reason)
		}
		r.Event.Development, r.Event.Unit, r.Event.Visitor = subject.Development, subject.Unit, subject.Homeowner
	}
	if data != nil && !isJSON(at.contentType) {
		refuse(&problems, "datacontenttype", at.contentType, "is not JSON")
	}
	if !unread(problems) {
		verdict := catalogue.JudgeValid(at.kind, data)
		problems, r.Hold = append(problems, verdict.Fields...), usage.Hold(verdict.Hold)
	}
	if len(problems) > 0 {
		r.Fields, r.Hold = problems, usage.HoldNone
	}
	return r
}

// unread reports whether there is data that could not be read.
func unread(problems core.Problems) bool {
	return slices.ContainsFunc(problems, func(p core.FieldError) bool { return strings.HasPrefix(p.Field, "data") })
}

// refuse names an attribute once: what has been found wrong with it before
// also leaves it without a value.
func refuse(problems *core.Problems, field, value, reason string) {
	if slices.ContainsFunc(*problems, func(p core.FieldError) bool { return p.Field == field }) {
		return
	}
	if value == "" {
		reason = "is missing"
	}
	problems.Add(field, value[:min(len(value), 80)], reason)
}

// name checks an attribute that every event has.
func name(problems *core.Problems, field, value string) {
	switch {
	case value == "":
		refuse(problems, field, "", "")
	case len(value) > maxText:
		problems.Add(field, "", "is longer than 200 bytes")
	case strings.ContainsFunc(value, unicode.IsControl):
		problems.Add(field, "", "holds a control character")
	}
}

// moment reads a time as RFC 3339 has it, small letters included.
func moment(text string) (t time.Time, reason string) {
	err := t.UnmarshalText([]byte(text))
	if err != nil {
		text = strings.ToUpper(text)
		err = t.UnmarshalText([]byte(text))
	}
	if err != nil || !strict(text) {
		return time.Time{}, "is not a time as in RFC 3339, 2026-11-22T10:00:00Z"
	}
	if t = t.UTC(); t.Year() < 2000 || t.Year() > 9999 {
		return time.Time{}, "is not a moment of this century"
	}
	return t, ""
}

// strict refuses what Go reads as a time and RFC 3339 doesn't: hours of one
// digit, fractions behind a comma, zones a day away.
func strict(text string) bool {
	zone := text[len(text)-6:]
	return text[13] == ':' && !strings.Contains(text, ",") && (text[len(text)-1] == 'Z' || zone[1:3] <= "23" && zone[4:] <= "59")
}
