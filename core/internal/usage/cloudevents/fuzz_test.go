package cloudevents_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"

	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/cloudevents"
)

// sound checks what holds for every report, whatever was sent.
func sound(t *testing.T, reports []usage.Report) {
	t.Helper()
	for _, r := range reports {
		e := r.Event
		if len(r.Fields) > 0 {
			if r.Hold != usage.HoldNone {
				t.Errorf("wrong and held: %+v", r)
			}
			continue
		}
		for _, text := range []string{e.Source, e.ID, e.Type, e.Development, e.Unit, e.Visitor, string(e.Data)} {
			if !utf8.ValidString(text) {
				t.Errorf("%q is not valid text", text)
			}
		}
		if e.Source == "" || e.ID == "" || e.Type == "" || max(len(e.Source), len(e.ID), len(e.Type), len(e.Visitor)) > 200 || len(e.Data) > 64<<10 {
			t.Errorf("past the limits: %+v", r)
		}
		if year := e.Time.Year(); !e.Time.IsZero() && (year < 2000 || year > 9999) {
			t.Errorf("of no century: %v", e.Time)
		}
		if len(e.Data) > 0 && !json.Valid(e.Data) {
			t.Errorf("%q is not JSON", e.Data)
		}
	}
}

// encode writes a report as an event again.
func encode(t *testing.T, e usage.Report) []byte {
	t.Helper()
	members := map[string]any{"specversion": "1.0", "id": e.Event.ID, "source": e.Event.Source, "type": e.Event.Type}
	if !e.Event.Time.IsZero() {
		members["time"] = e.Event.Time
	}
	subject := ""
	for _, part := range [][2]string{{"/development/", e.Event.Development}, {"/unit/", e.Event.Unit}, {"/homeowner/", e.Event.Visitor}} {
		if part[1] != "" {
			subject += part[0] + part[1]
		}
	}
	if subject != "" {
		members["subject"] = subject[1:]
	}
	if e.Event.Data != nil {
		members["data"] = "DATA"
	}
	body, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	if e.Event.Data != nil { // as it is, since Marshal would write it anew
		data := `{"data":` + string(e.Event.Data) + ","
		delete(members, "data")
		if body, err = json.Marshal(members); err != nil {
			t.Fatal(err)
		}
		body = append([]byte(data), body[1:]...)
	}
	return body
}

func stable(t *testing.T, reports []usage.Report) {
	t.Helper()
	for _, r := range reports {
		if len(r.Fields) > 0 {
			continue
		}
		body := encode(t, r)
		again, err := cloudevents.Decode(cloudevents.Structured, none, body)
		if err != nil || len(again) != 1 || !reflect.DeepEqual(again[0], r) {
			t.Errorf("%s\n was %+v\n now %+v (%v)", body, r, again, err)
		}
	}
}

func FuzzDecodeBatch(f *testing.F) {
	f.Add([]byte("[" + event() + "," + event("subject", `"homeowner/p-1"`, "data", "", "data_base64", `"eyJraW5kIjoic2RrIn0="`) + `,{"id":"a","id":1},7]`))
	f.Add([]byte("[]"))
	f.Fuzz(func(t *testing.T, body []byte) {
		reports, err := cloudevents.Decode(cloudevents.Batched, none, body)
		var array []json.RawMessage
		if json.Unmarshal(body, &array) == nil && array != nil {
			if err == nil && len(reports) != len(array) {
				t.Errorf("%d events made %d reports", len(array), len(reports))
			}
		} else if err == nil {
			t.Errorf("no array, and yet %+v", reports)
		}
		sound(t, reports)
		stable(t, reports)
	})
}

func FuzzDecodeStructured(f *testing.F) {
	f.Add([]byte(event()))
	f.Add([]byte(event("time", `"2026-11-22t10:00:00.5+05:30"`, "subject", `"development/`+site+`/unit/`+home+`"`)))
	f.Fuzz(func(t *testing.T, body []byte) {
		reports, err := cloudevents.Decode(cloudevents.Structured, none, body)
		if (err == nil) != (len(reports) == 1) {
			t.Errorf("%+v, %v", reports, err)
		}
		sound(t, reports)
		stable(t, reports)
	})
}

func FuzzDecodeBinary(f *testing.F) {
	f.Add("1.0", "e-1", "/portals/leeds", "ai.openhouse.map.loaded", "2026-11-22T10:00:00Z", "unit/"+home, []byte(`{"kind":"sdk"}`))
	f.Add("1.0", "%C3%A9", `"a\"b"`, "ai.openhouse.chat.sent", "", "", []byte{})
	f.Fuzz(func(t *testing.T, version, id, source, kind, at, subject string, body []byte) {
		headers := map[string]string{"ce-specversion": version, "ce-id": id, "ce-source": source, "ce-type": kind, "ce-time": at, "ce-subject": subject}
		reports, err := cloudevents.Decode("application/json", func(name string) string { return headers[name] }, body)
		if (err == nil) != (len(reports) == 1) {
			t.Errorf("%+v, %v", reports, err)
		}
		sound(t, reports)
		stable(t, reports)
	})
}
