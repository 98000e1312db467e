package app

import (
	"time"

	"github.com/openhouse-ai/console/core"
)

// DemoDay is what a developer's portal reports in the demo on one day.
func DemoDay(code string, units []core.Unit, day time.Time) []core.UsageEvent {
	p := portalOn(code, units, day)
	p.live(day, day.Add(24*time.Hour))
	return p.events
}
