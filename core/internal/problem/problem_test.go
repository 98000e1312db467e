package problem_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/problem"
)

func TestNew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		err    error
		status int
		detail string
	}{
		{"coded", core.Errorf(core.NotFound, "There is no such unit."), 404, "There is no such unit."},
		{"wrapped", fmt.Errorf("find unit: %w", core.Errorf(core.Conflict, "Taken.")), 409, "Taken."},
		{"internal", errors.New("secret detail"), 500, "Something went wrong on our side (request req_1)."},
		{"limited", problem.TooManyRequests{After: time.Second}, 429, "Too many requests; try again in a moment."},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := problem.New(test.err, "req_1")
			if p.Status != test.status || p.Detail != test.detail || p.Instance != "req_1" {
				t.Errorf("got %d %q %q, want %d %q req_1", p.Status, p.Detail, p.Instance, test.status, test.detail)
			}
			if strings.Contains(p.Detail, "secret") {
				t.Errorf("the cause is in the answer: %q", p.Detail)
			}
		})
	}
}
