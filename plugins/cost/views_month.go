package cost

import (
	"context"
	"fmt"
	"time"

	"github.com/openhouse-ai/console/core/sdk"
	"github.com/openhouse-ai/console/plugins/cost/rate"
	"github.com/openhouse-ai/console/ui"
)

// outlook is where a month stands: what it came to so far, what it will come
// to, and what stands out.
type outlook struct {
	soFar, today rate.Amount
	before       rate.Amount // last month up to the same day
	projected    rate.Projection
	known        bool // there is something to project from
	unusual      *oddDay
}

// oddDay is a day that cost far more than the four weeks before it.
type oddDay struct {
	date   time.Time
	amount rate.Amount
	usual  rate.Amount // the mean of the days before
}

// unusualFloor is the cost of a day below which nothing is worth a notice: one
// dollar.
const unusualFloor = rate.Amount(pico)

// looksBack is how far outlookOf reads: three whole months of errors and the
// one before them.
const looksBack = 4

// outlookOf reads the daily estimates of this month and the ones before.
func outlookOf(ctx context.Context, c sdk.Call, development string) (outlook, error) {
	today := dayOf(c.Now, c.Location())
	first := today.AddDate(0, 0, 1-today.Day())
	begin := first.AddDate(0, -looksBack, 0)
	lines, err := selectLines(ctx, c, asked{begin.Format(time.DateOnly), today.AddDate(0, 0, 1).Format(time.DateOnly), development, ""}, byPeriodOfDay)
	if err != nil {
		return outlook{}, err
	}
	byDate := map[string]rate.Amount{}
	for _, l := range lines {
		byDate[l.Period] = l.Estimate
	}
	since := today // the first day with any use
	if len(lines) > 0 {
		since, _ = time.ParseInLocation(time.DateOnly, lines[0].Period, today.Location()) // a date of our own
	}
	h := history{byDate, since}
	m := h.month(today)
	for back := 3; back >= 1; back-- {
		then := first.AddDate(0, -back, 0)
		if !since.After(then) {
			m.Past = append(m.Past, h.miss(then, today.Day()))
		}
	}
	o := outlook{today: m.Today, soFar: m.Today}
	for _, a := range m.Days {
		o.soFar += a
	}
	o.before = h.before(today)
	o.projected, o.known = rate.Project(m)
	o.unusual = h.odd(today.AddDate(0, 0, -1))
	return o, nil
}

// history is what days cost, since the first one that was seen.
type history struct {
	byDate map[string]rate.Amount
	since  time.Time
}

func (h history) on(day time.Time) rate.Amount { return h.byDate[day.Format(time.DateOnly)] }

// month is a month as it was known on one of its days.
func (h history) month(today time.Time) rate.Month {
	first := today.AddDate(0, 0, 1-today.Day())
	next := first.AddDate(0, 1, 0)
	m := rate.Month{Today: h.on(today), Left: next.AddDate(0, 0, -1).Day() - today.Day() + 1}
	for day := later(first, h.since); day.Before(today); day = day.AddDate(0, 0, 1) {
		m.Days = append(m.Days, h.on(day))
	}
	for day := later(first.AddDate(0, -1, 0), h.since); day.Before(first); day = day.AddDate(0, 0, 1) {
		m.Before += h.on(day)
		m.BeforeIn++
	}
	return m
}

// before is what the month before had come to on the same day of it.
func (h history) before(today time.Time) (sum rate.Amount) {
	first := today.AddDate(0, 0, 1-today.Day())
	for day := first.AddDate(0, -1, 0); day.Before(first) && day.Day() <= today.Day(); day = day.AddDate(0, 0, 1) {
		sum += h.on(day)
	}
	return sum
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// miss is what a past month was projected to come to on a day of it, and what
// it came to.
func (h history) miss(first time.Time, day int) rate.Miss {
	next := first.AddDate(0, 1, 0)
	day = min(day, next.AddDate(0, 0, -1).Day())
	m := h.month(first.AddDate(0, 0, day-1))
	projected, _ := rate.Project(m)
	miss := rate.Miss{Projected: projected.Amount}
	for d := first; d.Before(next); d = d.AddDate(0, 0, 1) {
		miss.Actual += h.on(d)
	}
	return miss
}

// odd is the day, if it stands out from the 28 before it (H28).
func (h history) odd(day time.Time) *oddDay {
	var before []rate.Amount
	var sum rate.Amount
	for d := later(day.AddDate(0, 0, -28), h.since); d.Before(day); d = d.AddDate(0, 0, 1) {
		before = append(before, h.on(d))
		sum += h.on(d)
	}
	if _, odd := rate.Unusual(before, h.on(day), unusualFloor); !odd || len(before) == 0 {
		return nil
	}
	return &oddDay{day, h.on(day), sum / rate.Amount(len(before))}
}

// notices are what the page has to say before its figures.
func (o outlook) notices(c sdk.Call, t teller, budget rate.Amount, alert int64) ui.Blocks {
	var blocks ui.Blocks
	if budget > 0 {
		switch used := percent(o.soFar, budget); {
		case used >= 100:
			blocks = append(blocks, ui.Notice{Tone: ui.Bad, Title: "The month's budget is used up.",
				Text: fmt.Sprintf("%d%% of it has been used by the %s.", used, ordinal(c.Now.In(c.Location()).Day()))})
		case used >= alert:
			notice := ui.Notice{Tone: ui.Warn, Title: fmt.Sprintf("%d%% of the month's budget is used.", used)}
			if o.known {
				notice.Text = fmt.Sprintf("The month is projected to come to %d%% of it.", percent(o.projected.Amount, budget))
			}
			blocks = append(blocks, notice)
		case o.known && o.projected.Amount > budget:
			blocks = append(blocks, ui.Notice{Tone: ui.Warn, Title: "This month will exceed its budget, if it goes on like this.",
				Text: fmt.Sprintf("The month is projected to come to %d%% of it.", percent(o.projected.Amount, budget))})
		}
	}
	if odd := o.unusual; odd != nil {
		blocks = append(blocks, ui.Notice{Tone: ui.Warn, Title: odd.date.Format("2 January") + " cost far more than usual.",
			Text:    fmt.Sprintf("It came to %s; the four weeks before it came to %s a day.", t.words(odd.amount), t.words(odd.usual)),
			Actions: []ui.Action{{Label: "Open the day", Href: ui.Address(c.URL("/entries"), nil, "from", odd.date.Format(time.DateOnly), "to", odd.date.Format(time.DateOnly))}}})
	}
	return blocks
}

func ordinal(n int) string {
	suffix := "th"
	if n%100 < 11 || n%100 > 13 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprint(n) + suffix
}
