package host

import (
	"context"
	"errors"
	"time"

	"github.com/openhouse-ai/console/core"
)

// errLate ends what has taken longer than it may.
var errLate = errors.New("the time is over")

// bounded returns a context that ends after d by the host's clock. Cause is
// errLate then.
func (h *Host) bounded(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	timer := h.Clock.AfterFunc(d, func() { cancel(errLate) })
	return ctx, func() {
		timer.Stop()
		cancel(context.Canceled)
	}
}

// resting is the answer of a plugin that takes no calls now: not a failure of
// the call, which may come again.
type resting struct{ said *core.Error }

func (r resting) Error() string { return r.said.Message }
func (r resting) Unwrap() error { return r.said }

func restingf(code core.Code, format string, args ...any) error {
	return resting{core.Errorf(code, format, args...)}
}

// isResting reports whether a call was refused before it reached the plugin.
func isResting(err error) bool {
	if errors.Is(err, errOff) {
		return true
	}
	_, refused := errors.AsType[resting](err)
	return refused
}

// micro is so many microseconds.
func micro(n int64) time.Duration { return time.Duration(n) * time.Microsecond }
