// Package cloudevents reads usage events out of requests that hold CloudEvents
// 1.0 in one of the three modes of its HTTP binding.
package cloudevents

import (
	"bytes"
	"mime"
	"strings"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
)

// Limits of a request.
const (
	MaxEvents = 5000
	MaxBytes  = 5 << 20
)

// Media types of the structured and the batched mode.
const (
	Structured = "application/cloudevents+json"
	Batched    = "application/cloudevents-batch+json"
)

// Requests that hold too much, and those that aren't CloudEvents at all. Doors
// tell them apart from others that are invalid: they answer 413 and 415.
var (
	ErrTooLarge  = core.Errorf(core.Invalid, "A request holds at most 5,000 events and 5 MiB.")
	ErrMediaType = core.Errorf(core.Invalid, "Send CloudEvents as %s or %s, or one event in binary mode: ce- headers and a JSON body.", Structured, Batched)
)

// Batch reports whether a request of the content type holds a batch, which is
// answered event by event.
func Batch(contentType string) bool { return mediaType(contentType) == Batched }

// Decode reads the events of a request in the order in which they were sent; a
// structured or binary request has exactly one. A header that the request
// doesn't have is "". What is wrong with one event is among its Fields.
// Returns ErrTooLarge, ErrMediaType, or invalid when the body can't be read as
// a whole. Nothing of what it returns points into the body.
func Decode(contentType string, header func(name string) string, body []byte) ([]usage.Report, error) {
	if len(body) > MaxBytes {
		return nil, ErrTooLarge
	}
	body = bytes.Clone(body)
	switch media := mediaType(contentType); {
	case media == Structured:
		return decodeStructured(body)
	case media == Batched:
		return decodeBatch(body)
	case strings.HasPrefix(media, "application/cloudevents"):
		return nil, ErrMediaType
	case header("ce-specversion") == "" && header("ce-id") == "" && header("ce-type") == "":
		return nil, ErrMediaType
	case len(body) > 0 && !isJSON(contentType):
		return nil, ErrMediaType
	}
	return []usage.Report{decodeBinary(header, body)}, nil
}

// mediaType is the type without its parameters, "" if it isn't one in UTF-8.
func mediaType(contentType string) string {
	switch contentType {
	case Structured, Batched: // as nearly everybody sends them
		return contentType
	}
	media, parameters, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	switch strings.ToLower(parameters["charset"]) {
	case "", "utf-8", "utf8", "us-ascii":
		return media
	}
	return ""
}

// isJSON reports whether data of the content type is JSON, as it is when
// nothing is said.
func isJSON(contentType string) bool {
	if contentType == "" || contentType == "application/json" {
		return true
	}
	media := mediaType(contentType)
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}
