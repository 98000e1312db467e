package price

import (
	"time"

	"github.com/openhouse-ai/console/core"
)

// Moment reads when a price begins or ends: a day (2026-11-20), which is the
// beginning of the provider's day, or a moment (2026-11-20T07:00:00Z). An empty
// text is the zero time. Returns invalid.
func Moment(provider, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.ParseInLocation(time.DateOnly, text, Location(provider))
	if err != nil {
		t, err = time.Parse(time.RFC3339, text)
	}
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		return time.Time{}, core.Errorf(core.Invalid, "%q is neither a day (2026-11-20) nor a moment (2026-11-20T07:00:00Z).", text)
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// moment writes what Moment reads: the day, where that says it all.
func moment(provider string, t time.Time) string {
	if t.IsZero() {
		return ""
	}
	local := t.In(Location(provider))
	if y, m, d := local.Date(); time.Date(y, m, d, 0, 0, 0, 0, local.Location()).Equal(t) {
		return local.Format(time.DateOnly)
	}
	return t.UTC().Format("2006-01-02T15:04:05.999Z07:00")
}

// Begins is the row's beginning for reading, as Moment reads it.
func (r Row) Begins() string { return moment(r.Provider, r.From) }

// Ends is the row's stated end as Moment reads it; empty when it has none.
func (r Row) Ends() string { return moment(r.Provider, r.To) }
