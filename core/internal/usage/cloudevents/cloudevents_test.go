package cloudevents_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/cloudevents"
)

const (
	site = "dvt_0123456789abcdefghijklmnop"
	home = "unt_0123456789abcdefghijklmnop"
)

// event is one in JSON, with members in place of its own or added to them; an
// empty one is left out.
func event(changes ...string) string {
	members := [][2]string{
		{"specversion", `"1.0"`}, {"id", `"e-1"`}, {"source", `"/portals/leeds"`}, {"type", `"ai.openhouse.map.loaded"`},
		{"time", `"2026-11-22T10:00:00Z"`}, {"data", `{"kind":"static"}`},
	}
	for i := 0; i < len(changes); i += 2 {
		found := false
		for at := range members {
			if members[at][0] == changes[i] {
				members[at][1], found = changes[i+1], true
			}
		}
		if !found {
			members = append(members, [2]string{changes[i], changes[i+1]})
		}
	}
	var parts []string
	for _, m := range members {
		if m[1] != "" {
			parts = append(parts, fmt.Sprintf("%q: %s", m[0], m[1]))
		}
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func none(string) string { return "" }

func said(fields []core.FieldError) string {
	var parts []string
	for _, f := range fields {
		parts = append(parts, f.Field+" "+f.Reason)
	}
	return strings.Join(parts, "; ")
}

func TestStructured(t *testing.T) {
	t.Parallel()
	for _, media := range []string{cloudevents.Structured, "application/cloudevents+json; charset=UTF-8", "Application/CloudEvents+JSON"} {
		reports, err := cloudevents.Decode(media, none, []byte(" "+event(
			"subject", `"development/`+site+`/unit/`+home+`/homeowner/p-7"`, "time", `"2026-11-22T11:00:00.1234567+01:00"`,
			"datacontenttype", `"application/json"`, "dataschema", `"urn:x"`, "myextension", `{"any":["thing"]}`)+"\n"))
		if err != nil || len(reports) != 1 {
			t.Fatalf("%s: %v %v", media, reports, err)
		}
		e := reports[0].Event
		at := time.Date(2026, 11, 22, 10, 0, 0, 123456700, time.UTC)
		if said(reports[0].Fields) != "" || reports[0].Hold != usage.HoldNone || e.Source != "/portals/leeds" || e.ID != "e-1" ||
			e.Type != "ai.openhouse.map.loaded" || e.Development != site || e.Unit != home || e.Visitor != "p-7" ||
			!e.Time.Equal(at) || string(e.Data) != `{"kind":"static"}` {
			t.Errorf("%s: %+v", media, reports[0])
		}
	}
}

// TestEvents goes through the rules of CloudEvents 1.0, and of the catalogue.
func TestEvents(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a", 201)
	for _, test := range []struct{ name, event, want string }{
		{"as it should be", event(), ""},
		{"escapes in names and texts", strings.Replace(event("id", `"\u0065-1"`), `"id"`, `"\u0069d"`, 1), ""},
		{"null is not set", event("subject", `null`, "time", `null`, "datacontenttype", `null`, "data_base64", `null`), ""},
		{"nothing at all", `{}`, "specversion is missing; id is missing; source is missing; type is missing"},
		{"required and null", event("id", `null`), "id is missing"},
		{"required and empty", event("id", `""`, "source", `""`), "id is empty; source is empty"},
		{"optional and empty", event("subject", `""`), "subject is empty"},
		{"another version", event("specversion", `"0.3"`), "specversion is not 1.0"},
		{"a number as a version", event("specversion", `1.0`), "specversion is not text"},
		{"a number as an id", event("id", `7`), "id is not text"},
		{"an object as a time", event("time", `{}`), "time is not text"},
		{"a long id", event("id", `"`+long+`"`), "id is longer than 200 bytes"},
		{"a long source", event("source", `"`+long+`"`), "source is longer than 200 bytes"},
		{"a long type", event("type", `"`+long+`"`), "type is longer than 200 bytes"},
		{"NUL", event("source", `"/a\u0000"`), "source holds a control character"},
		{"time without a zone", event("time", `"2026-11-22T10:00:00"`), "time is not a time as in RFC 3339, 2026-11-22T10:00:00Z"},
		{"time without a time", event("time", `"2026-11-22"`), "time is not a time as in RFC 3339, 2026-11-22T10:00:00Z"},
		{"a day that isn't", event("time", `"2026-02-29T10:00:00Z"`), "time is not a time as in RFC 3339, 2026-11-22T10:00:00Z"},
		{"time in small letters", event("time", `"2026-11-22t10:00:00.5z"`), ""},
		{"a comma", event("time", `"2026-11-22T10:00:00,5Z"`), "time is not a time as in RFC 3339, 2026-11-22T10:00:00Z"},
		{"an hour of one digit", event("time", `"2026-11-22T1:00:00.00Z"`), "time is not a time as in RFC 3339, 2026-11-22T10:00:00Z"},
		{"a zone of a day", event("time", `"2026-11-22T10:00:00+24:00"`), "time is not a time as in RFC 3339, 2026-11-22T10:00:00Z"},
		{"another century", event("time", `"1999-12-31T23:59:59.999Z"`), "time is not a moment of this century"},
		{"another century by its zone", event("time", `"2000-01-01T00:00:00+01:00"`), "time is not a moment of this century"},
		{"this one by its zone", event("time", `"1999-12-31T23:00:00-01:00"`), ""},
		{"past 9999", event("time", `"9999-12-31T23:59:59-01:00"`), "time is not a moment of this century"},
		{"a subject of another form", event("subject", `"tenant/t_42"`), "subject is not of the form development/dvt_…/unit/unt_…/homeowner/PSEUDONYM"},
		{"data that isn't JSON", event("datacontenttype", `"text/plain"`, "data", `"a"`), "datacontenttype is not JSON"},
		{"no data to be JSON", event("type", `"ai.openhouse.chat.sent"`, "datacontenttype", `"text/plain"`, "data", ""), ""},
		{"JSON by its suffix", event("datacontenttype", `"application/usage+json; charset=utf-8"`), ""},
		{"wrong data", event("data", `{"kind":"paper","count":-1}`), "data.kind is none of dynamic, static, tiles, embed, sdk; data.count is negative"},
		{"no data", event("data", ""), "data.kind is missing"},
		{"data in base64", event("data", "", "data_base64", `"eyJraW5kIjoic2RrIn0="`), ""},
		{"wrong data in base64", event("data", "", "data_base64", `"e30="`), "data.kind is missing"},
		{"not base64", event("data", "", "data_base64", `"!"`), "data_base64 is not base64"},
		{"a number of base64", event("data", "", "data_base64", `4`), "data_base64 is not text"},
		{"base64 of a picture", event("data", "", "data_base64", `"iVBORw0KGgo="`), "data_base64 is not JSON"},
		{"data twice", event("data_base64", `"e30="`), "data_base64 stands beside data; send one of them"},
		{"data too long", event("data", `"`+strings.Repeat("a", 64<<10)+`"`), "data is longer than 64 KiB"},
		{"data of a depth", event("data", `{"mine":`+strings.Repeat("[", 200)+strings.Repeat("]", 200)+"}"), "data is nested deeper than 100 levels"},
	} {
		for _, request := range []struct{ media, body string }{
			{cloudevents.Structured, test.event}, {cloudevents.Batched, "[" + event() + "," + test.event + "," + event() + "]"},
		} {
			reports, err := cloudevents.Decode(request.media, none, []byte(request.body))
			if err != nil {
				t.Errorf("%s as %s: %v", test.name, request.media, err)
				continue
			}
			of := reports[len(reports)/2]
			if got := said(of.Fields); got != test.want || of.Hold != usage.HoldNone {
				t.Errorf("%s as %s:\n got %s %s\nwant %s", test.name, request.media, got, of.Hold, test.want)
			}
			for _, other := range []usage.Report{reports[0], reports[len(reports)-1]} {
				if len(reports) > 1 && len(other.Fields) > 0 {
					t.Errorf("%s spoils another event: %s", test.name, said(other.Fields))
				}
			}
		}
	}
}

func TestHolds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		event string
		want  usage.Hold
	}{
		{event("type", `"ai.openhouse.tea.made"`, "data", `[1]`), usage.HoldUnknownType},
		{event("type", `"ai.openhouse.tea.made"`, "data", ``), usage.HoldUnknownType},
		{event("type", `"ai.openhouse.tea.made"`, "id", ``), usage.HoldNone},
		{event("type", `"ai.openhouse.llm.called"`, "data", `{"provider":"o","model":"m","prompt_tokens":1,"cached_tokens":2,"completion_tokens":0}`), usage.HoldTokens},
	} {
		reports, err := cloudevents.Decode(cloudevents.Structured, none, []byte(test.event))
		if err != nil || reports[0].Hold != test.want {
			t.Errorf("%s: %+v %v, want %q", test.event, reports, err, test.want)
		}
	}
}

// TestBatches says which requests fail as a whole, and which event by event.
func TestBatches(t *testing.T) {
	t.Parallel()
	const broken = "event can't be read: "
	for _, test := range []struct{ name, body, want string }{
		{"empty", `[]`, ""},
		{"white space", " [ \n] ", ""},
		{"one", "[" + event() + "]", "ok"},
		{"not events", `[1, null, "a", [], ` + event() + `]`, "event is not an object|event is not an object|event is not an object|event is not an object|ok"},
		{"a name twice", "[" + event() + `, {"id":"a","id":"b"}, ` + event() + "]", "ok|" + broken + "duplicate object member name at byte 10|ok"},
		{"a name twice within data", "[" + event("data", `{"kind":"sdk","kind":"tiles"}`) + "," + event() + "]", broken + "duplicate object member name at byte 153|ok"},
		{"not UTF-8", "[" + event("id", "\"\xff\"") + "," + event() + "]", broken + "invalid UTF-8 at byte 30|ok"},
		{"half a surrogate", "[" + event("id", `"\ud800"`) + "," + event() + "]", broken + `invalid surrogate pair "\\ud800\", \"so" in string at byte 30|ok`},
	} {
		reports, err := cloudevents.Decode(cloudevents.Batched, none, []byte(test.body))
		var got []string
		for _, r := range reports {
			got = append(got, said(r.Fields))
			if got[len(got)-1] == "" {
				got[len(got)-1] = "ok"
			}
		}
		if err != nil || strings.Join(got, "|") != test.want {
			t.Errorf("%s:\n got %s (%v)\nwant %s", test.name, strings.Join(got, "|"), err, test.want)
		}
	}
	for _, test := range []struct{ name, media, body, want string }{
		{"nothing", cloudevents.Batched, ``, "The body can't be read: it is empty."},
		{"an event", cloudevents.Batched, event(), "The body is not a JSON array."},
		{"cut off", cloudevents.Batched, `[{"id":"a"}`, "The body can't be read: unexpected EOF at byte 11."},
		{"two arrays", cloudevents.Batched, `[] []`, "The body holds something behind its array, at byte 3."},
		{"a comma too many", cloudevents.Batched, `[{},]`, "The body can't be read: invalid character ',' at start of value at byte 3."},
		{"depth", cloudevents.Batched, strings.Repeat("[", 1<<20), "The body can't be read: exceeded max depth at byte 10000."},
		{"nothing", cloudevents.Structured, ``, "The body can't be read: it is empty."},
		{"an array", cloudevents.Structured, `[]`, "The body is not a JSON object."},
		{"two events", cloudevents.Structured, `{} {}`, "The body holds something behind its JSON value, at byte 2."},
		{"a name twice", cloudevents.Structured, `{"id":"a","id":"b"}`, "The body can't be read: duplicate object member name at byte 10."},
		{"XML", cloudevents.Structured, `<event/>`, "The body can't be read: invalid character '<' at start of value at byte 0."},
	} {
		reports, err := cloudevents.Decode(test.media, none, []byte(test.body))
		if reports != nil || core.CodeOf(err) != core.Invalid || err.Error() != test.want {
			t.Errorf("%s:\n got %v %v\nwant %s", test.name, reports, err, test.want)
		}
	}
}

func TestBinary(t *testing.T) {
	t.Parallel()
	right := map[string]string{
		"ce-specversion": "1.0", "ce-id": "e-1", "ce-source": "/portals/leeds", "ce-type": "ai.openhouse.map.loaded",
		"ce-time": "2026-11-22T10:00:00Z", "ce-subject": "unit/" + home, "ce-myextension": "x",
	}
	for _, test := range []struct{ name, media, header, value, body, id, want string }{
		{"as it should be", "application/json", "", "", `{"kind":"sdk"}`, "e-1", ""},
		{"charset", "application/json; charset=utf-8", "", "", `{"kind":"sdk"}`, "e-1", ""},
		{"no content type", "", "", "", `{"kind":"sdk"}`, "e-1", ""},
		{"percent", "application/json", "ce-id", "%C3%A9%20%22%25%22", `{"kind":"sdk"}`, `é "%"`, ""},
		{"quotes", "application/json", "ce-id", `"a \"b\" %41"`, `{"kind":"sdk"}`, `a "b" A`, ""},
		{"percent for itself", "application/json", "ce-id", `100% %zz %4`, `{"kind":"sdk"}`, `100% %zz %4`, ""},
		{"not UTF-8", "application/json", "ce-id", "%ff", `{"kind":"sdk"}`, "", "id is not valid text"},
		{"NUL", "application/json", "ce-source", "%00", `{"kind":"sdk"}`, "e-1", "source holds a control character"},
		{"no id", "application/json", "ce-id", "", `{"kind":"sdk"}`, "", "id is missing"},
		{"no version", "application/json", "ce-specversion", "", `{"kind":"sdk"}`, "e-1", "specversion is missing"},
		{"no data", "", "", "", "", "e-1", "data.kind is missing"},
		{"broken data", "application/json", "", "", `{"kind":`, "e-1", "data is not JSON: unexpected EOF at byte 8"},
		{"a time", "application/json", "ce-time", "2026-11-22T10%3A00%3A00Z", `{"kind":"sdk"}`, "e-1", ""},
	} {
		header := func(name string) string {
			if name == test.header {
				return test.value
			}
			return right[name]
		}
		reports, err := cloudevents.Decode(test.media, header, []byte(test.body))
		if err != nil || len(reports) != 1 {
			t.Errorf("%s: %v %v", test.name, reports, err)
			continue
		}
		if got := reports[0]; said(got.Fields) != test.want || got.Event.ID != test.id || got.Event.Unit != home {
			t.Errorf("%s: %+v, want %s", test.name, got, test.want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	binary := func(string) string { return "1.0" }
	for _, test := range []struct {
		name, media string
		header      func(string) string
		body        []byte
		want        error
	}{
		{"no CloudEvents", "application/json", none, []byte("{}"), cloudevents.ErrMediaType},
		{"nothing said", "", none, nil, cloudevents.ErrMediaType},
		{"XML", "application/cloudevents+xml", binary, nil, cloudevents.ErrMediaType},
		{"another alphabet", cloudevents.Batched + "; charset=utf-16", none, []byte("[]"), cloudevents.ErrMediaType},
		{"a broken type", "application/cloudevents+json;;=", none, []byte("{}"), cloudevents.ErrMediaType},
		{"binary data", "image/png", binary, []byte{1}, cloudevents.ErrMediaType},
		{"bytes", cloudevents.Batched, none, append([]byte("[]"), make([]byte, 5<<20-1)...), cloudevents.ErrTooLarge},
		{"events", cloudevents.Batched, none, []byte("[" + strings.Repeat("{},", 5000) + "{}]"), cloudevents.ErrTooLarge},
	} {
		if _, err := cloudevents.Decode(test.media, test.header, test.body); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	most := []byte("[" + strings.Repeat("{},", 4999) + "{}" + strings.Repeat(" ", 5<<20-5000*3-1) + "]")
	if reports, err := cloudevents.Decode(cloudevents.Batched, none, most); err != nil || len(reports) != 5000 || len(most) != 5<<20 {
		t.Errorf("%d events in %d bytes: %d reports, %v", 5000, len(most), len(reports), err)
	}
	if !cloudevents.Batch(cloudevents.Batched+"; charset=utf-8") || cloudevents.Batch(cloudevents.Structured) || cloudevents.Batch(http.MethodPost) {
		t.Error("a batch is mistaken for something else")
	}
}

// TestOwnBytes lets the server use its buffer again.
func TestOwnBytes(t *testing.T) {
	t.Parallel()
	body := []byte("[" + event() + "]")
	reports, err := cloudevents.Decode(cloudevents.Batched, none, body)
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	if e := reports[0].Event; e.ID != "e-1" || string(e.Data) != `{"kind":"static"}` {
		t.Errorf("what was decoded has gone with the buffer: %+v", e)
	}
}
