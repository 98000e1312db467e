package cloudevents

import (
	"bytes"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
)

func decodeStructured(body []byte) ([]usage.Report, error) {
	if !jsontext.Value(body).IsValid() {
		return nil, unreadable(body)
	}
	if body = bytes.TrimSpace(body); body[0] != '{' {
		return nil, core.Errorf(core.Invalid, "The body is not a JSON object.")
	}
	var a assembly
	return []usage.Report{a.report(body)}, nil
}

// unreadable says where the body stops being JSON.
func unreadable(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	if _, err := d.ReadValue(); err != nil {
		return core.Errorf(core.Invalid, "The body can't be read: %s.", catalogue.Explain(err))
	}
	return core.Errorf(core.Invalid, "The body holds something behind its JSON value, at byte %d.", d.InputOffset())
}

// decodeBatch reads an array of events. The strict reading stops at the first
// event with a name twice or a text that isn't UTF-8; only then is the array
// read again, so that such an event spoils no other.
func decodeBatch(body []byte) ([]usage.Report, error) {
	reports, err := readBatch(body, true)
	if err != nil && err != ErrTooLarge {
		reports, err = readBatch(body, false)
	}
	return reports, err
}

func readBatch(body []byte, strict bool) ([]usage.Report, error) {
	// A decoder reads a buffer where it is, and copies any other reader.
	d := jsontext.NewDecoder(bytes.NewBuffer(body), jsontext.AllowDuplicateNames(!strict), jsontext.AllowInvalidUTF8(!strict))
	if d.PeekKind() != '[' {
		if _, err := d.ReadValue(); err != nil {
			return nil, unreadable(body)
		}
		return nil, core.Errorf(core.Invalid, "The body is not a JSON array.")
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, unreadable(body)
	}
	reports := make([]usage.Report, 0, min(MaxEvents, 1+len(body)/400))
	var a assembly
	for d.PeekKind() != ']' {
		event, err := d.ReadValue()
		if err != nil {
			return nil, core.Errorf(core.Invalid, "The body can't be read: %s.", catalogue.Explain(err))
		}
		if len(reports) == MaxEvents {
			return nil, ErrTooLarge
		}
		switch end := d.InputOffset(); {
		case !strict && !event.IsValid():
			_, err := jsontext.NewDecoder(bytes.NewReader(event)).ReadValue()
			reports = append(reports, usage.Report{Fields: []core.FieldError{{Field: "event", Reason: "can't be read: " + catalogue.Explain(err)}}})
		case event.Kind() != '{':
			reports = append(reports, usage.Report{Fields: []core.FieldError{{Field: "event", Reason: "is not an object"}}})
		default:
			reports = append(reports, a.report(body[end-int64(len(event)):end]))
		}
	}
	if _, err := d.ReadToken(); err != nil {
		return nil, core.Errorf(core.Invalid, "The body can't be read: %s.", catalogue.Explain(err))
	}
	if rest := bytes.TrimLeft(body[d.InputOffset():], " \r\n\t"); len(rest) > 0 {
		return nil, core.Errorf(core.Invalid, "The body holds something behind its array, at byte %d.", len(body)-len(rest))
	}
	return reports, nil
}
