package notify

import (
	"context"
	"errors"

	"github.com/openhouse-ai/console/core"
)

// Transport hands one message to a mail server. It returns nil when the server
// has taken it, and a *Refusal otherwise; any other error counts as Uncertain.
// The same message always carries the same Message-ID.
type Transport interface {
	Send(ctx context.Context, m core.Message, image Inline) error
}

// Outcome says what a refusal means for the next attempt.
type Outcome int

// The zero Outcome is the careful one: nobody knows whether the message
// arrived. After the other two it certainly did not.
const (
	Uncertain Outcome = iota
	Temporary
	Permanent
)

// Refusal is an attempt that did not end with the server's yes.
type Refusal struct {
	Outcome Outcome
	Err     error
}

func (r *Refusal) Error() string { return r.Err.Error() }

// Unwrap returns the cause.
func (r *Refusal) Unwrap() error { return r.Err }

func outcomeOf(err error) Outcome {
	if r, ok := errors.AsType[*Refusal](err); ok {
		return r.Outcome
	}
	return Uncertain
}
