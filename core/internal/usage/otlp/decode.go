package otlp

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage/catalogue"
	"github.com/openhouse-ai/console/core/internal/usage/members"
)

// Decode reads the spans of a request whose body is as it came: packed, if the
// content encoding says so. Returns ErrTooLarge, ErrMediaType, or invalid when
// the body can't be read as a whole; what is wrong with one span is among the
// Fields of its report. Nothing of what it returns points into the body.
func Decode(contentType, contentEncoding string, body []byte) (Spans, error) {
	encoding := encodingOf(contentType)
	if encoding == "" {
		return Spans{}, ErrMediaType
	}
	body, err := unpacked(contentEncoding, body)
	if err != nil {
		return Spans{}, err
	}
	request := ptraceotlp.NewExportRequest()
	switch encoding {
	case JSON:
		if err = checkJSON(body); err == nil {
			err = request.UnmarshalJSON(body)
		}
	default:
		if err = checkProtobuf(body); err == nil {
			err = request.UnmarshalProto(body)
		}
	}
	switch {
	case err == ErrTooLarge:
		return Spans{}, err
	case err != nil:
		return Spans{}, core.Errorf(core.Invalid, "The body can't be read: %s.", strings.ToValidUTF8(catalogue.Explain(err), "\uFFFD"))
	}
	return spansOf(request.Traces())
}

// unpacked is the body without its packing.
func unpacked(contentEncoding string, body []byte) ([]byte, error) {
	switch strings.ToLower(contentEncoding) {
	case "", "identity":
	case "gzip", "x-gzip":
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err == nil {
			body, err = io.ReadAll(io.LimitReader(r, MaxBytes+1))
		}
		if err != nil {
			return nil, core.Errorf(core.Invalid, "The body can't be unpacked: %v.", err)
		}
	default:
		return nil, ErrMediaType
	}
	if len(body) > MaxBytes {
		return nil, ErrTooLarge
	}
	return body, nil
}

// checkJSON holds JSON to its grammar and to our limits, since the reader that
// comes after it is lenient about both.
func checkJSON(body []byte) error {
	if !jsontext.Value(body).IsValid() {
		if _, err := jsontext.NewDecoder(bytes.NewReader(body)).ReadValue(); err != nil {
			return err
		}
		return core.Errorf(core.Invalid, "something follows its JSON value")
	}
	if body = bytes.TrimSpace(body); body[0] != '{' {
		return core.Errorf(core.Invalid, "it is not a JSON object")
	}
	if nodes, depth := members.Shape(body); nodes > maxNodes || depth > maxDepth {
		return ErrTooLarge
	}
	return nil
}
