package app

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/internal/usage"
	"github.com/openhouse-ai/console/tenants"
)

// portal makes up what a developer's portal reported, day by day: the same for
// the same developer and day.
type portal struct {
	code   string
	units  []core.Unit
	random *rand.Rand
	events []core.UsageEvent
}

// demoUsage gives a developer of the demo the use of the last three months,
// once.
func (a *App) demoUsage(ctx context.Context, d demoDeveloper, tenant core.TenantID) error {
	counts, err := a.Usage.Counts(ctx, tenant, core.Query{Kind: "ai.openhouse.llm.called"})
	if err != nil || len(counts) > 0 {
		return err
	}
	units, err := a.Directory.Units.List(ctx, tenant, core.Query{Limit: 40})
	if err != nil {
		return err
	}
	now := a.Clock.now().UTC()
	today := now.Truncate(24 * time.Hour)
	for day := today.AddDate(0, -2, 1-today.Day()); !day.After(today); day = day.AddDate(0, 0, 1) {
		p := portalOn(d.code, units.Items, day)
		p.live(day, now)
		err := a.Tenants.Update(ctx, tenant, func(tx *tenants.Tx) error { return a.Usage.Accept(ctx, tx, p.events) })
		if err != nil {
			return fmt.Errorf("report the use of %s: %w", day.Format(time.DateOnly), err)
		}
	}
	return a.demoQuarantine(ctx, d, tenant, now)
}

// demoQuarantine reports an event of a type that the catalogue lacks.
func (a *App) demoQuarantine(ctx context.Context, d demoDeveloper, tenant core.TenantID, now time.Time) error {
	_, err := a.Usage.Take(ctx, tenant, []usage.Report{{Hold: usage.HoldUnknownType, Event: core.UsageEvent{
		Source: "/portals/" + d.code, ID: "call-0001", Type: "ai.openhouse.call.transcribed", Time: now.Add(-3 * time.Hour), Data: json.RawMessage(`{"seconds":94}`),
	}}})
	return err
}

func portalOn(code string, units []core.Unit, day time.Time) *portal {
	seed := fnv.New64a()
	seed.Write([]byte(code + day.Format(time.DateOnly)))
	return &portal{code: code, units: units, random: rand.New(rand.NewPCG(seed.Sum64(), 7))}
}

// live is one day of the portal: visits, conversations, maps, and what is
// measured at night.
func (p *portal) live(day, until time.Time) {
	visits := 10 + p.random.IntN(8) + len(p.units)/2
	if day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		visits = visits * 3 / 2
	}
	for range visits {
		unit := p.units[p.random.IntN(len(p.units))]
		at := day.Add(7*time.Hour + time.Duration(p.random.Int64N(int64(15*time.Hour))))
		p.visit(unit, at, until)
	}
	if measured := day.Add(3 * time.Hour); measured.Before(until) {
		site := core.Unit{DevelopmentID: p.units[0].DevelopmentID}
		p.report(site, measured, "storage.measured", map[string]any{"bytes": 41_000_000_000 + int64(day.YearDay())*37_000_000, "store": "documents"})
		p.report(site, measured, "bandwidth.measured", map[string]any{"bytes": 2_100_000_000 + p.random.Int64N(900_000_000), "direction": "out"})
		p.report(site, measured, "rag.indexed", map[string]any{"provider": "openai", "model": "text-embedding-3-small", "tokens": 40_000 + p.random.IntN(30_000), "chunks": 96, "documents": 2})
	}
}

// visit is one homeowner with the portal open.
func (p *portal) visit(unit core.Unit, at, until time.Time) {
	say := func(kind string, data map[string]any) {
		at = at.Add(time.Duration(4+p.random.IntN(40)) * time.Second)
		if at.Before(until) {
			p.report(unit, at, kind, data)
		}
	}
	say("session.started", map[string]any{"device": "mobile", "language": "en-IE"})
	for range 1 + p.random.IntN(5) {
		say("chat.sent", map[string]any{"channel": "portal", "characters": 20 + p.random.IntN(160)})
		say("embedding.created", map[string]any{"provider": "openai", "model": "text-embedding-3-small", "tokens": 8 + p.random.IntN(40)})
		prompt := 9_000 + p.random.IntN(38_000)
		say("llm.called", map[string]any{
			"provider": "openai", "model": modelOf(at, p.random), "prompt_tokens": prompt, "cached_tokens": prompt * 2 / 5, "completion_tokens": 180 + p.random.IntN(900),
			"status": "ok", "latency_ms": 600 + p.random.IntN(2400),
		})
	}
	switch p.random.IntN(4) {
	case 0:
		say("map.loaded", map[string]any{"kind": "dynamic"})
		say("place.requested", map[string]any{"kind": "nearby_pro", "status": "OK"})
	case 1:
		say("geocode.requested", map[string]any{"status": "OK"})
	case 2:
		say("document.viewed", map[string]any{"document": "doc-7", "pages": 1 + p.random.IntN(6)})
	}
}

// modelOf is the model that the assistant used at a time; now and then another
// one is tried that has no price yet.
func modelOf(at time.Time, random *rand.Rand) string {
	switch {
	case random.IntN(700) == 0:
		return "gpt-6.2-preview"
	case at.Before(time.Date(2026, 9, 29, 0, 0, 0, 0, time.UTC)):
		return "gpt-5.6-terra"
	case at.Before(time.Date(2026, 10, 26, 0, 0, 0, 0, time.UTC)):
		return "gpt-6-sol"
	}
	return "gpt-6.1-terra"
}

// report adds an event, with an id that is the same in every demo.
func (p *portal) report(unit core.Unit, at time.Time, kind string, data map[string]any) {
	body, err := json.Marshal(data)
	if err != nil {
		return // numbers and texts always are JSON
	}
	var id uuid.UUID
	binary.BigEndian.PutUint64(id[:8], uint64(at.UnixMilli())<<16|0x7000|uint64(p.random.IntN(1<<12)))
	binary.BigEndian.PutUint64(id[8:], 1<<63|p.random.Uint64()>>2)
	p.events = append(p.events, core.UsageEvent{
		Source: "/portals/" + p.code, ID: id.String(), Type: "ai.openhouse." + kind,
		Development: unit.DevelopmentID, Unit: unit.ID, Time: at, Data: body,
	})
}
