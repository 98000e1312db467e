package core

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of failure an error is; doors map it to a status.
type Code string

// The codes. An error without one is Internal.
const (
	Invalid         Code = "invalid"
	NotFound        Code = "not_found"
	Conflict        Code = "conflict"
	Forbidden       Code = "forbidden"
	Unauthenticated Code = "unauthenticated"
	Unavailable     Code = "unavailable"
	Internal        Code = "internal"
)

// FieldError says what is wrong with one value of an input. Line and Column
// are set for rows of a file; Line counts from 1 and includes the header.
type FieldError struct {
	Field  string `json:"field,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

// Error is a failure with a code and a sentence for the person who reads it.
type Error struct {
	Code    Code
	Message string
	Fields  []FieldError
}

func (e *Error) Error() string {
	if len(e.Fields) == 0 {
		return e.Message
	}
	parts := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		parts[i] = strings.TrimSpace(f.Field + " " + f.Reason)
	}
	return e.Message + " (" + strings.Join(parts, "; ") + ")"
}

// Errorf returns an error of the code. The message is a whole sentence.
func Errorf(code Code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// CodeOf returns the code of the first core.Error in err's chain, Internal
// when there is none, and "" when err is nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	return Internal
}

// Problems collects every field error of an input before anything is changed.
type Problems []FieldError

// Add notes that a field is wrong, and why.
func (p *Problems) Add(field, value, reason string) {
	*p = append(*p, FieldError{Field: field, Value: value, Reason: reason})
}

// Err returns an invalid error that holds all problems, or nil without any.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return &Error{Code: Invalid, Message: "Some values need correcting.", Fields: p}
}
