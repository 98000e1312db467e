// Package otlp reads usage events out of OpenTelemetry's traces: the spans of
// calls to language models, as the GenAI conventions describe them, sent by
// OTLP/HTTP in Protobuf or JSON.
package otlp

import (
	"mime"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
)

// Limits of a request: its bytes, unpacked, and the spans in it that count.
const (
	MaxBytes = 64 << 20
	MaxSpans = 5000
)

// Media types of the two encodings.
const (
	Protobuf = "application/x-protobuf"
	JSON     = "application/json"
)

// Requests that hold too much, and those in no encoding that OTLP knows. Doors
// tell them apart from others that are invalid: they answer 413 and 415.
var (
	ErrTooLarge  = core.Errorf(core.Invalid, "A request holds at most 64 MiB, and 5,000 calls of models.")
	ErrMediaType = core.Errorf(core.Invalid, "Send traces as %s or %s, plain or packed with gzip.", Protobuf, JSON)
)

// Spans are what a request holds.
type Spans struct {
	Reports []usage.Report // one for each span of a model's call, in their order
	Ignored int            // spans of anything else
}

// Rejected counts what an exporter is told of as rejected: spans that were
// invalid or in conflict. The message says why for the first of them. Those in
// quarantine are kept, and so not among them.
func Rejected(receipt usage.Receipt) (n int, message string) {
	for _, r := range receipt.Results {
		switch {
		case len(r.Fields) > 0 && message == "":
			message = "Span " + r.ID + ": " + r.Fields[0].Field + " " + r.Fields[0].Reason + "."
		case r.Outcome == usage.Conflict && message == "":
			message = "Span " + r.ID + ": another one of the same id was reported before."
		}
	}
	return receipt.Invalid + receipt.Conflict, message
}

// encodingOf is Protobuf or JSON, "" for any other content type.
func encodingOf(contentType string) string {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	switch strings.ToLower(media) {
	case Protobuf:
		return Protobuf
	case JSON:
		return JSON
	}
	return ""
}
