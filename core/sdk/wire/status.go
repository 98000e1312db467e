package wire

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/openhouse-ai/console/core"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Limits of what an error carries, in bytes: it travels in headers.
const (
	maxText   = 8 << 10
	maxFields = 64 << 10
	maxStack  = 32 << 10
)

// Fault is a failure of the other side that no person reads: its text and the
// stack of a panic are for the log. Its code is core.Internal.
type Fault struct {
	Text  string
	Stack string // of a panic
}

func (f *Fault) Error() string { return f.Text }

// statuses are the gRPC codes of core's; the detail carries the exact one.
var statuses = map[core.Code]codes.Code{
	core.Invalid:         codes.InvalidArgument,
	core.NotFound:        codes.NotFound,
	core.Conflict:        codes.Aborted,
	core.Forbidden:       codes.PermissionDenied,
	core.Unauthenticated: codes.Unauthenticated,
	core.Unavailable:     codes.Unavailable,
	core.Internal:        codes.Internal,
}

// ToStatus makes err an error that gRPC carries whole: a core.Error with its
// code, sentence and fields, a Fault with its stack, the end of a context as
// what it is, and anything else as a text for the log.
func ToStatus(err error) error {
	if err == nil {
		return nil
	}
	detail := &Error{Message: cut(err.Error(), maxText)}
	code := codes.Internal
	if e, ok := errors.AsType[*core.Error](err); ok {
		code = statuses[e.Code]
		if code == codes.OK {
			code = codes.Unknown
		}
		detail.Code, detail.Message, detail.Fields = string(e.Code), cut(e.Message, maxText), fieldsOf(e)
	} else if f, ok := errors.AsType[*Fault](err); ok {
		detail.Stack = cut(f.Stack, maxStack)
	} else if errors.Is(err, context.Canceled) {
		return status.Error(codes.Canceled, detail.Message)
	} else if errors.Is(err, context.DeadlineExceeded) {
		return status.Error(codes.DeadlineExceeded, detail.Message)
	} else if s, ok := status.FromError(err); ok {
		return s.Err() // it came from the other side as it is
	}
	s, failed := status.New(code, detail.Message).WithDetails(detail)
	if failed != nil {
		return status.Error(code, detail.Message)
	}
	return s.Err()
}

// fieldsOf writes as many field errors as fit.
func fieldsOf(e *core.Error) []byte {
	for n := len(e.Fields); n > 0; n /= 2 {
		if b, err := json.Marshal(e.Fields[:n]); err == nil && len(b) <= maxFields {
			return b
		}
	}
	return nil
}

// FromStatus undoes ToStatus on the other side: a *core.Error, a *Fault, or
// the end of a context. A broken connection is core.Unavailable.
func FromStatus(err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	s, ok := status.FromError(err)
	if !ok {
		return err
	}
	for _, d := range s.Details() {
		if detail, ok := d.(*Error); ok {
			return detail.err()
		}
	}
	switch s.Code() {
	case codes.Canceled:
		return ended{s.Message(), context.Canceled}
	case codes.DeadlineExceeded:
		return ended{s.Message(), context.DeadlineExceeded}
	case codes.Unavailable:
		return core.Errorf(core.Unavailable, "The connection between the console and the plugin is broken.")
	}
	return &Fault{Text: s.Code().String() + ": " + s.Message()}
}

func (e *Error) err() error {
	if e.Code == "" {
		return &Fault{Text: e.Message, Stack: e.Stack}
	}
	known := &core.Error{Code: core.Code(e.Code), Message: e.Message}
	if len(e.Fields) > 0 && json.Unmarshal(e.Fields, &known.Fields) != nil {
		known.Fields = nil // the sentence says enough
	}
	return known
}

// ended is a context that ended on the other side.
type ended struct {
	text  string
	cause error
}

func (e ended) Error() string { return e.text }
func (e ended) Unwrap() error { return e.cause }

// cut shortens s to at most n bytes of valid UTF-8, which is what travels.
func cut(s string, n int) string {
	return strings.ToValidUTF8(s[:min(len(s), n)], "")
}
