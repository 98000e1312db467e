package web

import (
	"github.com/gofiber/fiber/v2"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
)

// Requests a minute of one network to pages that nobody has to sign in for,
// and to the form that takes passwords.
const (
	publicPerMinute = 120
	signInPerMinute = 20
)

// limited refuses a network that asks a kind of page too often.
func (s *site) limited(kind string, perMinute int) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return s.spend(kind+" "+core.OriginOf(c.UserContext()).IPPrefix, perMinute, c.Next)
	}
}

// spend takes one request from the bucket and goes on, or refuses.
func (s *site) spend(bucket string, perMinute int, next func() error) error {
	if ok, after := s.Limiter.Allow(bucket, perMinute, 1, s.Now()); !ok {
		return problem.TooManyRequests{After: after}
	}
	return next()
}
