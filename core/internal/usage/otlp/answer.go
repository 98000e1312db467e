package otlp

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"google.golang.org/protobuf/encoding/protowire"
)

// Answer is the body of an ExportTraceServiceResponse in the encoding of the
// request. When spans were rejected, or there is something to say, it has a
// partial success, after which an exporter sends nothing again.
func Answer(contentType string, rejected int, message string) []byte {
	partial := rejected > 0 || message != ""
	message = strings.ToValidUTF8(message, "\uFFFD")
	if encodingOf(contentType) == JSON {
		if !partial {
			return []byte("{}")
		}
		return []byte(`{"partialSuccess":{"rejectedSpans":"` + strconv.Itoa(rejected) + `","errorMessage":` + quoted(message) + "}}")
	}
	if !partial {
		return []byte{}
	}
	var inside []byte
	inside = protowire.AppendTag(inside, 1, protowire.VarintType)
	inside = protowire.AppendVarint(inside, uint64(rejected))
	inside = protowire.AppendTag(inside, 2, protowire.BytesType)
	inside = protowire.AppendString(inside, message)
	return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), inside)
}

// Refusal is the body of a google.rpc.Status for an HTTP status, in the
// encoding of the request, or in Protobuf if that is none.
func Refusal(contentType string, status int, message string) []byte {
	code, ok := codes[status]
	if !ok {
		code = unknown
	}
	message = strings.ToValidUTF8(message, "\uFFFD")
	if encodingOf(contentType) == JSON {
		return []byte(`{"code":` + strconv.Itoa(code) + `,"message":` + quoted(message) + "}")
	}
	b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(code))
	return protowire.AppendString(protowire.AppendTag(b, 2, protowire.BytesType), message)
}

// codes are google.rpc.Code of HTTP statuses; unknown is that of all others.
const unknown = 2

var codes = map[int]int{
	http.StatusBadRequest:            3, // INVALID_ARGUMENT
	http.StatusUnprocessableEntity:   3,
	http.StatusUnsupportedMediaType:  3,
	http.StatusNotFound:              5, // NOT_FOUND
	http.StatusForbidden:             7, // PERMISSION_DENIED
	http.StatusRequestEntityTooLarge: 8, // RESOURCE_EXHAUSTED
	http.StatusTooManyRequests:       8,
	http.StatusInternalServerError:   13, // INTERNAL
	http.StatusServiceUnavailable:    14, // UNAVAILABLE
	http.StatusUnauthorized:          16, // UNAUTHENTICATED
}

// quoted is a message as JSON says it. What isn't UTF-8 in it is replaced,
// which is the error that is of no interest here.
func quoted(message string) string {
	text, _ := jsontext.AppendQuote(nil, message)
	return string(text)
}
