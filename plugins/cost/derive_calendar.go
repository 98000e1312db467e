package cost

import "time"

// calendar says on which local date a moment is: each zone counts from its
// moment on (H3).
type calendar []since

type since struct {
	at   int64 // ms since 1970
	zone *time.Location
}

func (c calendar) zone(at int64) *time.Location {
	zone := time.UTC
	for _, s := range c {
		if s.at <= at {
			zone = s.zone
		}
	}
	return zone
}

func (c calendar) date(at time.Time) string {
	return at.In(c.zone(at.UnixMilli())).Format(time.DateOnly)
}

// begin is the moment at which a local date begins.
func (c calendar) begin(date string) time.Time {
	noon, _ := time.Parse(time.DateOnly, date) // dates are our own
	noon = noon.Add(12 * time.Hour)
	y, mo, d := noon.Date()
	return time.Date(y, mo, d, 0, 0, 0, 0, c.zone(noon.UnixMilli())).UTC()
}

// next is the moment from which a new zone counts: the beginning of the
// next local month.
func (c calendar) next(now time.Time) time.Time {
	local := now.In(c.zone(now.UnixMilli()))
	return time.Date(local.Year(), local.Month()+1, 1, 0, 0, 0, 0, local.Location()).UTC()
}
