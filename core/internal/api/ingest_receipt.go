package api

import (
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/openhouse-ai/console/core/internal/usage"
)

// appendReceipt writes a receipt as the type receipt documents it, without
// reflection: it is most of what answering a batch costs.
func appendReceipt(b []byte, r usage.Receipt) []byte {
	b = appendCount(b, `{"received":`, r.Received)
	b = appendCount(b, `,"accepted":`, r.Accepted)
	b = appendCount(b, `,"duplicate":`, r.Duplicate)
	b = appendCount(b, `,"conflict":`, r.Conflict)
	b = appendCount(b, `,"invalid":`, r.Invalid)
	b = appendCount(b, `,"quarantined":`, r.Quarantined)
	b = append(b, `,"results":[`...)
	for i, result := range r.Results {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendResult(b, result)
	}
	return append(b, "]}"...)
}

func appendResult(b []byte, r usage.Result) []byte {
	b = appendText(b, `{"source":`, r.Source)
	b = appendText(b, `,"id":`, r.ID)
	b = appendText(b, `,"outcome":`, string(r.Outcome))
	b = appendCount(b, `,"status":`, outcomes[r.Outcome])
	for i, f := range r.Fields {
		if i == 0 {
			b = append(b, `,"fields":[`...)
		} else {
			b = append(b, ',')
		}
		b = appendText(b, `{"field":`, f.Field)
		b = appendText(b, `,"reason":`, f.Reason)
		b = append(b, '}')
	}
	if len(r.Fields) > 0 {
		b = append(b, ']')
	}
	if r.Hold != usage.HoldNone {
		b = appendText(b, `,"hold":`, string(r.Hold))
	}
	return append(b, '}')
}

func appendCount(b []byte, name string, n int) []byte {
	return strconv.AppendInt(append(b, name...), int64(n), 10)
}

// appendText writes a text, with what is no UTF-8 in it replaced.
func appendText(b []byte, name, text string) []byte {
	b, _ = jsontext.AppendQuote(append(b, name...), text) // the error says that something was replaced
	return b
}
