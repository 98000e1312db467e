// Package problem says an error to an HTTP client: the one map from code to
// status, and the RFC 9457 document that both doors, web and api, answer with.
package problem

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
)

var statuses = map[core.Code]int{
	core.Invalid:         http.StatusUnprocessableEntity,
	core.NotFound:        http.StatusNotFound,
	core.Conflict:        http.StatusConflict,
	core.Forbidden:       http.StatusForbidden,
	core.Unauthenticated: http.StatusUnauthorized,
	core.Unavailable:     http.StatusServiceUnavailable,
	core.Internal:        http.StatusInternalServerError,
}

// Status is the HTTP status of an error's code.
func Status(err error) int { return statuses[core.CodeOf(err)] }

// Problem is an RFC 9457 problem document.
type Problem struct {
	Type     string            `json:"type"`
	Title    string            `json:"title"`
	Status   int               `json:"status"`
	Detail   string            `json:"detail"`
	Code     core.Code         `json:"code"`
	Instance string            `json:"instance"`
	Errors   []core.FieldError `json:"errors,omitempty"`

	RetryAfter time.Duration `json:"-"` // zero: the answer says nothing of it
	Cause      error         `json:"-"` // for the log alone
}

// MediaType is the content type of a Problem.
const MediaType = "application/problem+json"

// Error is the detail: a Problem can travel as an error.
func (p *Problem) Error() string { return p.Detail }

// Unwrap is the cause.
func (p *Problem) Unwrap() error { return p.Cause }

// OurFault reports whether the cause belongs in the log as an error.
func (p *Problem) OurFault() bool { return p.Code == core.Internal }

// TooManyRequests is the refusal of a rate limit.
type TooManyRequests struct{ After time.Duration }

// Error is the sentence for the client.
func (e TooManyRequests) Error() string { return "Too many requests; try again in a moment." }

// unavailableFor is how long a client waits before it asks a resting part again.
const unavailableFor = 5 * time.Second

// New is what a client is told of an error in the request of the id. The cause
// of an internal error is not among it.
func New(err error, request string) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	p := &Problem{Code: core.CodeOf(err), Status: Status(err), Cause: err}
	if limit, ok := errors.AsType[TooManyRequests](err); ok {
		p.Code, p.Status, p.Detail, p.RetryAfter = core.Unavailable, http.StatusTooManyRequests, limit.Error(), limit.After
	} else if e, ok := errors.AsType[*core.Error](err); ok {
		p.Detail, p.Errors = e.Message, e.Fields
	}
	if p.Code == core.Internal {
		p.Detail, p.Errors = fmt.Sprintf("Something went wrong on our side (request %s).", request), nil
	}
	if p.Status == http.StatusServiceUnavailable {
		p.RetryAfter = unavailableFor
	}
	return p.named(request)
}

// OfStatus is a problem that the HTTP layer found itself: 405, 413, 431.
func OfStatus(status int, detail, request string) *Problem {
	p := &Problem{Code: core.Invalid, Status: status, Detail: detail}
	for code, s := range statuses {
		if s == status {
			p.Code = code
		}
	}
	return p.named(request)
}

func (p *Problem) named(request string) *Problem {
	p.Type, p.Title, p.Instance = "about:blank", http.StatusText(p.Status), request
	return p
}

// GetStatus, GetHeaders and ContentType let huma answer with a Problem.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders is Retry-After, where it applies.
func (p *Problem) GetHeaders() http.Header {
	if p.RetryAfter <= 0 {
		return nil
	}
	seconds := int(math.Ceil(p.RetryAfter.Seconds())) // who comes a moment too early is refused again
	return http.Header{"Retry-After": {strconv.Itoa(seconds)}}
}

// ContentType is MediaType, whatever was negotiated.
func (p *Problem) ContentType(string) string { return MediaType }
