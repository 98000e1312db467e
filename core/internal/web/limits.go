package web

import (
	"github.com/openhouse-ai/console/core/internal/problem"
)

// signInPerMinute bounds what one network may send to forms that take a
// password or a code.
const signInPerMinute = 20

// spend takes one request from the bucket and goes on, or refuses.
func (s *site) spend(bucket string, perMinute int, next func() error) error {
	if ok, after := s.Limiter.Allow(bucket, perMinute, 1, s.Now()); !ok {
		return problem.TooManyRequests{After: after}
	}
	return next()
}
