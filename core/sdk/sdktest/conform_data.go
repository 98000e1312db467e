package sdktest

import (
	"encoding/json"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openhouse-ai/console/core"
	"github.com/openhouse-ai/console/core/sdk"
)

// addsUp: figures are of declared metrics, once for each place and period, and
// days, months and years come to the same.
func addsUp(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	if len(x.manifest.Metrics) == 0 {
		return
	}
	if _, err := x.InTenant(x.Other()).RollUp(); err != nil {
		x.t.Errorf("The figures of a tenant without data can't be computed: %v", err)
	}
	for _, gap := range []time.Duration{0, 40 * 24 * time.Hour, 300 * 24 * time.Hour} {
		x.Advance(gap)
		x.live()
	}
	figures, err := x.RollUp()
	if err != nil {
		x.t.Fatalf("The figures can't be computed: %s", why(err))
	}
	again, err := x.RollUp()
	if err != nil || !slices.Equal(figures, again) {
		x.t.Errorf("The figures differ when they are computed twice from the same data (%v).", err)
	}
	x.sum(figures)
}

// place is where figures of one kind of period are summed up.
type place struct{ metric, development, currency string }

func (x *trial) sum(figures []core.Figure) {
	declared := map[string]core.Metric{}
	for _, m := range x.manifest.Metrics {
		declared[m.Name] = m
	}
	kinds := map[int]string{0: "all time", 4: "years", 7: "months", 10: "days"}
	sums, seen := map[place]map[int]int64{}, map[core.Figure]bool{}
	for _, f := range figures {
		m, known := declared[f.Metric]
		switch key := (core.Figure{Metric: f.Metric, Development: f.Development, Period: f.Period, Currency: f.Currency}); {
		case !known:
			x.t.Errorf("A figure is of %q, which is none of Plugin.Metrics: declare it, with its unit and meaning.", f.Metric)
			continue
		case kinds[len(f.Period)] == "":
			x.t.Errorf("A figure of %s is of the period %q, which is no day, month or year: 2025-03-04, 2025-03, 2025 or nothing.", f.Metric, f.Period)
			continue
		case seen[key]:
			x.t.Errorf("There are two figures of %s, development %q, period %q: return sdk.Sum(figures).", f.Metric, f.Development, f.Period)
		case (m.Unit == "money") != (f.Currency != ""):
			x.t.Errorf("A figure of %s has the currency %q, but its unit is %q: money has a currency, and nothing else.", f.Metric, f.Currency, m.Unit)
		default:
			seen[key] = true
		}
		at := place{f.Metric, f.Development, f.Currency}
		if sums[at] == nil {
			sums[at] = map[int]int64{}
		}
		sums[at][len(f.Period)] += f.Value
	}
	for at, by := range sums {
		if at.development != "" && sums[place{at.metric, "", at.currency}] == nil {
			x.t.Errorf("%s has figures of developments and none of the whole tenant: return one without a development, too.", at.metric)
		}
		if declared[at.metric].Level {
			continue
		}
		for length, kind := range kinds {
			if by[length] != by[0] {
				x.t.Errorf("%s (development %q) comes to %d in %s, and to %d in all time. What happened is counted in its day, month, year and all time: use sdk.Happened.", at.metric, at.development, by[length], kind, by[0])
			}
		}
	}
}

// defaultsAreGood: settings that nobody has touched can be saved.
func defaultsAreGood(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, false)
	x.scopes(func(c *Console, scope sdk.Scope) {
		of := x.manifest.Settings
		if scope == sdk.Platform {
			of = x.manifest.PlatformSettings
		}
		if len(of) == 0 {
			return
		}
		var s shape
		if err := json.Unmarshal(of, &s); err != nil {
			x.t.Fatal(err)
		}
		defaults := map[string]any{}
		for name, property := range s.Properties {
			if property.Default != nil {
				defaults[name] = property.Default
			} else if slices.Contains(s.Required, name) {
				defaults[name] = x.value(name, property, nil, 0)
			}
		}
		err := c.SetSettings(defaults)
		if faulty(err) {
			x.t.Errorf("Saving the settings' defaults fails: %s", why(err))
		}
		var refused *core.Error
		if e, ok := err.(*core.Error); ok {
			refused = e
		} else {
			return
		}
		for _, f := range refused.Fields {
			if s.Properties[f.Field].Default != nil {
				x.t.Errorf("The default of the setting %s is refused: it %s. Give it another default, or let Validate accept it.", f.Field, f.Reason)
			}
		}
		if len(refused.Fields) == 0 {
			x.t.Errorf("The settings' defaults are refused: %v", refused)
		}
	})
}

// keepsToItsOwn: tables of the console stay as they are, whatever the plugin does.
func keepsToItsOwn(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	before, err := x.others()
	if err != nil {
		x.t.Fatal(err)
	}
	x.alter()
	x.Advance(365 * 24 * time.Hour)
	x.alter()
	after, err := x.others()
	if err != nil {
		x.t.Fatal(err)
	}
	for table, rows := range after {
		if before[table] != rows {
			x.t.Errorf("The table %s of the console was changed.%s", table, difference(before[table], rows))
		}
	}
	if len(before) != len(after) {
		x.t.Errorf("Tables of the console were removed.")
	}
}

// token is an id, or something else that is there by chance.
var token = regexp.MustCompile(`\b[a-z]{2,5}_[0-9a-v]{26}\b|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9A-Za-z_-]{20,}\b`)

// staysApart: what happens in one tenant is seen in no other.
func staysApart(t testing.TB, p sdk.Plugin, with []Option) {
	x := begin(t, p, with, true)
	b := &trial{Console: x.InTenant(x.Other()), t: t, manifest: x.manifest}
	b.site = b.Seed()
	pages, kept := b.crawl(b.Console, sdk.Tenant, "in the second tenant"), b.Dump()
	x.alter()
	if now := b.Dump(); now != kept {
		x.t.Errorf("What happened in one tenant has changed another's data.%s", difference(kept, now))
	}
	after := b.crawl(b.Console, sdk.Tenant, "in the second tenant")
	if !slices.Equal(pages, after) {
		x.t.Errorf("What happened in one tenant shows on another's pages. Keep nothing of a call in a variable of the package: a process serves all tenants.%s", difference(strings.Join(pages, "\n"), strings.Join(after, "\n")))
	}
	foreign := map[string]bool{}
	for _, id := range token.FindAllString(x.Dump(), -1) {
		foreign[id] = true
	}
	for _, page := range after {
		for _, id := range token.FindAllString(page, -1) {
			if foreign[id] {
				x.t.Errorf("A page of one tenant shows %s, which is another's.", id)
			}
		}
	}
}

// machine is the clock that plugins may not look at.
var machine = time.Now

var moment = regexp.MustCompile(`\b[0-9]{10}\b|\b[0-9]{13}\b|\b20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}`)

// tellsTheCallsTime: what is kept and shown has the time of the call, and two
// runs at the same time come to the same.
func tellsTheCallsTime(t testing.TB, p sdk.Plugin, with []Option) {
	var runs [2]string
	for i := range runs {
		x := begin(t, p, with, true)
		x.live()
		kept := x.dumps()
		x.alter()
		kept += x.dumps()
		shown := strings.Join(x.crawl(x.Console, sdk.Tenant, "in a seeded tenant"), "\n")
		if at := machineTime(kept, x.Now()); at != "" {
			x.t.Errorf("The plugin keeps the machine's time, %s: take it from Call.Now, which a test can move.", at)
		}
		if at := machineTime(shown, x.Now()); at != "" {
			x.t.Errorf("A page shows the machine's time, %s: take it from Call.Now, which a test can move.", at)
		}
		lines := strings.Split(token.ReplaceAllString(kept, "…"), "\n")
		slices.Sort(lines)
		runs[i] = strings.Join(lines, "\n")
	}
	if runs[0] != runs[1] {
		t.Errorf("Two runs at the same time come to different data.%s", difference(runs[0], runs[1]))
	}
}

// machineTime finds a moment of today in a text, when the test's today is another.
func machineTime(text string, now time.Time) string {
	real := machine()
	if real.Sub(now).Abs() < 48*time.Hour {
		return ""
	}
	for _, found := range moment.FindAllString(text, -1) {
		var at time.Time
		if n, err := strconv.ParseInt(found, 10, 64); err == nil {
			at = time.Unix(n, 0)
			if len(found) == 13 {
				at = time.UnixMilli(n)
			}
		} else if at, err = time.Parse("2006-01-02T15:04:05", strings.Replace(found, " ", "T", 1)); err != nil {
			continue
		}
		if real.Sub(at).Abs() < 24*time.Hour {
			return found
		}
	}
	return ""
}
