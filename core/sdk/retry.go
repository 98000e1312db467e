package sdk

import (
	"errors"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/openhouse-ai/console/core"
)

// firstPause is how long the second try waits; each further one twice as long.
const firstPause = 250 * time.Millisecond

// again says whether a request is tried once more, and after what pause.
func (n *network) again(req *http.Request, res *http.Response, err error, try int) (time.Duration, bool) {
	if try >= maxTries || req.Context().Err() != nil || !repeatable(req) {
		return 0, false
	}
	pause := firstPause << (try - 1)
	pause = pause/2 + rand.N(pause)
	if err != nil {
		_, ours := errors.AsType[*core.Error](err)
		return pause, !ours // a refusal stays one
	}
	if !slices.Contains([]int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}, res.StatusCode) {
		return 0, false
	}
	if asked, said := retryAfter(res.Header.Get("Retry-After"), n.Now()); said {
		pause = asked
	}
	return pause, pause <= maxRetryAfter
}

// repeatable reports whether sending a request twice is the same as once.
func repeatable(req *http.Request) bool {
	if req.Body != nil && req.Body != http.NoBody && req.GetBody == nil {
		return false
	}
	return slices.Contains([]string{"", "GET", "HEAD", "OPTIONS", "PUT", "DELETE"}, req.Method) || req.Header.Get("Idempotency-Key") != ""
}

// retryAfter reads a header of seconds or of a date.
func retryAfter(header string, now time.Time) (time.Duration, bool) {
	if seconds, err := strconv.ParseInt(header, 10, 32); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second, true
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}
